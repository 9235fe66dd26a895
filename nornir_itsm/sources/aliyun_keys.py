"""Access keys of the cloud: those that the configuration refers to, else the vendor's own chain.

The chain, as the vendor's credentials library has it: the environment, the profile of the command line tool
(``~/.aliyun/config.json``), the file of ``ALIBABA_CLOUD_CREDENTIALS_FILE``, the role of the instance this
runs on. The role is asked for only where ``ALIBABA_CLOUD_ECS_METADATA`` names it: elsewhere that question
costs a timeout. OIDC tokens and ``ALIBABA_CLOUD_CREDENTIALS_URI`` are not followed.
"""

import configparser
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nornir_itsm.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key, with a token where it is temporary; or the name of a role of this instance."""

    id: str = ""
    secret: str = ""
    token: str = ""
    role: str = ""

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Keys({self.id or self.role!r})"


def chained(where: str, environ: Mapping[str, str] = os.environ, profile: str = "") -> Keys:
    """Return the first keys of the chain; *profile* chooses one in the files. Raises ConfigError."""
    name = profile or environ.get("ALIBABA_CLOUD_PROFILE", "")
    own = None if profile else _from_environment(environ)
    for keys in (own, *_from_files(where, environ, name), _from_instance(environ)):
        if keys is not None:
            return keys
    hint = (
        "give both keys as references, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"
    )
    raise ConfigError(where, f"no access key{f' in profile {profile}' if profile else ''}", hint)


def _from_environment(environ: Mapping[str, str]) -> Keys | None:
    id, secret, token = (
        environ.get(f"ALIBABA_CLOUD_{name}", "")
        for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
    )
    return Keys(id, secret, token) if id and secret else None


def _from_files(where: str, environ: Mapping[str, str], profile: str) -> Iterator[Keys | None]:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "~").expanduser()
    yield _from_tool(home / ".aliyun" / "config.json", where, profile)
    file = environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or str(home / ".alibabacloud" / "credentials.ini")
    yield _from_ini(Path(file), where, profile or "default")


def _from_tool(path: Path, where: str, profile: str) -> Keys | None:
    """Read the file of the vendor's command line tool."""
    try:
        document = json.loads(path.read_text("utf-8"))
        wanted = profile or document.get("current") or "default"
        one = next((p for p in document["profiles"] if p.get("name") == wanted), None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(where, f"{path} cannot be read", "mend it with: aliyun configure") from None
    if one is None:
        return None
    match one.get("mode", "AK"):
        case "AK":
            return Keys(str(one.get("access_key_id", "")), str(one.get("access_key_secret", "")))
        case "StsToken":
            keys = (str(one.get(key, "")) for key in ("access_key_id", "access_key_secret", "sts_token"))
            return Keys(*keys)
        case "EcsRamRole":
            return Keys(role=str(one.get("ram_role_name", "")))
    raise ConfigError(where, f"{path}: mode {one.get('mode')!r:.40} is not followed", "use AK or StsToken")


def _from_ini(path: Path, where: str, profile: str) -> Keys | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        if not parser.read(path, "utf-8") or profile not in parser:
            return None
    except (configparser.Error, UnicodeDecodeError):
        raise ConfigError(
            where, f"{path} cannot be read", "it is an INI file with a section per profile"
        ) from None
    one = parser[profile]
    match one.get("type", "access_key"):
        case "access_key":
            return Keys(one.get("access_key_id", ""), one.get("access_key_secret", ""))
        case "sts":
            return Keys(
                *(one.get(key, "") for key in ("access_key_id", "access_key_secret", "security_token"))
            )
        case "ecs_ram_role":
            return Keys(role=one.get("role_name", ""))
    raise ConfigError(where, f"{path}: type {one.get('type')!r:.40} is not followed", "use access_key or sts")


def _from_instance(environ: Mapping[str, str]) -> Keys | None:
    if environ.get("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "").casefold() == "true":
        return None
    role = environ.get("ALIBABA_CLOUD_ECS_METADATA", "")
    return Keys(role=role) if role else None
