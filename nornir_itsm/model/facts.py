"""What devices, cloud and IPAM say of themselves, normalised: the same value whichever way it came.

Identifiers that a device gives, hit counters and positions take no part in equality: two rule bases are
equal when they do the same under the same names in the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.cloud_network import CloudNetwork, GroupFacts
from nornir_itsm.model.ipam import IpamFacts
from nornir_itsm.model.order import Period
from nornir_itsm.model.switch import SwitchFacts


@dataclass(frozen=True, slots=True)
class AddressBook:
    """A firewall address object. Members: CIDR, ``a-b``, a domain name or a wildcard ``*.x``.

    ``complete`` is False where an export cut members off: its content is then undecidable.
    ``members`` are all of them, those of the books that it names (``nested``) among them; ``own`` are those
    that it has beside these, where it names any.
    """

    name: str
    members: tuple[str, ...] = ()
    complete: bool = True
    predefined: bool = False
    nested: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class ServiceEntry:
    """One line of a service. ``protocol`` is the IP protocol number, None for any.

    ``low``-``high`` are destination ports; for ICMP (1, 58) they are type * 256 + code.
    """

    protocol: int | None
    low: int = 0
    high: int = 65535
    source_low: int = 0
    source_high: int = 65535


@dataclass(frozen=True, slots=True)
class ServiceBook:
    """A firewall service object; predefined ones cannot be changed and may carry a gateway."""

    name: str
    entries: tuple[ServiceEntry, ...] = ()
    predefined: bool = False


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """A named set of services (or of other groups)."""

    name: str
    members: tuple[str, ...] = ()
    predefined: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleBook:
    """A firewall schedule; ``complete`` is False where part of it cannot be read as weekly periods."""

    name: str
    periods: tuple[Period, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Selector:
    """One side of a rule: names of address books, and literals (CIDR, ``a-b``, domain name)."""

    books: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """One rule of a firewall. Empty zones mean any zone; several schedules are a union.

    ``enabled`` is None where the device's code for it is not understood.
    """

    name: str
    action: str  # ``permit`` or ``deny``
    source: Selector = Selector()
    destination: Selector = Selector()
    services: tuple[str, ...] = ()
    source_zones: tuple[str, ...] = ()
    destination_zones: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    enabled: bool | None = True
    logs: tuple[str, ...] = ()  # of ``deny``, ``start``, ``end``; sorted
    profiles: tuple[tuple[str, str], ...] = ()  # (kind, profile), e.g. ("av", "predef_high"); sorted
    description: str = ""
    unread: tuple[str, ...] = ()
    """Lines or keys of this rule that were not understood: they make it undecidable."""
    established: bool = False
    """Of a stateless filter: only for packets of open TCP sessions, so it is not ``enabled`` for new ones."""
    id: str = field(default="", compare=False)
    hits: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SourceTranslation:
    """A rule of a firewall's own source translation, first match after its security rules."""

    match: SecurityPolicy
    """Whom it is for; its action says nothing."""
    to: tuple[str, ...] = ()
    """Addresses, one of which becomes the source; none where it is the outgoing interface's own."""
    keeps: bool = False  # the source stays as it is (``no-nat``)
    pool: str = ""
    """The device's own object that holds these addresses; empty where the rule says them itself."""
    id: str = ""  # its number, where it has no other name: typed again, it is overwritten
    rest: str = ""  # what else its line says
    said: str = field(default="", compare=False)  # its line as printed, behind its number

    @property
    def name(self) -> str:  # noqa: D102
        return self.match.name


@dataclass(frozen=True, slots=True)
class PublishedServer:
    """A destination translation of a firewall, one to one, before its security rules.

    ``service``: what arrives; ``port``: the first one behind. Not ``one_way``: what the server itself sends
    leaves as ``address``, too. ``unread``: nothing but the address is certain, and that only if not empty.
    """

    name: str
    address: str
    target: str
    service: ServiceEntry = ServiceEntry(None)
    port: int = 0
    zone: str = ""
    one_way: bool = True
    unread: tuple[str, ...] = ()
    rest: str = ""  # what else its line says
    enabled: bool = True
    book: str = ""  # the device's own object that holds this service, where it has one
    id: str = ""  # this and the next as of a SourceTranslation
    said: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Answers:
    """What answers meet on their way back through a stateless filter: rules of their own, first match.

    Not ``known``: something else may filter them, and nobody said what.
    """

    rules: tuple[SecurityPolicy, ...] = ()
    default: str = "deny"
    known: bool = True


@dataclass(frozen=True, slots=True)
class FirewallFacts:
    """A firewall (or one vsys of it). Rules in the order in which they are matched."""

    rules: tuple[SecurityPolicy, ...] = ()
    addresses: Mapping[str, AddressBook] = field(default_factory=dict)
    services: Mapping[str, ServiceBook] = field(default_factory=dict)
    groups: Mapping[str, ServiceGroup] = field(default_factory=dict)
    schedules: Mapping[str, ScheduleBook] = field(default_factory=dict)
    default: str = ""
    """``permit`` or ``deny`` where the device itself says what holds for the rest; else the site says it."""
    servers: tuple[PublishedServer, ...] = ()
    translations: tuple[SourceTranslation, ...] = ()
    pools: Mapping[str, AddressBook] | None = None
    """What sources become, by the names that translations call it; None where each says it itself."""
    translates: bool = field(default=True, compare=False)  # Linux needs chains; an export may lack them
    numbered: bool = False  # translations have numbers that a change gives them, services there are objects
    filters_first: bool = False  # its rules see destinations before its servers change them
    filters_within: bool = True
    """The rules hold for traffic within one zone, too; False where the device may let that pass by itself."""
    answers: Answers | None = None
    """Of a stateless filter: what decides about answers. None: whoever was let in is answered."""
    unread: tuple[str, ...] = field(default=(), compare=False)
    """Lines of the configuration that nobody understood; every proof names them."""
    unlisted: tuple[str, ...] = field(default=(), compare=False)
    """Documents (``servicebook`` ...) that an export lacks: what they would define is not known."""

    def rule(self, name: str) -> SecurityPolicy | None:
        """Return the rule of that name."""
        return next((rule for rule in self.rules if rule.name == name), None)


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


@dataclass(frozen=True, slots=True)
class Eip:
    """An elastic address of the cloud, itself internal; ``pool`` is the cloud's ISP attribute."""

    address: str
    pool: str
    owner: str = ""
    bound_to: str = ""
    """Kind of what it is bound to: EcsInstance, NetworkInterface, SlbInstance, HaVip, Nat or empty."""
    holder: str = ""
    """The identifier of what it is bound to."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A private address and the EIP that the cloud translates it to, one to one.

    ``via``: ``eni``, ``eni-secondary``, ``instance``, ``slb``, ``havip`` or ``ipam-note``.
    """

    private: str
    eip: str
    via: str
    vpc: str = ""
    owner: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Vpc:
    """A tenant network with its primary and secondary prefixes."""

    id: str
    name: str
    prefixes: tuple[str, ...]
    owner: str = ""
    nat_gateways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """A private address that the cloud knows, with or without an EIP."""

    private: str
    owner: str = ""
    name: str = ""
    vpc: str = ""


@dataclass(frozen=True, slots=True)
class CloudFacts:
    """What the cloud says."""

    eips: Mapping[str, Eip] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()
    hosts: Mapping[str, Host] = field(default_factory=dict)
    vpcs: tuple[Vpc, ...] = ()
    network: CloudNetwork = field(default_factory=CloudNetwork)


PointFacts = FirewallFacts | AdcFacts | SwitchFacts | GroupFacts


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known when a decision is made, with the time of each source.

    ``taken``: source (a point, ``cloud``, ``ipam``, or a file of a folder of exports) -> ISO time. ``gaps``:
    sentences on what is missing, partial or old; ``partial``: those on lists that lack records.
    """

    points: Mapping[str, PointFacts] = field(default_factory=dict)
    cloud: CloudFacts = CloudFacts()
    ipam: IpamFacts = field(default_factory=IpamFacts)
    taken: Mapping[str, str] = field(default_factory=dict, compare=False)
    gaps: tuple[str, ...] = field(default=(), compare=False)
    reserved: Mapping[str, str] = field(default_factory=dict, compare=False)
    """VLAN -> the VPC that another open change has taken it for."""
    named: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Names that other open changes give to new objects -> for whom; see ``stages.reserved``."""
    partial: tuple[str, ...] = field(default=(), compare=False)
    withheld: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Source -> why the site lets nothing be decided from it as it is."""

    def firewall(self, point: str) -> FirewallFacts:
        """Return the facts of a firewall."""
        found = self.points[point]
        assert isinstance(found, FirewallFacts), point
        return found

    def adc(self, point: str) -> AdcFacts:
        """Return the facts of an ADC."""
        found = self.points[point]
        assert isinstance(found, AdcFacts), point
        return found

    def switch(self, point: str) -> SwitchFacts:
        """Return the facts of a switch."""
        found = self.points[point]
        assert isinstance(found, SwitchFacts), point
        return found

    def security_groups(self, point: str) -> GroupFacts:
        """Return the facts of a region's security groups."""
        found = self.points[point]
        assert isinstance(found, GroupFacts), point
        return found
