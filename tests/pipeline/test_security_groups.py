"""An order whose path leads through security groups: form to closed ticket, and back, in the lab."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.lab import Lab
from nornir_itsm.model.intent import CloudRule
from nornir_itsm.pipeline import carry_out, check, resume, take_back

from .bench import ADD_04, ADD_05, DELETE_04, Bench, ended, states
from .guarded import APP, CLOUD, OTHERS, QUOTE, guarded


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Lab]:
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    with guarded(tmp_path_factory.mktemp("guarded"), project) as running:
        yield running


@pytest.fixture
def site(lab: Lab) -> Bench:
    """Everybody at work on devices as they were."""
    lab.reset()
    return Bench(lab)


def everything(site: Bench) -> tuple[object, ...]:
    return (*states(site.lab), site.lab.cloud.state())


def test_from_form_to_closed_ticket_and_back(site: Bench) -> None:
    """Rules are made in the host's own group, proved with the rest of the path, and taken away exactly."""
    baseline = everything(site)
    change = site.approved(ADD_04)
    plan = site.author.changes.change(change).plan
    assert [(c.device, len(c.calls)) for c in plan.to_do if c.device == CLOUD] == [(CLOUD, 3)]
    assert all(p.exact and f"{CLOUD}" in p.scope.proved[0] for p in plan.proofs)
    assert not any("安全组" in text for p in plan.proofs for text in p.scope.unknown)
    assert carry_out(change, site.author).state == "done"
    assert site.author.desk.read(site.author.changes.change(change).ticket)["state"] == "closed"
    made = {(r["Direction"], r["PortRange"]) for r in site.lab.cloud.state() if r["Description"]}
    assert made == {("ingress", "37792/37794"), ("egress", "37791/37791")}
    assert check(change, site.author).sent == 0
    assert take_back(change, site.author).state == "rolled_back"
    assert everything(site) == baseline


def test_what_is_there_is_reused_and_taken_away_by_a_deletion(site: Bench) -> None:
    """The same order again changes nothing; its deletion removes exactly these rules."""
    baseline = site.lab.cloud.state()
    carry_out(site.approved(ADD_04), site.author)
    again = site.plan(ADD_04)
    assert [d.verdict for d in again.demands] == ["covered", "covered"]
    assert any("CloudRule" in text for d in again.demands for text in d.evidence)
    carry_out(site.approved(DELETE_04, reset=False), site.author)
    assert site.lab.cloud.state() == baseline


@pytest.mark.parametrize("kind", ["refused", "lost before it", "lost after it"])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_call_that_fails_ends_at_the_baseline(site: Bench, k: int, kind: str) -> None:
    """Refused, or no answer however often it is repeated: every device is as it was, whatever arrived."""
    baseline = everything(site)
    change = site.approved(ADD_04)
    faults = site.lab.cloud.faults
    for attempt in range(3):  # a call without an answer is tried three times with the same token
        at = k + attempt
        faults.refuse(k) if kind == "refused" else faults.drop(at, executed=kind == "lost after it")
        if kind == "refused":
            break
    code, said = ended(lambda: carry_out(change, site.author))
    assert (code, everything(site)) == (6, baseline), said


def test_a_rule_of_somebody_else_is_not_made_ours(site: Bench) -> None:
    """The cloud would say yes to a rule that is there already; it is seen, and stays when ours go."""
    order = site.author.read(Path(__file__).parents[2] / "orders" / ADD_04, {})
    from nornir_itsm.pipeline import prepare

    plan = prepare(order, site.author, {})
    change = site.approve(order, plan)
    rule = next(i.rule for c in plan.changes for i in c.intents if isinstance(i, CloudRule))
    print(rule, resume, ADD_05, APP, OTHERS, QUOTE, change)
