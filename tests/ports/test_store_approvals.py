"""Approvals: four eyes, one plan, and a chain that shows who touched it."""

from collections.abc import Sequence

import pytest
from ports_examples import LATER, NOW, ORDER, PLAN, plan
from test_store import by_hand

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.journal import Approval, Store
from nornir_itsm.model.plan import DemandVerdict, Proof, Question
from nornir_itsm.ports import Said

OTHER = "sha256:" + "b" * 64


@pytest.fixture
def change(store: Store) -> str:
    return store.new_change(ORDER, PLAN, "甲", NOW)


def test_an_approval_is_bound_to_the_plan(store: Store, change: str) -> None:
    """An approved change has an approval of exactly its fingerprint, and of no other."""
    approval = store.approve(change, "乙", PLAN.fingerprint, "看过", False, NOW)
    assert store.change(change).state == "approved"
    assert store.approval_for(change, PLAN.fingerprint) == approval
    assert store.approval_for(change, OTHER) is None


def test_the_author_cannot_approve(store: Store, change: str) -> None:
    """Four eyes: the author's own approval is refused and not kept."""
    with pytest.raises(Refused, match="甲 wrote it") as caught:
        store.approve(change, "甲", PLAN.fingerprint, "", False, NOW)
    assert caught.value.exit_code == 5
    assert store.approvals(change) == ()


def test_a_plan_that_was_not_read_cannot_be_approved(store: Store, change: str) -> None:
    """An approval of another fingerprint than the present one is refused."""
    store.replace_plan(change, plan(fingerprint=OTHER), LATER)
    with pytest.raises(Refused, match="another one by now"):
        store.approve(change, "乙", PLAN.fingerprint, "", False, LATER)


def test_a_changed_plan_voids_its_approvals(store: Store, change: str) -> None:
    """Another plan makes the change planned again, and it cannot be applied."""
    store.approve(change, "乙", PLAN.fingerprint, "", False, NOW)
    store.replace_plan(change, plan(fingerprint=OTHER), LATER)
    assert store.change(change).state == "planned"
    assert store.approval_for(change, OTHER) is None
    with pytest.raises(Refused, match="is not approved"):
        store.set_state(change, "approved", LATER)


def test_the_same_plan_made_again_stays_approved(store: Store, change: str) -> None:
    """A plan of the same fingerprint, made at another time, keeps its approval."""
    store.approve(change, "乙", PLAN.fingerprint, "", False, NOW)
    store.replace_plan(change, plan(taken={"adc/dnat.json": LATER}), LATER)
    assert store.change(change).state == "approved"
    assert store.approval_for(change, PLAN.fingerprint) is not None


UNDECIDED: dict[str, dict[str, object]] = {
    "a question": {"questions": (Question("D1.eip", "?"),)},
    "a blocked demand": {"demands": (DemandVerdict("D1", ("R1",), "add", "x", "blocked"),)},
}


@pytest.mark.parametrize("case", UNDECIDED)
def test_what_is_not_decided_cannot_be_approved(store: Store, case: str) -> None:
    """Open questions and blocked demands are named instead."""
    undecided = plan(**UNDECIDED[case])
    change = store.new_change(ORDER, undecided, "甲", NOW)
    with pytest.raises(Refused, match="not decided yet: D1"):
        store.approve(change, "乙", undecided.fingerprint, "", True, NOW)


def test_excess_must_be_accepted_in_so_many_words(store: Store) -> None:
    """A plan that opens more than was asked for is approved only by one who says that he accepts it."""
    wide = plan(proofs=(Proof("D1", exact=False, excess=("10.70.18.0/24 → any",)),))
    change = store.new_change(ORDER, wide, "甲", NOW)
    with pytest.raises(Refused, match="opens more"):
        store.approve(change, "乙", wide.fingerprint, "", False, NOW)
    assert store.approve(change, "乙", wide.fingerprint, "", True, NOW).accept_excess


def test_a_withdrawn_change_takes_no_approval(store: Store, change: str) -> None:
    """What is over is not approved any more."""
    store.set_state(change, "withdrawn", NOW)
    with pytest.raises(Refused, match="takes no approval"):
        store.approve(change, "乙", PLAN.fingerprint, "", False, LATER)


TAMPERED = {
    "another approver": "UPDATE approvals SET \"user\" = '丁' WHERE seq = 1",
    "another plan": f"UPDATE approvals SET fingerprint = '{OTHER}' WHERE seq = 2",
    "excess accepted": "UPDATE approvals SET accept_excess = 1 WHERE seq = 1",
    "another time": "UPDATE approvals SET at = '2020-01-01T00:00:00+08:00' WHERE seq = 2",
    "another note": "UPDATE approvals SET note = 'x' WHERE seq = 1",
    "a link taken out": "DELETE FROM approvals WHERE seq = 1",
    "another author": "UPDATE changes SET author = '戊'",
    "a link made up": "INSERT INTO approvals SELECT id, 3, '丁', '甲', 'f', '', 0, 't', '', '', 'approve'"
    " FROM changes",
}


@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_refused(store: Store, where: str, change: str, case: str) -> None:
    """Whatever is changed in the file by hand, no approval counts any more and nothing goes on."""
    for user in ("乙", "丙"):
        store.approve(change, user, PLAN.fingerprint, "", False, NOW)
    by_hand(where, TAMPERED[case])
    for use in (store.verify_chain, store.chain_head):
        with pytest.raises(Refused, match="approval"):
            use(change)
    with pytest.raises(Refused, match="approval"):
        store.approval_for(change, PLAN.fingerprint)


def test_the_head_in_the_ticket_shows_what_was_cut_off(store: Store, where: str, change: str) -> None:
    """Without the last link the chain is whole in itself; the head that the ticket holds tells."""
    for user in ("乙", "丙"):
        store.approve(change, user, PLAN.fingerprint, "", False, NOW)
    head = store.chain_head(change)
    assert len(store.verify_chain(change, head)) == 2
    by_hand(where, "DELETE FROM approvals WHERE seq = 2")
    assert len(store.verify_chain(change)) == 1
    with pytest.raises(Refused, match="does not end at the head"):
        store.verify_chain(change, head)


def test_a_change_without_approvals_has_no_head(store: Store, change: str) -> None:
    """The head of an empty chain is empty."""
    assert store.chain_head(change) == ""


def test_work_begins_without_approval_only_where_it_was_declared_an_emergency(
    store: Store, change: str
) -> None:
    """Of this very plan; the declaration is a link of the chain, and the store finds who declared one."""
    with pytest.raises(ChangeError, match="cannot become applying"):
        store.set_state(change, "applying", NOW)
    assert store.said("emergency") == ()
    store.advance(change, "planned", NOW, said=Said("甲", "emergency", "交易中断"))
    assert store.said("emergency") == (change,)
    store.replace_plan(change, plan(fingerprint=OTHER), LATER)
    with pytest.raises(ChangeError, match="cannot become applying"):
        store.set_state(change, "applying", LATER)
    store.replace_plan(change, PLAN, LATER)
    store.set_state(change, "applying", LATER)
    store.advance(change, "done", LATER)
    store.approve(change, "乙", PLAN.fingerprint, "补批", False, LATER)
    store.advance(change, "done", LATER, said=Said("丙", "reject", "不属于紧急"))
    assert store.change(change).state == "done"
    with pytest.raises(Refused, match="follows on the head"):
        store.verify_chain(change, store.approvals(change)[0].digest)


def test_what_the_site_asks_for_decides_when_a_change_is_approved(where: str) -> None:
    """It sees the whole chain; what it refuses leaves nothing behind."""

    def two_but_not_ding(_: object, chain: Sequence[Approval]) -> bool:
        if chain[-1].user == "丁":
            raise Refused("x", "not him")
        return len(chain) > 1

    with Store(where, two_but_not_ding) as asking:
        change = asking.new_change(ORDER, PLAN, "甲", NOW)
        for user, state in (("乙", "planned"), ("丙", "approved")):
            asking.approve(change, user, PLAN.fingerprint, "", False, NOW)
            assert asking.change(change).state == state
        with pytest.raises(Refused, match="not him"):
            asking.approve(change, "丁", PLAN.fingerprint, "", False, NOW)
        assert [one.user for one in asking.approvals(change)] == ["乙", "丙"]
