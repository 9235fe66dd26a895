"""The rules of a USG's policies, line by line: what nobody understands makes its rule undecidable."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import SecurityPolicy, Selector
from nornir_itsm.stages.parse.document import one_line
from nornir_itsm.stages.parse.members import ordered
from nornir_itsm.stages.parse.stoneos_objects import zones
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line, words
from nornir_itsm.stages.parse.vrp_objects import Objects, address
from nornir_itsm.stages.parse.vrp_predefined import ANY, ANY_V6

LOGS = {"policy logging": "deny", "session logging": "end"}
"""Line of a rule -> what is logged. Assumed: the first logs matches, the second sessions when they end."""
_HARMLESS = re.compile(r"traffic logging enable|undo (?:policy|session) logging|enable")
_KEPT = ("long-link", "session aging-time")
"""What a rule does to its sessions, kept with the profiles so that a rule can be made again as it was."""
_ONCE = ("action", "description", "time-range")
_RULE = re.compile(r'rule name ("[^"]+"|\S+)')


def rules(policy: Sequence[Line], objects: Objects, harmless: re.Pattern[str]) -> Iterator[SecurityPolicy]:
    """Yield the rules of a policy in the order of the text, which is the order in which they are matched.

    The action is the first word of the line ``action``, ``permit`` and ``deny`` being those of the security
    policy. A line beside the rules that nobody understood stands as a rule that may match everything.
    """
    seen: set[str] = set()
    for line in policy:
        found = _RULE.fullmatch(line.text)
        if found is None:
            if not harmless.fullmatch(line.text):
                yield SecurityPolicy("", "deny", unread=tuple(line.flat()), id=line.text[:80])
            continue
        name = found[1].strip('"')
        if name in seen or not one_line(name):
            raise SourceError(WHERE, f"rule {name[:80]!r} is there twice or is no name", "take it again")
        seen.add(name)
        yield _Reader(line.below, objects).rule(name)


class _Reader:
    """Reads the lines of one rule and remembers those that nobody understood."""

    def __init__(self, lines: Sequence[Line], objects: Objects) -> None:
        self._objects = objects
        self.unread = [text for line in lines for below in line.below for text in below.flat()]
        self._said: dict[str, list[str]] = {}
        for line in lines:
            key = next((k for k in _WORDS if line.text == k or line.text.startswith(f"{k} ")), line.text)
            self._said.setdefault(key, []).append(line.text[len(key) :].strip())
        for key in _ONCE:
            if len(listed := self._of(key)) > 1:
                self.unread += [f"{key} {one} (more than one)" for one in listed]
        for key in self._said.keys() - _WORDS:
            if not _HARMLESS.fullmatch(key):
                self.unread.append(key)

    def rule(self, name: str) -> SecurityPolicy:
        """Return the rule; the name is also how the device itself identifies it."""
        found = SecurityPolicy(
            name,
            next(iter(self._of("action")), ""),
            self._selector("source-address"),
            self._selector("destination-address"),
            self._services(),
            self._zones("source-zone"),
            self._zones("destination-zone"),
            self._names("time-range"),
            not self._of("disable"),
            tuple(sorted(LOGS[key] for key in LOGS if self._of(key))),
            tuple(sorted(self._profiles())),
            next(iter(self._of("description")), "").strip('"'),
            id=name,
        )
        return replace(found, unread=tuple(sorted(self.unread)))

    def _of(self, key: str) -> list[str]:
        return self._said.get(key, [])

    def _names(self, key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for said in self._of(key) for name in words(said)))

    def _zones(self, key: str) -> tuple[str, ...]:
        return zones(self._names(key))

    def _selector(self, key: str) -> Selector:
        """Return one side; without a condition it is everything."""
        books: list[str] = []
        literals: list[str] = []
        for said in self._of(key):
            named = words(said)
            if named in (("any",), ("::", "0")):
                books.append(ANY if named == ("any",) else ANY_V6)
            elif named[:1] == ("address-set",) and len(named) > 1:
                books += named[1:]
            elif (found := address(said)) and None not in found:
                literals += [one for one in found if one]
            else:
                self.unread.append(f"{key} {said}")
        if not self._of(key):
            books.append(ANY)
        return Selector(tuple(dict.fromkeys(books)), ordered(literals))

    def _services(self) -> tuple[str, ...]:
        found: list[str] = [] if self._of("service") else [ANY]
        for said in self._of("service"):
            if not said.startswith("protocol "):
                found += [ANY if name == "any" else name for name in words(said)]
            elif (name := self._objects.literal(said)) is not None:
                found.append(name)
            else:
                self.unread.append(f"service {said}")
        return tuple(dict.fromkeys(found))

    def _profiles(self) -> Iterator[tuple[str, str]]:
        for said in self._of("profile"):
            listed = words(said)
            if len(listed) == 2:
                yield listed[0], listed[1]
            else:
                self.unread.append(f"profile {said}")
        for key in _KEPT:
            yield from ((key, said) for said in self._of(key))


_WORDS = frozenset(
    (
        *("source-address", "destination-address", "source-zone", "destination-zone", "service", "profile"),
        *("disable", *LOGS, *_KEPT, *_ONCE),
    )
)
