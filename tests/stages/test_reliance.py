"""Taking an old order back leaves what the later orders alone would have made, or it is refused."""

from dataclasses import replace

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from nornir_itsm.model.intent import Intent
from nornir_itsm.model.order import Demand, Order, Schedule
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.queue import Waiting
from nornir_itsm.stages.reliance import reliances, without
from nornir_itsm.stages.verify import differences, taken_over
from tests.stages.example_site import ADC, WALL, differing, known

HOST, PUBLIC = "10.60.134.61/32", ("198.51.100.53/32", "203.0.113.213/32")
OTHERS = ("192.0.2.7/32", "192.0.2.8/32")
PORTS = ("31001", "31002", "31001-31004")


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    """Draw a demand out or in; hosts, ports and days are few, so that orders meet."""
    others = tuple(sorted(draw(st.sets(st.sampled_from(OTHERS), min_size=1))))
    port = draw(st.sampled_from(PORTS))
    if draw(st.booleans()):
        ends = ("行业云", "互联网", (HOST,), others, PUBLIC)
        return Demand("D1", ("R1",), "add", *ends, "tcp", (("any", port),), Schedule("全天24小时"))
    ends = ("互联网", "行业云", draw(st.sampled_from((others, ("any",)))), (HOST,), PUBLIC)
    return Demand("D1", ("R1",), "add", *ends, "tcp", ((port, port),), Schedule("全天24小时"))


def carried_out(name: str, demand: Demand, on: Known) -> tuple[Waiting, Known]:
    """Plan an order of one demand and carry it out."""
    order = Order(name, "示例期货公司A", "示例系统", demands=(demand,))
    one = Waiting(name, order, make_plan(order, on))
    if one.plan.questions:
        reject()
    return one, one.done(on)


def back_of(one: Waiting) -> list[Intent]:
    return [intent for change in reversed(one.plan.to_do) for intent in change.back]


@settings(max_examples=12, deadline=None)
@given(demands(), demands(), demands())
def test_what_is_left_is_what_the_later_orders_alone_would_have_made(a: Demand, b: Demand, c: Demand) -> None:
    """Whatever three orders ask for; where it is refused, it would not have been."""
    first, now = carried_out("A", a, known())
    second, now = carried_out("B", b, now)
    third, now = carried_out("C", c, now)
    back = back_of(first)
    refused = [*taken_over(first.plan.to_do, now.facts), *reliances(back, (second, third), now)]
    left = without(back, now).facts
    _, alone = carried_out("B", b, known())
    _, alone = carried_out("C", c, alone)
    if refused:
        assert any(differences(left.points[point], alone.facts.points[point]) for point in (WALL, ADC))
    else:
        assert not differing(left, alone.facts)


def test_an_order_that_found_its_flow_open_relies_on_the_one_that_opened_it() -> None:
    """It sent nothing itself, and would be cut off without a word."""
    ends = ("行业云", "互联网", (HOST,), OTHERS, PUBLIC)
    wide = Demand("D1", ("R1",), "add", *ends, "tcp", (("any", "31001-31004"),), Schedule("全天24小时"))
    first, now = carried_out("A", wide, known())
    second, now = carried_out("B", replace(wide, port_pairs=(("any", "31002"),)), now)
    assert not second.plan.to_do
    (said,) = reliances(back_of(first), (second,), now)
    assert said.startswith("B 依赖它")
