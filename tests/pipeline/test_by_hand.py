"""Devices that a person works on: planned like the others, never asked, never written to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from nornir_itsm.errors import NeedsPerson
from nornir_itsm.forms import read_order
from nornir_itsm.journal import Store
from nornir_itsm.knowledge import Live, SystemClock
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Site
from nornir_itsm.pipeline import Tools, check
from nornir_itsm.ports import Fleet
from nornir_itsm.sources.snapshot import read_cloud, read_ipam
from nornir_itsm.stages.design import Designer
from nornir_itsm.stages.plan import make_plan
from nornir_itsm.stages.render import Templates
from tests.stages.example_site import PROJECT, at, carried_out, known

WALL, SWITCH = "DC1-CORE-FW01", "DC1-CORE-SW01"
NOW = "2026-11-22T10:00:00+08:00"


@dataclass
class Asked:
    """A fleet that remembers whom it was asked for."""

    points: list[str] = field(default_factory=list)

    def read(self, points: Iterable[str]) -> Mapping[str, PointFacts]:
        self.points += points
        return {point: known().facts.points[point] for point in self.points}


@dataclass
class Afterwards:
    """What ``check`` needs: a store, and what is known after somebody's work."""

    changes: Store
    facts_now: Facts
    site: Site = known().site
    runbooks: Mapping[str, Designer] = field(default_factory=lambda: known().designers)
    templates: Templates = field(default_factory=lambda: known().templates)

    @property
    def knowledge(self) -> "Afterwards":
        return self

    def facts(self, _points: Iterable[str]) -> Facts:
        return self.facts_now


@pytest.mark.parametrize("collected", [False, True])
def test_what_a_person_did_is_checked_as_far_as_it_can_be_seen(tmp_path: Path, collected: bool) -> None:
    """Firewall done: fine. The switch: said to be unseen, or compared where its configuration is there."""
    order = read_order(PROJECT / "tests" / "orders" / "AE-09.json", zones=known().site.zones)
    made = make_plan(order, known())
    done = carried_out(made, known().facts)
    done = at(SWITCH, done, replace(done.switch(SWITCH), known=collected))
    with Store(tmp_path / "state.sqlite") as store:
        change = store.new_change(order, made, "甲", NOW)
        verdicts = check(change, cast(Tools, Afterwards(store, done))).verdicts
        assert f"{WALL}：与方案一致" in verdicts
        assert f"{SWITCH}：{'与方案一致' if collected else '未采集，请人工核对'}" in verdicts
        empty = at(SWITCH, done, SwitchFacts())
        with pytest.raises(NeedsPerson, match=f"{SWITCH} 缺"):
            check(change, cast(Tools, Afterwards(store, empty)))


def test_a_switch_is_not_asked(project: Path) -> None:
    """Live plans ask the firewall and know nothing of the switch."""
    fleet, exports = Asked(), project / "inventory" / "snapshot"
    cloud, ipam = partial(read_cloud, exports), partial(read_ipam, exports)
    live = Live(cast(Fleet, fleet), cloud, ipam, SystemClock(), frozenset({SWITCH}))
    facts = live.facts([WALL, SWITCH])
    assert fleet.points == [WALL]
    assert facts.switch(SWITCH) == SwitchFacts(known=False)
    assert SWITCH not in facts.taken
