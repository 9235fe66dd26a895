"""Orders carried out by the public command on a real nftables firewall, proven by real connections."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.model.change import Change
from nornir_itsm.pipeline import prepare
from nornir_itsm.platforms.linux_nftables import TABLE, located
from tests.real.firewall import SERVER, boot, ruleset
from tests.real.machines import cut, open_ports, within
from tests.real.site import Installation

AROUND = (8079, 8080, 8442, 8443, 8444, 9443)
WEB = ("服务区", f"{SERVER}/32", "8443")


def opened() -> list[int]:
    return open_ports("client", SERVER, AROUND)


def test_an_order_opens_exactly_one_port(untouched: str, at_firewall: Installation) -> None:
    """Failed before, works after, its neighbours still fail; a restart keeps it; rollback closes it."""
    assert opened() == [8080]
    plan = at_firewall.approved(at_firewall.order("web", WEB))
    assert [proof["exact"] for proof in plan["proof"]] == [True]
    assert opened() == [8080]
    code, done = at_firewall.run("apply", plan["change"])
    assert (code, done["state"]) == (0, "done")
    assert opened() == [8080, 8443]
    boot()
    assert opened() == [8080, 8443]
    assert at_firewall.run("verify", plan["change"])[0] == 0
    assert at_firewall.run("rollback", plan["change"])[0] == 0
    assert (opened(), ruleset()) == ([8080], untouched)
    boot()
    assert ruleset() == untouched


def test_a_colleague_s_unsaved_rule_stops_everything(untouched: str, at_firewall: Installation) -> None:
    """It is named; nothing is pushed, saved or reverted."""
    plan = at_firewall.approved(at_firewall.order("web", WEB))
    theirs = 'add rule inet filter forward tcp dport 9443 counter accept comment "colleague"'
    assert within("fw", "nft", theirs).returncode == 0
    with_theirs = ruleset()
    saved = Path("/etc/nftables.d/site.nft").read_text("utf-8")
    code, done = at_firewall.run("apply", plan["change"])
    assert code == 1
    assert "colleague" in done["said"]
    assert (ruleset(), Path("/etc/nftables.d/site.nft").read_text("utf-8")) == (with_theirs, saved)


def test_what_boot_does_not_load_is_said(untouched: str, at_firewall: Installation) -> None:
    """A file that nothing includes would be saved for nobody."""
    plan = at_firewall.approved(at_firewall.order("web", WEB))
    conf = Path("/etc/nftables.conf")
    kept = conf.read_text("utf-8")
    try:
        conf.write_text("flush ruleset\n", "utf-8")
        code, done = at_firewall.run("apply", plan["change"])
    finally:
        conf.write_text(kept, "utf-8")
    assert (code, ruleset()) == (1, untouched)
    assert "does not include" in done["said"]


def at_line(count: int, happens: Callable[[], None]) -> Callable[[str], None]:
    """Return what is called before each line; before line *count* something happens."""
    taken: list[str] = []

    def before(line: str) -> None:
        if len(taken) == count:
            happens()
        taken.append(line)

    return before


def test_nothing_is_in_force_before_the_last_line(untouched: str, at_firewall: Installation) -> None:
    """The connection breaks at every line: the rule set is as it was, to the letter; then it goes through."""
    app = App.open(at_firewall.folder / "config.yaml")
    (change,) = prepare(app.read(at_firewall.order("web", WEB), {}), app, {}).to_do
    for count in range(len(change.commands) + 2):
        pushed = app.fleet.push(change, at_line(count, lambda: cut(Path("/run/firewall/sshd.pid"))))
        assert "lost" in pushed.problem or "closed" in pushed.problem
        assert ruleset() == untouched
    assert app.fleet.push(change, lambda _: None).problem == ""
    assert opened() == [8080, 8443]


def test_the_document_s_block_can_be_pasted(untouched: str, at_firewall: Installation) -> None:
    """With handles in the place of names, as it says, its lines at a shell do the same, saved too."""
    app = App.open(at_firewall.folder / "config.yaml")
    order = app.read(at_firewall.order("web", WEB), {})
    text = app.document(order, prepare(order, app, {}))
    (block, _) = re.findall(r"```text\n(.*?)```", text, re.S)
    listing = within("fw", "nft", "-a", "list", "table", *TABLE.split()).stdout
    pasted = "\n".join(("cd; PATH=/run/firewall/bin:$PATH", *located(block.splitlines(), listing)))
    done = within("fw", "su", "fwadm", "-c", "bash -e", text=pasted)
    assert (done.stdout, done.stderr) == ("rule set saved\n", "")
    boot()
    assert opened() == [8080, 8443]
    Path("/etc/nftables.d/site.nft").write_text(untouched, "utf-8")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (("add set inet filter ok { type ipv4_addr; }", "foo"), "syntax"),
        (("add set inet filter ok { type ipv4_addr; }", "delete set inet filter none"), "missing"),
        (('add rule inet filter forward before "gone" :: accept',), "there is no rule 'gone'"),
    ],
)
def test_a_refusal_leaves_nothing(
    untouched: str, at_firewall: Installation, lines: tuple[str, ...], problem: str
) -> None:
    """What nftables refuses, or has not, stops the whole change in words; good lines before it go too."""
    app = App.open(at_firewall.folder / "config.yaml")
    pushed = app.fleet.push(Change("LAB-FW01", "linux_nftables", (), commands=lines), lambda _: None)
    assert problem in pushed.problem
    assert ruleset() == untouched
