"""The configuration text that is read back stands beside the facts, in the verdict and in the evidence."""

import json
from collections.abc import Callable

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import NeedsPerson
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL
from nornir_itsm.pipeline import carry_out, resume, take_back
from nornir_itsm.stages.foretell.witness import witness

from .bench import ADD_04, colleague
from .test_meanwhile import Elsewhere

Approved = Callable[[str], str]


def kept(app: App, change: str) -> dict[str, list[str]]:
    text: dict[str, list[str]] = json.loads(app.changes.evidence(change, "evidence.json")[-1].content)["text"]
    return text


def test_the_text_is_as_foretold_there_and_back(installation: App, approved: Approved) -> None:
    """Every line of the firewall is what was foretold; the controller has no such text."""
    change = approved(ADD_04)
    said = carry_out(change, installation).verdicts
    assert [v for v in said if "配置文本" in v] == [
        f"{FIREWALL}：读回的配置与预测一致；配置文本逐行与预测一致"
    ]
    assert kept(installation, change) == {}
    back = take_back(change, installation).verdicts
    assert any("配置文本逐行与预测一致" in verdict for verdict in back)


def test_what_nobody_foretold_is_not_saved(lab: Lab, installation: App, approved: Approved) -> None:
    """A colleague's zone, typed meanwhile, is in no fact that we compare: the text shows it, and the run
    stops before the save. Once a person has looked, ``resume`` saves.
    """
    change = approved(ADD_04)
    saved = lab.firewall.startup_state()
    busy = Elsewhere(
        installation.settings, meanwhile=lambda: colleague(lab, "zone 示例区域", "exit", save=False)
    )
    with pytest.raises(NeedsPerson, match=r'有 1 行不在预测之内（\+ zone "示例区域"），全部见证据'):
        carry_out(change, busy)
    assert kept(installation, change) == {FIREWALL: ['+ zone "示例区域"']}
    assert lab.firewall.startup_state() == saved
    assert lab.firewall.state() != saved
    assert resume(change, installation).state == "done"
    assert lab.firewall.startup_state() == lab.firewall.state()


def test_what_cannot_be_foretold_is_said() -> None:
    """Which line and why; every line that changed is kept for a person to look at."""
    before, held = 'zone "trust"\nexit\nEnd\n', 'zone "trust"\n  vlan 3\nexit\nEnd\n'
    told = witness("hillstone_stoneos", before, [["zone trust", "vlan 3", "exit"]], held)
    assert told.verdict == "配置文本未逐行核对（无法预测“vlan 3”：此视图中没有已知的这种命令）"
    assert told.lines == ('+ zone "trust" / vlan 3',)
    assert "未读全" in witness("hillstone_stoneos", "", [], held).verdict
    assert witness("sangfor_ad", "", [], "").verdict == ""
