"""The files with which the tool works on the lab instead of on a site: config.yaml and what it points at."""

import getpass
import hashlib
import io
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

COLUMNS = ("name", "hostname", "port", "platform", "username", "password", "ca", "role")
REGION = ("regions", "endpoint", "access_key_id", "access_key_secret")
"""What the list says of a region of a cloud, under the name of its connection."""
AUTHOR = "示例工程师"
APPROVER = "示例审批人"


@dataclass(frozen=True, slots=True)
class Row:
    """One device of devices.xlsx. ``password`` is a reference, never the password."""

    name: str
    port: int
    platform: str
    password: str
    role: str
    ca: str = ""
    region: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> tuple[str | int, ...]:
        """Return the row in the order of COLUMNS."""
        own = (self.name, "127.0.0.1", self.port, self.platform, "admin", self.password, self.ca, self.role)
        return (*own, *(self.region.get(key, "") for key in REGION))


@dataclass(frozen=True, slots=True)
class Places:
    """What the overlay points at: a snapshot, the project, and consoles in the place of exports."""

    snapshot: Path
    project: Path
    consoles: Mapping[str, object]


def write(path: Path, content: bytes, *, secret: bool = False) -> Path:
    """Write a file whole or not at all; a secret can be read by its owner only."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def write_secret(path: Path) -> str:
    """Write a new random secret and return it."""
    secret = secrets.token_urlsafe(24)
    write(path, secret.encode(), secret=True)
    return secret


def devices_workbook(rows: Iterable[Row]) -> bytes:
    """Return devices.xlsx."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "devices"
    listed = list(rows)
    clouds = any(row.region for row in listed)
    wide = len(COLUMNS) + (len(REGION) if clouds else 0)
    sheet.append([*COLUMNS, *(f"itsm-aliyun-api.{key}" for key in REGION)][:wide])
    for row in listed:
        sheet.append(row.cells()[:wide])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def config(directory: Path, places: Places, *, token: str) -> bytes:
    """Return config.yaml: JSON, which is YAML, so that no name can be taken for markup."""
    project = places.project
    exports = {name: {"snapshot": str(places.snapshot)} for name in ("cloud", "ipam")}
    itsm: Mapping[str, object] = {
        "site": str(project / "inventory" / "site.yaml"),
        "state": str(directory / "var" / "state.sqlite"),
        "output": str(directory / "var" / "changes"),
        "templates": str(project / "templates"),
        "ttp_templates": str(project / "ttp_templates"),
        "runbooks": str(project / "runbooks"),
        "collect": str(project / "inventory" / "collect.yaml"),
        "known_hosts": str(directory / "known_hosts"),
        "sources": {**exports, **places.consoles},
        "desk": {"kind": "folder", "path": str(directory / "var" / "tickets")},
        "users": [
            {"name": AUTHOR, "roles": ["author"], "account": account()},
            {"name": APPROVER, "roles": ["approver"], "token": digest(token)},
        ],
    }
    whole = {
        "inventory": {"plugin": "itsm-excel", "options": {"path": str(directory / "devices.xlsx")}},
        "runner": {"plugin": "threaded", "options": {"num_workers": 20}},
        "logging": {"enabled": False},
        "user_defined": {"itsm": itsm},
    }
    return f"{json.dumps(whole, ensure_ascii=False, indent=2)}\n".encode()


def cloud_account(port: int, key: str, secret: Path) -> Mapping[str, object]:
    """Return how the tool is told of the lab's cloud."""
    keys = {"access_key_id": key, "access_key_secret": f"file:{secret}"}
    endpoint = f"http://127.0.0.1:{port}"
    return {"name": "lab", "regions": ["demo-region-1"], "endpoint": endpoint, **keys}


def cloud_config(config: bytes, account: Mapping[str, object]) -> bytes:
    """Return *config* with the devices of the cloud beside those of the list."""
    whole = json.loads(config)
    cloud = {"plugin": "itsm-aliyun", "options": {"accounts": [account]}}
    options = {"inventories": [whole["inventory"], cloud]}
    whole["inventory"] = {"plugin": "itsm-combined", "options": options}
    return f"{json.dumps(whole, ensure_ascii=False, indent=2)}\n".encode()


def digest(token: str) -> str:
    """Return a token as config.yaml keeps it."""
    return f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def account() -> str:
    """Return the name of the account that this process runs under; the environment is not asked first."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()


def region_row(name: str, account: Mapping[str, object]) -> Row:
    """Return the lab's cloud as a device of the list; user name and password are those of nobody."""
    regions = account["regions"]
    said = {**account, "regions": regions[0] if isinstance(regions, list) else ""}
    secret = str(account["access_key_secret"])
    port = urlsplit(str(account["endpoint"])).port or 443
    return Row(name, port, "aliyun", secret, "cloud", region={key: str(said[key]) for key in REGION})
