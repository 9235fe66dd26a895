"""One thing that should be so on one enforcement point. A closed set; undo and prediction are derived."""

from dataclasses import dataclass
from typing import Literal

from nornir_itsm.model.adc import DnatRule, RouteRule, SnatRule
from nornir_itsm.model.cloud_network import GroupRule
from nornir_itsm.model.firewall import PublishedServer, SecurityPolicy, ServiceEntry, SourceTranslation
from nornir_itsm.model.order import Period
from nornir_itsm.model.switch import SwitchInstance, SwitchInterface, SwitchRoute, SwitchVlan

State = Literal["ensure", "absent"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a rule stands, relative to another: ``before`` NAME, ``after`` NAME, ``first`` or ``last``."""

    place: Literal["before", "after", "first", "last"] = "last"
    name: str = ""


@dataclass(frozen=True, slots=True)
class AddressSet:
    """An address object, or prefix list of a router, that holds (ensure) or lacks (absent) *members*.

    ``whole``: the object itself is made or removed; else only members of an existing one.
    Ensure without members to add is a reuse: named in the document, nothing is sent.
    """

    point: str
    name: str
    members: tuple[str, ...]
    whole: bool = False
    state: State = "ensure"
    description: str = ""
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class AddressPool:
    """Exactly these addresses as what a firewall's translations make of sources (``nat address-group``)."""

    point: str
    name: str
    members: tuple[str, ...]
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class ServiceSet:
    """A service object with exactly these entries."""

    point: str
    name: str
    entries: tuple[ServiceEntry, ...]
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule object with exactly these weekly periods, each within one day."""

    point: str
    name: str
    periods: tuple[Period, ...]
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """A firewall rule, found by its name; a new one at its anchor, an existing one where it stands.

    ``was``: the rule as it is, where only its addresses and services are to be others.
    """

    point: str
    rule: SecurityPolicy
    anchor: Anchor
    state: State = "ensure"
    reuse: bool = False
    was: SecurityPolicy | None = None


@dataclass(frozen=True, slots=True)
class DestinationNat:
    """A destination translation, of an ADC or a firewall's own, found by its name (docs/decisions/0010)."""

    point: str
    rule: DnatRule | PublishedServer
    anchor: Anchor
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class SourceNat:
    """A source translation, of an ADC or a firewall's own, found by its name."""

    point: str
    rule: SnatRule | SourceTranslation
    anchor: Anchor
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class PolicyRoute:
    """A policy route of an ADC, found by its name; an existing one is changed where it stands."""

    point: str
    rule: RouteRule
    anchor: Anchor
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class Vlan:
    """A VLAN of a switch."""

    point: str
    entry: SwitchVlan
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class VpnInstance:
    """A VPN instance of a switch."""

    point: str
    entry: SwitchInstance
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """The layer-3 interface of a VLAN on a switch."""

    point: str
    entry: SwitchInterface
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A static route of a switch."""

    point: str
    entry: SwitchRoute
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class CloudRule:
    """A rule of a security group; what it says makes it this rule, but for its description."""

    point: str
    group: str
    """The group's identifier."""
    rule: GroupRule
    state: State = "ensure"
    reuse: bool = False


@dataclass(frozen=True, slots=True)
class Reuse:
    """Something that stays as it is and that the document names: a route, a source translation ..."""

    point: str
    kind: str
    name: str
    why: str = ""
    state: State = "ensure"
    reuse: bool = True


AdcRule = DestinationNat | SourceNat | PolicyRoute
SwitchIntent = Vlan | VpnInstance | Interface | StaticRoute
ObjectIntent = AddressSet | AddressPool | ServiceSet | Schedule
Intent = ObjectIntent | SecurityRule | AdcRule | SwitchIntent | CloudRule | Reuse


def name_of(intent: Intent) -> str:
    """Return the object's name on the device."""
    match intent:
        case SecurityRule() | DestinationNat() | SourceNat() | PolicyRoute():
            return intent.rule.name
        case Vlan() | VpnInstance() | Interface() | StaticRoute():
            return intent.entry.name
        case CloudRule():
            return f"{intent.group} {intent.rule.name}"
        case _:
            return intent.name


def kind_of(intent: Intent) -> str:
    """Return the kind by the name that the contract uses."""
    return intent.kind if isinstance(intent, Reuse) else type(intent).__name__
