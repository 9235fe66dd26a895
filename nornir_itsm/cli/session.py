"""What every command does first and last: open the installation, read answers, print."""

import json
import logging
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from nornir_itsm.errors import ChangeError

if TYPE_CHECKING:
    from nornir_itsm.app import App


def opened(context: typer.Context, snapshot: Path | None = None) -> "App":
    """Open the installation that ``--config`` names; progress goes to standard error."""
    from nornir_itsm.app import App

    options = context.obj
    quiet_inventory()
    listener = None if options.quiet else lambda line: print(f"  · {line}", file=sys.stderr)
    if snapshot is not None and not snapshot.is_dir():
        raise ChangeError(str(snapshot), "不是快照目录", "给出含 manifest.json、cloud/ 等的目录")
    return App.open(options.config, snapshot=snapshot, listener=listener)


def quiet_inventory() -> None:
    """Keep the inventory plugins from telling on the log what commands show."""
    logging.getLogger("nornir_itsm.inventory").addHandler(logging.NullHandler())


def answers_from(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """Read answers: a JSON object in a file, and KEY=VALUE pairs, which win."""
    found: dict[str, str] = {}
    if file is not None:
        try:
            loaded = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ChangeError(str(file), f"读不出答案：{error}", '内容应为 {"KEY": "VALUE"}') from None
        if not isinstance(loaded, dict):
            raise ChangeError(str(file), "不是 JSON 对象", '内容应为 {"KEY": "VALUE"}')
        found.update({str(key): str(value) for key, value in loaded.items()})
    for pair in pairs:
        key, equals, value = pair.rpartition("=") if pair.count("=") == 1 else pair.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{pair!r}：写成 KEY=VALUE", param_hint="--answer")
        found[key] = value
    return found


def emit(value: Mapping[str, Any]) -> None:
    """Write JSON to standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def new_folder(folder: Path) -> Path:
    """Make a folder that is new or empty; one that holds something is left and a number added.

    Raises ChangeError where there is no room for it.
    """
    target = folder
    number = 1
    try:
        while target.exists() and not (target.is_dir() and not any(target.iterdir())):
            number += 1
            target = folder.with_name(f"{folder.name}-{number}")
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_room(folder, error) from None
    return target


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, each whole or not at all. Raises ChangeError."""
    try:
        for name, content in files.items():
            part = folder / f".{name}.part"
            part.write_bytes(content)
            part.replace(folder / name)
    except OSError as error:
        raise _no_room(folder, error) from None


def _no_room(folder: Path, error: OSError) -> ChangeError:
    return ChangeError(str(folder), f"不能写入：{error.strerror}", "检查目录、权限和磁盘空间")


def keep_traceback() -> Path:
    """Keep the traceback in a private file and return its path."""
    now = datetime.now().strftime("%Y%m%d-%H%M%S-")
    with tempfile.NamedTemporaryFile("w", prefix=f"nornir-itsm-{now}", suffix=".log", delete=False) as log:
        traceback.print_exc(file=log)
    return Path(log.name)
