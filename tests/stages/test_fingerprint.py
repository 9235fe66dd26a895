"""An approval is bound to the effect: not to the order of records, times, counters or origins."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nornir_itsm.forms import read_order
from nornir_itsm.forms.merge import merge
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import SecurityPolicy, Selector
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.fingerprint import digest, words_of
from nornir_itsm.stages.plan import make_plan
from tests.stages.example_site import (
    BOTH_WAYS,
    PROJECT,
    WHITE_LIST,
    above,
    known,
    order,
    plan,
    rules,
)

SNAPSHOT = PROJECT / "inventory" / "snapshot"
ORDERS = pytest.mark.parametrize("file", [BOTH_WAYS, WHITE_LIST])


def records(document: Any) -> Iterator[list[Any]]:
    """Yield the list of records of an export, wherever its envelope has it."""
    if isinstance(document, list):
        yield document
    else:
        for value in document.values():
            if isinstance(value, (dict, list)):
                yield from records(value)


@pytest.fixture(scope="module", params=[1, 2, 3])
def shuffled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example snapshot with the records of every export in another order."""
    random, target = Random(request.param), tmp_path_factory.mktemp("shuffled")
    for file in sorted(SNAPSHOT.glob("*/*.json")):
        document = json.loads(file.read_text("utf-8"))
        for listed in records(document):
            random.shuffle(listed)
        (target / file.parent.name).mkdir(exist_ok=True)
        (target / file.parent.name / file.name).write_text(json.dumps(document), "utf-8")
    return target


def planned(file: str, facts: Facts) -> Plan:
    return make_plan(order(file), replace(known(), facts=facts))


@ORDERS
def test_the_order_of_records_makes_no_difference(file: str, shuffled: Path) -> None:
    """Exports are sets: whatever order a console gives them in, the plan is the same."""
    again = make_plan(order(file), known(shuffled))
    assert again.canonical == plan(file).canonical
    assert again.fingerprint == plan(file).fingerprint


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("form", ["02", "04", "05", "07", "08"])
def test_the_order_of_rows_makes_no_difference(form: str, seed: int) -> None:
    """Rows may stand in any order: what they come to, its names and its lines are the same."""
    (path,) = (PROJECT / "tests" / "forms" / "samples").glob(f"{form}-*.xlsx")
    read = read_order(path, zones=known().site.zones)
    rows = list(read.requests)
    Random(seed).shuffle(rows)
    turned = tuple(replace(row, id=f"R{number}") for number, row in enumerate(rows, 1))
    again = make_plan(replace(read, requests=turned, demands=merge(turned)), known())
    first = make_plan(read, known())
    assert again.canonical == first.canonical
    assert again.fingerprint == first.fingerprint
    assert [change.commands for change in again.changes] == [change.commands for change in first.changes]


@ORDERS
def test_times_counters_and_files_make_no_difference(file: str) -> None:
    """The same plan from another file, another time, with other hit counts and identifiers."""
    facts = rules(lambda held: [replace(r, hits=1, id=f"9{r.id}") for r in held])(known().facts)
    facts = replace(facts, taken={"a": "2026-01-01T00:00:00+00:00"}, gaps=("something is missing",))
    other = make_plan(replace(order(file), file="copy.xlsx"), replace(known(), facts=facts))
    assert other.fingerprint == plan(file).fingerprint


def rule_for(source: str, destination: str, name: str = "别人", action: str = "permit") -> SecurityPolicy:
    there, here = (Selector(literals=(text,)) for text in (source, destination))
    return SecurityPolicy(name, action, there, here, ("Any",))


@ORDERS
def test_drift_that_does_not_touch_the_plan_does_not_disturb_it(file: str) -> None:
    """A rule for somebody else's addresses comes: what was approved stays approved."""
    drifted = above("示例封禁", rule_for("10.70.40.20/32", "192.0.2.200/32"))(known().facts)
    assert planned(file, drifted).fingerprint == plan(file).fingerprint


DRIFT = {
    "opens some of it": above("示例封禁", rule_for("192.0.2.171/32", "10.70.18.77/32")),
    "blocks some of it": above("示例封禁", rule_for("192.0.2.171/32", "10.70.18.77/32", action="deny")),
    "takes the name": above(
        "示例封禁", rule_for("10.99.0.1/32", "10.99.0.2/32", "示例期货公司C-示例C官网（白名单）")
    ),
    "the anchor is gone": rules(lambda held: [r for r in held if r.name != "Default-Deny"]),
}


@pytest.mark.parametrize("case", DRIFT)
def test_drift_that_touches_the_plan_changes_it(case: str) -> None:
    """What opens or blocks a part of the request, or takes a name or an anchor, makes it another plan."""
    assert planned(WHITE_LIST, DRIFT[case](known().facts)).fingerprint != plan(WHITE_LIST).fingerprint


def test_demands_that_differ_in_their_days_alone_are_told_apart() -> None:
    """Each has words of its own, so that neither verdict stands for the other's."""
    demand = order(WHITE_LIST).demands[0]
    days = [demand, replace(demand, valid_from="2026-12-01"), replace(demand, valid_until="2026-12-31")]
    assert len({words_of(one) for one in days}) == 3


def test_a_digest_takes_any_text() -> None:
    """Half a pair of a character in an order is no reason to fail."""
    assert digest("\ud800") != digest("?")
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
