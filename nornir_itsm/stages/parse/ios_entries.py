"""One line of an IOS access list -> its part of a rule; the lines of one name -> the rule.

Grammar: ``[N] permit|deny SERVICE SOURCE [PORTS] DESTINATION [PORTS] [established] [log] [time-range T]``, by
the command reference. A word that is not understood makes its rule undecidable; a line that is neither a
remark nor an entry is refused, for nobody knows whether it lets anything through.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import SecurityPolicy, Selector
from nornir_itsm.stages.ios_words import (
    ANY,
    ICMP_NAMES,
    PORT_NAMES,
    PROTOCOLS,
    service_entries,
    wildcard,
)
from nornir_itsm.stages.parse.members import address
from nornir_itsm.stages.parse.parts import Part, joined, merged

REMARK_ALONE = "(only a remark)"
_LINE = re.compile(r"(?:(?P<number>\d{1,10}) )?(?P<word>remark|permit|deny) (?P<rest>.*)")
_OPERATORS = {"eq": 10, "neq": 10, "gt": 1, "lt": 1, "range": 2}
"""How many ports an operator takes at most."""


class _NotRead(Exception):  # noqa: N818
    """The words that are left are not understood."""


@dataclass(slots=True)
class _Words:
    """The words of an entry that are still to be read."""

    left: list[str]
    ports: dict[str, int] = field(default_factory=dict)

    def take(self) -> str:
        if not self.left:
            raise _NotRead
        return self.left.pop(0)

    def option(self, *words: str) -> str:
        return self.left.pop(0) if self.left and self.left[0] in words else ""

    def side(self) -> Selector:
        match self.take():
            case "any":
                return Selector((ANY,))
            case "host":
                return Selector(literals=(f"{self._address(self.take())}/32",))
            case "object-group":
                return Selector((self.take(),))
            case first:
                text = f"{self._address(first)} {self._address(self.take())}"
                networks = wildcard(text) or ()
                if networks == ("0.0.0.0/0",):
                    return Selector((ANY,))
                return Selector(literals=networks) if len(networks) == 1 else Selector((text,))

    def operator(self) -> str:
        """Return ``eq 80``, with numbers for names; nothing where no operator follows."""
        word = self.option(*_OPERATORS)
        if not word:
            return ""
        ports = [self._port(self.take())]
        while self.left and len(ports) < _OPERATORS[word] and self._is_port(self.left[0]):
            ports.append(self._port(self.take()))
        if word == "range" and len(ports) != 2:
            raise _NotRead
        return f"{word} {' '.join(ports)}"

    def icmp(self) -> str:
        """Return type and code as numbers; nothing where neither follows."""
        if self.left and self.left[0] in ICMP_NAMES:
            return ICMP_NAMES[self.take()]
        said: list[str] = []
        while self.left and len(said) < 2 and self.left[0].isdecimal():
            said.append(str(int(self.take())))
        return " ".join(said)

    def _address(self, text: str) -> str:
        found = address(text)
        if found is None or ":" in found:
            raise _NotRead
        return found

    def _is_port(self, text: str) -> bool:
        return text in self.ports or (text.isdecimal() and text.isascii() and len(text) <= 5)

    def _port(self, text: str) -> str:
        if not self._is_port(text):
            raise _NotRead
        return str(self.ports.get(text, text if text in self.ports else int(text)))


def rules(name: str, lines: Sequence[str]) -> tuple[SecurityPolicy, ...]:
    """Return the rules of the access list *name*, in order; a remark at several places names none.

    Raises SourceError for a line that is neither remark nor entry.
    """
    parts = list(_parts(name, lines))
    found: list[SecurityPolicy] = []
    for _, group in groupby(enumerate(parts), key=lambda one: one[1].name or one[0]):
        found += _as_rules([part for _, part in group])
    names = [rule.name for rule in found if rule.name]
    return tuple(
        replace(rule, name="", description=f"remark {rule.name}") if names.count(rule.name) > 1 else rule
        for rule in found
    )


def _as_rules(parts: list[Part]) -> Iterable[SecurityPolicy]:
    """Return the rule that neighbours with one remark are; one remark too many was left by a lost session."""
    entries = [part for part in parts if part.old != REMARK_ALONE]
    if entries and len(entries) < len(parts):
        entries = [replace(part, unread=(*part.unread, REMARK_ALONE)) for part in entries]
    entries = entries or parts[:1]
    found = list(merged(entries))
    alike = {replace(r, id="", source=Selector(), destination=Selector(), services=()) for r in found}
    if len(found) == 1 or len(alike) > 1:
        return found
    # Some combinations are missing, as where a session ended in the middle: one rule, and undecidable.
    services = tuple(dict.fromkeys(name for rule in found for name in rule.services))
    sides = (joined(dict.fromkeys(getattr(r, side) for r in found)) for side in ("source", "destination"))
    source, destination = sides
    whole = replace(found[0], source=source, destination=destination, services=services)
    return [replace(whole, unread=("not every combination of its sides is there",))]


def _parts(name: str, lines: Sequence[str]) -> Iterator[Part]:
    """Yield the entries, each named by the remark that stands right above it and has its number."""
    remarks: list[str] = []
    numbered = ""
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            hint = "only extended lists of remarks, permit and deny can be decided"
            raise SourceError(f"access list {name}", f"has the line {line[:80]!r}", hint)
        number = found["number"] or ""
        if remarks and number != numbered:
            yield Part(remarks[-1], numbered, "deny", old=REMARK_ALONE)
            remarks = []
        if found["word"] == "remark":
            remarks, numbered = [*remarks, found["rest"].strip()], number
            continue
        # Of several remarks the one right above counts; whoever takes the entry away takes all of them.
        part = _entry(remarks[-1] if remarks else "", number, found["word"], found["rest"])
        yield replace(part, note=" / ".join(remarks[:-1]))
        remarks = []
    if remarks:
        yield Part(remarks[-1], numbered, "deny", old=REMARK_ALONE)


def _entry(name: str, number: str, action: str, rest: str) -> Part:
    words = _Words(rest.split())
    try:
        part = _read(words, Part(name, number, action))
    except _NotRead:
        return Part(name, number, action, unread=(f"{action} {rest}",))
    return replace(part, unread=(" ".join(words.left),)) if words.left else part


def _read(words: _Words, part: Part) -> Part:
    protocol = "" if words.option("object-group") else words.take()
    group = "" if protocol else words.take()
    words.ports = PORT_NAMES.get(protocol, {})
    source = words.side()
    from_ports = words.operator() if protocol in PORT_NAMES else ""
    destination = words.side()
    service = group or ANY
    if protocol:
        said = [protocol.lower()]
        said += [f"from {from_ports}"] if from_ports else []
        said += [words.icmp()] if protocol == "icmp" else []
        said += [words.operator()] if protocol in PORT_NAMES else []
        service = " ".join(filter(None, said))
        if not service_entries(service):
            raise _NotRead
        service = ANY if PROTOCOLS.get(service, 0) is None else service
    part = replace(part, source=source, destination=destination, service=service)
    return _suffixes(words, part, tcp=protocol == "tcp")


def _suffixes(words: _Words, part: Part, *, tcp: bool) -> Part:
    """Read what follows the sides, in any order; what is not understood is left."""
    while words.left:
        if tcp and words.option("established"):
            part = replace(part, established=True)
        elif words.option("log"):
            part = replace(part, logs=("start",) if part.action == "permit" else ("deny",))
        elif words.option("log-input"):
            part = replace(part, profiles=(("log", "log-input"),))
        elif words.left[0] == "time-range" and len(words.left) > 1:
            part = replace(part, schedules=(words.left[1],))
            del words.left[:2]
        else:
            break
    return part
