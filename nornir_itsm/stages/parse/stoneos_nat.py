"""The translations of StoneOS: ``dnatrule``, ``snatrule`` and ``bnatrule`` lines of its virtual router.

Grammar: StoneOS CLI manual 5.5R12, chapter NAT; public samples print addresses as bare or quoted words,
without the keyword ``ip``. A rule is known by its number alone, and matched in the order of the text. What a
server or a source translation cannot say (white lists, several addresses, load balancing ...) makes the rule
undecidable, for the addresses that it names where these are certain.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nornir_itsm.model.firewall import (
    FirewallFacts,
    PublishedServer,
    SecurityPolicy,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.stages.parse.members import address, member
from nornir_itsm.stages.parse.stoneos_objects import reference, zones
from nornir_itsm.stages.rulebase import service_entries

ROUTER = "trust-vr"
"""The virtual router that rules are read of and written to. In another one a rule is undecidable."""
_NAME = r'(?:"[^"]+"|[^\s"]+)'
_SIDE = rf"(?:(?P<{{0}}_kind>ip|address-book|addressbook) )?(?P<{{0}}>{_NAME})"
_CAME = rf"(?: ingress-interface (?P<came>\S+))?(?: from-zone (?P<from_zone>{_NAME}))?"
_NOTE = r'(?: description (?:"[^"]*"|\S+))?'
_DNAT = re.compile(
    rf"dnatrule id (?P<id>\d{{1,10}}){_CAME} from {_SIDE.format('source')} to {_SIDE.format('to')}"
    rf"(?: service (?P<service>{_NAME}))? trans-to {_SIDE.format('target')}(?: port (?P<port>\d{{1,5}}))?"
    rf"(?P<rest>(?: log)?(?: group 0)?(?P<off> disable)?{_NOTE})",
    re.ASCII,
)
_SNAT = re.compile(
    rf"snatrule id (?P<id>\d{{1,10}}){_CAME}(?: to-zone (?P<to_zone>{_NAME}))?"
    rf" from {_SIDE.format('source')} to {_SIDE.format('to')}(?: service (?P<service>{_NAME}))?"
    rf"(?: eif (?P<leaves>\S+))?"
    rf" (?:(?P<keeps>no-trans)|trans-to (?:(?P<own>eif-ip)|{_SIDE.format('target')})"
    r" mode (?P<mode>static|dynamicip|dynamicport(?: sticky| round-robin)?))"
    rf"(?P<rest>(?: log)?(?: group 0)?(?P<off> disable)?{_NOTE}(?: schedule (?P<schedule>{_NAME}))?)",
    re.ASCII,
)
_BNAT = re.compile(r"bnatrule (?:id (\d+) )?virtual (?:ip )?(\S+) real (?:ip )?(\S+)", re.ASCII)
_SWITCH = re.compile(r"([ds]natrule) id (\d+) (enable|disable)", re.ASCII)
_HEAD = re.compile(r"([sdb]natrule)(?: id (\d+))?(?: (.*))?")
_ENDS = re.compile(rf" from {_SIDE.format('source')} to {_SIDE.format('to')} ")
_ANY, _ANY_V6 = "Any", "IPv6-any"
_USUAL = "dynamicport"


@dataclass(frozen=True, slots=True)
class NatLine:
    """One line, and the virtual router that it stands in; empty where nobody can tell."""

    router: str
    text: str
    whole: bool = True
    """Nothing follows that may be its wrapped rest."""


def with_translations(
    facts: FirewallFacts, lines: Sequence[NatLine], interfaces: Mapping[str, str]
) -> FirewallFacts:
    """Return the facts with what the lines translate; *interfaces*: name -> zone of each."""
    off = {f"{m[1]} {m[2]}": m[3] == "disable" for one in lines if (m := _SWITCH.fullmatch(one.text))}
    rules = [one for one in lines if not _SWITCH.fullmatch(one.text)]
    # The manual: a bnatrule goes before the others.
    rules.sort(key=lambda one: (not one.text.startswith("bnatrule"), one.router != ROUTER))
    read = _Reader(facts, interfaces, off)
    return replace(
        facts,
        servers=tuple(read.server(one) for one in rules if not one.text.startswith("snatrule")),
        translations=tuple(read.source(one) for one in rules if not one.text.startswith("dnatrule")),
    )


def _named(line: NatLine) -> tuple[str, str, str]:
    """Return name, number and the words behind it; only a rule of ours has a number to go by."""
    found = _HEAD.match(line.text)
    kind, number, said = found.groups() if found else ("", "", "")
    own = line.router == ROUTER and kind != "bnatrule"
    name = (
        f"{kind} {number or said}"
        if line.router == ROUTER
        else f"{line.router or '?'} {kind} {number or said}"
    )
    return name.strip(), (number or "") if own else "", said or ""


@dataclass(frozen=True, slots=True)
class _Reader:
    facts: FirewallFacts
    interfaces: Mapping[str, str]
    off: Mapping[str, bool]

    def server(self, line: NatLine) -> PublishedServer:
        name, number, said = _named(line)
        found = _DNAT.fullmatch(line.text)
        read = self._published(name, found) if found and line.router == ROUTER and line.whole else None
        zone = self._came(found) if found else None
        made = read or PublishedServer(name, self._at_least(line), "", zone=zone or "", unread=(line.text,))
        switched = self.off.get(name)
        on = not (found and found["off"]) if switched is None else not switched
        return replace(made, id=number, said=said, enabled=on)

    def _published(self, name: str, found: re.Match[str]) -> PublishedServer | None:
        ends = self._one(found, "to"), self._one(found, "target")
        entry, zone = self._service(found["service"]), self._came(found)
        every = reference(_bare(found["source"])) == _ANY and found["source_kind"] != "ip"
        if not (ends[0] and ends[1] and every) or entry is None or zone is None:
            return None
        port = int(found["port"]) if found["port"] else entry.low
        # The manual: with a port of its own the service must have one protocol and one port.
        if found["port"] and (entry.low != entry.high or not 0 < port < 65536):
            return None
        rest = _rest(found)
        book = reference(_bare(found["service"] or _ANY))
        return PublishedServer(name, ends[0], ends[1], entry, port, zone, rest=rest, book=book)

    def source(self, line: NatLine) -> SourceTranslation:
        name, number, said = _named(line)
        found = _SNAT.fullmatch(line.text)
        if found is None or line.router != ROUTER or not line.whole:
            whom, where = self._hidden(line)
            unread = SecurityPolicy(name, "permit", whom, where, unread=(line.text,), id=name)
            return SourceTranslation(unread, id=number, said=said)
        match, doubts = self._match(name, found)
        to, doubt = self._become(found)
        mode = "" if found["mode"] in (None, _USUAL) else f"mode {found['mode']}"
        rest = " ".join(filter(None, (mode, _rest(found))))
        switched = self.off.get(name)
        on = not found["off"] if switched is None else not switched
        match = replace(match, unread=(*doubts, *doubt), enabled=on)
        return SourceTranslation(match, to, bool(found["keeps"]), id=number, rest=rest, said=said)

    def _match(self, name: str, found: re.Match[str]) -> tuple[SecurityPolicy, tuple[str, ...]]:
        came, left = self._came(found), self._zone(found["leaves"], found["to_zone"])
        doubts = [f"ingress-interface {found['came']}"] if came is None else []
        doubts += [f"eif {found['leaves']}"] if left is None else []
        rule = SecurityPolicy(
            name,
            "permit",
            self._selected(found, "source"),
            self._selected(found, "to"),
            (reference(_bare(found["service"] or _ANY)),),
            zones(filter(None, [came])),
            zones(filter(None, [left])),
            (_bare(found["schedule"]),) if found["schedule"] else (),
            id=name,
        )
        return rule, tuple(doubts)

    def _become(self, found: re.Match[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what sources become, and why nobody can tell."""
        if found["keeps"] or found["own"]:
            return (), ()
        side = self._selected(found, "target")
        book = self.facts.addresses.get(side.books[0]) if side.books else None
        if side.books and (book is None or not book.complete):
            return (), (f"trans-to {found['target']}",)
        members = book.members if book else side.literals
        return tuple(text.removesuffix("/32") for text in members), ()

    def _selected(self, found: re.Match[str], side: str) -> Selector:
        """Return one side. A bare address is one, unless a book has that name and other content."""
        word = _bare(found[side])
        literal = member(word) if found[f"{side}_kind"] in (None, "ip") else None
        book = self.facts.addresses.get(word)
        if literal and (found[f"{side}_kind"] == "ip" or book is None) and word[:1].isdigit():
            return Selector(literals=(literal,))
        every_v6 = word.lower() == _ANY_V6.lower()
        return Selector((_ANY_V6 if every_v6 else reference(word),))

    def _one(self, found: re.Match[str], side: str) -> str | None:
        """Return the only IPv4 address of a side."""
        selected = self._selected(found, side)
        book = self.facts.addresses.get(selected.books[0]) if selected.books else None
        members = book.members if book and book.complete else selected.literals
        host = address(members[0].removesuffix("/32")) if len(members) == 1 else None
        return host if host and ":" not in host else None

    def _service(self, word: str | None) -> ServiceEntry | None:
        """Return the only line of a service, and no source ports in it."""
        entries = service_entries(reference(_bare(word or _ANY)), self.facts) or ()
        plain = len(entries) == 1 and (entries[0].source_low, entries[0].source_high) == (0, 65535)
        return entries[0] if plain else None

    def _came(self, found: re.Match[str]) -> str | None:
        return self._zone(found["came"], found["from_zone"])

    def _zone(self, interface: str | None, zone: str | None) -> str | None:
        """Return the zone that a rule asks for; empty for any, None where it is for a part of one."""
        said = "".join(zones([_bare(zone)])) if zone else ""
        if interface is None:
            return said
        there = self.interfaces.get(interface, "")
        alone = list(self.interfaces.values()).count(there) == 1
        return there if there and alone and said in ("", there) else None

    def _at_least(self, line: NatLine) -> str:
        """Return what a rule that was not understood is for, if that is certain: one member, else nothing."""
        if bnat := _BNAT.fullmatch(line.text):
            return member(bnat[2]) or ""
        found = self._ends(line)
        if found is None:
            return ""
        side = self._selected(found, "to")
        book = self.facts.addresses.get(side.books[0]) if side.books else None
        members = book.members if book and book.complete else side.literals
        return members[0] if len(members) == 1 else ""

    def _hidden(self, line: NatLine) -> tuple[Selector, Selector]:
        """Return both ends of a rule that was not understood, as far as they are certain."""
        if (bnat := _BNAT.fullmatch(line.text)) and (real := member(bnat[3])):
            return Selector(literals=(real,)), Selector()
        found = self._ends(line)
        if found is None:
            return Selector(), Selector()
        return self._selected(found, "source"), self._selected(found, "to")

    def _ends(self, line: NatLine) -> re.Match[str] | None:
        """Return what a line says of its ends, where it says so once: all else only narrows it."""
        return _ENDS.search(line.text) if line.text.count(" to ") == 1 else None


def _bare(word: str) -> str:
    return word.strip('"')


def _rest(found: re.Match[str]) -> str:
    """Return what a line says at last, without the word that switches it off."""
    return (found["rest"].replace(" disable", "", 1) if found["off"] else found["rest"]).strip()


def interface_zones(listed: Iterable[tuple[str, Iterable[str]]]) -> Iterator[tuple[str, str]]:
    """Yield each interface with its zone, empty where it has none."""
    for name, lines in listed:
        said = [line.split(maxsplit=1)[1] for line in lines if line.startswith("zone ")]
        yield name, _bare(said[0].strip()) if said else ""
