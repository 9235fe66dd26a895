"""A virtual system of a USG: entered in the session, worked on, saved, and left; nothing else is touched."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.lab.vrp.firewall import Firewall
from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.parse.vrp_text import firewall_facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import POINT, Case, point, site, templates
from .conftest import Bench, bench, fleet_in

SYSTEM = "tenant-a"
WHOLE = Case("huawei_vrp", "whole-order")
HELD = firewall_facts(WHOLE.before)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vsys") / "one"


@pytest.fixture(scope="module")
def tenants(home: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield bench("huawei_vrp", home, stack, SYSTEM)


@pytest.fixture
def tenant(tenants: Bench) -> Bench:
    """A virtual system that is as before.cfg says, in a root that is so too."""
    tenants.renew()
    return tenants


def parts(one: Bench) -> tuple[object, object, object]:
    """Return what the root runs, what it has saved, and what the virtual system runs."""
    key = f"vsys {SYSTEM}"
    running, saved = one.device.state(), one.device.startup_state()
    inner = running.pop(key)
    saved.pop(key)
    return running, saved, inner


def test_there_and_back(tenant: Bench) -> None:
    """Read, pushed, saved inside and undone in the virtual system; what the root runs and saved stays."""
    root, saved, inner = parts(tenant)
    change = WHOLE.change(HELD)
    assert differences(HELD, tenant.read()) == ()
    assert tenant.fleet.preflight([POINT]) == {}
    assert tenant.push(*change.commands).problem == ""
    wanted = after(WHOLE.intents, Facts({POINT: HELD})).points[POINT]
    assert differences(wanted, tenant.read()) == ()
    assert tenant.fleet.save(POINT).problem == ""
    tenant.device.reboot()
    assert differences(wanted, tenant.read()) == ()
    assert tenant.push(*change.undo).problem == ""
    assert parts(tenant) == (root, saved, inner)


@pytest.mark.parametrize("k", [2, 9, 20])
def test_back_from_a_line(tenant: Bench, k: int) -> None:
    """What arrived in the virtual system before the connection was lost is taken back there. The first of
    the lines that are counted is the one that enters it."""
    before, change = parts(tenant), WHOLE.change(HELD)
    tenant.device.faults.drop(k, executed=True)
    assert "whether it took effect is unknown" in tenant.push(*change.commands).problem
    there = Facts({POINT: tenant.read()})
    (back,) = back_to(change.back, there, {POINT: frozenset()}, site("huawei_vrp"), templates())
    assert not back.commands or tenant.push(*back.commands).problem == ""
    assert parts(tenant) == before


def test_the_active_member_of_a_pair(tenant: Bench) -> None:
    """Its mark stands before the name in the virtual system, too; the standby one is left alone."""
    tenant.device.role = "M"
    assert tenant.fleet.preflight([POINT]) == {}
    assert tenant.push(*WHOLE.change(HELD).commands).problem == ""
    assert "peer device" in str(tenant.fleet.save(POINT).sent[0].answer)
    tenant.renew()
    tenant.device.role = "S"
    assert "standby" in tenant.fleet.preflight([POINT])[POINT]
    assert "standby" in tenant.push("security-policy").problem
    assert {line.text for line in tenant.device.lines} == {f"switch vsys {SYSTEM}"}


def test_only_unsaved_work_in_the_virtual_system_stops(tenant: Bench) -> None:
    """Saving touches what is inside alone: work in the root neither hinders nor is saved."""
    assert isinstance(tenant.device, Firewall)
    tenant.device.systems[""].rule("示例访问").description = "同事在根墙"
    assert tenant.fleet.preflight([POINT]) == {}
    _, saved, _ = parts(tenant)
    assert tenant.fleet.save(POINT).problem == ""
    assert parts(tenant)[1] == saved
    tenant.device.systems[SYSTEM].rule("示例访问").description = "同事在虚墙"
    (reason,) = tenant.fleet.preflight([POINT]).values()
    assert "同事在虚墙" in reason
    assert "同事在根墙" not in reason


def test_one_that_is_not_there_or_denied(tenant: Bench) -> None:
    """Said in the device's words; nothing is typed in the root instead."""
    tenant.device.denied = ("switch vsys",)
    with pytest.raises(SourceError, match="Command authorization failed"):
        tenant.read()
    tenant.device.denied = ()
    tenant.device.systems = {"": tenant.device.systems[""]}
    with pytest.raises(SourceError, match=r"tenant-a was not entered.*virtual system does not exist"):
        tenant.read()
    pushed = tenant.push("security-policy")
    assert "was not entered" in pushed.problem
    assert pushed.sent == ()
    assert {line.text for line in tenant.device.lines} == {f"switch vsys {SYSTEM}"}


@pytest.mark.parametrize("name", ["a b", "a\nquit", "?", "a]", "虚墙"])
def test_a_name_that_is_no_word_is_never_typed(name: str, tenant: Bench, home: Path) -> None:
    """A name from site.yaml cannot become a line, or a prompt."""
    fleet = fleet_in(home, point("huawei_vrp", vsys=name))
    with pytest.raises(SourceError, match="cannot be entered"):
        fleet.read([POINT])
    assert tenant.device.lines == ()
