"""Orders that publish and hide hosts by a real firewall's own translations, proven by real connections."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.pipeline import prepare
from tests.real.firewall import boot, ruleset
from tests.real.machines import cut, open_ports, soon, within
from tests.real.site import Installation, row
from tests.real.test_firewall import at_line

HOST, OTHER = "10.60.1.10/32", "10.60.1.11/32"
PUBLIC, NEIGHBOUR = "203.0.113.10", "203.0.113.11"
AROUND = (442, 443, 444, 8443, 9443)
"""The host listens on 8443 and 9443; the order publishes the first one as 443."""
WORLD = ("互联网", "any", "any")
IN = row(WORLD, ("客户区", HOST, "8443"), (PUBLIC, "443"))
INTERNET = "192.0.2.10"
OUT = row(("客户区", HOST, "any"), ("互联网", f"{INTERNET}/32", "8443"), (NEIGHBOUR, "any"))


def published() -> tuple[list[int], list[int]]:
    """Return what opens from the Internet at the public address, and at the one beside it."""
    return open_ports("world", PUBLIC, AROUND), open_ports("world", NEIGHBOUR, AROUND)


@pytest.fixture
def closed(firewall: Path) -> Iterator[str]:
    """The firewall as it boots, with the host listening and nothing published: its rule set."""
    saved = Path("/etc/nftables.d/site.nft")
    kept = saved.read_text("utf-8")
    boot()
    assert soon(lambda: open_ports("client", "10.60.1.10", (8443, 9443)) == [8443, 9443])
    assert published() == ([], [])
    yield ruleset()
    saved.write_text(kept, "utf-8")


def test_an_order_publishes_exactly_one_port(closed: str, at_firewall: Installation) -> None:
    """It fails before and works after; other ports and addresses fail; boot keeps it; rollback closes it."""
    plan = at_firewall.approved(at_firewall.form("pub", IN))
    assert [(proof["exact"], proof["residue"]) for proof in plan["proof"]] == [(True, [])]
    assert published() == ([], [])
    code, done = at_firewall.run("apply", plan["change"])
    assert (code, done["state"]) == (0, "done")
    assert published() == ([443], [])
    boot()
    assert published() == ([443], [])
    assert at_firewall.run("verify", plan["change"])[0] == 0
    code, again = at_firewall.run("plan", at_firewall.form("pub", IN))
    assert code == 0, str(again)
    assert at_firewall.run("rollback", plan["change"])[0] == 0
    assert (published(), ruleset()) == (([], []), closed)
    boot()
    assert ruleset() == closed


def test_a_port_is_moved_in_one_transaction_and_closed(closed: str, at_firewall: Installation) -> None:
    """The server keeps its place and name and gets another target; deleting closes, and leaves nothing."""
    first = at_firewall.approved(at_firewall.form("pub", IN))
    assert at_firewall.run("apply", first["change"])[0] == 0
    to_other = row(WORLD, ("客户区", HOST, "9443"), (PUBLIC, "443"))
    moved = at_firewall.approved(at_firewall.form("pub", {**IN, "action": "delete"}, to_other))
    (device,) = moved["devices"]
    assert [i["state"] for i in device["intents"] if i["kind"] == "DestinationNat"] == ["ensure"]
    assert at_firewall.run("apply", moved["change"])[0] == 0
    assert published() == ([443], [])
    assert "dnat ip to 10.60.1.10:9443" in ruleset()
    gone = at_firewall.approved(at_firewall.form("pub", {**to_other, "action": "delete"}))
    assert at_firewall.run("apply", gone["change"])[0] == 0
    assert (published(), ruleset()) == (([], []), closed)


_PEER = """
import socket, sys
s = socket.create_server((sys.argv[1], 8443))
s.settimeout(20)
print("ready", flush=True)
print(s.accept()[1][0], flush=True)
"""


def seen_as() -> str:
    """Return the address as which the host is seen in the Internet; empty where it does not get there."""
    import subprocess

    line = ["ip", "netns", "exec", "world", sys.executable, "-S", "-c", _PEER, INTERNET]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdout is not None
        assert peer.stdout.readline() == "ready\n"
        if not open_ports("client", INTERNET, (8443,)):
            peer.terminate()
            return ""
        return peer.stdout.readline().strip()


def test_a_host_leaves_as_the_address_that_was_asked_for(closed: str, at_firewall: Installation) -> None:
    """Not at all before; as the public address after; deleting takes permit and translation away."""
    assert seen_as() == ""
    plan = at_firewall.approved(at_firewall.form("out", OUT))
    assert [proof["exact"] for proof in plan["proof"]] == [True]
    assert at_firewall.run("apply", plan["change"])[0] == 0
    assert seen_as() == NEIGHBOUR
    gone = at_firewall.approved(at_firewall.form("out", {**OUT, "action": "delete"}))
    assert at_firewall.run("apply", gone["change"])[0] == 0
    assert (seen_as(), ruleset()) == ("", closed)


def test_nothing_is_translated_before_the_last_line(closed: str, at_firewall: Installation) -> None:
    """The connection breaks at every line: the rule set is as it was, to the letter; then it goes through."""
    app = App.open(at_firewall.folder / "config.yaml")
    (change,) = prepare(app.read(at_firewall.form("pub", IN), {}), app, {}).to_do
    for count in range(len(change.commands) + 2):
        pushed = app.fleet.push(change, at_line(count, lambda: cut(Path("/run/firewall/sshd.pid"))))
        assert "lost" in pushed.problem or "closed" in pushed.problem
        assert ruleset() == closed
    assert app.fleet.push(change, lambda _: None).problem == ""
    assert published() == ([443], [])


def test_a_firewall_without_chains_for_it_is_asked_about(closed: str, at_firewall: Installation) -> None:
    """Nothing is sent that the kernel would refuse: the plan says what is missing."""
    for chain in ("prerouting", "postrouting"):
        assert within("fw", "nft", "delete", "chain", "inet", "filter", chain).returncode == 0
    code, plan = at_firewall.run("plan", at_firewall.form("pub", IN))
    assert code == 4
    assert "地址转换链" in plan["questions"][0]["text"]
