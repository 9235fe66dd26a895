"""Orders that take away, turn round or name a domain: from form to lines and proof at the example site."""

from dataclasses import replace

from nornir_itsm.forms import read_order
from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import SecurityPolicy
from nornir_itsm.model.intent import DestinationNat, SecurityRule
from nornir_itsm.model.order import Action, Order, Schedule
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.held import canonical
from nornir_itsm.stages.plan import make_plan
from nornir_itsm.stages.predict import after as predicted
from nornir_itsm.stages.predict import inverse, remaining
from tests.stages.example_site import (
    ADC,
    BOTH_WAYS,
    PROJECT,
    WALL,
    WHITE_LIST,
    at,
    carried_out,
    changed,
    demand,
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


def test_a_published_service_is_moved_to_another_host() -> None:
    """AE-23: new permit, translations changed where they stand, old permit; exact on both sides."""
    made = make_plan(sample("08"), known())
    assert [demand.verdict for demand in made.demands] == ["partial", "change"]
    assert all(proof.exact for proof in made.proofs)
    closed, opened = made.proofs
    assert any("TCP 7429-7430、7432-7439" in text for text in closed.closed)
    assert any("TCP 7429-7430、7432-7439" in text for text in opened.opened)
    assert [change.device for change in made.to_do] == [WALL, ADC, WALL]
    assert [call.method for call in made.to_do[1].calls] == ["PUT", "PUT"]
    before, after = known().facts, carried_out(made, known().facts)
    moved = {nat.name: nat for nat in after.adc(ADC).dnat if nat.target.value == "10.70.17.200"}
    assert [nat.name for nat in after.adc(ADC).dnat] == [nat.name for nat in before.adc(ADC).dnat]
    assert {nat.ports: nat.target_ports for nat in before.adc(ADC).dnat if nat.name in moved} == {
        nat.ports: nat.target_ports for nat in moved.values()
    }
    assert not [n for n in after.adc(ADC).dnat if n.target.value == "10.70.17.57" and n.enabled]


def test_turning_back_restores_every_rule_at_its_place() -> None:
    """A translation that was changed where it stands is undone to what it was, once."""
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


PORTAL = ("10.60.134.101/32",)


def of_form(**fields: object) -> Order:
    """Return the delete of the example form 08, changed."""
    return demand(sample("08"), schedule=Schedule("全天24小时"), **fields)


def test_one_port_of_several_is_taken_back_by_the_translation() -> None:
    """AE-24: the translation keeps its other ports; the shared permit stays, named as left over."""
    made = make_plan(of_form(port_pairs=(("7430", "7430"),)), known())
    ((adc, calls),) = ((change.device, change.calls) for change in made.to_do)
    assert (adc, [call.method for call in calls]) == (ADC, ["PUT"])
    assert calls[0].body["destination_ports"] == ["7432-7439"]
    (proof,) = made.proofs
    assert (proof.exact, proof.shortfall) == (True, ())
    assert any("TCP 7430" in text and "没有转换" in text for text in proof.residue)


def test_a_port_within_a_range_is_cut_out_of_it() -> None:
    """What is left on both sides of the port keeps its targets."""
    made = make_plan(of_form(port_pairs=(("7434", "7434"),)), known())
    (call,) = made.to_do[0].calls
    assert call.body["destination_ports"] == ["7430", "7432-7433", "7435-7439"]
    assert made.proofs[0].exact


def test_a_port_is_not_taken_back_at_one_of_its_addresses_only() -> None:
    """A translation of two public addresses cannot lose a port at one of them: that is asked."""
    made = make_plan(of_form(port_pairs=(("7430", "7430"),), public=("203.0.113.213/32",)), known())
    assert [question.key for question in made.questions] == ["D1.partial"]
    assert not made.to_do


def with_ids(facts: Facts) -> Facts:
    """Return the facts as a device shows them: every rule has an identifier."""
    numbered = [replace(rule, id=str(100 + i)) for i, rule in enumerate(facts.firewall(WALL).rules)]
    return rules(lambda _: numbered)(facts)


def white_list_less(*sources: str) -> tuple[Plan, Facts]:
    """Add the white list of the example form 05, then take these sources off it again."""
    done = with_ids(trial(WHITE_LIST).after)
    return planned(demand(deleted(WHITE_LIST), sources=sources), done), done


def test_a_source_is_taken_off_a_white_list() -> None:
    """The list that only this rule names loses it; the translation, which the others use, stays."""
    made, done = white_list_less(*order(WHITE_LIST).demands[0].sources[:1])
    (change,) = made.to_do
    assert change.device == WALL
    assert [line.strip() for line in change.commands][1:] == ["no ip 192.0.2.171/32", "exit"]
    assert all(proof.exact and not proof.shortfall for proof in made.proofs)
    assert carried_out(made, done).adc(ADC) == done.adc(ADC)


def outbound(action: Action, *sources: str, destinations: tuple[str, ...]) -> Order:
    """Return an order from these hosts of one tenant to TCP 443 over two lines."""
    first = sample("07").demands[0]
    changed_demand = replace(
        first, action=action, sources=sources, destinations=destinations, schedule=Schedule("全天24小时")
    )
    return replace(sample("07"), demands=(changed_demand,))


def test_one_of_two_hosts_is_taken_out_of_a_rule() -> None:
    """A rule made for two hosts keeps the other one; taking that too removes the rule."""
    both, target = ("10.60.134.41/32", "10.60.134.42/32"), ("192.0.2.177/32",)
    add = planned(outbound("add", *both, destinations=target), known().facts)
    done = with_ids(carried_out(add, known().facts))
    less = planned(outbound("delete", both[0], destinations=target), done)
    assert [line.strip() for line in less.to_do[0].commands if "src-ip" in line] == [
        "no src-ip 10.70.16.41/32"
    ]
    assert all(proof.exact and not proof.shortfall for proof in less.proofs)
    gone = planned(outbound("delete", both[1], destinations=target), carried_out(less, done))
    assert any(line.strip().startswith("no rule name") for line in gone.to_do[0].commands)


def test_a_third_line_is_added_to_the_group_that_has_the_others() -> None:
    """AE-25: one more source translation, the route over one more link, and who else is touched."""
    first = replace(
        outbound("add", *PORTAL, destinations=("192.0.2.140/32",)).demands[0],
        public=("192.0.2.73/32", "198.51.100.53/32", "203.0.113.213/32"),
    )
    made = make_plan(replace(sample("07"), demands=(first,)), known())
    adc = made.to_do[0]
    snat, route = adc.calls
    assert (snat.method, snat.body["name"]) == ("POST", "示例期货公司A3-源转换-联通IPV4")
    assert snat.body["outbound_links"] == ["vlan3103-CU-V4(公用)"]
    assert (route.method, len(route.body["schedule_links"])) == ("PUT", 3)  # type: ignore[arg-type]
    assert {finding.object for finding in made.findings} >= {"EIP-示例期货公司A3-(213-53)", "源转换-示例临时"}
    (proof,) = made.proofs
    assert (proof.exact, proof.excess, proof.shortfall) == (False, (), ())
    assert any("vlan3103-CU" in text for text in proof.treatment)


def test_a_host_without_a_group_gets_one_of_its_own() -> None:
    """Its addresses, its route above whatever would have matched, and nobody else is touched."""
    first = replace(
        outbound("add", *PORTAL, destinations=("192.0.2.140/32",)).demands[0],
        public=("198.51.100.60/32", "203.0.113.230/32"),
    )

    def without_groups(held: AdcFacts) -> AdcFacts:
        """Take the host out of every group."""
        return replace(
            held,
            groups={
                k: replace(v, members=tuple(m for m in v.members if not m.startswith("10.70.17.57")))
                for k, v in held.groups.items()
            },
        )

    start = at(ADC, known().facts, without_groups(known().facts.adc(ADC)))
    made = planned(replace(sample("07"), demands=(first,)), start)
    kinds = [(call.method, call.path.rpartition("/")[0] or call.path) for call in made.to_do[0].calls]
    assert [method for method, _ in kinds] == ["POST"] * 4
    (proof,) = made.proofs
    assert (proof.exact, proof.shortfall) == (True, ())
    assert all(text.startswith("10.60.134.101 ") for text in proof.treatment)
