"""Pending changes: whatever the relation says is what happens when they go in that order."""

from itertools import permutations

import pytest

from nornir_itsm.forms import read_order
from nornir_itsm.model.order import Order
from nornir_itsm.stages.plan import make_plan
from nornir_itsm.stages.queue import Relation, Waiting, relation, turns
from tests.stages.example_site import BOTH_WAYS, PROJECT, WHITE_LIST, known, order


def made(name: str) -> Order:
    """Return an order that has no form."""
    return read_order(PROJECT / "tests" / "orders" / f"{name}.json", zones=known().site.zones)


def sample(start: str) -> Order:
    (path,) = (PROJECT / "tests" / "forms" / "samples").glob(f"{start}-*.xlsx")
    return read_order(path, zones=known().site.zones)


def waiting(form: Order) -> Waiting:
    """Return an order with its plan on the facts that it needs, as the store keeps it."""
    return Waiting(form.file, form, make_plan(form, known()))


FIRST, LIST, MOVE, PART, NETWORK = (
    waiting(form) for form in (order(BOTH_WAYS), order(WHITE_LIST), sample("08"), made("AE-24"), sample("02"))
)
PAIRS: list[tuple[Waiting, Waiting, Relation]] = [
    (FIRST, LIST, "commute"),
    (FIRST, MOVE, "commute"),
    (FIRST, NETWORK, "commute"),
    (MOVE, PART, "contradict"),
    (FIRST, FIRST, "contradict"),
]


@pytest.mark.parametrize(("one", "other", "how"), PAIRS)
def test_pending_changes_of_the_example_site(one: Waiting, other: Waiting, how: Relation) -> None:
    """Other tenants' orders commute; two about one translation, or the same twice, exclude each other."""
    assert relation(one, other, known()) == how
    assert relation(other, one, known()) == how


@pytest.mark.parametrize(("one", "other"), list(permutations((FIRST, LIST, MOVE, PART), 2)))
def test_a_relation_is_what_happens(one: Waiting, other: Waiting) -> None:
    """An approval survives the other change exactly where the relation says so."""
    how = relation(one, other, known())
    survives = one.again(other.done(known())).fingerprint == one.again(known()).fingerprint
    assert survives == (how in ("commute", "after"))
    mirrored = {"before": "after", "after": "before"}
    assert relation(other, one, known()) == mirrored.get(how, how)


def test_turns_follow_the_relations() -> None:
    """What must go first goes first, all else stays as it came; what cannot be ordered stays as it is."""
    found = turns(("a", "b", "c"), {("a", "c"): "after", ("b", "c"): "commute"})
    assert found.index("c") < found.index("a")
    assert turns(("a", "b"), {("a", "b"): "after"}) == ("b", "a")
    assert turns(("a", "b"), {("a", "b"): "contradict"}) == ("a", "b")
    circle: dict[tuple[str, str], Relation] = {("a", "b"): "after", ("b", "a"): "after"}
    assert turns(("a", "b"), circle) == ("a", "b")
