"""Sangfor AD lists (REST v3) -> facts.

Source: Sangfor AD 7.0 swagger; the envelope is ``{"total_items": n, "items": [...]}``, an export may be the
plain list. The API leaves out properties that stand at their default unless it is asked for all.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network

from nornir_itsm.errors import SourceError
from nornir_itsm.model.adc import AdcFacts, AdcGroup, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.stages.parse.document import Record, records

DOCUMENTS = ("custom_addresses", "dnat", "snat", "policy_routes")
EXPORTS = {
    "custom_addresses": "rc_custom-address-group_export",
    "dnat": "net_dnat_export",
    "snat": "net_snat_export",
    "policy_routes": "lc_policy-route_export",
}
"""Documents and how the console calls its CSV export of them (that of DNAT after its fellows)."""
MEMBERS = ("addresses", "addresses_ipv6")
"""Keys whose lists a CSV export writes as text, one member a line."""

_ANY = "ALL"
_GROUPS = {
    "CUSTOM-ADDRESS-GROUP": "ref_custom_address_group",
    "ISP-ADDRESS-GROUP": "ref_isp_address_group",
    "DOMAIN-GROUP": "ref_domain_group",
}
_PORTS = re.compile(r"(?P<low>[0-9]{1,5})(?:-(?P<high>[0-9]{1,5}))?")


def adc_facts(documents: Mapping[str, object]) -> AdcFacts:
    """Return the facts of an ADC from its documents by name, see DOCUMENTS.

    Rules are in the order of ``position`` (assumed to be the order in which they are matched). A document
    that is missing has no records. Raises SourceError that names the record.
    """
    groups: dict[str, AdcGroup] = {}
    for record in records(documents, "custom_addresses", "items"):
        group = _group(record)
        if group.name in groups:
            raise record.wrong("another group has the same name", "pages overlap: take the export again")
        groups[group.name] = group
    return AdcFacts(
        groups,
        tuple(_ordered(documents, "dnat", _dnat)),
        tuple(_ordered(documents, "snat", _snat)),
        tuple(_ordered(documents, "policy_routes", _route)),
    )


def _ordered[T](documents: Mapping[str, object], name: str, read: Callable[[Record, int], T]) -> Iterator[T]:
    """Yield the rules in the order of their positions, which all of them have or none."""
    listed = records(documents, name, "items")
    placed = [record for record in listed if record.text("position")]
    if placed and len(placed) < len(listed):
        raise SourceError(name, "some rules have a position and some have none", "take the export again")
    places = [record.number("position") for record in placed] or list(range(1, len(listed) + 1))
    taken: set[int | str] = set()
    for place, record in sorted(zip(places, listed, strict=True), key=lambda pair: pair[0]):
        if place in taken or record.name() in taken:
            raise record.wrong("another rule has the same position or name", "take the export again")
        taken |= {place, record.name()}
        yield read(record, place)


def _group(record: Record) -> AdcGroup:
    members, members_ipv6 = record.texts("addresses"), record.texts("addresses_ipv6")
    for text in (*members, *members_ipv6):
        if not _is_address(text):
            raise record.wrong(f"its member {text[:60]!r} is no address", "write an address, a-b or a subnet")
    return AdcGroup(record.name(), members, members_ipv6, record.text("description"))


def _is_address(text: str) -> bool:
    """Tell whether this is an address, ``a-b`` or a subnet."""
    try:
        low, dash, high = text.partition("-")
        if dash:
            first, last = ip_address(low.strip()), ip_address(high.strip())
            return first.version == last.version and int(first) <= int(last)
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _dnat(record: Record, position: int) -> DnatRule:
    process = record.inner("dnat_process")
    target = _address(process, "translated_address")
    if target.kind == _ANY:
        raise record.wrong("it has no translated address")
    ports = _ports(record, record.texts("destination_ports"))
    return DnatRule(
        name=record.name(),
        links=_links(record, "inbound_links"),
        source=_address(record, "source_address"),
        destination=_address(record, "destination_address"),
        protocol=_word(record, "protocol", _ANY),
        source_port=_port(record, "source_port"),
        ports=() if any(_is_any(port) for port in ports) else ports,
        target=target,
        target_ports=_ports(record, process.texts("translated_ports")),
        enabled=_enabled(record),
        family=_word(record, "type", "IPV4"),
        description=record.text("description"),
        application_group=record.text("associated_application_group", "Default"),
        position=position,
    )


def _snat(record: Record, position: int) -> SnatRule:
    process = record.inner("snat_process")
    translated = _address(process, "translated_address")
    return SnatRule(
        name=record.name(),
        inbound_links=_links(record, "inbound_links"),
        outbound_links=_links(record, "outbound_links"),
        source=_address(record, "source_address"),
        destination=_address(record, "destination_address"),
        protocol=_word(record, "protocol", _ANY),
        source_port=_port(record, "source_port"),
        destination_port=_port(record, "destination_port"),
        # Assumed default of the API: the address of the link that the packet leaves on.
        translated=AddressMatch("OUTBOUND-LINK-IP") if translated.kind == _ANY else translated,
        policy=process.text("policy"),
        port_policy=process.text("source_port"),
        enabled=_enabled(record),
        family=_word(record, "type", "IPV4"),
        description=record.text("description"),
        position=position,
    )


def _route(record: Record, position: int) -> RouteRule:
    """Return a policy route. Its port fields are strings whose default ``0`` means any."""
    ports = {key: _port(record, key) for key in ("source_ports", "destination_ports")}
    return RouteRule(
        name=record.name(),
        links=record.texts("schedule_links"),
        inbound_links=_links(record, "inbound_link"),
        source=_address(record, "source_address"),
        destination=_address(record, "destination_address"),
        protocol=_word(record, "protocol", _ANY),
        source_ports="0" if ports["source_ports"] == _ANY else ports["source_ports"],
        destination_ports="0" if ports["destination_ports"] == _ANY else ports["destination_ports"],
        time_plan=record.text("time_plan", "NONE"),
        policy=record.text("schedule_policy"),
        failure_policy=record.text("schedule_failure_policy"),
        enabled=_enabled(record),
        family=_word(record, "type", "IPV4"),
        description=record.text("description"),
        position=position,
    )


def _address(record: Record, key: str) -> AddressMatch:
    """Read an address field; one that is left out is ALL."""
    field = record.inner(key)
    kind = _word(field, "type", _ANY)
    if kind in _GROUPS:
        return AddressMatch(kind, field.name(_GROUPS[kind]))
    if kind != "IP-ADDRESS":
        return AddressMatch(kind)
    value = field.text("address")
    if not _is_address(value):
        raise record.wrong(f"{key} {value[:60]!r} is no address", "take the export again")
    return AddressMatch(kind, value)


def _links(record: Record, key: str) -> tuple[str, ...]:
    """Return names of links; left out means every link (assumed: the sample writes ALL itself)."""
    return record.texts(key) or (_ANY,)


def _word(record: Record, key: str, default: str) -> str:
    return record.text(key, default).upper()


def _enabled(record: Record) -> bool:
    """``ENABLE`` is the default (assumed); the route that is built in is READONLY and works."""
    state = _word(record, "state", "ENABLE")
    if state not in ("ENABLE", "DISABLE", "READONLY"):
        raise record.wrong(f"state {state[:60]!r} is neither ENABLE nor DISABLE")
    return state != "DISABLE"


def _is_any(port: str) -> bool:
    return port.upper() in ("0", "ANY", _ANY)


def _port(record: Record, key: str) -> str:
    """Return ``443``, ``8000-8010``, or ALL for any: missing, empty, ``0`` and ``ALL`` are the same."""
    text = record.text(key, _ANY)
    return _ANY if _is_any(text) else _ports(record, (text,))[0]


def _ports(record: Record, listed: tuple[str, ...]) -> tuple[str, ...]:
    for text in listed:
        found = _PORTS.fullmatch(text)
        low, high = (int(found["low"]), int(found["high"] or found["low"])) if found else (1, 0)
        if not _is_any(text) and not 0 <= low <= high <= 65535:
            raise record.wrong(f"{text[:60]!r} is no port", "take the export again")
    return listed
