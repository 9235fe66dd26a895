"""Hygiene: what in rule bases, objects and records nobody needs, or nobody should trust. Reads only."""

from collections.abc import Iterator

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.hygiene.flaw import KINDS, Flaw, Kind
from nornir_itsm.stages.hygiene.lists import nat_flaws, rule_flaws
from nornir_itsm.stages.hygiene.objects import adc_objects, firewall_objects
from nornir_itsm.stages.hygiene.records import record_flaws

__all__ = ["KINDS", "Flaw", "Kind", "findings"]


def findings(site: Site, facts: Facts) -> tuple[Flaw, ...]:
    """Return what is wrong at every point that is known, in the cloud and in the IPAM; by point and kind."""
    found = [*_at_points(site, facts), *record_flaws(site, facts)]
    places = [*site.points, *dict.fromkeys(flaw.point for flaw in found)]
    return tuple(sorted(found, key=lambda flaw: (places.index(flaw.point), KINDS.index(flaw.kind))))


def _at_points(site: Site, facts: Facts) -> Iterator[Flaw]:
    for name, held in facts.points.items():
        point = site.points[name]
        match held:
            case FirewallFacts():
                yield from rule_flaws(point, held)
                yield from firewall_objects(point, held, site)
            case AdcFacts():
                yield from nat_flaws(point, held)
                yield from adc_objects(point, held)
