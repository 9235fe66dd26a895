"""One demand with everything that a design needs to know."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.plan import Finding, Question
from nornir_itsm.model.topology import Hop, Path, Point, Site
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.rules import Outcome, RuleList, trace
from nornir_itsm.stages.hops import rule_lists
from nornir_itsm.stages.requested import Resolved, View
from nornir_itsm.stages.reserved import taken

Wanted = Intent | Question | Finding


@dataclass(frozen=True, slots=True)
class Case:
    """A resolved demand, the site, and the facts as earlier demands of the order leave them.

    ``before``: the facts as they are, before the order.
    """

    resolved: Resolved
    site: Site
    facts: Facts
    before: Facts
    at: Hop | None = None
    """The firewall of the path that is looked at; None where none is."""

    def at_firewalls(self) -> tuple["Case", ...]:
        """Return the case as it stands at each firewall of the path, in the order of the first packet."""
        hops = self.resolved.path.hops
        return tuple(replace(self, at=hop) for hop in hops if self.site.points[hop.point].role == "firewall")

    @property
    def view(self) -> View:
        """The demand as the firewall sees it."""
        return self.resolved.seen_at(self.hop("firewall"))

    def hop(self, role: str) -> Hop:
        """Return the hop of the path with this role: of several the first, or the firewall looked at."""
        if self.at and self.site.points[self.at.point].role == role:
            return self.at
        return next(hop for hop in self.resolved.path.hops if self.site.points[hop.point].role == role)

    def point(self, role: str) -> Point:
        """Return the point of the path with this role."""
        return self.site.points[self.hop(role).point]

    def firewall(self) -> FirewallFacts:
        """Return the facts of the firewall."""
        return self.facts.firewall(self.hop("firewall").point)

    def adc(self) -> AdcFacts:
        """Return the facts of the path's ADC."""
        return self.facts.adc(self.hop("adc").point)

    def wall(self) -> Hop | None:
        """Return the hop of a firewall that translates on this path; None where none does."""
        there = self.site.translating(self.resolved.path)
        return there if there and there.translates else None

    def taken(self, role: str, kind: str, there: Iterable[str], owner: str = "") -> set[str]:
        """Return the names that a new object of a point cannot have: those there, those of open changes."""
        return {*there, *taken(self.facts.named, self.hop(role).point, kind, owner)}

    def question(self, field: str, text: str, proposal: str = "") -> Question:
        """Ask something about this demand; where one of several firewalls is looked at, it is named."""
        several = self.at and len(self.at_firewalls()) > 1
        said = f"{self.at.point}：{text}" if self.at and several else text
        return Question(f"{self.resolved.demand.id}.{field}", said, proposal)

    def lists(self) -> tuple[RuleList, ...]:
        """Return the rule lists of the path as the facts stand."""
        return rule_lists(self.resolved.path, self.site, self.facts)

    def outcomes(self, packets: Packets) -> tuple[Outcome, ...]:
        """Return what happens to packets of the requester's view as the facts stand."""
        return tuple(trace(self.lists(), packets))


class Designer(Protocol):
    """What a plan needs of a runbook: see ``nornir_itsm.runbook``."""

    @property
    def needs(self) -> Callable[[Path], tuple[str, ...]]: ...  # noqa: D102
    @property
    def intents(self) -> Callable[[Case], Iterator[Wanted]]: ...  # noqa: D102
    @property
    def checks(self) -> Callable[[Case], tuple[str, ...]]: ...  # noqa: D102
