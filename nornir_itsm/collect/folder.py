"""Collections as folders: one per run, one JSON file per host, each file whole or not there."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.collected import Collected, Snapshot

_RUN = "run.json"


class FolderSnapshots:
    """ports.Snapshots on a folder: ``<number>/<host>.json`` and ``<number>/run.json``."""

    def __init__(self, folder: Path) -> None:
        """*folder* is made when the first snapshot begins, readable by its owner alone."""
        self._folder = folder

    def begin(self, source: str, now: str, /) -> int:
        """Open a snapshot and return its number."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = 1 + max((int(p.name) for p in self._folder.iterdir() if p.name.isdigit()), default=0)
            self._of(number).mkdir(mode=0o700)
        except OSError as error:
            raise self._trouble(error) from None
        self._write(number, _RUN, {"source": source, "started": now, "finished": ""})
        return number

    def keep(self, snapshot: int, collected: Iterable[Collected], /) -> None:
        """Keep what these hosts gave; a host that is kept again replaces what was there."""
        for one in collected:
            self._write(snapshot, f"{one.host}.json", asdict(one))

    def finish(self, snapshot: int, now: str, /) -> Snapshot:
        """Close a snapshot and return what it holds."""
        run = json.loads((self._of(snapshot) / _RUN).read_text("utf-8"))
        self._write(snapshot, _RUN, {**run, "finished": now})
        hosts = [
            json.loads(p.read_text("utf-8")) for p in self._of(snapshot).glob("*.json") if p.name != _RUN
        ]
        tables = [o["parsed"] for host in hosts for o in host["outputs"] if o["parsed"]]
        unread = sum(len(table["unread"]) + len(table["anomalies"]) for table in tables)
        failed = sum(bool(host["problem"]) for host in hosts)
        return Snapshot(snapshot, run["started"], now, run["source"], len(hosts), failed, unread)

    def _of(self, number: int) -> Path:
        return self._folder / f"{number:06}"

    def _write(self, number: int, name: str, content: object) -> None:
        target = self._of(number) / name
        part = target.with_name(f".{name}.part")
        try:
            with open(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                json.dump(content, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            raise self._trouble(error) from None

    def _trouble(self, error: OSError) -> ChangeError:
        return ChangeError(
            str(self._folder), f"cannot be written: {error.strerror}", "free space, or its rights"
        )
