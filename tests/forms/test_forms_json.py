"""JSON orders: written as the contract says, and read back to the same order."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nornir_itsm.forms import order_json, read_order
from nornir_itsm.model.order import Order
from tests.forms.rows import INBOUND, OUTBOUND, ZONES

Zones = Mapping[str, str]
MakeForm = Callable[..., Path]
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))

PERIOD = {"days": ["fri", "mon"], "from": "21:00", "to": "24:00"}
ROW: Mapping[str, object] = {
    "action": "新增",
    "source": {"zone": "行业云", "addresses": "10.60.134.61", "ports": 0},
    "destination": {"zone": "证联网测试网", "addresses": ["172.22.25.0/24"], "ports": ["443", 80]},
    "protocol": "TCP",
    "schedule": "工作日-早8次3",
}


def _again(order: Order, folder: Path, zones: Zones, answers: Mapping[str, str] | None = None) -> Order:
    path = folder / "order.json"
    path.write_text(json.dumps({"orders": [order_json(order)]}, ensure_ascii=False), encoding="utf-8")
    return read_order(path, zones=zones, answers=answers or {})


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_sample_survives_the_way_through_json(path: Path, tmp_path: Path, zones: Zones) -> None:
    """Written and read back, a sample is the same order, open questions and all; also once answered."""
    order = read_order(path, zones=zones)
    assert _again(order, tmp_path, zones) == order
    answers = {issue.key: issue.proposal or "203.0.113.223" for issue in order.issues_of("question")}
    answered = read_order(path, zones=zones, answers=answers)
    assert _again(answered, tmp_path, zones) == answered


CELLS: Mapping[str, Sequence[object]] = {
    "源IP": ["/", "any", "10.60.134.61\n10.60.134.62", "bad", None],
    "公网IP": ["/", "选填", "203.0.113.213（电信）", "any"],
    "公网端口": [0, "/", 8080, "80;443", None],
    "源端口": [0, 5000, "x", None],
    "目的归属": ["行业云", "互联网", "证联网测试网", "火星", "交易网"],
    "目的IP/域名": ["any", "/", "10.60.2.0/24", "update.example.com", "2001:db8::1", "10.0.0.9/24"],
    "目的端口": [0, 8080, "8080;9090", "192.0.2.131", None],
    "协议": ["TCP", "UDP", "ICMP", "any", None, 37791],
    "操作": ["新增", "删除", "变更"],
    "生效时间": ["全天", "工作日-早8次3", "交易日"],
}  # fmt: skip


def test_any_form_survives_the_way_through_json(make_form: MakeForm, tmp_path: Path, zones: Zones) -> None:
    """However dirty a form and however it was answered, its JSON reads back to the same order."""
    bases = (OUTBOUND, INBOUND)
    rows = [{**base, label: value} for base in bases for label, values in CELLS.items() for value in values]
    path = make_form({"表": rows})
    order = read_order(path, zones=zones)
    assert _again(order, tmp_path, zones) == order
    for answer in ("any", "0", "10.60.2.1", "TCP", "新增", "nonsense"):
        answers = {issue.key: answer for issue in order.issues_of("error", "question")}
        answered = read_order(path, zones=zones, answers=answers)
        assert _again(answered, tmp_path, zones) == answered


FIELDS: Mapping[tuple[str, str], Sequence[object]] = {
    ("source", "addresses"): ["/", "any", ["10.60.134.61", "10.60.134.62"], "bad", None],
    ("source", "ports"): [0, 5000, "x", None],
    ("public", "addresses"): [[], "选填", ["203.0.113.213（电信）"], "any"],
    ("public", "ports"): [[], 8080, ["80", 443], None],
    ("destination", "zone"): ["行业云", "互联网", "证联网测试网", "火星"],
    ("destination", "addresses"): ["any", ["10.60.2.0/24"], "update.example.com", "10.0.0.9/24"],
    ("destination", "ports"): [0, ["8080", "9090"], "192.0.2.131", None],
}  # fmt: skip
WORDS: Mapping[str, Sequence[object]] = {
    "protocol": ["TCP", "icmp", "any", None, 37791],
    "action": ["add", "删除", "变更"],
    "schedule": ["全天", "工作日-早8次3", "交易日", {"text": "夜盘", "periods": [PERIOD]}],
    "valid": [{"from": "2026/1/2", "until": "x"}, {"until": "2026-12-31"}, None],
    "purpose": ["甲\n乙\u202e", None],
}


@st.composite
def json_rows(draw: st.DrawFn) -> dict[str, object]:
    """A request as somebody's program may write it."""
    row: dict[str, object] = {name: draw(st.sampled_from(values)) for name, values in WORDS.items()}
    zones = {"source": "互联网" if draw(st.booleans()) else "行业云", "destination": "行业云"}
    for side in ("source", "destination", "public"):
        picked = {name: draw(st.sampled_from(v)) for (end, name), v in FIELDS.items() if end == side}
        row[side] = {"zone": zones.get(side), **picked}
    return row


@given(rows=st.lists(json_rows(), min_size=1, max_size=4), answer=st.sampled_from([None, "any", "0", "TCP"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_what_was_written_is_stable(
    rows: list[dict[str, object]], answer: str | None, tmp_path: Path
) -> None:
    """Any JSON order, read, written and read again, is the same order."""
    path = tmp_path / "first.json"
    path.write_text(json.dumps({"organization": "示例", "system": "/", "requests": rows}), encoding="utf-8")
    order = read_order(path, zones=ZONES)
    if answer:
        answers = {issue.key: answer for issue in order.issues_of("error", "question")}
        order = read_order(path, zones=ZONES, answers=answers)
    assert _again(order, tmp_path, ZONES) == order


def test_a_merged_question_survives(make_form: MakeForm, tmp_path: Path, zones: Zones) -> None:
    """A question about a merged cell waits for all its rows, in JSON too, and one answer serves them."""
    path = make_form({"表": [{**INBOUND, "公网IP": "请填写"}, {**INBOUND, "公网IP": None}]}, merges=["G5:G6"])
    order = read_order(path, zones=zones)
    assert _again(order, tmp_path, zones) == order
    told = _again(order, tmp_path, zones, {order.issues[0].key: "203.0.113.213"})
    assert [request.public_addresses for request in told.requests] == [("203.0.113.213/32",)] * 2


def test_which_rows_are_meant_can_be_answered_for_json(
    make_form: MakeForm, tmp_path: Path, zones: Zones
) -> None:
    """Answers about sheets and the example row do the same to a JSON order as to the form."""
    path = make_form({"一": [OUTBOUND, INBOUND], "二": [{**OUTBOUND, "目的端口": 8443}]})
    order = read_order(path, zones=zones)
    for answers in (
        {"二!B5.rows": "忽略"}, {"二!B5.rows": "全部"}, {"一!A5.example": "是", "二!B5.rows": "全部"}
    ):  # fmt: skip
        told = _again(order, tmp_path, zones, answers)
        form = read_order(path, zones=zones, answers=answers)
        assert (told.requests, told.demands) == (form.requests, form.demands)
        assert set(told.issues) == set(form.issues)
        assert _again(told, tmp_path, zones) == told


def test_an_answer_reaches_a_json_order(tmp_path: Path, zones: Zones) -> None:
    """Form 03 as JSON, answered, asks for what the answered form asks for."""
    path = next(p for p in SAMPLES if p.name.startswith("03"))
    order = read_order(path, zones=zones)
    answers = {issue.key: issue.proposal for issue in order.issues if issue.proposal}
    told = _again(order, tmp_path, zones, answers)
    assert told.demands == read_order(path, zones=zones, answers=answers).demands
    assert {issue.level for issue in told.issues} == {"info"}


def test_a_plain_json_order_goes_through_the_same_grammar(tmp_path: Path, zones: Zones) -> None:
    """An order without issues is checked like a form; keys name sheet, row and field."""
    path = tmp_path / "order.json"
    bad = {**ROW, "destination": {"zone": "证联网测试网", "addresses": "any", "ports": 70000}}
    text = json.dumps({"organization": "示例", "system": "示例", "requests": [ROW, bad]}, ensure_ascii=False)
    path.write_text("\ufeff" + text, encoding="utf-8")
    order = read_order(path, zones=zones)
    assert order.requests[0].destination.ports == ("80", "443")
    assert order.requests[0].schedule.periods[1].end == "03:00"
    assert [(issue.level, issue.key) for issue in order.issues] == [
        ("question", "requests!A2.destination.addresses"),
        ("error", "requests!A2.destination.ports"),
    ]


def test_stripping_the_issues_does_not_confirm_anything(tmp_path: Path, zones: Zones) -> None:
    """A JSON order that claims to be checked is still asked what nobody has confirmed."""
    wide = {**ROW, "destination": {"zone": "证联网测试网", "addresses": ["any"], "ports": ["443"]}}
    path = tmp_path / "order.json"
    path.write_text(json.dumps({"organization": "示例", "system": "示例", "requests": [wide], "issues": []}))
    order = read_order(path, zones=zones)
    assert [issue.level for issue in order.issues] == ["question"]
    assert order.demands[0].destinations == ()


def test_the_keys_are_those_of_the_contract(zones: Zones) -> None:
    """Scripts rely on the names; they may grow, not change."""
    order = order_json(read_order(SAMPLES[0], zones=zones))
    assert set(order) == {"file", "organization", "system", "remarks", "requests", "demands", "issues"}
    json.dumps(order)
