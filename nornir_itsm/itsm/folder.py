"""A ticket system made of folders: for sites without one, for demonstrations, and as the port's model.

``CHG-YYYYMMDD-NNNN/ticket.json`` and ``CHG-YYYYMMDD-NNNN/attachments/…``; ``.keys/`` remembers which
number was given for which key.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nornir_itsm.errors import ChangeError
from nornir_itsm.itsm import files
from nornir_itsm.ports import Clock

NEXT: Mapping[str, tuple[str, ...]] = {
    "new": ("approved", "emergency", "withdrawn"),
    "approved": ("implementing", "emergency", "new", "withdrawn"),
    "emergency": ("implementing", "approved", "new", "withdrawn"),
    "implementing": ("closed", "rolled_back", "failed", "approved", "new", "withdrawn"),
    "failed": ("implementing", "closed", "rolled_back"),
    "closed": ("rolled_back",),
    "rolled_back": (),
    "withdrawn": (),
}
"""States of a ticket and which may follow; approved back to new is an approval that became void,
implementing back to approved a person who gave back what he had not begun; emergency is work that is
begun before its approval."""

_NUMBER = re.compile(r"CHG-[0-9]{8}-[0-9]{4,}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class FolderDesk:
    """Tickets in folders under one path, which several processes may use. Implements ``TicketDesk``."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Use the folder *path*; it is made with the first ticket."""
        self._root = path
        self._clock = clock

    def open(self, key: str, fields: Mapping[str, str]) -> str:
        """Register a change and return its number; the same *key* gets the same number, and its ticket stays.

        The number is taken with mkdir. The claim of the key holds the whole new ticket, so that one who
        finds a claim without its ticket (a crash between the two) can complete it.
        """
        _check_fields(fields)
        claim = self._root / ".keys" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        with self._errors(claim):
            claim.parent.mkdir(parents=True, exist_ok=True)
            if not claim.exists():
                self._claim(claim, key, fields)
            ticket = _parse(claim)
            folder = self._root / ticket["number"]
            folder.mkdir(exist_ok=True)
            if not (folder / "ticket.json").exists():
                _create(folder / "ticket.json", _bytes(ticket))
        return str(ticket["number"])

    def update(self, number: str, state: str, fields: Mapping[str, str]) -> None:
        """Set state and fields of a ticket, and read them back. Raises ChangeError."""
        _check_fields(fields)
        path = self._ticket(number)
        with self._errors(path):
            ticket = _parse(path)
            present = ticket["state"]
            if state != present and state not in NEXT[present]:
                allowed = " or ".join(NEXT[present]) or "nothing: it is over"
                raise ChangeError(number, f"is {present} and cannot become {state}", f"next: {allowed}")
            if state != present:
                ticket["history"].append({"state": state, "at": self._clock.now()})
            ticket |= {"state": state, "fields": {**ticket["fields"], **fields}}
            files.replace(path, _bytes(ticket))
            if _parse(path) != ticket:
                raise ChangeError(number, "does not hold what was just written", "look who else writes there")

    def attach(self, number: str, name: str, content: bytes) -> str:
        """Keep a file whole beside the ticket and return its path.

        Another file of the same name stays: the new one gets a number. The same content is kept once.
        """
        _check_name(name)
        folder = self._ticket(number).parent / "attachments"
        with self._errors(folder):
            folder.mkdir(exist_ok=True)
            for path in _candidates(folder / name):
                if not path.exists():
                    _create(path, content)
                if path.read_bytes() == content:
                    return str(path)
        raise AssertionError("candidates never end")

    def read(self, number: str) -> Mapping[str, str]:
        """Return the fields of a ticket, its state under ``state``."""
        path = self._ticket(number)
        with self._errors(path):
            ticket = _parse(path)
        return {**ticket["fields"], "state": ticket["state"]}

    def _claim(self, claim: Path, key: str, fields: Mapping[str, str]) -> None:
        """Take a number and bind *key* to it; another process may have been faster, then nothing is left."""
        now = self._clock.now()
        folder = self._take_number(now[:10].replace("-", ""))
        history = [{"state": "new", "at": now}]
        ticket = {
            "number": folder.name,
            "key": key,
            "state": "new",
            "fields": dict(fields),
            "history": history,
        }
        try:
            files.create(claim, _bytes(ticket))
        except FileExistsError:
            folder.rmdir()
        except BaseException:
            folder.rmdir()
            raise

    def _take_number(self, day: str) -> Path:
        """Make the folder of the next free number: mkdir lets only one process have it."""
        taken = (path.name for path in self._root.iterdir() if _NUMBER.fullmatch(path.name))
        last = max((int(name[13:]) for name in taken if name[4:12] == day), default=0)
        while True:
            last += 1
            folder = self._root / f"CHG-{day}-{last:04d}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder

    def _ticket(self, number: str) -> Path:
        path = self._root / number / "ticket.json"
        if not _NUMBER.fullmatch(number) or not path.is_file():
            raise ChangeError(f"ticket {number!r}", "there is no such ticket", f"see {self._root}")
        return path

    @contextmanager
    def _errors(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            hint = "user_defined.itsm.desk.path must be a folder that can be written to"
            raise ChangeError(
                str(error.filename or path), f"the desk failed: {error.strerror}", hint
            ) from None


def _parse(path: Path) -> dict[str, Any]:
    """Return a ticket as it is in the file; raises ChangeError where it is not one."""
    try:
        ticket = json.loads(path.read_bytes())
        number, state, fields = ticket["number"], ticket["state"], ticket["fields"]
        sound = _NUMBER.fullmatch(number) and state in NEXT and isinstance(ticket["history"], list)
        sound = sound and all(isinstance(text, str) for text in (*fields, *fields.values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise ChangeError(str(path), "is damaged: it holds no ticket", "restore a copy of it")
    return dict(ticket)


def _bytes(ticket: Mapping[str, Any]) -> bytes:
    return (json.dumps(ticket, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _create(path: Path, content: bytes) -> None:
    """Make a file where there is none; one that somebody else made in the meantime stays."""
    try:
        files.create(path, content)
    except FileExistsError:
        return


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    number = 1
    while True:
        number += 1
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _check_fields(fields: Mapping[str, str]) -> None:
    if "state" in fields:
        raise ChangeError("ticket", "its state is no field", "give it as the state")


def _check_name(name: str) -> None:
    """Refuse names that would leave the folder, hide, or mean something else on some system."""
    bad = any(char in '/\\:*?"<>|' or not char.isprintable() for char in name)
    if bad or name != name.strip(" .") or not name or len(name.encode()) > 200 or _RESERVED.fullmatch(name):
        raise ChangeError(f"attachment {name!r}", "is no file name", "use letters, digits, - _ and one dot")
