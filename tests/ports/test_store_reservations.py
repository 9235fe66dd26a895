"""Numbers that changes take: one owner each, as long as they may be needed, with the change or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ports_examples import LATER, NOW, ORDER, PLAN, plan

from nornir_itsm.errors import Refused
from nornir_itsm.journal import Store
from nornir_itsm.model.plan import Plan, Reservation


def taking(vlan: str, vpc: str) -> Plan:
    return plan(reserved=(Reservation("VLAN", vlan, vpc),))


def test_a_number_has_one_owner(store: Store) -> None:
    """Another VPC cannot have it; the change that wanted it is not kept either. The same VPC can."""
    store.new_change(ORDER, taking("2648", "vpc-a"), "甲", NOW)
    with pytest.raises(Refused, match="C-20261122-0001"):
        store.new_change(ORDER, taking("2648", "vpc-b"), "甲", NOW)
    store.new_change(ORDER, taking("2648", "vpc-a"), "甲", NOW)
    assert len(store.list()) == 2
    assert store.reservations() == (Reservation("VLAN", "2648", "vpc-a"),)


@pytest.mark.parametrize(("state", "kept"), [("withdrawn", False), ("rolled_back", False), ("done", True)])
def test_a_number_is_free_again_when_its_change_is_off(store: Store, state: str, kept: bool) -> None:
    """Withdrawn or rolled back gives it back; a change that is done keeps what an old export may not show."""
    change = store.new_change(ORDER, taking("2648", "vpc-a"), "甲", NOW)
    way = {
        "withdrawn": ["withdrawn"],
        "rolled_back": ["applying", "rolled_back"],
        "done": ["applying", "verifying", "done"],
    }[state]
    if state != "withdrawn":
        store.approve(change, "乙", PLAN.fingerprint, "", False, NOW)
    for step in way:
        store.set_state(change, step, LATER)  # type: ignore[arg-type]
    assert bool(store.reservations()) == kept


def test_a_plan_that_is_replaced_takes_its_numbers_along(store: Store) -> None:
    """What the new plan does not need is free; what somebody else has leaves the old plan as it was."""
    first = store.new_change(ORDER, taking("2648", "vpc-a"), "甲", NOW)
    store.new_change(ORDER, taking("2649", "vpc-b"), "甲", NOW)
    with pytest.raises(Refused):
        store.replace_plan(first, taking("2649", "vpc-a"), LATER)
    assert [one.value for one in store.reservations()] == ["2648", "2649"]
    store.replace_plan(first, taking("2650", "vpc-a"), LATER)
    assert [one.value for one in store.reservations()] == ["2649", "2650"]


def test_of_two_at_the_same_moment_one_gets_the_number(store: Store, where: str) -> None:
    """Planning takes no lock: whoever is second is told to plan again."""
    with Store(where) as other, ThreadPoolExecutor(4) as pool:

        def take(n: int) -> bool:
            try:
                (store, other)[n % 2].new_change(ORDER, taking("2648", f"vpc-{n}"), "甲", NOW)
            except Refused:
                return False
            return True

        assert sum(pool.map(take, range(8))) == 1
        assert len(store.list()) == len(store.reservations()) == 1
