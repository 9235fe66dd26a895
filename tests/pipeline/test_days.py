"""A change is carried out on a day on which its demands are to be open, and on no other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import Refused
from nornir_itsm.pipeline import carry_out, prepare, rehearse

Plan = Callable[[int, int], str]
FORM = "05-白名单-公司全称-协议下拉.xlsx"


def _day(installation: App, days: int) -> str:
    today = datetime.fromisoformat(installation.clock.now())
    return (today + timedelta(days=days)).date().isoformat()


@pytest.fixture
def due(project: Path, installation: App, approver: App) -> Plan:
    """Return a maker of approved changes whose demand holds from and until so many days from today."""

    def plan(first: int, last: int) -> str:
        order = installation.read(project / "orders" / FORM, {})
        days = {"valid_from": _day(installation, first), "valid_until": _day(installation, last)}
        order = replace(order, demands=tuple(replace(d, **days) for d in order.demands))
        made = prepare(order, installation, {"D1.valid": "是"})
        change = installation.changes.new_change(order, made, installation.author(), installation.clock.now())
        approver.approve(change, None, "同意")
        return change

    return plan


def test_a_change_waits_for_its_first_day_and_is_void_after_its_last(due: Plan, installation: App) -> None:
    """Before the first day and after the last nothing is sent; on either of them it may be."""
    for days, why in (((1, 9), "起生效"), ((-9, -1), "到期")):
        change = due(*days)
        for work in (carry_out, rehearse):
            with pytest.raises(Refused, match=why):
                work(change, installation)
        assert installation.changes.change(change).state == "approved"
        assert installation.changes.steps(change) == ()
    assert rehearse(due(0, 0), installation) > 0
