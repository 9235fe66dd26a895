"""A snapshot as a folder of files: as ``plan --snapshot`` and people read it.

``<folder>/configuration.txt`` is a host's configuration, ``<folder>/<command>.json`` an answer in JSON whose
command is one word (``policy``), ``<folder>/answers/<command>.txt`` any other; ``manifest.json`` the times.
Configurations hold secrets: the folder is its owner's alone.
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.collected import Output
from nornir_itsm.snapshots.store import SnapshotStore

CONFIGURATIONS = ("show configuration", "display current-configuration", "show running-config")
_UNSAFE = re.compile(r"[^\w.-]+")


def write_folder(store: SnapshotStore, snapshot: int, directory: Path, folders: Mapping[str, str]) -> int:
    """Write a snapshot into a folder that is new, whole or not at all, and return the number of files.

    *folders*: host -> its folder there, where that is not its name. Raises ChangeError.
    """
    if directory.exists():
        raise ChangeError(str(directory), "is there already", "name a folder that is new")
    part = directory.with_name(f".{directory.name}.part")
    taken: dict[str, str] = {}
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir(mode=0o700)
        for host, output in store.outputs(snapshot):
            name = f"{folders.get(host) or _safe(host)}/{_file(output)}"
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_text(output.text, "utf-8", newline="\n")
            taken[name] = output.finished
        manifest = {"snapshot": snapshot, "taken": taken}
        (part / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
        part.rename(directory)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise ChangeError(
            str(directory), f"cannot be written: {error.strerror}", "name another folder"
        ) from None
    return len(taken)


def _file(output: Output) -> str:
    if output.command in CONFIGURATIONS:
        return "configuration.txt"
    if re.fullmatch(r"\w+", output.command) and output.text.lstrip()[:1] in ("{", "["):
        return f"{output.command}.json"
    return f"answers/{_safe(output.command)}.txt"


def _safe(name: str) -> str:
    """Return a name that is no path: commands and hosts are not trusted to be one."""
    return _UNSAFE.sub("_", name).lstrip(".")[:100] or "_"
