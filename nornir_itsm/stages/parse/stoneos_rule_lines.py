"""The rules of a StoneOS configuration, line by line: what nobody understands makes its rule undecidable."""

import re
from collections.abc import Callable, Iterable, Iterator

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import SecurityPolicy, Selector
from nornir_itsm.stages.parse.members import member, network, ordered, span
from nornir_itsm.stages.parse.stoneos_lines import Lines, dashed, unquoted
from nornir_itsm.stages.parse.stoneos_objects import LOGS, reference, zones

_ONCE = ("action", "name", "description", "switch", "av", "ips")
_RULE_FIELDS = (
    {f"{side}_{kind}" for side in ("src", "dst") for kind in ("zone", "addr", "ip", "range", "host")}
    | {"service", "schedule", "log", "harmless", "unread"}
    | set(_ONCE)
)
_LITERALS: dict[str, Callable[[str], str | None]] = {
    "ip": network,
    "range": lambda line: span(dashed(line)),
    "host": lambda line: member(unquoted(line) or ""),
}


def rules(listed: Iterable[Lines]) -> Iterator[SecurityPolicy]:
    """Yield the rules in the order of the text, which is the order in which they are matched."""
    seen: set[str] = set()
    for lines in listed:
        rule = _rule(lines)
        if rule.id and rule.id in seen:
            raise SourceError("show configuration", f"rule id {rule.id} is there twice", "take it again")
        seen.add(rule.id)
        yield rule


class _Reader:
    """Reads the lines of one rule and remembers those that nobody understood."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.unread = [line for name in sorted(lines.fields.keys() - _RULE_FIELDS) for line in lines.of(name)]
        self.unread += lines.of("unread")
        for name in _ONCE:
            if len(lines.of(name)) > 1:
                self.unread += [f"{name} more than once: {line}" for line in lines.of(name)]

    def names(self, field: str) -> tuple[str, ...]:
        """Return names, each once."""
        found: list[str] = []
        for line in self._lines.of(field):
            if name := unquoted(line):
                found.append(name)
            else:
                self._refuse(field, line)
        return tuple(dict.fromkeys(found))

    def references(self, field: str) -> tuple[str, ...]:
        """Return names of objects."""
        return tuple(dict.fromkeys(map(reference, self.names(field))))

    def selector(self, side: str) -> Selector:
        """Return one side of the rule."""
        literals: list[str] = []
        for kind, read in _LITERALS.items():
            for line in self._lines.of(f"{side}_{kind}"):
                if found := read(line):
                    literals.append(found)
                else:
                    self._refuse(f"{side}_{kind}", line)
        return Selector(self.references(f"{side}_addr"), ordered(literals))

    def word(self, field: str, words: Iterable[str], default: str) -> str:
        """Return the only line under *field*, which must be one of *words*."""
        line = next(iter(self._lines.of(field)), default)
        if line not in words:
            self._refuse(field, line)
            return default
        return line

    def logs(self) -> tuple[str, ...]:
        """Return what is logged."""
        for line in self._lines.of("log"):
            if line not in LOGS:
                self._refuse("log", line)
        return tuple(sorted({LOGS[line] for line in self._lines.of("log") if line in LOGS}))

    def _refuse(self, field: str, line: str) -> None:
        self.unread.append(f"{field.replace('_', '-')} {line}".strip())


def _rule(lines: Lines) -> SecurityPolicy:
    read = _Reader(lines)
    rule_id = re.fullmatch(r"id ([0-9]+)", lines.header)
    if rule_id is None:
        read.unread.append(f"rule {lines.header}")
    if not lines.of("action"):
        read.unread.append("no action")  # the default is not stated the same way in every release
    action = read.word("action", ("permit", "deny"), "deny")
    switch = read.word("switch", ("enable", "disable"), "enable")
    return SecurityPolicy(
        name=next(iter(read.names("name")), ""),
        action=action,
        source=read.selector("src"),
        destination=read.selector("dst"),
        services=read.references("service"),
        source_zones=zones(read.names("src_zone")),
        destination_zones=zones(read.names("dst_zone")),
        schedules=read.names("schedule"),
        enabled=switch == "enable",
        logs=read.logs(),
        # Assumed lines: av "PROFILE", ips "PROFILE".
        profiles=tuple((kind, name) for kind in ("av", "ips") for name in read.names(kind)),
        description=_description(lines.of("description")),
        unread=tuple(read.unread),
        id=rule_id[1] if rule_id else "",
    )


def _description(listed: tuple[str, ...]) -> str:
    text = listed[0] if listed else ""
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text
