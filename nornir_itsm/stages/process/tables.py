"""The declared tables: one schema per subject, the same for every vendor.

A row has every field of its table, in this order; what a platform does not say is None. ``key`` names a row
among those of one answer. Units: bit/s, seconds, bytes, percent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.collected import Value
from nornir_itsm.stages.process import words
from nornir_itsm.stages.process.interfaces import interface
from nornir_itsm.stages.process.notation import (
    address,
    boolean,
    duplex,
    duration,
    integer,
    mac,
    moment,
    percent,
    prefix,
    speed,
    state,
    text,
)

type Kind = Callable[[str], Value]


@dataclass(frozen=True, slots=True)
class Each:
    """A field that gathers values: each word of what was found is one, of this kind."""

    kind: Kind
    apart: str | None = None
    """What stands between values; None: blanks."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """A list whose words go into other fields: ``UT:`` before one says where it and those after it belong."""

    kind: Kind
    fields: Mapping[str, str]
    """What stands before the colon -> the field."""

    def split(self, words: list[str]) -> dict[str, list[str]]:
        """Return the fields with their values. Raises ValueError for a word that belongs nowhere."""
        sorted_words: dict[str, list[str]] = {}
        field = ""
        for word in words:
            before, colon, rest = word.partition(":")
            field = self.fields.get(before, "") if colon else field
            if not field:
                raise ValueError(f"{word[:40]!r} is of no known kind")
            sorted_words.setdefault(field, []).append(str(self.kind(rest or before)))
        return sorted_words


@dataclass(frozen=True, slots=True)
class Table:
    """A schema. ``required``: a row without it is an anomaly.

    ``carried``: the first of these stands only on the first of several rows that share all of them; a row
    without it takes what it lacks from the row above, and what it says must be the same there.
    ``volatile``: fields that differ from one look to the next though nothing was changed.
    """

    key: tuple[str, ...]
    fields: Mapping[str, Kind | Each | Sorted]
    required: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    volatile: frozenset[str] = frozenset()
    plain: Mapping[str, Kind] = field(init=False)
    """Fields of one value."""
    empty: Mapping[str, Value] = field(init=False)
    """A row that says nothing."""

    def __post_init__(self) -> None:
        """Sort the fields once."""
        kinds = {name: kind for name, kind in self.fields.items() if not isinstance(kind, Each | Sorted)}
        object.__setattr__(self, "plain", kinds)
        names = [name for name, kind in self.fields.items() if not isinstance(kind, Sorted)]
        object.__setattr__(self, "empty", dict.fromkeys(names))


_NAMES = Each(words.name, "\n")

TABLES: Mapping[str, Table] = {
    "version": Table(
        (),
        {
            "hostname": text, "vendor": text, "os": text, "version": text, "release": text, "model": text,
            "serial": text, "image": text, "uptime": duration, "started": moment, "reason": text,
        },
        required=("version", "uptime"),
        volatile=frozenset({"uptime"}),
    ),
    "interfaces": Table(
        ("interface",),
        {
            "interface": interface, "state": state, "protocol": state, "description": text,
            "address": address, "prefix": words.own_prefix, "instance": words.instance, "zone": words.zone,
            "mac": mac, "mtu": integer, "speed": speed, "bandwidth": words.kilobits, "duplex": duplex,
            "link_type": words.kind, "vlan": integer, "in_rate": integer, "out_rate": integer,
            "in_use": percent, "out_use": percent, "in_packets": integer, "out_packets": integer,
            "in_bytes": integer, "out_bytes": integer, "in_errors": integer, "out_errors": integer,
            "in_discards": integer, "out_discards": integer, "crc": integer, "changed": moment,
        },
        volatile=frozenset({
            "in_rate", "out_rate", "in_use", "out_use", "in_packets", "out_packets", "in_bytes",
            "out_bytes", "in_errors", "out_errors", "in_discards", "out_discards", "crc", "changed",
        }),
    ),
    "arp": Table(
        ("instance", "address", "interface"),
        {
            "instance": words.instance, "address": address, "mac": mac, "interface": interface,
            "member": interface, "vlan": integer, "kind": words.kind, "age": words.minutes,
            "left": words.seconds, "state": words.phase,
        },
        required=("address", "interface"),
        volatile=frozenset({"age", "left"}),
    ),
    "macs": Table(
        ("vlan", "mac", "interface"),
        {
            "vlan": integer, "mac": mac, "interface": interface, "kind": words.kind, "age": words.seconds,
            "aging": boolean,
        },
        required=("mac", "interface"),
        volatile=frozenset({"age"}),
    ),
    "vlans": Table(
        ("vlan",),
        {
            "vlan": integer, "name": text, "description": text, "kind": words.kind, "state": words.phase,
            "route_interface": boolean, "address": address, "mask": address, "tagged": Each(words.port),
            "untagged": Each(words.port), "ports": Each(words.port),
            "sorted": Sorted(words.port, {"TG": "tagged", "UT": "untagged"}),
        },
        required=("vlan",),
    ),
    "routes": Table(
        ("instance", "destination", "protocol", "next_hop", "interface"),
        {
            "instance": words.instance, "destination": prefix, "protocol": words.protocol,
            "preference": integer, "metric": integer, "next_hop": address, "interface": interface,
            "flags": text, "age": duration,
        },
        required=("destination", "protocol"),
        carried=("destination", "protocol", "preference", "metric"),
        volatile=frozenset({"age"}),
    ),
    "neighbours": Table(
        ("interface", "neighbour", "neighbour_interface"),
        {
            "interface": interface, "neighbour": text, "neighbour_interface": interface,
            "chassis": words.chassis, "description": text, "address": address, "capabilities": text,
            "left": words.seconds,
        },
        required=("interface",),
        volatile=frozenset({"left"}),
    ),
    "aggregations": Table(
        ("aggregation", "member"),
        {
            "aggregation": interface, "member": interface, "mode": words.kind, "state": words.phase,
            "selected": boolean, "priority": integer, "key": integer, "members_up": integer,
        },
        required=("aggregation", "member"),
    ),
    "bgp_peers": Table(
        ("instance", "peer"),
        {
            "instance": words.instance, "router_id": address, "local_as": text, "peer": address,
            "remote_as": text, "received": integer, "sent": integer, "queue": integer, "uptime": duration,
            "state": words.phase, "prefixes": integer,
        },
        required=("peer", "remote_as", "state"),
        volatile=frozenset({"received", "sent", "queue", "uptime"}),
    ),
    "ospf_peers": Table(
        ("process", "area", "router_id", "interface"),
        {
            "process": text, "area": text, "interface": interface, "router_id": address,
            "address": address, "priority": integer, "state": words.phase, "dead": words.seconds,
        },
        required=("router_id", "interface", "state"),
        volatile=frozenset({"dead"}),
    ),
    "rules": Table(
        ("table", "policy", "rule"),
        {
            "table": words.name, "policy": words.name, "rule": words.name, "name": words.name,
            "action": words.kind, "source_zones": _NAMES, "destination_zones": _NAMES, "sources": _NAMES,
            "destinations": _NAMES, "services": _NAMES, "schedules": _NAMES, "match": words.condition,
            "target": text, "description": words.name, "logs": _NAMES, "profiles": _NAMES,
            "counting": boolean, "enabled": boolean, "hits": integer,
        },
        required=("rule", "action"),
        volatile=frozenset({"hits"}),
    ),
}  # fmt: skip
