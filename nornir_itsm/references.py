"""References to secrets: what stands in a device list, an export or a cache instead of a secret.

``env:NAME`` an environment variable, ``file:/path`` the first line of a file, ``keyring:SERVICE/USER`` the
system's keyring, ``cell:/path#SHEET!F3`` a cell of a workbook (only made by ``plain_passwords``, see
inventory). They are resolved when a connection is opened, and the secret is never kept.
"""

import os
import re
from pathlib import Path

from nornir_itsm.errors import ConfigError

HINT = (
    "write env:NAME (an environment variable), file:/path (a file that holds nothing else)"
    " or keyring:SERVICE/USER"
)
WRITE = "itsm-write"
"""The connection options that hold the account for writing, where a device has one of its own."""

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:[^/]+/.+")
_CELL = re.compile(r"cell:(?P<path>.+)#(?P<sheet>[^#]+)!(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})")
_LONGEST = 4096


def is_reference(text: str) -> bool:
    """Say whether *text* refers to a secret, as a person writes it."""
    return bool(_REFERENCE.fullmatch(text))


def may_be_kept(text: str) -> bool:
    """Say whether *text* may stand in an export or a cache: it refers to a secret, and is none."""
    return is_reference(text) or bool(_CELL.fullmatch(text))


def cell_reference(path: Path, sheet: str, row: int, column: int) -> str:
    """Return the reference to a cell; rows and columns count from 1."""
    return f"cell:{path.absolute()}#{sheet}!{_letters(column)}{row}"


def resolve(reference: str | None, device: str) -> str:
    """Return the secret that a reference stands for.

    Raises ConfigError that names *device* and the reference, never a value.
    """
    kind, separator, target = (reference or "").partition(":")
    if not separator or not target or kind not in ("env", "file", "keyring", "cell"):
        raise ConfigError(device, "its password is no reference", HINT)  # it may be the password itself
    match kind:
        case "env":
            secret, missing = os.environ.get(target, ""), f"environment variable {target} is not set"
        case "file":
            secret, missing = _first_line(target, device), f"{target} is empty"
        case "keyring":
            secret, missing = _from_keyring(target, device), f"the keyring has no {target}"
        case _:
            secret, missing = _from_cell(reference or "", device), "the cell is empty"
    if not secret:
        raise ConfigError(device, f"its password {reference}: {missing}", "set it, then run again")
    return secret


def _first_line(target: str, device: str) -> str:
    path = Path(target).expanduser()
    if not path.is_absolute():
        raise ConfigError(device, f"its password file:{target} is no absolute path", HINT)
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(_LONGEST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(device, f"its password file:{target}: {reason}", "make it readable") from None


def _from_keyring(target: str, device: str) -> str:
    service, _, user = target.partition("/")
    try:
        import keyring
    except ImportError:
        problem = f"its password keyring:{target}: the package keyring is not installed"
        raise ConfigError(device, problem, "install it into this environment, or use env: or file:") from None
    try:
        return keyring.get_password(service, user) or ""
    except Exception as error:  # every backend has errors of its own
        problem = f"its password keyring:{target}: {type(error).__name__}"
        raise ConfigError(device, problem, "unlock the keyring, then run again") from None


def _from_cell(reference: str, device: str) -> str:
    """Read a cell again, when it is needed; its row must still be that of the device."""
    from python_calamine import CalamineWorkbook

    match = _CELL.fullmatch(reference)
    if match is None:
        raise ConfigError(device, "its password names no cell", HINT)
    try:
        with CalamineWorkbook.from_path(match["path"]) as book:
            rows = book.get_sheet_by_name(match["sheet"]).to_python(skip_empty_area=False)
        row = [_text(value) for value in rows[int(match["row"]) - 1]]
        secret = row[column_number(match["column"]) - 1]
    except Exception as error:  # a workbook that changed meanwhile breaks in its own way
        problem = f"its password {reference}: {type(error).__name__}"
        raise ConfigError(device, problem, "load the device list again") from None
    if device not in row:
        problem = f"its password {reference} stands in the row of another device now"
        raise ConfigError(device, problem, "load the device list again")
    return secret


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def column_number(letters: str) -> int:
    """Return the number of a column, A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    return (_letters((number - 1) // 26) if number > 26 else "") + chr(ord("A") + (number - 1) % 26)
