"""What a firewall says of itself: objects, rules, and the translations that are its own.

Identifiers that a device gives, hit counters and positions take no part in equality: two rule bases are
equal when they do the same under the same names in the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.order import Period


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
    action: str
    """``permit`` or ``deny``."""
    source: Selector = Selector()
    destination: Selector = Selector()
    services: tuple[str, ...] = ()
    source_zones: tuple[str, ...] = ()
    destination_zones: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    enabled: bool | None = True
    logs: tuple[str, ...] = ()
    """Of ``deny``, ``start``, ``end``; sorted."""
    profiles: tuple[tuple[str, str], ...] = ()
    """(kind, profile), e.g. ("av", "predef_high"); sorted."""
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
    keeps: bool = False
    """The source stays as it is (``no-nat``, ``no-trans``)."""
    pool: str = ""
    """The device's own object that holds these addresses; empty where the rule says them itself."""
    id: str = ""
    """Its number, where it has no other name: typed again, it is overwritten."""
    rest: str = ""
    """What else its line says."""
    said: str = field(default="", compare=False)
    """Its line as printed, behind its number."""

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
    rest: str = ""
    """This, ``id`` and ``said`` are those of a SourceTranslation."""
    enabled: bool = True
    book: str = ""
    """The device's own object that holds this service, where it has one."""
    id: str = ""
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
    translates: bool = field(default=True, compare=False)
    """There is a place for translations: Linux needs chains, and an export may lack them."""
    numbered: bool = False
    """Its translations have numbers that a change gives them, and name their services by objects."""
    filters_first: bool = False
    """Its rules see destinations before its servers change them."""
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
