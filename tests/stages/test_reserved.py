"""Names that open plans give to new objects: a plan made again stays clear of those that mattered."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.plan import Reservation
from nornir_itsm.stages.naming import name
from nornir_itsm.stages.plan import make_plan
from nornir_itsm.stages.reserved import NAME, key, near, taken
from tests.stages.example_site import BOTH_WAYS, WALL, known, order, plan

STEMS = st.sampled_from(["示例期货公司A", "TCP-8080", "VPC互访", "9", "x" * 70])


@given(st.sets(st.tuples(STEMS, st.integers(1, 12))), STEMS)
def test_what_is_kept_of_others_names_gives_the_same_name_again(
    others: set[tuple[str, int]], stem: str
) -> None:
    """Whatever else is reserved: with the near ones alone a new object is named as with all of them."""
    spelled = {f"{one[:57]}-{n}" if n > 1 else one[:63] for one, n in others}
    named = {key(WALL, "SecurityRule", one): "somebody" for one in spelled}
    site = replace(known().site, naming={**known().site.naming, "rule": "{customer}"})
    given_ = name(site, "rule", taken(named, WALL, "SecurityRule"), customer=stem)
    kept = near(named, [Reservation(NAME, key(WALL, "SecurityRule", given_), "me")])
    assert name(site, "rule", taken(kept, WALL, "SecurityRule"), customer=stem) == given_


def test_only_what_is_new_is_reserved() -> None:
    """A group that gets a member has its name already, and several orders may add to it."""
    made = {one.value.partition("/")[2] for one in plan(BOTH_WAYS).reserved}
    assert made == {
        "DestinationNat/示例期货公司A-示例本地行情",
        "ServiceSet/TCP-37792-37794",
        "SecurityRule/示例期货公司A-示例本地行情",
        "SecurityRule/示例期货公司A-示例本地行情上网",
    }


def test_a_plan_made_beside_another_is_the_same_without_it() -> None:
    """The other order is given up: what was avoided is avoided still, and nothing else is remembered."""
    first = plan(BOTH_WAYS)
    theirs = {one.value: "another form" for one in first.reserved}
    theirs[key(WALL, "SecurityRule", "somebody else's")] = "another form"
    beside = make_plan(order(BOTH_WAYS), replace(known(), facts=replace(known().facts, named=theirs)))
    assert beside.fingerprint != first.fingerprint
    assert not {one.value for one in beside.reserved} & theirs.keys()
    assert beside.avoided.keys() == theirs.keys() - {key(WALL, "SecurityRule", "somebody else's")}
    again = make_plan(order(BOTH_WAYS), replace(known(), facts=replace(known().facts, named=beside.avoided)))
    assert again.fingerprint == beside.fingerprint
