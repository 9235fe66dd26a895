"""Names become numbers: where a new entry of an IOS access list goes, just before it is sent.

An entry's identity on the device is its number; a remark of the same number, our name for it, goes with the
entry (public samples of IOS XE 17: ``N remark TEXT`` above ``N permit ...``, and ``no N`` removes both).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from nornir_itsm.errors import ChangeError

HIGHEST = 2147483647
"""The highest number of an entry (manual of the Catalyst 2960)."""
STEP = 10
_HEAD = re.compile(r"ip access-list extended (?P<acl>\S+)")
_NEW = re.compile(
    r'<(?P<place>first|last|before|after|in)(?: "(?P<anchor>[^"]*)")?> "(?P<name>[^"]*)" (?P<entry>.*)'
)
_GONE = re.compile(r'no <"(?P<name>[^"]*)">')
_PRINTED = re.compile(r" +(?:(?P<number>\d+) )?(?P<word>remark|permit|deny|evaluate|dynamic) (?P<rest>.*)")


_BANNER = re.compile(r"banner \S+ (?P<mark>\^C|\S)(?P<rest>.*)")


def said(configuration: str) -> Iterator[str]:
    """Yield the lines of a configuration without the text of banners, which may look like any line."""
    mark = ""
    for line in configuration.splitlines():
        if mark:
            mark = "" if mark in line else mark
        elif found := _BANNER.fullmatch(line.rstrip()):
            mark = "" if found["mark"] in found["rest"] else found["mark"]
        else:
            yield line


@dataclass(slots=True, eq=False)
class _Entry:
    """An entry of a list. ``number`` is 0 until one is found for a new one; ``whole`` is False where only a
    remark has the number. ``taken``: numbers that were taken when it was typed. ``anywhere``: it may stand
    anywhere among those of its rule."""

    number: int = 0
    name: str = ""
    whole: bool = False
    taken: frozenset[int] = frozenset()
    anywhere: bool = False


_Said = str | tuple[str, _Entry]
"""A line, or one with a place for the number of an entry."""


@dataclass(slots=True)
class _List:
    """An access list while lines change it: new entries get numbers together, but before any goes."""

    name: str
    entries: list[_Entry] = field(default_factory=list)

    def run(self, name: str) -> tuple[int, int]:
        """Return where the entries of a rule begin and end. Raises ChangeError where they are no run."""
        places = [at for at, entry in enumerate(self.entries) if entry.name == name]
        if not places:
            raise self._trouble(f"there is no rule {name!r}", "somebody removed it: plan again")
        if places[-1] - places[0] != len(places) - 1:
            problem = f"the remark {name!r} stands at several places"
            raise self._trouble(problem, "give every rule a remark of its own")
        return places[0], places[-1] + 1

    def remove(self, name: str) -> Iterator[_Said]:
        self.settle()  # what was typed before stands beside it for a while, and must stand right
        start, stop = self.run(name)
        for entry in self.entries[start:stop]:
            yield ("no {}" if entry.whole else "no {} remark"), entry
        del self.entries[start:stop]

    def insert(self, place: str, anchor: str, name: str, text: str) -> Iterator[_Said]:
        at = {"first": 0, "last": len(self.entries)}.get(place)
        if at is None:
            start, stop = self.run(anchor)
            at = start if place == "before" else stop
        taken = frozenset(entry.number for entry in self.entries)
        new = _Entry(name=name, whole=True, taken=taken, anywhere=place == "in")
        self.entries.insert(at, new)
        yield f"{{}} remark {name.replace('{', '{{').replace('}', '}}')}", new
        yield f"{{}} {text.replace('{', '{{').replace('}', '}}')}", new

    def settle(self) -> None:
        """Find the numbers of new entries. Raises ChangeError where there is no room."""
        for entry in [entry for entry in self.entries if entry.anywhere and not entry.number]:
            self._move(entry)
        at = 0
        while at < len(self.entries):
            stop = next(
                (i for i in range(at, len(self.entries)) if self.entries[i].number), len(self.entries)
            )
            self._number(at, stop)
            at = stop + 1

    def _move(self, entry: _Entry) -> None:
        """Put an entry where its rule has room: between any two of its entries, or at either end of them."""
        start, stop = self.run(entry.name)
        if stop - start == 1:
            return
        self.entries.remove(entry)
        stop -= 1
        room = {at: self._room(at, entry) for at in range(start, stop + 1)}
        self.entries.insert(max(room, key=lambda at: (room[at], at)), entry)

    def _gap(self, at: int) -> tuple[int, int]:
        """Return the numbers between which an entry at this place has to be."""
        low = next((entry.number for entry in reversed(self.entries[:at]) if entry.number), 0)
        return low, next((entry.number for entry in self.entries[at:] if entry.number), HIGHEST + 1)

    def _room(self, at: int, entry: _Entry) -> int:
        low, high = self._gap(at)
        waiting = sum(
            not other.number for other in self.entries if self._gap(self.entries.index(other))[0] == low
        )
        return high - low - 1 - sum(low < number < high for number in entry.taken) - waiting

    def _number(self, start: int, stop: int) -> None:
        """Number the new entries from *start* to before *stop*: by tens where there is plenty of room.

        Elsewhere they are spread over it, so that there is room on both sides for what comes next.
        """
        new = self.entries[start:stop]
        if not new:
            return
        low, high = self._gap(start)
        taken = {number for entry in new for number in entry.taken if low < number < high}
        shares = len(new) + len(taken) + 1
        step = STEP if high - low > 2 * STEP * (shares - 1) else max(1, (high - low) // shares)
        spread, every = range(low + step, min(high, low + step * shares), step), range(low + 1, high)
        free = [number for number in spread if number not in taken][: len(new)]
        if len(free) < len(new):
            free = list(islice((number for number in every if number not in taken), len(new)))
        if len(free) < len(new):
            problem = (
                f"cannot place {len(new)} entries between the numbers {low} and {high}: there is no room"
            )
            hint = (
                f"a person renumbers it: ip access-list resequence {self.name} 10 10 (remarks may get lost: "
                "look afterwards, and write them again); then plan again"
            )
            raise self._trouble(problem, hint)
        for entry, number in zip(new, free, strict=True):
            entry.number = number

    def _trouble(self, problem: str, hint: str) -> ChangeError:
        return ChangeError(f"access list {self.name}", problem, hint)


def located(lines: Sequence[str], configuration: str) -> tuple[str, ...]:
    """Return *lines* with numbers in the place of names; *configuration* is that which is running.

    ``<before "N"> "X" permit ...`` becomes ``15 remark X`` and ``15 permit ...``, ``no <"X">`` one line for
    each of its entries; everything else stays. ``<in "X">`` is any place among those of X. Raises ChangeError
    for a name that is not there, for a list without numbers, and where there is no room.
    """
    lists: dict[str, _List] = {}
    here: _List | None = None
    made: list[_Said] = []
    for line in (line.strip() for line in lines):
        if found := _HEAD.fullmatch(line):
            here = lists.get(found["acl"]) or _listed(found["acl"], configuration)
            lists[here.name] = here
        if here and (found := _NEW.fullmatch(line)):
            made += here.insert(found["place"], found["anchor"] or "", found["name"], found["entry"])
        elif here and (found := _GONE.fullmatch(line)):
            made += here.remove(found["name"])
        else:
            made.append(line)
    for one in lists.values():
        one.settle()
    return tuple(one if isinstance(one, str) else one[0].format(one[1].number) for one in made)


def _listed(acl: str, configuration: str) -> _List:
    """Return the numbers and names of a list as it is running, none where it is not there."""
    found = _List(acl)
    inside = False
    for line in said(configuration):
        if not line.startswith(" "):
            inside = line.rstrip() == f"ip access-list extended {acl}"
        elif inside and (entry := _PRINTED.fullmatch(line.rstrip())):
            if entry["number"] is None:
                problem = f"access list {acl}"
                hint = "releases before IOS XE 17 do not: change the list by hand"
                raise ChangeError(problem, "the device does not print the numbers of its entries", hint)
            _print(found.entries, int(entry["number"]), entry["word"], entry["rest"].strip())
    return found


def _print(entries: list[_Entry], number: int, word: str, rest: str) -> None:
    if not entries or entries[-1].number != number:
        entries.append(_Entry(number))
    if word == "remark":
        entries[-1].name = rest
    else:
        entries[-1].whole = True
