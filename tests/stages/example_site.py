"""The example site with its snapshot, and plans for its example orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import util
from pathlib import Path

from nornir_itsm.forms import read_order
from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import Plan, Proof
from nornir_itsm.model.topology import Site
from nornir_itsm.settings import load_site
from nornir_itsm.sources.snapshot import read_snapshot
from nornir_itsm.space.packets import NOTHING
from nornir_itsm.stages.design import Designer
from nornir_itsm.stages.follow import follow
from nornir_itsm.stages.hops import rule_lists
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.resolve import resolve

PROJECT = Path(__file__).parents[2]
WALL, ADC = "DC1-ISP-FW01", "DC1-ISP-LB01"
BOTH_WAYS, WHITE_LIST = "04-双表-正表加Sheet1.xlsx", "05-白名单-公司全称-协议下拉.xlsx"


@cache
def known(snapshot: Path = PROJECT / "inventory" / "snapshot") -> Known:
    """Return what decisions at the example site are made from."""
    site = load_site(PROJECT / "inventory" / "site.yaml")
    folders = {name: (point.platform, point.snapshot) for name, point in site.points.items()}
    texts = {
        folder: {path.name: path.read_text("utf-8") for path in PROJECT.glob(f"templates/{folder}/*.j2")}
        for folder in ("hillstone_stoneos", "hp_comware")
    }
    return Known(site, designers(), read_snapshot(snapshot, folders, ""), texts, {})


@cache
def designers() -> dict[str, Designer]:
    """Return the runbooks by name."""
    found: dict[str, Designer] = {}
    for path in PROJECT.glob("runbooks/*.py"):
        spec = util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[path.stem] = module.RUNBOOK
    return found


@cache
def order(file: str) -> Order:
    """Return an example order."""
    return read_order(PROJECT / "orders" / file, zones=known().site.zones)


@cache
def plan(file: str) -> Plan:
    """Return the plan for an example order at the example site."""
    return make_plan(order(file), known())


def carried_out(made: Plan, facts: Facts) -> Facts:
    """Return the facts once a plan is carried out."""
    return after([intent for change in made.changes for intent in change.intents], facts)


@dataclass(frozen=True)
class Trial:
    """An order, with both states of the site given instead of designed."""

    order: Order
    before: Facts
    after: Facts

    def proofs(self, site: Site | None = None) -> tuple[Proof, ...]:
        """Prove the order's demands over these states."""
        site = site or known().site
        resolved = [resolve(demand, self.order, site, self.before, {}) for demand in self.order.demands]
        return prove(resolved, site, self.before, self.after)


Edit = Callable[[Facts], Facts]


def trial(file: str, edit: Edit = lambda facts: facts) -> Trial:
    """Return an example order with the state that its plan leads to, edited."""
    before = known().facts
    return Trial(order(file), before, edit(carried_out(plan(file), before)))


def at(point: str, facts: Facts, held: PointFacts) -> Facts:
    """Return the facts with another state of one point."""
    return replace(facts, points={**facts.points, point: held})


def wall(change: Callable[[FirewallFacts], FirewallFacts]) -> Edit:
    """Return an edit of the firewall."""
    return lambda facts: at(WALL, facts, change(facts.firewall(WALL)))


def adc(change: Callable[[AdcFacts], AdcFacts]) -> Edit:
    """Return an edit of the ADC."""
    return lambda facts: at(ADC, facts, change(facts.adc(ADC)))


def rules(change: Callable[[list[SecurityPolicy]], Sequence[SecurityPolicy]]) -> Edit:
    """Return an edit of the firewall's rules."""
    return wall(lambda held: replace(held, rules=tuple(change(list(held.rules)))))


def changed(name: str, **fields: object) -> Edit:
    """Return an edit of one rule."""

    def change(held: list[SecurityPolicy]) -> list[SecurityPolicy]:
        assert any(rule.name == name for rule in held), name
        return [replace(rule, **fields) if rule.name == name else rule for rule in held]  # type: ignore[arg-type]

    return rules(change)


def above(name: str, *new: SecurityPolicy) -> Edit:
    """Return an edit that puts rules above one."""

    def change(held: list[SecurityPolicy]) -> list[SecurityPolicy]:
        at = [rule.name for rule in held].index(name)
        return [*held[:at], *new, *held[at:]]

    return rules(change)


def demand(made: Order, **fields: object) -> Order:
    """Return an order with its first demand only, changed."""
    first: Demand = replace(made.demands[0], **fields)  # type: ignore[arg-type]
    return replace(made, demands=(first,))


def differing(one: Facts, other: Facts) -> bool:
    """Tell whether some packet passes at one state of the site and not at the other."""
    both = [
        follow(rule_lists(path, known().site, one), rule_lists(path, known().site, other), NOTHING)
        for path in known().site.paths
        if {hop.point for hop in path.hops} == {WALL, ADC}
    ]
    assert len(both) >= 2
    return any(found.opened or found.closed for found in both)
