"""What somebody else does between approval and apply, and between apply and the way back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL
from nornir_itsm.lab.sangfor.resources import GROUPS
from nornir_itsm.model.intent import AddressSet
from nornir_itsm.pipeline import carry_out, prepare, take_back
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.predict import after

from .bench import ADD_04, ADD_05, DELETE_04, DELETE_05, DEVICES, ORDERS, colleague, states

Approved = Callable[[str], str]

TOUCHING = {
    "an object of the plan": (
        ['address "示例A-行情源"', "ip 203.0.113.9/32", "exit"],
        'changed from "    dst-addr "示例A-行情源"" to',
    ),
    "the rule that new ones go above": (
        ["policy-global", 'move name "Default-Deny" top', "exit"],
        "['shortfall']",
    ),
    "a rule of the same name": (
        ["policy-global", "rule", 'name "示例期货公司A-示例本地行情"', "exit", "exit"],
        'changed from "    name "示例期货公司A-示例本地行情"" to',
    ),
    "the service that is reused": (
        ['service "TCP-37791"', "tcp dst-port 37799", "exit"],
        'changed from "    service "TCP-37791"" to',
    ),
}


@pytest.mark.parametrize("drift", TOUCHING)
def test_drift_that_touches_the_plan_is_refused_and_shown(
    lab: Lab, installation: App, approved: Approved, drift: str
) -> None:
    """The plan that would be made now is another one: it says how it differs, and nothing is sent."""
    lines, shown = TOUCHING[drift]
    change = approved(ADD_04)
    colleague(lab, *lines)
    with pytest.raises(Refused, match="漂移") as caught:
        carry_out(change, installation)
    assert shown in str(caught.value)
    assert [lab.device(name).lines for name in DEVICES] == [(), ()]
    assert installation.changes.change(change).state == "approved"
    assert installation.changes.locks() == ()


def test_drift_of_the_controller_is_refused(lab: Lab, installation: App, approved: Approved) -> None:
    """A member that somebody added to the group would be lost in a group that is written whole."""
    change = approved(ADD_04)
    plan = installation.changes.change(change).plan
    (group,) = [call.body for c in plan.changes for call in c.calls if call.method == "PUT"]
    held = lab.adc.store.one(GROUPS, str(group["name"]))
    lab.adc.store.replace(
        GROUPS, str(group["name"]), {**held, "addresses": [*held["addresses"], "10.70.99.9"]}
    )
    with pytest.raises(Refused, match=r"10\.70\.99\.9"):
        carry_out(change, installation)
    assert lab.adc.lines == ()


def test_drift_that_does_not_touch_the_plan_goes_through(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """Other people's work is no reason to stop, and stays as it is."""
    change = approved(ADD_04)
    colleague(lab, 'address "示例他人的地址"', "ip 10.70.200.1/32", "exit")
    assert carry_out(change, installation).state == "done"
    assert "示例他人的地址" in lab.firewall.state()["addresses"]  # type: ignore[operator]


def test_unsaved_work_of_a_colleague_stops_before_the_first_line(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """It would be saved with ours: it is named, nothing is sent, and apply works once it is saved."""
    change = approved(ADD_04)
    colleague(lab, 'address "示例他人的地址"', "ip 10.70.200.1/32", "exit", save=False)
    with pytest.raises(ChangeError, match="示例他人的地址") as caught:
        carry_out(change, installation)
    assert caught.value.exit_code == 1
    assert [lab.device(name).lines for name in DEVICES] == [(), ()]
    assert installation.changes.locks() == ()
    lab.firewall.save()
    assert carry_out(change, installation).state == "done"


def test_a_locked_configuration_stops_before_the_first_line(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """Another administrator is in there."""
    change = approved(ADD_04)
    lab.firewall.locked = True
    with pytest.raises(ChangeError, match="locked"):
        carry_out(change, installation)
    assert [lab.device(name).lines for name in DEVICES] == [(), ()]
    assert installation.changes.change(change).state == "approved"


def test_work_on_what_we_made_is_not_taken_back_with_it(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """An address that somebody else put into our object since then is not thrown away."""
    change = approved(ADD_05)
    carry_out(change, installation)
    intents = [i for c in installation.changes.change(change).plan.to_do for i in c.intents]
    made = [i.name for i in intents if isinstance(i, AddressSet) and i.whole and i.point == FIREWALL]
    assert made
    colleague(lab, f'address "{made[0]}"', "ip 203.0.113.200/32", "exit")
    held = states(lab)
    with pytest.raises(Refused, match=r"203\.0\.113\.200"):
        take_back(change, installation)
    assert states(lab) == held
    assert installation.changes.change(change).state == "done"


def test_a_rule_that_was_changed_since_is_not_taken_back(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """Somebody made something else of our rule: it is his now."""
    change = approved(ADD_04)
    carry_out(change, installation)
    name = "示例期货公司A-示例本地行情上网"
    ours = lab.firewall.config.rule_named(name).id
    colleague(lab, "policy-global", f"rule id {ours}", 'service "TCP-443"', "exit", "exit")
    held = states(lab)
    with pytest.raises(Refused, match=name):
        take_back(change, installation)
    assert states(lab) == held


@pytest.mark.parametrize("form", [ADD_04, ADD_05], ids=["04", "05"])
def test_the_fingerprint_is_that_of_the_plan_from_exports(
    lab: Lab, project: Path, installation: App, form: str
) -> None:
    """A plan made offline is the plan that is carried out: same effect, same fingerprint."""
    order = installation.read(ORDERS / form, {})
    offline = App.open(lab.config, snapshot=project / "inventory" / "snapshot")
    planned = prepare(order, offline, {})
    assert planned.to_do
    assert prepare(order, installation, {}).fingerprint == planned.fingerprint


@pytest.mark.parametrize(("add", "delete"), [(ADD_04, DELETE_04), (ADD_05, DELETE_05)], ids=["04", "05"])
def test_the_fingerprint_is_the_same_on_what_was_predicted_and_on_what_is(
    lab: Lab, project: Path, installation: App, approved: Approved, add: str, delete: str
) -> None:
    """A deletion planned on the predicted state is the one on the devices, whatever ids they gave.

    Nor does it matter that somebody worked elsewhere on them and that they came up again.
    """
    change = approved(add)
    plan = installation.changes.change(change).plan
    exports = App.open(lab.config, snapshot=project / "inventory" / "snapshot").knowledge.facts(DEVICES)
    facts = after([intent for c in plan.changes for intent in c.intents], exports)
    order = installation.read(ORDERS / delete, {})
    known = Known(installation.site, installation.runbooks, facts, installation.templates, {})
    predicted = make_plan(order, known)
    assert predicted.to_do
    carry_out(change, installation)
    assert prepare(order, installation, {}).fingerprint == predicted.fingerprint
    colleague(lab, "policy-global", "rule top", "disable", 'name "示例他人的策略"', "exit", "exit")
    lab.firewall.reboot()
    assert prepare(order, installation, {}).fingerprint == predicted.fingerprint
