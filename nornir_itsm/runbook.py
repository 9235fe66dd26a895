"""A runbook: what one kind of order needs to know, what it intends, and how it is verified; or a review.

A runbook file ends in ``RUNBOOK = Runbook(...)`` or ``Review(...)`` and sees ``model``, ``space``, ``stages``
and this module.
It is Python without I/O, so it is testable without a device; the tasks that its answers lead to are
executed by the fleet.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.stages.design import Case, Wanted
from nornir_itsm.stages.hygiene import Flaw


def every_hop(path: Path) -> tuple[str, ...]:
    """Need the facts of every enforcement point on the path."""
    return tuple(hop.point for hop in path.hops)


def no_checks(_case: Case) -> tuple[str, ...]:
    """Have nothing to check beyond what the devices show."""
    return ()


@dataclass(frozen=True, slots=True)
class Runbook:
    """One kind of order.

    ``needs``: the points to read before a decision. ``intents``: what is wanted of one demand, in the order
    in which it is to be done on a device; ``stages.sequence`` puts the devices in order. ``checks``: what a
    person should try afterwards, as sentences. ``failed_probe``: whether a change is taken back where a
    connection was tried and came out otherwise (``back``), or that is only told; a service that does not
    listen is no failure.
    """

    scenario: str
    title: str
    intents: Callable[[Case], Iterator[Wanted]]
    needs: Callable[[Path], tuple[str, ...]] = every_hop
    checks: Callable[[Case], tuple[str, ...]] = no_checks
    failed_probe: Literal["tell", "back"] = "tell"


@dataclass(frozen=True, slots=True)
class Review:
    """A look at everything that is known of the site; it changes nothing. ``nornir-itsm run NAME``.

    ``findings``: what somebody should look at.
    """

    title: str
    findings: Callable[[Site, Facts], Sequence[Flaw]]
