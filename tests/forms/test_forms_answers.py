"""Answers that come back in the returned workbook are read as if they had been given on the command line."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.forms import order_json, read_form, read_order
from nornir_itsm.forms.annotate import annotate
from nornir_itsm.forms.answers import demand_key
from nornir_itsm.forms.book import Form
from nornir_itsm.forms.verdicts import notes_of
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import DemandVerdict, Plan, Question
from tests.forms.rows import INBOUND, OUTBOUND

Zones = Mapping[str, str]
MakeForm = Callable[..., Path]
SAMPLES = Path(__file__).parent / "samples"
TWO_DOUBTS = {**OUTBOUND, "协议": None, "公网IP": "选填"}


def _same(left: Order, right: Order) -> bool:
    return replace(left, file="") == replace(right, file="")


@pytest.fixture
def returned(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of a customer's copy with some of its cells filled in: {sheet: {cell: text}}."""

    def fill(form: Form, cells: Mapping[str, Mapping[str, object]], plan: Plan | None = None) -> Path:
        path = tmp_path / "returned.xlsx"
        path.write_bytes(annotate(form, notes_of(form, "customer", plan)))
        book = openpyxl.load_workbook(path)
        for title, values in cells.items():
            for ref, value in values.items():
                book[title][ref] = value
        book.save(path)
        return path

    return fill


def test_agreeing_to_the_proposals_of_a_row(returned: Callable[..., Path], zones: Zones) -> None:
    """Form 03: 同意 beside each row is the same as giving every proposal on the command line."""
    (path,) = SAMPLES.glob("03-*.xlsx")
    asked = read_form(path, zones=zones)
    told = read_form(path, zones=zones, answers={i.key: i.proposal or "" for i in asked.order.issues})
    sheet = "网络资源服务申请表单"
    back = read_form(returned(asked, {sheet: {"R10": "同意", "R11": "同意"}}), zones=zones)
    assert _same(back.order, told.order)
    assert back.answers == told.answers


def test_answers_by_the_name_of_the_column(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """Each line names its column, however spelled; a line without a name goes on with the one before."""
    form = read_form(make_form({"表": [TWO_DOUBTS]}), zones=zones)
    cell = "＊公网IP: 203.0.113.1\n203.0.113.2\n协议＝同意"
    order = read_order(returned(form, {"表": {"R5": cell}}), zones=zones)
    assert order.requests[0].public_addresses == ("203.0.113.1/32", "203.0.113.2/32")
    assert order.requests[0].protocol == "tcp"
    assert not list(order.issues_of("error", "question", "warning"))


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("TCP", "有 2 个待回答的问题"),
        ("公网IP：同意", "没有可以同意的建议"),
        ("目的端口：=1+1", "不是端口"),
    ],
)
def test_an_unclear_answer_is_said_and_not_taken(
    cell: str, said: str, make_form: MakeForm, returned: Callable[..., Path], tmp_path: Path, zones: Zones
) -> None:
    """What is not understood leaves the questions open and is named at its cell."""
    form = read_form(make_form({"表": [TWO_DOUBTS]}), zones=zones)
    order = read_order(returned(form, {"表": {"R5": cell}}), zones=zones)
    assert {i.key for i in form.order.issues_of("question")} <= {i.key for i in order.issues}
    assert any(said in issue.problem for issue in order.issues)
    path = tmp_path / "order.json"
    path.write_text(json.dumps({"orders": [order_json(order)]}), encoding="utf-8")
    assert read_order(path, zones=zones) == order


def test_one_question_needs_no_name(make_form: MakeForm, returned: Callable[..., Path], zones: Zones) -> None:
    """Where one thing is asked, the answer may stand alone; a number typed into the cell is one too."""
    form = read_form(make_form({"表": [{**OUTBOUND, "目的端口": "/"}]}), zones=zones)
    order = read_order(returned(form, {"表": {"R5": 8443}}), zones=zones)
    assert order.demands[0].port_pairs == (("any", "8443"),)


def test_a_merged_cell_is_answered_once(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """The answer beside one row serves every row of a merged cell; two that differ serve none."""
    rows = [{**OUTBOUND, "公网IP": "选填"}, {**OUTBOUND, "目的端口": 8443, "公网IP": None}]
    form = read_form(make_form({"表": rows}, merges=["G5:G6"]), zones=zones)
    order = read_order(returned(form, {"表": {"R6": "203.0.113.1"}}), zones=zones)
    assert {request.public_addresses for request in order.requests} == {("203.0.113.1/32",)}
    split = read_order(returned(form, {"表": {"R5": "203.0.113.1", "R6": "203.0.113.2"}}), zones=zones)
    assert {request.public_addresses for request in split.requests} == {()}
    assert [i.problem[:14] for i in split.issues_of("warning")] == ["对同一个问题有两个不同的答复"] * 2


def test_the_summary_answers_for_the_whole_form(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """Applicant and doubtful sheets are answered on the summary sheet."""
    path = make_form({"表": [OUTBOUND], "二": [{**OUTBOUND, "目的端口": 8443}]})
    book = openpyxl.load_workbook(path)
    book["表"]["F2"] = "必填"
    book.save(path)
    form = read_form(path, zones=zones)
    assert [i.key for i in form.order.issues] == ["表!F2.system", "二!B5.rows"]
    told = read_order(returned(form, {"核对汇总": {"H7": "掌厅", "H8": "忽略"}}), zones=zones)
    assert (told.system, len(told.requests)) == ("掌厅", 1)
    agreed = read_order(returned(form, {"核对汇总": {"H8": "同意"}}), zones=zones)
    assert len(agreed.requests) == 2
    assert [i.key for i in agreed.issues_of("question")] == ["表!F2.system"]


def test_answers_of_the_command_line_stay_with_the_copy(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """A copy carries the answers that went into it: read alone it is the answered order; given ones win."""
    path = make_form({"表": [TWO_DOUBTS]})
    keys = [i.key for i in read_form(path, zones=zones).order.issues]
    told = read_form(path, zones=zones, answers=dict(zip(keys, ("203.0.113.9", "UDP"), strict=True)))
    copy = returned(told, {})
    assert _same(read_order(copy, zones=zones), told.order)
    assert read_order(copy, zones=zones, answers={keys[1]: "TCP"}).requests[0].protocol == "tcp"


def _plan(form: Form, *questions: Question) -> Plan:
    verdicts = tuple(DemandVerdict(d.id, d.rows, "add", "", "blocked") for d in form.order.demands)
    return Plan("", "", "", "", "", "", verdicts, (), (), questions)


def test_a_question_of_the_plan_is_answered_on_the_summary(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """The answer to a demand's question is found again, and only as long as the demand asks for the same."""
    form = read_form(make_form({"表": [INBOUND, OUTBOUND]}), zones=zones)
    plan = _plan(form, Question("D2.eip", "几个 EIP", "10.70.16.41"))
    path = returned(form, {"核对汇总": {"H7": "同意"}}, plan)
    assert read_form(path, zones=zones).answers == {"D2.eip": "10.70.16.41"}
    book = openpyxl.load_workbook(path)
    book["表"]["L6"] = 444
    book.save(path)
    changed = read_form(path, zones=zones)
    assert changed.answers == {}
    assert [i.problem for i in changed.order.issues_of("warning")] == ["对应的需求已改动，答复没有采用"]


def test_an_answer_follows_its_demand(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """Where a row is put before it, a demand has another number, and keeps its answer."""
    answers = {"D1.public": "203.0.113.1"}
    told = read_form(make_form({"表": [OUTBOUND, INBOUND]}), zones=zones, answers=answers)
    assert read_form(returned(told, {}), zones=zones).answers == answers
    path = returned(told, {"表": {"E5": "10.60.134.99", "L5": 444, **_row(7, OUTBOUND)}})
    moved = read_form(path, zones=zones)
    assert moved.order.demands[2].sources == told.order.demands[0].sources
    assert moved.answers == {"D3.public": "203.0.113.1"}


def _row(number: int, row: Mapping[str, object]) -> dict[str, object]:
    columns = "CDEFGHIJKLMNOP"
    return {f"{column}{number}": value for column, value in zip(columns, row.values(), strict=True)}


def test_what_is_an_engineers_to_say_cannot_be_said_in_the_form(
    make_form: MakeForm, returned: Callable[..., Path], zones: Zones
) -> None:
    """A key that somebody writes into the summary gives no right: crossing tenants is not the customer's."""
    form = read_form(make_form({"表": [OUTBOUND]}), zones=zones)
    (demand,) = form.order.demands
    keys = (demand_key(demand, "owner"), "D1.owner", "表!E5.source.addresses")
    cells = {f"I{row}": key for row, key in enumerate(keys, 20)} | dict.fromkeys(("H20", "H21", "H22"), "是")
    back = read_form(returned(form, {"核对汇总": cells}), zones=zones)
    assert back.answers == {}
    assert back.order.requests == form.order.requests
