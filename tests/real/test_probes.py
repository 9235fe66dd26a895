"""Live probes over a real firewall: what was opened answers, what lies beside it does not, and why not."""

import json
import re

from nornir_itsm.app import App
from tests.real.firewall import SERVER, ruleset
from tests.real.machines import within
from tests.real.site import Installation

WEB = ("服务区", f"{SERVER}/32", "8443")
NOBODY = ("服务区", f"{SERVER}/32", "8500")
FROM = f"D1 LAB-PROBE → {SERVER}"


def test_what_was_opened_is_tried_and_what_lies_beside_it(untouched: str, with_probe: Installation) -> None:
    """The port answers, its neighbours are stopped by a rule that is named, and the new rule was hit."""
    plan = with_probe.approved(with_probe.order("web", WEB))
    code, done = with_probe.run("apply", plan["change"])
    assert (code, done["state"], done["doubts"]) == (0, "done", [])
    assert f"{FROM}:8443：通" in done["verdicts"]
    for port in (8442, 8444):
        stopped = re.compile(rf"{re.escape(FROM)}:{port}：不通，被 LAB-FW01 规则 Default-Deny（\d+） 阻断")
        assert any(map(stopped.fullmatch, done["verdicts"]))
    app = App.open(with_probe.folder / "config.yaml")
    (kept,) = app.changes.evidence(plan["change"], "probes.json")
    assert {(one["target"], one["echo"]) for one in json.loads(kept.content)} == {
        (f"{SERVER}:8443", "open"),
        (f"{SERVER}:8442", "silent"),
        (f"{SERVER}:8444", "silent"),
    }
    assert any(re.fullmatch("LAB-FW01 规则 .* 命中 0 → [1-9].*", said) for said in done["verdicts"])
    code, again = with_probe.run("verify", plan["change"])
    assert code == 0
    assert f"{FROM}:8443：通" in again["verdicts"]
    assert with_probe.run("rollback", plan["change"])[0] == 0
    assert ruleset() == untouched


def test_a_service_that_does_not_listen_is_no_failure(untouched: str, with_probe: Installation) -> None:
    """The firewall lets it through and the host says no: said so, and the change is done."""
    plan = with_probe.approved(with_probe.order("nobody", NOBODY))
    code, done = with_probe.run("apply", plan["change"])
    assert (code, done["state"]) == (0, "done")
    assert f"{FROM}:8500：已放行，但目的主机没有服务监听" in done["verdicts"]
    assert with_probe.run("rollback", plan["change"])[0] == 0


def test_what_is_lost_elsewhere_is_told_with_every_rule_that_let_it_through(
    untouched: str, with_probe: Installation
) -> None:
    """The firewall holds what was planned, and yet nothing comes back: exit 7, and where to look."""
    plan = with_probe.approved(with_probe.order("web", WEB))
    lost = ("ip", "route", "add", "blackhole", "10.60.1.10/32")
    assert within("server", *lost).returncode == 0
    try:
        code, done = with_probe.run("apply", plan["change"])
    finally:
        assert within("server", "ip", "route", "del", "blackhole", "10.60.1.10/32").returncode == 0
    assert (code, done["state"]) == (7, "done")
    (doubt,) = done["doubts"]
    assert doubt.startswith(f"{FROM}:8443：不通，而各跳的规则都放行（LAB-FW01 规则 ")
    assert with_probe.run("verify", plan["change"])[0] == 0
    assert with_probe.run("rollback", plan["change"])[0] == 0


def test_a_probing_host_that_is_away_stops_nothing(untouched: str, with_probe: Installation) -> None:
    """It proves nothing then, and that is said."""
    known = with_probe.folder / "known_hosts"
    known.write_text(
        "\n".join(line for line in known.read_text().splitlines() if "10.197" not in line) + "\n"
    )
    plan = with_probe.approved(with_probe.order("web", WEB))
    code, done = with_probe.run("apply", plan["change"])
    assert (code, done["doubts"]) == (0, [])
    assert any(said.startswith(f"{FROM}:8443：没有试成（") for said in done["verdicts"])
    assert with_probe.run("rollback", plan["change"])[0] == 0
