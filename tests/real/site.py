"""The site of real systems as an installation: the public command works on it as on any other."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.cli.boundary import guarded
from nornir_itsm.lab import overlay

PROJECT = Path(__file__).parents[2]
SITE = Path(__file__).parent / "site"
TOKEN = "the token of a test's second person"  # it opens nothing but the store in the test's own folder
COLUMNS = ("name", "hostname", "platform", "username", "password")


@dataclass(frozen=True)
class Installation:
    """A folder with configuration, store and tickets of one test."""

    folder: Path
    capture: Any

    def run(self, *arguments: object, token: str = "") -> tuple[int, dict[str, Any]]:
        """Run the public command and return its exit code and what it printed as JSON."""
        self.capture.readouterr()
        before = os.environ.get(TOKEN_VARIABLE)
        try:
            if token:
                os.environ[TOKEN_VARIABLE] = token
            code = guarded(["--config", str(self.folder / "config.yaml"), "--json", *map(str, arguments)])
        finally:
            os.environ.pop(TOKEN_VARIABLE, None)
            if before is not None:
                os.environ[TOKEN_VARIABLE] = before
        said = self.capture.readouterr()
        return code, json.loads(said.out) if said.out.strip() else {"said": said.err}

    def order(self, name: str, destination: "End", action: str = "add") -> Path:
        """Write an order of one row: *destination* is zone, addresses, ports."""
        zone = destination[0]
        source = ("客户区", CLIENT[zone], "any")
        return self.form(name, row(source, destination, action=action))

    def form(self, name: str, *rows: Mapping[str, Any]) -> Path:
        """Write an order of these rows."""
        numbered = [{"id": f"R{n}", **row} for n, row in enumerate(rows, start=1)]
        order = {"organization": "示例期货公司A", "system": f"系统-{name}", "requests": numbered}
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(order, ensure_ascii=False), "utf-8")
        return path

    def planned(self, order: Path) -> dict[str, Any]:
        """Plan an order that changes something."""
        code, plan = self.run("plan", order)
        assert code == 10, plan
        return plan

    def approved(self, order: Path) -> dict[str, Any]:
        """Plan an order and have it approved by the second person."""
        plan = self.planned(order)
        code, said = self.run("approve", plan["change"], token=TOKEN)
        assert code == 0, said
        return plan


End = tuple[str, str, str]
"""Zone, addresses, ports."""


def row(
    source: End, destination: End, public: tuple[str, str] = ("", "any"), *, action: str = "add"
) -> dict[str, Any]:
    """Return a row of an order; *public*: address and port."""
    ends = (
        {"zone": zone, "addresses": [address], "ports": [ports]}
        for zone, address, ports in (source, destination)
    )
    made = dict(zip(("source", "destination"), ends, strict=True))
    return {
        "action": action,
        **made,
        "public": {"addresses": [public[0]] if public[0] else [], "ports": [public[1]]},
        "protocol": "icmp" if destination[2] == "any" else "tcp",
        "schedule": {"text": "全天24小时", "periods": []},
    }


CLIENT = {"服务区": "10.60.1.10/32", "远端网": "10.50.1.10/32"}


def install(
    folder: Path, devices: Sequence[Mapping[str, str]], keys: Mapping[str, str], capture: Any, more: str = ""
) -> Installation:
    """Write what an installation consists of. *devices*: rows by column; *keys*: address -> host key.

    *more*: what its site.yaml says besides.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS)
    for device in devices:
        sheet.append([device[column] for column in COLUMNS])
    book.save(folder / "devices.xlsx")
    known = "".join(f"{address} {' '.join(key.split()[:2])}\n" for address, key in keys.items())
    (folder / "known_hosts").write_text(known, "utf-8")
    places = overlay.Places(PROJECT / "inventory" / "snapshot", PROJECT, {})
    content = overlay.config(folder, places, token=TOKEN)
    config = json.loads(content)
    for books in (PROJECT / "runbooks", SITE / "runbooks"):
        shutil.copytree(books, folder / "runbooks", dirs_exist_ok=True)
    site = folder / "site.yaml"
    site.write_text((SITE / "site.yaml").read_text("utf-8") + more, "utf-8")
    config["user_defined"]["itsm"] |= {"site": str(site), "runbooks": str(folder / "runbooks")}
    (folder / "config.yaml").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    return Installation(folder, capture)
