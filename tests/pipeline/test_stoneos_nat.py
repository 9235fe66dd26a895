"""An order from form to closed ticket where a StoneOS translates at the edge and no ADC stands before it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL
from nornir_itsm.lab.stoneos.firewall import Firewall
from nornir_itsm.pipeline import carry_out, check, prepare, take_back

from .bench import ADD_04, ADD_05, DELETE_05, colleague

THERE = (
    "ip vrouter trust-vr",
    "snatrule id 5 from any to any eif ethernet0/1 trans-to eif-ip mode dynamicport",
    "dnatrule id 3 from any to ip 198.51.100.99 service HTTPS trans-to ip 10.70.18.99",
)
OTHERS = "from any to ip 198.51.100.77 service HTTPS trans-to ip 10.70.18.5"


@pytest.fixture
def publishing(lab: Lab, project: Path) -> Firewall:
    """The lab's own edge firewall, with somebody's translations, where the site says that it translates."""
    text = (project / "inventory" / "site.yaml").read_text("utf-8")
    for zones in ("trust, destination_zone: untrust", "untrust, destination_zone: trust"):
        hop = f"- {{point: {FIREWALL}, source_zone: {zones}"
        assert f"{hop}}}" in text
        text = text.replace(f"{hop}}}", f"{hop}, translates: true}}")
    own = lab.directory / "site.yaml"
    own.write_text(text.replace("      - {point: DC1-ISP-LB01}\n", ""), "utf-8")
    config = lab.config.read_text("utf-8")
    lab.config.write_text(config.replace(str(project / "inventory" / "site.yaml"), str(own)), "utf-8")
    colleague(lab, *THERE)
    return lab.firewall


def typed(wall: Firewall, kind: str) -> list[str]:
    return [line.text for line in wall.lines if line.text.startswith(kind)]


def test_a_port_is_published_and_taken_back(
    publishing: Firewall, approved: Callable[[str], str], installation: App
) -> None:
    """Servers, then the permit for the public addresses; saved; rolled back; a deletion takes it away."""
    baseline = publishing.state()
    change = approved(ADD_05)
    assert carry_out(change, installation).state == "done"
    said = typed(publishing, "dnatrule")
    assert [line.split(" service ")[0] for line in said] == [
        'dnatrule id 4 from-zone "untrust" from any to ip 198.51.100.63',
        'dnatrule id 5 from-zone "untrust" from any to ip 192.0.2.70',
    ]
    assert all(line.endswith(" trans-to ip 10.70.18.77") for line in said)
    assert publishing.startup_state() == publishing.state() != baseline
    assert check(change, installation).sent == 0
    assert take_back(change, installation).state == "rolled_back"
    assert publishing.state() == publishing.startup_state() == baseline
    carry_out(approved(ADD_05), installation)
    gone = approved(DELETE_05)
    assert all(proof.exact for proof in installation.changes.change(gone).plan.proofs)
    assert carry_out(gone, installation).state == "done"
    assert publishing.state() == baseline


def test_hosts_leave_as_one_address(
    publishing: Firewall, project: Path, approver: App, installation: App
) -> None:
    """The hosts' own rules stand above the general one; rolled back to what was."""
    baseline = publishing.state()
    order = installation.read(project / "orders" / ADD_04, {})
    out = replace(order.demands[0], public=("203.0.113.213/32",))
    order = replace(order, demands=(out, *order.demands[1:]))
    made = prepare(order, installation, {})
    now = installation.clock.now()
    change = installation.changes.new_change(order, made, installation.author(), now)
    approver.approve(change, None, "同意")
    assert carry_out(change, installation).state == "done"
    said = typed(publishing, "snatrule")
    assert said
    assert all(" before 5 " in line and line.endswith(" mode dynamicport") for line in said)
    assert check(change, installation).sent == 0
    assert take_back(change, installation).state == "rolled_back"
    assert publishing.state() == publishing.startup_state() == baseline


def test_a_number_that_a_colleague_has_taken_is_never_overwritten(
    publishing: Firewall, lab: Lab, approved: Callable[[str], str], installation: App
) -> None:
    """What was planned under it is refused before the first line; the colleague's rule is as it was."""
    change = approved(ADD_05)
    colleague(lab, THERE[0], f"dnatrule id 4 {OTHERS}")
    baseline = publishing.state()
    with pytest.raises(ChangeError) as caught:
        carry_out(change, installation)
    assert publishing.state() == baseline
    assert typed(publishing, "dnatrule") == []
    assert "dnatrule 4" in str(caught.value)


def test_a_rule_that_was_overwritten_since_is_not_taken_back(
    publishing: Firewall, lab: Lab, approved: Callable[[str], str], installation: App
) -> None:
    """Somebody typed something else under our number: it is his now."""
    change = approved(ADD_05)
    carry_out(change, installation)
    colleague(lab, THERE[0], f"dnatrule id 4 {OTHERS}")
    held = publishing.state()
    with pytest.raises(Refused, match="dnatrule 4"):
        take_back(change, installation)
    assert publishing.state() == held
