"""The four resources of the controller that a change may touch (Sangfor AD 7.0 swagger).

Defaults of ``description``, ``inbound_links``, ``source_port`` and the lists are assumed where the swagger
text that was read does not give them; collected data carries ``"0"`` as ``source_port`` of a DNAT rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nornir_itsm.lab.sangfor.fields import (
    BodyError,
    Field,
    address,
    listed,
    match,
    nested,
    one_of,
    port,
    reference,
    text,
    whole,
)

ANY = {"type": "ALL"}
_NAME = Field(text(255, empty=False), required=True)
_DESCRIPTION = Field(text(), "")
_POSITION = Field(whole(0, 65535))
_STATE = Field(one_of("ENABLE", "DISABLE"), "ENABLE")
_TYPE = Field(one_of("IPV4", "IPV6"), "IPV4")
_LINKS = Field(listed(reference("link", "ALL"), least=1), ["ALL"])
_MATCH = Field(match("ALL", "IP-ADDRESS", "CUSTOM-ADDRESS-GROUP"), ANY)
_NUMBER = Field(whole(0, 255))
_PORT = Field(port(("0", "ALL")), "0")
_PROTOCOLS = ("TCP", "UDP", "ICMP", "ICMPV6", "ALL", "OTHER")


@dataclass(frozen=True, slots=True)
class Resource:
    """One collection: its fields, whether items have an order, what fields demand of each other."""

    path: str
    snapshot: str
    fields: Mapping[str, Field]
    ordered: bool
    demand: Callable[[Mapping[str, Any]], None]

    def filled(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return *body* with the defaults of what it does not give."""
        defaults = {k: f.default for k, f in self.fields.items() if f.default is not None}
        return {**defaults, **body}

    def sparse(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return *item* without what stands at its default."""
        return {k: v for k, v in item.items() if k not in self.fields or v != self.fields[k].default}


def _demand_ports(item: Mapping[str, Any], *given: Any) -> None:
    if item["protocol"] not in ("TCP", "UDP", "TCP_UDP") and any(given):
        raise BodyError(f"ports do not go with protocol {item['protocol']}")  # assumed
    if (item["protocol"] == "OTHER") != ("protocol_number" in item):
        raise BodyError("protocol_number goes with protocol OTHER", "ERR_MISSING_PARAM")


def _demand_family(item: Mapping[str, Any], *matches: Mapping[str, Any]) -> None:
    """Refuse literal addresses of another family than the rule's type (assumed)."""
    for given in matches:
        literal = given.get("address", "")
        if literal and (":" in literal) != (item["type"] == "IPV6"):
            raise BodyError(f"{literal} does not go with type {item['type']}")


def _demand_dnat(item: Mapping[str, Any]) -> None:
    process = item["dnat_process"]
    ends = (item["source_address"], item["destination_address"], process["translated_address"])
    _demand_family(item, *ends)
    targets = item["dnat_process"].get("translated_ports", [])
    _demand_ports(item, item["destination_ports"], [p for p in targets if p != "0"])
    # assumed: port lists pair by index, one translated port "0" (or none) keeps the port
    if targets not in ([], ["0"]) and len(targets) != len(item["destination_ports"]):
        raise BodyError("translated_ports: must be as many as destination_ports")


def _demand_snat(item: Mapping[str, Any]) -> None:
    process = item["snat_process"]
    ends = (item["source_address"], item["destination_address"], process["translated_address"])
    _demand_family(item, *ends)
    given = (item[key] not in ("0", "ALL") for key in ("source_port", "destination_port"))
    _demand_ports(item, *given)


def _demand_route(item: Mapping[str, Any]) -> None:
    _demand_ports(item, *(item[key] != "0" for key in ("source_ports", "destination_ports")))


def _demand_group(item: Mapping[str, Any]) -> None:
    if not item["addresses"] and not item["addresses_ipv6"]:
        raise BodyError("addresses and addresses_ipv6 must not both be empty")


_DNAT_PROCESS = {
    "translated_address": Field(match("IP-ADDRESS"), required=True),
    "translated_ports": Field(listed(port(), unique=False)),
}
_SNAT_PROCESS = {
    "translated_address": Field(
        match("OUTBOUND-LINK-IP", "IP-ADDRESS", "CUSTOM-ADDRESS-GROUP"), required=True
    ),
    "policy": Field(one_of("HASH-SRCIP", "HASH-SRCIP-AND-DSTIP")),
    "source_port": Field(one_of("PRESERVE", "PRESERVE-STRICT", "CHANGE")),
}
_RULE = {"name": _NAME, "description": _DESCRIPTION, "position": _POSITION, "state": _STATE, "type": _TYPE}

DNAT = Resource(
    "/net/dnat",
    "dnat",
    {
        **_RULE,
        "inbound_links": _LINKS,
        "source_address": _MATCH,
        "destination_address": _MATCH,
        "protocol": Field(one_of("TCP_UDP", *_PROTOCOLS), "ALL"),
        "protocol_number": _NUMBER,
        "source_port": _PORT,
        "destination_ports": Field(listed(port()), []),
        "dnat_process": Field(nested(_DNAT_PROCESS), required=True),
        "associated_application_group": Field(one_of("Default"), "Default"),
    },
    ordered=True,
    demand=_demand_dnat,
)
SNAT = Resource(
    "/net/snat",
    "snat",
    {
        **_RULE,
        "inbound_links": _LINKS,
        "outbound_links": _LINKS,
        "source_address": _MATCH,
        "destination_address": _MATCH,
        "protocol": Field(one_of(*_PROTOCOLS), "ALL"),
        "protocol_number": _NUMBER,
        "source_port": Field(port(("0", "ALL")), "ALL"),
        "destination_port": Field(port(("0", "ALL")), "ALL"),
        "snat_process": Field(nested(_SNAT_PROCESS), required=True),
    },
    ordered=True,
    demand=_demand_snat,
)
GROUPS = Resource(
    "/rc/custom-address-group",
    "custom_addresses",
    {
        "name": _NAME,
        "description": _DESCRIPTION,
        "addresses": Field(listed(address(4)), []),
        "addresses_ipv6": Field(listed(address(6)), []),
    },
    ordered=False,
    demand=_demand_group,
)
ROUTES = Resource(
    "/lc/policy-route",
    "policy_routes",
    {
        **_RULE,
        "inbound_link": Field(listed(reference("link", "ALL", "WAN-KIND", "LAN-KIND"), least=1), ["ALL"]),
        "source_address": _MATCH,
        "destination_address": Field(
            match("ALL", "IP-ADDRESS", "CUSTOM-ADDRESS-GROUP", "ISP-ADDRESS-GROUP", "DOMAIN-GROUP"), ANY
        ),
        "protocol": Field(one_of(*_PROTOCOLS), "ALL"),
        "protocol_number": _NUMBER,
        "source_ports": Field(port(), "0"),
        "destination_ports": Field(port(), "0"),
        "schedule_links": Field(listed(reference("link")), []),
        "schedule_policy": Field(
            one_of("ROUND-ROBIN", "BANDWIDTH-RATIO", "WEIGHTED-LEAST-FLOW", "LEAST-RTT", "HASH-SRC-IP"),
            "WEIGHTED-LEAST-FLOW",
        ),
        "schedule_failure_policy": Field(one_of("NEXT-ROUTE", "DROP"), "NEXT-ROUTE"),
        "time_plan": Field(reference("time plan", "NONE"), "NONE"),
        "busy_protect": Field(one_of("ENABLE", "DISABLE"), "DISABLE"),
        "tos": Field(whole(0, 255), 0),
    },
    ordered=True,
    demand=_demand_route,
)
RESOURCES = {resource.path: resource for resource in (DNAT, SNAT, GROUPS, ROUTES)}
