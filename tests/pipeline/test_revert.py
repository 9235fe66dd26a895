"""One old order taken back while later ones stay: what they alone would make, or a refusal by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.lab import Lab
from nornir_itsm.model.order import Demand, Order, Schedule
from nornir_itsm.pipeline import carry_out, prepare, take_back
from nornir_itsm.pipeline.life import change_of, withdraw
from tests.stages.example_site import differing

from .bench import ADD_04, DEVICES, FULL, ORDERS, Bench, Rehearsal, bench, ended, states

Approved = Callable[[str], str]

HOST, PUBLIC = "10.60.134.61/32", ("198.51.100.53/32", "203.0.113.213/32")
OTHERS = ("192.0.2.7/32", "192.0.2.8/32")


def asks(name: str, port: str, others: Sequence[str] = OTHERS, *, out: bool = True) -> Order:
    """Return an order of one tenant, out of his host or into it."""
    zones = ("行业云", "互联网") if out else ("互联网", "行业云")
    ends = ((HOST,), tuple(others)) if out else (tuple(others), (HOST,))
    pair = ("any", port) if out else (port, port)
    demand = Demand("D1", ("R1",), "add", *zones, *ends, PUBLIC, "tcp", (pair,), Schedule("全天24小时"))
    return Order(f"{name}.json", "示例期货公司A", "示例系统", demands=(demand,))


POOL = {
    "out": asks("out", "31001"),
    "out, less": asks("out, less", "31001", OTHERS[:1]),
    "out, more": asks("out, more", "31001-31004"),
    "in": asks("in", "31001", out=False),
    "in, another port": asks("in, another port", "31002", out=False),
}
TRIPLES = list(permutations(POOL, 3))[:: 4 if FULL else 19]


def triples(_seen: Rehearsal) -> list[tuple[object, ...]]:
    return list(TRIPLES)


def done(one: Bench, name: str) -> str:
    """Plan an order on the devices as they are, have it approved and carry it out."""
    order = POOL[name]
    change = one.approve(order, prepare(order, one.author, {}))
    carry_out(change, one.author)
    return change


def revert(first: str, second: str, third: str) -> Iterator[str]:
    """Take the first of three orders back, and hold what is left against what the other two alone make."""
    one = bench()
    one.lab.reset()
    change, *later = [done(one, name) for name in (first, second, third)]
    before = states(one.lab)
    code, said = ended(lambda: take_back(change, one.author))
    if code:
        if states(one.lab) != before or not any(number in said for number in later):
            yield f"not refused cleanly: {code} {said}"
        return
    left = one.author.knowledge.facts(DEVICES)
    one.lab.reset()
    for name in (second, third):
        done(one, name)
    if differing(left, one.author.knowledge.facts(DEVICES)):
        yield f"what is left is not what the others alone make: {said}"


@pytest.mark.on_benches(revert, triples)
def test_what_is_left_is_what_the_later_orders_alone_make(problems: list[str]) -> None:
    """On devices, whatever the orders have in common; a refusal changes nothing and names the order."""
    assert problems == []


def test_an_order_is_reverted_by_its_name(lab: Lab, installation: App, approved: Approved) -> None:
    """Or by its ticket; one that was carried out twice has to be named by its change."""
    before = states(lab)
    change = approved(ADD_04)
    carry_out(change, installation)
    ticket = installation.changes.change(change).ticket
    assert change_of(ADD_04, installation) == change_of(ticket, installation) == change
    take_back(change_of(ADD_04, installation), installation)
    assert states(lab) == before
    with pytest.raises(ChangeError, match="没有由它执行过的变更"):
        change_of(ADD_04, installation)


def test_an_order_that_had_nothing_to_do_is_not_cut_off(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """It was told that its flow is open; taking away what opened it is refused until it is withdrawn."""
    change = approved(ADD_04)
    carry_out(change, installation)
    order = replace(installation.read(ORDERS / ADD_04, {}), file="另一张申请单.xlsx")
    again = installation.changes.new_change(
        order, prepare(order, installation, {}), "示例编写人", installation.clock.now()
    )
    held = states(lab)
    with pytest.raises(Refused, match=f"{again} 依赖它"):
        take_back(change, installation)
    assert states(lab) == held
    withdraw(again, installation, "不需要")
    take_back(change, installation)
    assert states(lab) != held
