"""StoneOS REST exports (``/rest/api/policy`` and its like) -> facts.

Shapes: sample exports of two firewalls; numbers are strings, every key is optional, a list of one may be
the object alone. Codes that the samples do not explain make a rule undecidable, never a guess.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    ScheduleBook,
    SecurityPolicy,
    Selector,
    ServiceBook,
    ServiceEntry,
    ServiceGroup,
)
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.parse.document import Record, records
from nornir_itsm.stages.parse.members import member, network, ordered, span
from nornir_itsm.stages.parse.stoneos_objects import (
    address_books,
    assembled,
    icmp_entry,
    port_entry,
    protocol_entry,
    reference,
    service,
    zones,
)
from nornir_itsm.stages.parse.stoneos_predefined import ICMP, ICMPV6

DOCUMENTS = ("policy", "addrbook", "servicebook", "servicegroup", "schedule")

_ACTIONS = {"1": "deny", "2": "permit"}
_ENABLED = "3"
"""Code of an enabled rule: 103 of 106 rules of a live export; 1 and 2 mark others, how is not known."""
_IPV4 = "2"
_PREDEFINED = "2"

_ABOUT = {"description", "type", "is_referenced", "reference_count", "search_type", "show_name"}
"""Keys that say something about an object and nothing about what it matches."""
_BOOK_KEYS = _ABOUT | {"name", "member", "ip", "range", "host", "entry", "is_ipv6", "member_count"}
_SERVICE_KEYS = _ABOUT | {"name", "row", "other_protocol", "icmp", "icmpv6"}
_GROUP_KEYS = _ABOUT | {"name", "service", "member_count"}
_SCHEDULE_KEYS = _ABOUT | {"name", "periodic"}
_RULE_KEYS = (
    {f"{side}_{kind}" for side in ("src", "dst") for kind in ("zone", "addr", "subnet", "range", "host")}
    | {"id", "seqno", "name", "description", "action", "enable", "family", "service", "schedname"}
    | {"log_deny", "log_start", "log_end", "idp", "av", "hit_count"}
)


def firewall_facts(documents: Mapping[str, object]) -> FirewallFacts:
    """Return the facts of one firewall (or vsys) from its documents by name, see DOCUMENTS.

    A document that is missing leaves what it would define undefined, except for predefined objects.
    Raises SourceError for a document that cannot be an export, naming the record.
    """
    members, nested = _books(records(documents, "addrbook", "result"))
    found = assembled(
        _rules(records(documents, "policy", "result")),
        address_books(members, nested),
        _unique((_service(r), r) for r in records(documents, "servicebook", "result")),
        _unique((_group(r), r) for r in records(documents, "servicegroup", "result")),
        _unique((_schedule(r), r) for r in records(documents, "schedule", "result")),
    )
    # Assumed: no export of translations was seen, so none is read and none can be planned from it.
    missing = tuple(name for name in DOCUMENTS if name not in documents)
    return replace(found, unlisted=missing, translates=False)


def _rules(listed: tuple[Record, ...]) -> Iterator[SecurityPolicy]:
    """Yield the rules in the order in which they are matched: by ``seqno``, which not every release gives."""
    numbered = [record for record in listed if record.is_set("seqno")]
    if numbered and len(numbered) < len(listed):
        raise SourceError("policy", "some rules have a seqno and some have none", "take the export again")
    places = [record.number("seqno") for record in numbered] or range(len(listed))
    pairs = sorted(zip(places, listed, strict=True), key=lambda pair: pair[0])
    seen_ids: set[str] = set()
    for before, (place, record) in zip((-1, *sorted(places)), pairs, strict=False):
        rule_id = record.text("id")
        if place == before or (rule_id and rule_id in seen_ids):
            raise record.wrong(
                "another rule has the same seqno or id", "pages overlap: take the export again"
            )
        seen_ids.add(rule_id)
        yield _rule(record)


def _rule(record: Record) -> SecurityPolicy:
    unread = [f"{key}={_short(record.data[key])}" for key in record.strange(_RULE_KEYS)]
    action = _ACTIONS.get(record.text("action"))
    if action is None:
        unread.append(f"action={record.text('action')}")
    if record.text("family", _IPV4) != _IPV4:
        unread.append(f"family={record.text('family')}")
    return SecurityPolicy(
        name=record.inner("name").name() if record.inner("name").is_set("name") else "",
        action=action or "deny",
        source=_selector(record, "src", unread),
        destination=_selector(record, "dst", unread),
        services=_references(record, "service", unread),
        source_zones=zones(zone.name() for zone in record.records("src_zone")),
        destination_zones=zones(zone.name() for zone in record.records("dst_zone")),
        schedules=tuple(dict.fromkeys(item.name() for item in record.records("schedname"))),
        enabled=True if record.text("enable") == _ENABLED else None,
        logs=tuple(log for log in ("deny", "end", "start") if record.text(f"log_{log}") == "1"),
        profiles=tuple(
            (kind, record.inner(key).name())
            for kind, key in (("av", "av"), ("ips", "idp"))
            if record.inner(key).is_set("name")
        ),
        description=record.inner("description").text("content"),
        unread=tuple(unread),
        id=record.text("id"),
        hits=record.number("hit_count") if record.is_set("hit_count") else None,
    )


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def _selector(record: Record, side: str, unread: list[str]) -> Selector:
    literals: list[str] = []
    for kind, written, found in _literals(record, side):
        if found is None:
            unread.append(f"{side}_{kind} {_short(written)}")
        else:
            literals.append(found)
    return Selector(_references(record, f"{side}_addr", unread), ordered(literals))


def _literals(record: Record, side: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield kind, text and normalised member."""
    for item in record.records(f"{side}_subnet"):
        text = f"{item.text('ip')}/{item.text('netmask')}"
        yield "subnet", text, network(text)
    for item in record.records(f"{side}_range"):
        text = f"{item.text('min')}-{item.text('max')}"
        yield "range", text, span(text)
    for item in record.records(f"{side}_host"):
        yield "host", item.text("host"), member(item.text("host"))


def _references(record: Record, key: str, unread: list[str]) -> tuple[str, ...]:
    """Return names of objects. Type 0 is a reference by name (all that the samples have)."""
    names: list[str] = []
    for item in record.records(key):
        if item.text("type", "0") == "0":
            names.append(reference(item.name("member")))
        else:
            unread.append(f"{key} {item.name('member')} of type {item.text('type')}")
    return tuple(dict.fromkeys(names))


def _books(listed: tuple[Record, ...]) -> tuple[dict[str, list[str | None]], dict[str, list[str]]]:
    """Return members and nested books by name; None stands for a member that cannot be read."""
    members: dict[str, list[str | None]] = {}
    nested: dict[str, list[str]] = {}
    for record in listed:
        name = record.name()
        found = [*(_whole(text) for text in record.texts("member")), *_detailed(record)]
        if record.strange(_BOOK_KEYS):
            found = [None]  # it may exclude some: no member is certain
        if name in members and members[name] != found:
            raise record.wrong("another entry has the same name", "pages overlap: take the export again")
        members[name] = found
        nested[name] = [entry.name() for entry in record.records("entry")]
    return members, nested


def _whole(text: str) -> str | None:
    """The API cuts long members off with ``~`` and long lists with ``...``."""
    return None if text.endswith(("~", "...", "…")) else member(text)


def _detailed(record: Record) -> Iterator[str | None]:
    """Yield members in the newer shape (seen in two public clients)."""
    for item in record.records("ip"):
        yield network(f"{item.text('ip_addr')}/{item.text('netmask')}")
    for item in record.records("range"):
        yield span(f"{item.text('min')}-{item.text('max')}")
    for item in record.records("host"):
        yield member(item.text("host"))


def _unique[T: (AddressBook, ServiceBook, ServiceGroup, ScheduleBook)](
    pairs: Iterable[tuple[T, Record]],
) -> dict[str, T]:
    found: dict[str, T] = {}
    for item, record in pairs:
        if found.setdefault(item.name, item) != item:
            raise record.wrong("another object has the same name", "pages overlap: take the export again")
    return found


def _service(record: Record) -> ServiceBook:
    fixed = record.text("type") == _PREDEFINED
    entries = list(_entries(record))
    if record.strange(_SERVICE_KEYS):
        entries.append(None)
    if not entries and fixed and record.name() == "Any":
        entries = [protocol_entry(0)]
    return service(record.name(), entries, fixed=fixed)


def _entries(record: Record) -> Iterator[ServiceEntry | None]:
    for row in record.records("row"):
        target = row.number("dp_low"), row.number("dp_high")
        source = row.number("sp_low", 0), row.number("sp_high", 65535)
        yield port_entry(row.number("protocol"), target, source)
    for row in record.records("other_protocol"):
        yield protocol_entry(row.number("protocol"))
    for key, protocol in (("icmp", ICMP), ("icmpv6", ICMPV6)):
        for row in record.records(key):
            codes = row.number("code_min", 0), row.number("code_max", 255)
            yield icmp_entry(protocol, row.text(f"{key}name") or row.text("icmpname"), codes)


def _group(record: Record) -> ServiceGroup:
    """Return a group; without members, which means undecidable, where it holds anything not understood."""
    members = tuple(dict.fromkeys(item.name() for item in record.records("service")))
    short = record.is_set("member_count") and record.number("member_count") != len(members)
    whole = not short and not record.strange(_GROUP_KEYS)
    return ServiceGroup(
        record.name(), members if whole else (), predefined=record.text("type") == _PREDEFINED
    )


def _schedule(record: Record) -> ScheduleBook:
    """Return a schedule (shape assumed: no export of one was seen)."""
    complete = not record.strange(_SCHEDULE_KEYS)
    pieces: list[weekly.Piece] = []
    for item in record.records("periodic"):
        on = weekly.days(item.texts("days"))
        found = weekly.daily(on, item.text("start"), item.text("end")) if on else None
        complete = complete and found is not None
        pieces += found or ()
    return ScheduleBook(record.name(), weekly.periods(pieces), complete=complete and bool(pieces))
