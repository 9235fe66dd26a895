"""Orders that take away, turn round or name a domain: from form to lines and proof at the example site."""

from dataclasses import replace

from nornir_itsm.forms import read_order
from nornir_itsm.model.facts import Facts, SecurityPolicy
from nornir_itsm.model.intent import DestinationNat, SecurityRule
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.plan import make_plan
from nornir_itsm.stages.predict import after as predicted
from nornir_itsm.stages.predict import canonical, inverse, remaining
from tests.stages.example_site import (
    ADC,
    BOTH_WAYS,
    PROJECT,
    WALL,
    WHITE_LIST,
    carried_out,
    changed,
    known,
    order,
    plan,
    rules,
    trial,
)

OUT_RULE = "示例期货公司A-示例本地行情上网"


def sample(start: str) -> Order:
    """Return the example form whose name begins so."""
    (path,) = (PROJECT / "tests" / "forms" / "samples").glob(f"{start}-*.xlsx")
    return read_order(path, zones=known().site.zones)


def deleted(file: str) -> Order:
    """Return the order that takes an example order back."""
    form = order(file)
    return replace(form, demands=tuple(replace(d, action="delete") for d in form.demands))


def planned(form: Order, facts: Facts) -> Plan:
    return make_plan(form, replace(known(), facts=facts))


def test_what_was_added_is_taken_away_again() -> None:
    """Adding and deleting the same leaves nothing that passes; what other flows need stays and is named."""
    for file in (BOTH_WAYS, WHITE_LIST):
        done = trial(file).after
        made = planned(deleted(file), done)
        assert {demand.verdict for demand in made.demands} <= {"change", "partial"}
        assert all(proof.exact for proof in made.proofs)
        gone = carried_out(made, done)
        assert gone.firewall(WALL).rules == known().facts.firewall(WALL).rules
        assert gone.adc(ADC).dnat == known().facts.adc(ADC).dnat


def test_a_published_service_is_turned_to_another_host() -> None:
    """AE-23: the same public ports are deleted here and added there: one order, exact on both sides."""
    made = make_plan(sample("08"), known())
    assert [demand.verdict for demand in made.demands] == ["partial", "change"]
    assert all(proof.exact for proof in made.proofs)
    closed, opened = made.proofs
    assert any("TCP 7429-7430、7432-7439" in text for text in closed.closed)
    assert any("TCP 7429-7430、7432-7439" in text for text in opened.opened)
    after = carried_out(made, known().facts)
    (nat,) = [n for n in after.adc(ADC).dnat if n.target.value == "10.70.17.200"]
    assert nat.ports == ("7429", "7430", "7432-7439")
    assert nat.target_ports == ("7431", "7430", "7432-7439")
    assert not [n for n in after.adc(ADC).dnat if n.target.value == "10.70.17.57" and n.enabled]


def test_turning_back_restores_every_rule_at_its_place() -> None:
    """A translation that is deleted and made again under its name is undone to what it was, once."""
    made = make_plan(sample("08"), known())
    todo = [i for change in made.changes for i in remaining(change.intents, known().facts)]
    names = [(i.rule.name, i.state) for i in todo if isinstance(i, DestinationNat)]
    assert len(names) == len(set(names))
    after = carried_out(made, known().facts)
    left = remaining(inverse(todo, known().facts), after)
    back = predicted(left, after)
    for point, held in known().facts.points.items():
        assert canonical(back.points[point]) == canonical(held)


def test_a_domain_is_permitted_by_its_name() -> None:
    """AE-20: one of three is covered by a wildcard; the others get a rule for that very name."""
    made = make_plan(sample("07"), known())
    assert [demand.verdict for demand in made.demands] == ["partial", "partial"]
    _, proof = made.proofs
    assert proof.exact
    assert proof.already == ("10.60.134.43 → update.example.com TCP 80 周一二三四五 08:00-18:00",)
    lines = [line.strip() for change in made.changes for line in change.commands]
    assert 'dst-host "update.example.com"' in lines
    assert {"src-ip 10.70.17.44/32", "src-ip 10.70.17.45/32"} <= set(lines)
    assert "src-ip 10.70.17.43/32" not in lines


def test_a_rule_that_cannot_be_put_back_is_not_removed() -> None:
    """What nobody could restore line by line is a question, never a deletion."""
    done = trial(BOTH_WAYS).after
    unread = changed(OUT_RULE, unread=("app x",))(done)
    made = planned(deleted(BOTH_WAYS), unread)
    assert made.demands[0].verdict == "blocked"
    assert not [
        i for c in made.changes for i in c.intents if isinstance(i, SecurityRule) and i.rule.name == OUT_RULE
    ]

    def alone(held: list[SecurityPolicy]) -> list[SecurityPolicy]:
        """Take away the names around the rule, so that nothing says where it stood."""
        at = [rule.name for rule in held].index(OUT_RULE)
        return [replace(r, name="") if abs(i - at) == 1 else r for i, r in enumerate(held)]

    made = planned(deleted(BOTH_WAYS), rules(alone)(done))
    assert [q.key for q in made.questions] == ["D1.undo"]


def test_reuse_sends_nothing_and_changes_nothing() -> None:
    """An object that is reused by content keeps its own members and properties in what is predicted."""
    before = known().facts
    after = carried_out(plan(BOTH_WAYS), before)
    book = "示例A-行情源"
    assert after.firewall(WALL).addresses[book] is before.firewall(WALL).addresses[book]
    assert after.firewall(WALL).services["TCP-37791"] is before.firewall(WALL).services["TCP-37791"]
