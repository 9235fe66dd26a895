"""Orders carried out by the public command on a real FRR router, proven by show and by ping."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.model.facts import Facts
from nornir_itsm.pipeline import prepare
from nornir_itsm.stages.verify import back_to
from tests.real.machines import cut, pings, soon, vtysh, within
from tests.real.site import Installation

FAR = "10.50.9.10"
SAVED = Path("/etc/frr-r3/frr.conf")
REMOTE = ("远端网", "10.50.9.0/24", "any")


def running() -> str:
    return vtysh("r3", "show running-config")


def restarted() -> None:
    """End the daemon that holds static routes, start it anew, and load what is saved."""
    inside = ("nsenter", "-t", Path("/run/frr-r3/zebra.pid").read_text("ascii").strip(), "-m", "-u")
    os.kill(int(Path("/run/frr-r3/staticd.pid").read_text("ascii")), signal.SIGTERM)
    assert soon(lambda: "10.50.9.0/24" not in vtysh("r3", "show ip route static"))
    assert within("r3", *inside, "/usr/lib/frr/staticd", "-d", "-A", "127.0.0.1").returncode == 0
    assert within("r3", *inside, "vtysh", "-b").returncode == 0
    assert soon(lambda: "10.50.9.0/24" in vtysh("r3", "show ip route static"))


@pytest.fixture
def reached(routers: Path) -> str:
    """The routers have found each other: the third one's configuration."""
    assert soon(lambda: pings("hcl", "10.50.4.10"))
    return running()


def test_a_route_and_its_announcement(reached: str, at_router: Installation) -> None:
    """A static route and a place in a prefix list: seen by show and by ping, saved; rollback ends both."""
    assert not pings("hcl", FAR)
    plan = at_router.approved(at_router.order("route", REMOTE))
    assert plan["demands"][0]["verdict"] == "change"
    assert {i["kind"] for d in plan["devices"] for i in d["intents"]} == {"StaticRoute", "AddressSet"}
    code, done = at_router.run("apply", plan["change"])
    assert (code, done["state"]) == (0, "done")
    assert "10.50.9.0/24" in vtysh("r3", "show ip route static")
    assert "permit 10.50.9.0/24" in vtysh("r3", "show ip prefix-list TO-OSPF")
    assert SAVED.read_text("utf-8").count("10.50.9.0/24") == 2
    assert soon(lambda: pings("hcl", FAR))
    restarted()
    assert at_router.run("rollback", plan["change"])[0] == 0
    assert soon(lambda: not pings("hcl", FAR))
    assert running() == reached
    assert "10.50.9.0/24" not in SAVED.read_text("utf-8")


def test_a_colleague_s_unsaved_line_stops_everything(reached: str, at_router: Installation) -> None:
    """It is named; nothing is pushed, saved or reverted."""
    plan = at_router.approved(at_router.order("route", REMOTE))
    saved = SAVED.read_text("utf-8")
    try:
        assert vtysh("r3", "configure terminal", "ip route 10.77.7.0/24 10.50.4.10") == ""
        code, done = at_router.run("apply", plan["change"])
        assert code == 1
        assert "ip route 10.77.7.0/24 10.50.4.10" in done["said"]
        assert "ip route 10.77.7.0/24 10.50.4.10" in running()
        assert "10.50.9.0/24" not in running()
        assert SAVED.read_text("utf-8") == saved
    finally:
        vtysh("r3", "configure terminal", "no ip route 10.77.7.0/24 10.50.4.10")


def broken(line: str) -> None:
    if line == "ip route nonsense":
        cut(Path("/run/routers/sshd-r3.pid"))


@pytest.mark.parametrize("how", ["refused", "cut off"])
def test_undo_at_every_line(reached: str, at_router: Installation, how: str) -> None:
    """Stopped after each of the lines: what arrived is read from the router and taken back, to the letter."""
    app = App.open(at_router.folder / "config.yaml")
    (change,) = prepare(app.read(at_router.order("route", REMOTE), {}), app, {}).to_do
    for count in range(len(change.commands) + 1):
        short = replace(change, commands=(*change.commands[:count], "ip route nonsense"))
        problem = app.fleet.push(short, (lambda _: None) if how == "refused" else broken).problem
        assert ("refused (syntax)" if how == "refused" else "ip route nonsense: the ") in problem
        facts = Facts(dict(app.fleet.read(["LAB-R3"])))
        for back in back_to(change.back, facts, {}, app.site, app.templates):
            assert app.fleet.push(back, lambda _: None).problem == ""
        assert running() == reached
