"""One line of an nftables chain -> its part of a rule."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import Selector, ServiceEntry
from nornir_itsm.stages.nft_words import ANY_ADDRESS, PROTOCOLS, inline_name
from nornir_itsm.stages.parse.nft_values import address, entries, listed, port_span
from nornir_itsm.stages.parse.parts import Part

_STATES_OF_OLD = {"established", "related", "invalid"}
_VERDICTS = {"accept": "permit", "drop": "deny", "reject": "deny"}
_NUMBERS = {word: number for number, word in PROTOCOLS.items()}


def policy(line: Mapping[str, Any], names: Mapping[str, str]) -> Part:
    """Return what a line says; *names*: identifier of a set -> its name. Raises SourceError for a jump."""
    said, handle = list(line.get("expr", ())), str(line.get("handle", ""))
    comment = line.get("comment")
    name = comment if isinstance(comment, str) else ""
    where = f"rule {name!r}" if name else f"rule with handle {handle}"
    last = next(iter(said[-1:]), None)
    verdict = next(iter(last)) if isinstance(last, dict) and len(last) == 1 else ""
    if verdict not in _VERDICTS:
        hint = "rules here end in accept or drop: see docs/how-to/linux.md"
        raise SourceError(where, f"ends in {json.dumps(last, ensure_ascii=False)[:80]}", hint)
    found: dict[str, Any] = {}
    unread: list[str] = []
    for one in said[:-1]:
        read = _read(one, names)
        if read is None or any(key in found for key in read):
            unread.append(json.dumps(one, ensure_ascii=False))
        else:
            found |= read
    if found.pop("log", False):
        found["logs"] = ("start",) if verdict == "accept" else ("deny",)
    note = verdict if verdict == "reject" else "" if name else "(no comment)"
    return Part(name, handle, _VERDICTS[verdict], note=note, unread=tuple(unread), **found)


def _read(one: Any, names: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Return the field that a statement fills; None where it is not understood."""
    match one:
        case {"counter": {"packets": int(hits)}}:
            return {"hits": hits}
        case {"counter": None}:
            return {}
        case {"log": None}:
            return {"log": True}
        case {"match": {"op": "in" | "==", "left": {"ct": {"key": "state"}}, "right": states}}:
            named = {str(state) for state in (states if isinstance(states, list) else listed(states))}
            return {"old": f"ct state {','.join(sorted(named))}"} if named <= _STATES_OF_OLD else None
        case {"match": {"op": "==", "left": left, "right": right}}:
            return _matched(left, right, names)
        case _:
            return None


def _matched(left: Any, right: Any, names: Mapping[str, str]) -> Mapping[str, Any] | None:
    match left:
        case {"meta": {"key": "iifname" | "oifname" as key}}:
            zones = listed(right)
            plain = all(isinstance(zone, str) and "*" not in zone and zone[:1] != "@" for zone in zones)
            return {"came" if key == "iifname" else "goes": tuple(zones)} if plain else None
        case {"payload": {"protocol": "ip" | "ip6" as family, "field": "saddr" | "daddr" as side}}:
            selector = _selector(family, right, names)
            return None if selector is None else {"source" if side == "saddr" else "destination": selector}
        case _:
            service = _service(left, right, names)
            return {"service": service} if service else None


def _selector(family: str, right: Any, names: Mapping[str, str]) -> Selector | None:
    if isinstance(right, str) and right.startswith("@"):
        # Sets are written for IPv4 only: one of IPv6 could not be put back as it was.
        return Selector((names[right[1:]],)) if family == "ip" and right[1:] in names else None
    found = [address(value) for value in listed(right)]
    if None in found:
        return None
    texts = tuple(text for text in found if text)
    return Selector((ANY_ADDRESS,)) if texts == ("0.0.0.0/0",) else Selector(literals=texts)


def _service(left: Any, right: Any, names: Mapping[str, str]) -> str:
    """Return the name of the service that a match is about, an empty string where it is not understood."""
    match left, right:
        case {"meta": {"key": "l4proto"}}, "icmp":
            return "ICMP"
        case {"payload": {"protocol": "icmp", "field": "type"}}, "echo-request":
            return "PING"
        case {"meta": {"key": "l4proto"}}, "tcp" | "udp":
            return inline_name([ServiceEntry(_NUMBERS[right])])
        case {"concat": [{"meta": {"key": "l4proto"}}, {"payload": {"protocol": "th", "field": "dport"}}]}, _:
            if isinstance(right, str):
                return names.get(right[1:], "")
            return _inline(entries(value) for value in listed(right))
        case {"payload": {"protocol": "tcp" | "udp" as word, "field": "dport"}}, _:
            spans = [port_span(value) for value in listed(right)]
            return _inline((ServiceEntry(_NUMBERS[word], *one),) if one else () for one in spans)
        case _:
            return ""


def _inline(found: Iterable[tuple[ServiceEntry, ...]]) -> str:
    some = list(found)
    return "" if () in some else inline_name(entry for one in some for entry in one)
