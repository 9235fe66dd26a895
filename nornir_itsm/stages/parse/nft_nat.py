"""The translations of a Linux firewall: one line each in ``inet filter prerouting`` and ``postrouting``.

A line is known by its comment. One that says more than a server or a source translation can (a target that
is a range, a set of addresses that arrive, a jump) makes undecidable whatever it may match.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nornir_itsm.model.firewall import PublishedServer, SecurityPolicy, ServiceEntry, SourceTranslation
from nornir_itsm.stages.nft_words import ANY_SERVICE, inline_entries
from nornir_itsm.stages.parse.members import address as single
from nornir_itsm.stages.parse.members import span
from nornir_itsm.stages.parse.nft_rules import policy
from nornir_itsm.stages.parse.parts import ANYTHING, Part, merged

ARRIVING, LEAVING = "prerouting", "postrouting"
_TWICE = "several lines, or none, have this comment"
_ANY = ServiceEntry(None)


def servers(lines: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[PublishedServer]:
    """Yield what becomes of destinations, in the order in which they are matched."""
    for line in lines:
        part, last = _taken(line, names)
        entry, host = _service(part), _host(part)
        target, port = _target(last, entry)
        known = host and target and entry and not (part.unread or part.old or part.goes)
        if known and len(part.came) <= 1 and part.source == ANYTHING and _alone(line, lines):
            assert entry is not None
            zone = "".join(part.came)
            rest = "log" if part.logs else ""
            yield PublishedServer(part.name, host, target, entry, port, zone, rest=rest)
        else:
            unread = (json.dumps(line.get("expr"), ensure_ascii=False)[:200],)
            yield PublishedServer(part.name or f"handle {part.id}", host, "", unread=unread)


def _taken(line: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Part, Any]:
    """Return what a line matches, and what it does last."""
    said = list(line.get("expr", ()))
    part = policy({**line, "expr": [*said[:-1], {"accept": None}]}, names)
    return part, said[-1] if said else None


def _alone(line: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> bool:
    comment = line.get("comment")
    return bool(comment) and [other.get("comment") for other in lines].count(comment) == 1


def _host(part: Part) -> str:
    """Return the one address that arrives; empty where it is none, or several."""
    books, literals = part.destination.books, part.destination.literals
    plain = len(literals) == 1 and not books and literals[0].endswith("/32")
    return literals[0].removesuffix("/32") if plain else ""


def _service(part: Part) -> ServiceEntry | None:
    """Return the service that arrives; None where one entry does not say it."""
    entries = (_ANY,) if part.service == ANY_SERVICE else inline_entries(part.service)
    return entries[0] if len(entries) == 1 else None


def _target(last: Any, entry: ServiceEntry | None) -> tuple[str, int]:
    """Return where a ``dnat`` leads, and the first port there; nothing where it is more than one place."""
    match last:
        case {"dnat": {"addr": str(target), **rest}} if entry and rest.get("family", "ip") == "ip":
            port = rest.get("port")
            if not single(target) or ":" in target or set(rest) - {"family", "port"}:
                return "", 0
            if port is None:
                return target, entry.low
            if isinstance(port, int) and entry.protocol is not None and entry.low == entry.high:
                return target, port
    return "", 0


def translations(lines: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[SourceTranslation]:
    """Yield what becomes of sources, in the order in which they are matched."""
    for line in lines:
        part, last = _taken(line, names)
        (rule,) = merged([replace(part, note="")])
        made = _to(rule, last)
        if made is None or not _alone(line, lines):
            why = _TWICE if made else json.dumps(last, ensure_ascii=False)[:200]
            name = rule.name or f"handle {rule.id}"
            made = SourceTranslation(replace(rule, name=name, unread=(*rule.unread, why)))
        yield made


def _to(rule: SecurityPolicy, last: Any) -> SourceTranslation | None:
    match last:
        case {"masquerade": None}:
            return SourceTranslation(rule)
        case {"accept": None}:
            return SourceTranslation(rule, keeps=True)
        case {"snat": {"addr": str(address), **rest}} if rest in ({}, {"family": "ip"}):
            return SourceTranslation(rule, (address,)) if single(address) and ":" not in address else None
        case {"snat": {"addr": {"range": [str(low), str(high)]}, **rest}} if rest in ({}, {"family": "ip"}):
            found = span(f"{low}-{high}")
            return SourceTranslation(rule, (found,)) if found and ":" not in found else None
        case _:
            return None
