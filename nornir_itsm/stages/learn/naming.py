"""Naming patterns of each kind of object, from the names that are in use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import ServiceEntry
from nornir_itsm.stages.learn.eips import between_vpcs, firewalls, is_any, members, sides
from nornir_itsm.stages.learn.isps import adcs
from nornir_itsm.stages.learn.patterns import Named, Pattern, counted, patterns, remarks
from nornir_itsm.stages.learn.proposal import Ask, Confidence, Found, Proposal, shown
from nornir_itsm.stages.parse.members import address

KINDS = (
    *("outbound_rule", "inbound_rule", "whitelist_rule", "whitelist_book", "destination_book", "service"),
    *("dnat", "public_group", "eip_group", "snat", "route", "exchange_rule", "network_book", "vpc_rule"),
    "iqos_book",
)
_PROTOCOLS = {6: "TCP", 17: "UDP"}
_SPELLINGS = ("iqos_book",)
"""Kinds for which site.yaml takes every spelling in use, parted by ``|``."""


@dataclass(frozen=True, slots=True)
class Known:
    """What names may be made of: customers by their spellings, providers; pools that an ADC translates."""

    customers: dict[str, str]
    isps: tuple[str, ...]
    public_pools: tuple[str, ...]


def naming(facts: Facts, known: Known) -> Iterator[Found]:
    """Yield the pattern of each kind that explains most names; ask where there is none."""
    held: dict[str, list[Named]] = {kind: [] for kind in KINDS}
    for kind, one in (*_translations(facts, known), *_rules(facts, known), *_objects(facts, known)):
        if one not in held[kind]:
            held[kind].append(one)
    noted = remarks(one.name for listed in held.values() for one in listed)
    for kind in KINDS:
        found = counted(dict.fromkeys(r.name for _, r in between_vpcs(facts))) if kind == "vpc_rule" else []
        total = len({r.name for _, r in between_vpcs(facts)}) if kind == "vpc_rule" else len(held[kind])
        yield from _line(kind, found or patterns(held[kind], noted), total)


def _line(kind: str, found: Sequence[Pattern], total: int) -> Iterator[Found]:
    if not found:
        text = f"没有能看出 {kind} 命名规律的对象：新对象如何命名？"
        yield Ask(
            f"naming.{kind}", text, "可用字段 {customer} {system} {protocol} {ports} {ips} {ends} {isp}"
        )
        return
    best, others = found[0], found[1:]
    said = [f"{total} 个名字中 {len(best.names)} 个是 {best.text}（{shown(best.names)}）"]
    if others:
        said.append("另有 " + "，".join(f"{p.text}（{shown(p.names, 2)}）" for p in others[:4]))
    text = "|".join(p.text for p in found) if kind in _SPELLINGS else best.text
    sure: Confidence = "low"
    if len(best.names) > 1:
        sure = "high" if len(best.names) >= 3 and 2 * len(best.names) >= total else "medium"
    yield Proposal(("naming", kind), text, sure, tuple(said), tuple(p.text for p in others[:4]))


def _named(name: str, known: Known, **values: Sequence[str]) -> Named:
    spelling = max((s for s in known.customers if s in name), key=len, default="")
    fields = {**values, **({"customer": (spelling,)} if spelling else {})}
    return Named(name, fields, known.customers.get(spelling, ""))


def _translations(facts: Facts, known: Known) -> Iterator[tuple[str, Named]]:
    for adc in adcs(facts).values():
        sources = {r.source.value for r in adc.snat} | {r.source.value for r in adc.routes}
        targets = {r.destination.value for r in adc.dnat}
        yield from (("snat", _named(r.name, known, isp=known.isps)) for r in adc.snat)
        for route in adc.routes:
            yield "route", _named(route.name, known, isp=known.isps)
        for dnat in adc.dnat:
            yield "dnat", _named(dnat.name, known)
        for group in adc.groups.values():
            if group.name in targets:
                yield "public_group", _named(group.name, known, ips=("和".join(map(_bare, group.members)),))
            if group.name in sources:
                public = [r.translated.value for r in adc.snat if r.source.value == group.name and r.enabled]
                ends = "-".join(text.rpartition(".")[2] for text in public if address(text))
                yield "eip_group", _named(group.name, known, ends=(ends,))


def _bare(member: str) -> str:
    return member.removesuffix("/32")


def _rules(facts: Facts, known: Known) -> Iterator[tuple[str, Named]]:
    for pool in dict.fromkeys(eip.pool for eip in facts.cloud.eips.values()):
        for side in (one for one in sides(facts, pool) if one.rule.enabled):
            if pool not in known.public_pools:
                kind = "exchange_rule"
            elif side.out:
                kind = "outbound_rule"
            else:
                kind = "inbound_rule" if is_any(side.rule.source) else "whitelist_rule"
            yield kind, _named(side.rule.name, known)


def _objects(facts: Facts, known: Known) -> Iterator[tuple[str, Named]]:
    eips = {f"{address}/32" for address in facts.cloud.eips}
    for _, wall in firewalls(facts):
        for service in wall.services.values():
            if not service.predefined and service.entries:
                yield "service", Named(service.name, _service_values(service.entries))
        used = {name for rule in wall.rules for s in (rule.source, rule.destination) for name in s.books}
        sources = {n for r in wall.rules for n in r.source.books if members(r.destination, wall) & eips}
        for book in wall.addresses.values():
            if book.predefined or not book.members:
                continue
            if book.name not in used and set(book.members) <= eips:
                yield "iqos_book", _named(book.name, known)
            elif book.name in sources and not set(book.members) & eips:
                yield "whitelist_book", _named(book.name, known)
            elif book.name in used and all("/" in m and m not in eips for m in book.members):
                yield "network_book", _named(book.name, known, ips=book.members)


def _service_values(entries: Sequence[ServiceEntry]) -> dict[str, Sequence[str]]:
    protocols = dict.fromkeys(_PROTOCOLS.get(entry.protocol or 0, "") for entry in entries)
    ports = dict.fromkeys(str(e.low) if e.low == e.high else f"{e.low}-{e.high}" for e in entries)
    return {"protocol": ("&".join(protocols),), "ports": ("和".join(ports),)}
