"""What an application delivery controller says of itself; positions take no part in equality."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """An address field of an ADC rule.

    ``kind``: ``ALL``, ``IP-ADDRESS``, ``CUSTOM-ADDRESS-GROUP``, ``ISP-ADDRESS-GROUP``, ``DOMAIN-GROUP``,
    ``OUTBOUND-LINK-IP`` or any other word of the device; ``value``: the address or the group's name.
    """

    kind: str = "ALL"
    value: str = ""


@dataclass(frozen=True, slots=True)
class AdcGroup:
    """An ADC address group (用户地址集); members as written: ``ip``, ``ip/32``, CIDR or ``a-b``."""

    name: str
    members: tuple[str, ...] = ()
    members_ipv6: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class DnatRule:
    """A destination translation; ``ports`` pair with ``target_ports`` by index, ("0",) keeps the port.

    No ports: all ports. ``source_port`` is normalised to ``ALL`` for any.
    """

    name: str
    links: tuple[str, ...] = ()
    source: AddressMatch = AddressMatch()
    destination: AddressMatch = AddressMatch()
    protocol: str = "ALL"
    """``TCP``, ``UDP``, ``TCP_UDP``, ``ICMP``, ``ALL`` ..."""
    source_port: str = "ALL"
    ports: tuple[str, ...] = ()
    target: AddressMatch = AddressMatch("IP-ADDRESS")
    target_ports: tuple[str, ...] = ()
    enabled: bool = True
    family: str = "IPV4"
    description: str = ""
    application_group: str = "Default"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SnatRule:
    """A source translation, per outbound link."""

    name: str
    inbound_links: tuple[str, ...] = ()
    outbound_links: tuple[str, ...] = ()
    source: AddressMatch = AddressMatch()
    destination: AddressMatch = AddressMatch()
    protocol: str = "ALL"
    source_port: str = "ALL"
    destination_port: str = "ALL"
    translated: AddressMatch = AddressMatch("OUTBOUND-LINK-IP")
    policy: str = ""
    port_policy: str = ""
    enabled: bool = True
    family: str = "IPV4"
    description: str = ""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RouteRule:
    """A policy route (智能路由): which outbound links a flow may take."""

    name: str
    links: tuple[str, ...] = ()
    inbound_links: tuple[str, ...] = ("ALL",)
    source: AddressMatch = AddressMatch()
    destination: AddressMatch = AddressMatch()
    protocol: str = "ALL"
    source_ports: str = "0"
    destination_ports: str = "0"
    time_plan: str = "NONE"
    policy: str = ""
    failure_policy: str = ""
    enabled: bool = True
    family: str = "IPV4"
    description: str = ""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AdcFacts:
    """An ADC: groups, and rules in the order in which they are matched (by position, assumed)."""

    groups: Mapping[str, AdcGroup] = field(default_factory=dict)
    dnat: tuple[DnatRule, ...] = ()
    snat: tuple[SnatRule, ...] = ()
    routes: tuple[RouteRule, ...] = ()
