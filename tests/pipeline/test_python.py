"""What hooks call from Python does what the commands do."""

import json
from pathlib import Path

import pytest

import nornir_itsm
from nornir_itsm.app import App
from nornir_itsm.errors import FormError, Refused
from nornir_itsm.lab import Lab
from tests.pipeline.bench import ADD_04, ORDERS, open_as_approver


def test_from_a_form_to_a_closed_ticket(lab: Lab, installation: App) -> None:
    """Checked, planned, refused until a second person approved, applied, closed."""
    order = nornir_itsm.check(ORDERS / ADD_04, config=lab.config)
    assert order.demands
    change = nornir_itsm.plan(ORDERS / ADD_04, config=lab.config)
    assert (change.state, bool(change.plan.to_do), change.plan.questions) == ("planned", True, ())
    with pytest.raises(Refused, match="approved"):
        nornir_itsm.apply(change.id, config=lab.config)
    open_as_approver(lab).approve(change.id, None, "同意")
    assert nornir_itsm.apply(change.id, config=lab.config).state == "done"
    ticket = installation.changes.change(change.id).ticket
    assert installation.desk.read(ticket)["state"] == "closed"


def test_a_form_with_errors_is_not_planned(lab: Lab, installation: App, tmp_path: Path) -> None:
    """The error names what is wrong; nothing is kept."""
    rows = json.loads((ORDERS.parent / "tests" / "orders" / "AE-25.json").read_text("utf-8"))
    text = json.dumps(rows).replace('"ports": ["', '"ports": ["7000000')
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    with pytest.raises(FormError, match="7000000"):
        nornir_itsm.plan(tmp_path / "bad.json", config=lab.config)
    assert installation.changes.list() == ()
