"""Configuration modes of the router: what each takes, and what becomes of it.

A line that a mode does not know is tried as one of global configuration, as IOS does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from nornir_itsm.lab.ios import entries
from nornir_itsm.lab.ios.configuration import HIGHEST, AccessList, Blocks, Configuration
from nornir_itsm.lab.ios.words import Cursor, LineError

GLOBAL, LIST, NETWORKS, SERVICES, RANGE, INTERFACE = (
    "config",
    "config-ext-nacl",
    "config-network-group",
    "config-service-group",
    "config-time-range",
    "config-if",
)
_HEADINGS = ("interface", "ip", "object-group", "time-range", "hostname", "version")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = ("daily", "weekdays", "weekend")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass
class Session:
    """Where a session is: its mode, and the object that it is about."""

    config: Configuration
    mode: str = GLOBAL
    name: str = ""

    def typed(self, text: str) -> None:
        """Carry out one line of configuration. Raises LineError."""
        line = Cursor(text)
        no = bool(line.option(("no",)))
        if self.mode == GLOBAL or (line.next.lower() in _HEADINGS and not self._own(line.next)):
            self._globally(line, no=no)
        else:
            _MODES[self.mode](self, line, no=no)

    def _own(self, word: str) -> bool:
        """``ip`` begins lines of an interface, too, and ``ip`` is a protocol of a service group."""
        return word.lower() == "ip" and self.mode in (INTERFACE, SERVICES)

    def _globally(self, line: Cursor, *, no: bool) -> None:
        match line.keyword(_HEADINGS):
            case "hostname" | "version":
                line.rest()
            case "interface":
                self._enter(INTERFACE, line.name(), self.config.interfaces, no=no)
                line.finish()
            case "time-range":
                self._enter(RANGE, line.name(), self.config.ranges, no=no)
                line.finish()
            case "object-group":
                self._object_group(line, no=no)
            case "ip":
                self._ip(line, no=no)

    def _enter(self, mode: str, name: str, blocks: Blocks, *, no: bool) -> None:
        if not no:
            blocks.setdefault(name, [])
            self.mode, self.name = mode, name
        elif blocks.pop(name, None) is None:
            raise LineError(f"% {name} does not exist")  # assumed wording

    def _object_group(self, line: Cursor, *, no: bool) -> None:
        kind = line.keyword(("network", "service"))
        blocks, others = self.config.networks, self.config.services
        mode = NETWORKS
        if kind == "service":
            blocks, others, mode = others, blocks, SERVICES
        name = line.name()
        line.finish()
        if name in others:
            raise LineError(f"% Object-group {name} is of another type")  # assumed wording
        if no and (users := self.config.users(name)):
            # Assumed wording.
            raise LineError(f"% Object-group {name} is being used by {users[0]} and cannot be deleted")
        self._enter(mode, name, blocks, no=no)

    def _ip(self, line: Cursor, *, no: bool) -> None:
        if line.keyword(("route", "access-list")) == "route":
            self._route(line, no=no)
            return
        if line.keyword(("extended", "resequence")) == "resequence":
            self._resequence(line)
            return
        name = line.name()
        line.finish()
        if no:
            if self.config.lists.pop(name, None) is None:
                raise LineError(f"% Access-list {name} does not exist")  # assumed wording
            return
        self.config.lists.setdefault(name, AccessList(name))
        self.mode, self.name = LIST, name

    def _route(self, line: Cursor, *, no: bool) -> None:
        vrf = f"vrf {line.name()} " if line.option(("vrf",)) else ""
        base, mask = line.address(), line.address()
        hole = ~mask & 0xFFFFFFFF
        if hole & (hole + 1) or base & hole:
            raise LineError("%Inconsistent address and mask")
        route = f"{vrf}{IPv4Address(base)} {IPv4Address(mask)} {IPv4Address(line.address())}"
        line.finish()
        if no:
            if route not in self.config.routes:
                raise LineError("%No matching route to delete")
            self.config.routes.remove(route)
        elif route not in self.config.routes:
            self.config.routes.append(route)

    def _resequence(self, line: Cursor) -> None:
        one = self.config.lists.get(line.name())
        start, step = line.number(1, HIGHEST), line.number(1, HIGHEST)
        line.finish()
        if one is None:
            raise LineError("% Access-list does not exist")
        # Measured on an emulated IOS XE 17.15: entries are numbered anew, remarks are gone.
        one.entries = {start + step * at: text for at, (_, text) in enumerate(sorted(one.entries.items()))}
        one.remarks = {}

    def in_list(self, line: Cursor, *, no: bool) -> None:
        """Take an entry or a remark of an access list."""
        one = self.config.lists[self.name]
        number = line.number(1, HIGHEST) if line.next.isdecimal() else 0
        if no and number and line.done:
            _without(one, number)
            return
        word = line.keyword(("remark", "permit", "deny"))
        if word == "remark":
            _remark(one, number or one.next, line.rest(), no=no)
            return
        said = entries.entry(word, line, self.config)
        there = next((n for n, text in one.entries.items() if text == said), 0)
        if no:
            if not there or number not in (0, there):
                raise LineError("% Access rule can't be deleted: it does not exist")  # assumed wording
            _without(one, there)
        elif number in one.entries:
            raise LineError("% Duplicate sequence number\n% Failed to add ace to access-list")
        elif there:
            raise LineError(f"% Duplicate entry exists at sequence {there}")
        else:
            one.entries[number or one.next] = said

    def in_networks(self, line: Cursor, *, no: bool) -> None:
        """Take a member of a group of networks."""
        self._line(entries.network(line, self.config), self.config.networks, no=no)

    def in_services(self, line: Cursor, *, no: bool) -> None:
        """Take a line of a group of services."""
        self._line(entries.service(line, self.config), self.config.services, no=no)

    def in_range(self, line: Cursor, *, no: bool) -> None:
        """Take a period of a time range."""
        line.keyword(("periodic",))
        days: list[str] = []
        while not days or line.next[:1].isalpha():
            days.append(line.keyword((*_DAYS, *_SETS)))
        start = _clock(line)
        line.keyword(("to",))
        last = line.keyword(_DAYS) if line.next[:1].isalpha() else ""
        end = _clock(line)
        line.finish()
        if not last and end <= start:
            raise LineError("% Invalid time range: it ends before it begins")  # assumed wording
        said = " ".join(day if day in _SETS else day.capitalize() for day in days)
        to = f"{last.capitalize()} " if last else ""
        text = f"periodic {said} {_said(start)} to {to}{_said(end)}"
        self._line(text, self.config.ranges, no=no)

    def on_interface(self, line: Cursor, *, no: bool) -> None:
        """Take anything on an interface."""
        self._line(line.rest(), self.config.interfaces, no=no)

    def _line(self, text: str, blocks: Blocks, *, no: bool) -> None:
        held = blocks[self.name]
        if no:
            if text not in held:
                raise LineError(f"% {text} is not configured")  # assumed wording
            held.remove(text)
        elif text in held:
            raise LineError("% Object already exists")  # assumed wording
        else:
            held.append(text)


def _remark(one: AccessList, number: int, text: str, *, no: bool) -> None:
    if no:
        if one.remarks.pop(number, None) is None:
            raise LineError("% Remark does not exist")  # assumed wording
    elif not text or len(text) > 100:
        raise LineError("% Incomplete command." if not text else "% Remark is too long")
    elif text in one.remarks.get(number, ()):
        raise LineError("Duplicate remark statement")
    else:
        one.remarks.setdefault(number, []).append(text)


def _without(one: AccessList, number: int) -> None:
    if number not in one.entries:
        raise LineError("% Access rule can't be deleted: it does not exist")  # assumed wording
    del one.entries[number]
    one.remarks.pop(number, None)


def _clock(line: Cursor) -> tuple[int, int]:
    found = _CLOCK.fullmatch(line.take())
    if found is None:
        raise line.wrong()
    return int(found[1]), int(found[2])


def _said(clock: tuple[int, int]) -> str:
    return f"{clock[0]}:{clock[1]:02d}"


_MODES: dict[str, Callable[..., None]] = {
    LIST: Session.in_list,
    NETWORKS: Session.in_networks,
    SERVICES: Session.in_services,
    RANGE: Session.in_range,
    INTERFACE: Session.on_interface,
}


def load(text: str) -> tuple[str, Configuration]:
    """Return hostname and configuration of a printed text. Raises LineError."""
    config, hostname = Configuration(), "Router"
    session = Session(config)
    for line in text.splitlines():
        said = line.strip()
        if not said or said[0] == "!" or said == "end" or re.match(r"Building|Current|Using", said):
            continue
        if line[0] != " ":
            session.mode = GLOBAL
        if said.startswith("hostname "):
            hostname = said.removeprefix("hostname ")
        session.typed(said)
    return hostname, config
