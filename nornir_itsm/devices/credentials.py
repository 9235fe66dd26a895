"""References to secrets, resolved when a connection is opened and never kept."""

import os
from pathlib import Path

from nornir_itsm.errors import ConfigError

HINT = "write env:NAME (an environment variable) or file:/path (a file that holds nothing else)"


def resolve(reference: str | None, device: str) -> str:
    """Return the secret that ``env:NAME`` or ``file:/path`` stands for.

    Raises ConfigError that names *device* and the reference, never a value.
    """
    kind, separator, target = (reference or "").partition(":")
    if not separator or not target or kind not in ("env", "file"):
        raise ConfigError(device, "its password is no reference", HINT)  # it may be the password itself
    secret = os.environ.get(target, "") if kind == "env" else _first_line(target, device)
    if not secret:
        missing = f"environment variable {target} is not set" if kind == "env" else f"{target} is empty"
        raise ConfigError(device, f"its password {reference}: {missing}", "set it, then run again")
    return secret


def resolve_username(text: str | None, device: str) -> str:
    """Return a user name that stands in the inventory, or is referred to there."""
    if not text:
        raise ConfigError(device, "no user name", "fill the column username")
    return resolve(text, device) if text.startswith(("env:", "file:")) else text


def _first_line(target: str, device: str) -> str:
    path = Path(target).expanduser()
    if not path.is_absolute():
        raise ConfigError(device, f"its password file:{target} is no absolute path", HINT)
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(4096).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(device, f"its password file:{target}: {reason}", "make it readable") from None
