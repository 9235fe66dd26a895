"""The translations of a USG: ``nat server`` lines, and the rules of its ``nat-policy``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nornir_itsm.model.firewall import (
    AddressBook,
    PublishedServer,
    SecurityPolicy,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.stages.parse.members import address, span
from nornir_itsm.stages.parse.stoneos_objects import port_entry
from nornir_itsm.stages.parse.vrp_blocks import Line, words
from nornir_itsm.stages.parse.vrp_objects import Objects
from nornir_itsm.stages.parse.vrp_predefined import PROTOCOLS
from nornir_itsm.stages.parse.vrp_rule_lines import rules

_PORT = r"(\d{1,5}|[a-z]+)"
_SERVER = re.compile(
    r'nat server ("[^"]+"|\S+)(?: \d+)?(?: zone (?P<zone>"[^"]+"|\S+))?(?: protocol (?P<protocol>\w+))?'
    rf" global (?P<address>[0-9.]+)(?: (?P<low>{_PORT})(?: (?P<high>{_PORT}))?)?"
    rf" inside (?P<target>[0-9.]+)(?: (?P<port>{_PORT})(?: (?P<last>{_PORT}))?)?"
    r"(?P<one_way> no-reverse)?(?P<rest>(?: unr-route)?(?: description .*)?)",
    re.ASCII,
)
_GLOBAL = re.compile(r" global ([0-9.]+) ")
_WORDS = {"ftp": 21, "telnet": 23, "smtp": 25, "domain": 53, "www": 80, "pop3": 110}
_GROUP = re.compile(r'nat address-group ("[^"]+"|\S+)(?: \d+)?')
_SECTION = re.compile(r"section (?:\d+ )?(\S+)(?: (\S+))?")
_GROUP_NOTE = re.compile(r"mode (?:pat|no-pat.*)|route enable|status active|description .*")
_HARMLESS = re.compile(r"")
_ACTION = re.compile(r'(?:source-nat|nat) (?:(?P<own>easy-ip)|address-group (?P<group>"[^"]+"|\S+))')


def servers(lines: Sequence[Line]) -> Iterator[PublishedServer]:
    """Yield the lines ``nat server``; one that was not understood stands for any translation."""
    for line in lines:
        if line.text.startswith("nat server "):
            found = _SERVER.fullmatch(line.text)
            read = _server(found) if found and not line.below else None
            yield read or _not_understood(line)


def _not_understood(line: Line) -> PublishedServer:
    """Return a server of which at most the address is certain; several (``A B``) are none."""
    listed = [found for text in line.flat() for found in _GLOBAL.findall(text)]
    alone = len(listed) == 1 and not re.search(r" global [0-9.]+ [0-9]+\.", line.text)
    return PublishedServer(
        words(line.text)[2], (alone and address(listed[0])) or "", "", unread=tuple(line.flat())
    )


def _server(found: re.Match[str]) -> PublishedServer | None:
    ends = address(found["address"]), address(found["target"])
    low, high, port, last = (_port(found[key]) for key in ("low", "high", "port", "last"))
    service = _arriving(found["protocol"], low, high)
    if None in ends or service is None or -1 in (low, high, port, last):
        return None
    # A range leads to a range as long; ports behind without ports that arrive would be every port to one.
    length = service.high - service.low
    if port is not None and (low is None or (port if last is None else last) - port != length):
        return None
    return PublishedServer(
        found[1].strip('"'),
        ends[0] or "",
        ends[1] or "",
        service,
        port if port is not None else service.low,
        (found["zone"] or "").strip('"'),
        bool(found["one_way"]),
        rest=found["rest"].strip(),
    )


def _port(text: str | None) -> int | None:
    """Read a port; None where there is none, -1 for a word nobody knows."""
    return None if text is None else int(text) if text.isdigit() else _WORDS.get(text, -1)


def _arriving(word: str | None, low: int | None, high: int | None) -> ServiceEntry | None:
    if word is None:
        return ServiceEntry(None) if low is None else None
    number = PROTOCOLS.get(word, int(word) if word.isdigit() else 256)
    if low is None:
        return ServiceEntry(number) if number < 256 else None
    return port_entry(number, (low, low if high is None else high), (0, 65535))


def translations(
    pools: Mapping[str, AddressBook], policy: Sequence[Line], objects: Objects
) -> Iterator[SourceTranslation]:
    """Yield the rules of the ``nat-policy``, in the order in which they are matched."""
    for rule in rules(policy, objects, _HARMLESS):
        match = replace(rule, action="permit")
        said = _ACTION.fullmatch(rule.action)
        pool = pools.get(said["group"].strip('"')) if said and said["group"] else None
        named = pool.name if pool else ""
        if rule.action == "no-nat":
            yield SourceTranslation(match, keeps=True)
        elif said and (said["own"] or (pool and pool.members)):
            yield SourceTranslation(match, pool.members if pool else (), pool=named)
        else:
            yield SourceTranslation(_doubtful(match, rule.action), pool=named)


def _doubtful(match: SecurityPolicy, action: str) -> SecurityPolicy:
    return replace(match, unread=(*match.unread, f"action {action}".strip()))


def pools(lines: Sequence[Line]) -> dict[str, AddressBook]:
    """Return the address groups; one with a line that was not understood has no members.

    One that says more than its addresses is not complete: it could not be made again as it was.
    """
    found: dict[str, AddressBook] = {}
    for line in lines:
        if said := _GROUP.fullmatch(line.text):
            name = said[1].strip('"')
            read = [_section(one.text) for one in line.below if not _GROUP_NOTE.fullmatch(one.text)]
            plain = all(one.text == "mode pat" or _SECTION.fullmatch(one.text) for one in line.below)
            members = () if None in read else tuple(one for one in read if one)
            found[name] = AddressBook(name, members, complete=plain and bool(members))
    return found


def _section(text: str) -> str | None:
    found = _SECTION.fullmatch(text)
    if found is None:
        return None
    return address(found[1]) if found[2] in (None, found[1]) else span(f"{found[1]}-{found[2]}")
