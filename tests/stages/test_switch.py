"""Interconnect switches: what is sent does what was predicted, and the undo leads back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Interface, SwitchIntent, Vlan, VpnInstance
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchInterface, SwitchVlan
from nornir_itsm.stages.attach import Attachment
from nornir_itsm.stages.design.interconnect import connection
from nornir_itsm.stages.parse.comware_text import switch_facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import UNSEEN, render
from nornir_itsm.stages.render.comware import lines
from nornir_itsm.stages.sequence import in_order
from nornir_itsm.stages.vlans import networks
from tests.stages.example_site import known
from tests.stages.naive_switch import NaiveSwitch

POINT = "DC1-CORE-SW01"
LAW = known().site.allocation
assert LAW is not None
TEMPLATES = known().templates["hp_comware"]
(VPC,) = [vpc for vpc in known().facts.cloud.vpcs if vpc.id == "vpc-demoa1"]
PREFIXES = ("10.60.134.0/23", "10.60.128.192/26")
ATTACHMENTS = st.builds(
    lambda prefix, vlan: Attachment(VPC, prefix, vlan, networks(LAW)[vlan], ""),
    st.sampled_from(PREFIXES),
    st.sampled_from((2600, 2617, 2648)),
)


def wanted(attachments: list[Attachment]) -> list[SwitchIntent]:
    return [intent for one in attachments for intent in connection(POINT, one, LAW)]


def collected(switch: NaiveSwitch) -> Facts:
    return Facts({POINT: switch_facts(switch.text())})


@given(st.lists(ATTACHMENTS, max_size=3), st.lists(ATTACHMENTS, max_size=3))
def test_lines_do_what_was_predicted_and_undo_leads_back(
    there: list[Attachment], asked: list[Attachment]
) -> None:
    """On a switch that knows lines only: afterwards it shows the prediction, after the undo the baseline."""
    switch = NaiveSwitch()
    switch.type(lines(in_order(wanted(there), ["add"], known().site, known().facts), TEMPLATES))
    before = collected(switch)
    intents = in_order(wanted(asked), ["add"], known().site, before)
    for change in render(intents, before, known().site, known().templates):
        switch.type(change.commands)
        assert collected(switch) == after(intents, before)
        switch.type(change.undo)
    assert collected(switch) == before


def test_what_nobody_collected_is_looked_up_by_a_person() -> None:
    """The lines are whole, and each object has a command that shows whether it is there."""
    intents = wanted([Attachment(VPC, PREFIXES[0], 2617, networks(LAW)[2617], "")])
    unknown = Facts({POINT: SwitchFacts(known=False)})
    (change,) = render(intents, unknown, known().site, known().templates)
    assert change.commands == lines(intents, TEMPLATES)
    assert UNSEEN in change.by_hand
    assert "display vlan 2617：VLAN 2617" in change.by_hand
    (seen,) = render(intents, after(intents, unknown), known().site, known().templates)
    assert (seen.commands, seen.by_hand) == ((), ())


HOSTILE = ("VPC-1\nundo vlan 1", "a b", "", "x" * 32, "VPC-１", '"', "a?", "a|b", "{{ 7*7 }}")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_a_line(text: str) -> None:
    """A name is one plain word or it is not sent."""
    entry = SwitchInterface(2617, text or "\t", "10.70.63.139/29")
    for intent in (VpnInstance(POINT, SwitchInstance(text)), Interface(POINT, entry)):
        with pytest.raises(ChangeError, match="name"):
            lines([intent], TEMPLATES)


@pytest.mark.parametrize(
    "intent",
    [
        Vlan(POINT, SwitchVlan(4095)),
        Vlan(POINT, SwitchVlan(0)),
        Interface(POINT, SwitchInterface(2617, "VPC-2617", "10.70.63.139/33")),
        Interface(POINT, SwitchInterface(2617, "VPC-2617", "10.70.63.139\nundo vlan 1")),
    ],
)
def test_no_number_beyond_its_range_is_sent(intent: SwitchIntent) -> None:
    """VLANs are 1-4094, addresses are addresses."""
    with pytest.raises(ChangeError):
        lines([intent], TEMPLATES)


def test_whatever_the_order_says_each_layer_stands_on_the_one_below() -> None:
    """Intents of two VPCs, mixed: VLANs, instances, interfaces, routes; backwards where they go."""
    intents = wanted(
        [Attachment(VPC, p, v, networks(LAW)[v], "") for p, v in zip(PREFIXES, (2600, 2617), strict=True)]
    )
    empty = Facts({POINT: SwitchFacts()})
    ordered = in_order(reversed(intents), ["add"], known().site, empty)
    kinds = [type(intent).__name__ for intent in ordered]
    assert list(dict.fromkeys(kinds)) == ["Vlan", "VpnInstance", "Interface", "StaticRoute"]
    away = in_order([replace(i, state="absent") for i in intents], ["delete"], known().site, empty)
    assert [type(i).__name__ for i in away] == kinds[::-1]
