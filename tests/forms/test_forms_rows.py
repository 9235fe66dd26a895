"""What a row means when its cells are seen together, and which rows count."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_order
from nornir_itsm.forms.reading import plain
from nornir_itsm.model.order import Order
from tests.forms.rows import INBOUND, LABELS, OUTBOUND

Zones = Mapping[str, str]
MakeForm = Callable[..., Path]
CLOUD: Mapping[str, object] = {
    **OUTBOUND,
    "目的归属": "行业云",
    "目的IP/域名": "10.60.2.10",
    "公网IP": "/",
    "公网端口": "/",
}
TESTNET: Mapping[str, object] = {**OUTBOUND, "目的归属": "证联网测试网", "目的IP/域名": "172.22.25.0/24"}


def _levels(order: Order) -> set[tuple[str, str]]:
    return {(issue.level, issue.key.partition(".")[2]) for issue in order.issues}


CASES = [
    (OUTBOUND, {}, set()),
    (INBOUND, {}, set()),
    (OUTBOUND, {"目的IP/域名": "any"}, set()),
    (OUTBOUND, {"目的IP/域名": "/"}, {("question", "destination.addresses")}),
    (OUTBOUND, {"源IP": "any"}, {("error", "source.addresses")}),
    (OUTBOUND, {"源IP": "/"}, {("error", "source.addresses")}),
    (OUTBOUND, {"源IP": None}, {("error", "source.addresses")}),
    (OUTBOUND, {"源IP": "a.example.com"}, {("error", "source.addresses")}),
    (OUTBOUND, {"源IP": "10.60.134.61\n999.1.1.1"}, {("error", "source.addresses")}),
    (OUTBOUND, {"源IP": 8080}, {("error", "source.addresses")}),
    (OUTBOUND, {"源端口": "1024-65535"}, {("question", "source.ports")}),
    (OUTBOUND, {"源端口": None}, set()),
    (OUTBOUND, {"公网IP": "/"}, set()),
    (OUTBOUND, {"公网IP": None}, {("question", "public.addresses")}),
    (OUTBOUND, {"公网IP": "选填"}, {("question", "public.addresses")}),
    (OUTBOUND, {"公网IP": "any"}, {("error", "public.addresses")}),
    (OUTBOUND, {"公网IP": "www.example.com"}, {("error", "public.addresses")}),
    (OUTBOUND, {"公网端口": "123;65"}, {("info", "public.ports")}),
    (OUTBOUND, {"公网端口": "/"}, set()),
    (OUTBOUND, {"目的端口": 0}, {("warning", "destination.ports")}),
    (OUTBOUND, {"目的端口": "/"}, {("question", "destination.ports")}),
    (OUTBOUND, {"目的端口": 70000}, {("error", "destination.ports")}),
    (OUTBOUND, {"目的端口": 53}, {("warning", "protocol")}),
    (OUTBOUND, {"目的端口": "53;443"}, {("warning", "protocol")}),
    (OUTBOUND, {"目的端口": 53, "协议": "UDP"}, set()),
    (OUTBOUND, {"目的端口": 53, "协议": "TCP/UDP"}, set()),
    (OUTBOUND, {"目的端口": 123}, {("warning", "protocol")}),
    (OUTBOUND, {"协议": None}, {("question", "protocol")}),
    (OUTBOUND, {"协议": "HTTPS"}, {("question", "protocol")}),
    (OUTBOUND, {"协议": "any"}, {("question", "protocol")}),
    (OUTBOUND, {"协议": "any", "目的端口": 0}, {("warning", "destination.ports")}),
    (OUTBOUND, {"协议": "ICMP", "目的端口": 0}, set()),
    (OUTBOUND, {"协议": "ICMP", "目的端口": "/"}, set()),
    (OUTBOUND, {"协议": "ICMP"}, {("warning", "destination.ports")}),
    (OUTBOUND, {"操作": "变更"}, {("error", "action")}),
    (OUTBOUND, {"操作": None}, {("question", "action")}),
    (OUTBOUND, {"生效时间": None}, {("question", "schedule")}),
    (OUTBOUND, {"生效时间": "交易日"}, {("question", "schedule")}),
    (OUTBOUND, {"源归属": "行业"}, {("error", "source.zone")}),
    (OUTBOUND, {"源归属": "选填"}, {("error", "source.zone")}),
    (OUTBOUND, {"目的IP/域名": "2001:db8::1"}, {("error", "destination.addresses")}),
    (OUTBOUND, {"目的IP/域名": "https://update.example.com/x"}, {("question", "destination.addresses")}),
    (INBOUND, {"源IP": None}, {("question", "source.addresses")}),
    (INBOUND, {"公网IP": "/"}, {("question", "public.addresses")}),
    (INBOUND, {"公网端口": None}, {("question", "public.ports")}),
    (INBOUND, {"公网端口": "/"}, {("question", "public.ports")}),
    (INBOUND, {"公网端口": 0}, {("question", "public.ports")}),
    (INBOUND, {"公网端口": 0, "目的端口": 0}, {("question", "public.ports")}),
    (INBOUND, {"目的端口": 0}, {("question", "destination.ports")}),
    (INBOUND, {"公网端口": "80;443", "目的端口": "8080;8443"}, set()),
    (INBOUND, {"公网端口": "443;80", "目的端口": "8080;8443"}, {("error", "public.ports")}),
    (INBOUND, {"公网端口": "80;443", "目的端口": "8080;8443;9000"}, {("error", "public.ports")}),
    (INBOUND, {"公网端口": "80;443", "目的端口": 8080}, set()),
    (INBOUND, {"公网端口": 80, "目的端口": "8080;8443"}, {("error", "public.ports")}),
    (INBOUND, {"协议": "ICMP"}, {("question", "protocol"), ("warning", "destination.ports")}),
    (INBOUND, {"目的IP/域名": "any"}, {("error", "destination.addresses")}),
    (INBOUND, {"目的IP/域名": "app.example.com"}, {("error", "destination.addresses")}),
    (CLOUD, {}, set()),
    (CLOUD, {"公网IP": "203.0.113.213"}, {("info", "public.addresses")}),
    (CLOUD, {"目的IP/域名": "any"}, {("error", "destination.addresses")}),
    (OUTBOUND, {"目的归属": "交易网"}, set()),
    (TESTNET, {"公网IP": "172.22.30.171"}, set()),
    (TESTNET, {"公网IP": "/"}, set()),
    (
        TESTNET, {"目的IP/域名": "any", "公网端口": "123;65"},
        {("question", "destination.addresses"), ("info", "public.ports")},
    ),
    (TESTNET, {"目的IP/域名": "/"}, {("question", "destination.addresses")}),
]  # fmt: skip


@pytest.mark.parametrize(("base", "changed", "expected"), CASES)
def test_one_dirty_cell(
    base: Mapping[str, object],
    changed: Mapping[str, object],
    expected: set[tuple[str, str]],
    make_form: MakeForm,
    zones: Zones,
) -> None:
    """A row with one odd cell gives exactly the issues it should, at that cell's field."""
    assert _levels(read_order(make_form({"表": [{**base, **changed}]}), zones=zones)) == expected


def test_every_refusal_names_its_place(make_form: MakeForm, zones: Zones) -> None:
    """Each error and question has sheet, cell, the cell's own content, what is wrong and what to do."""
    order = read_order(make_form({"表": [{**base, **changed} for base, changed, _ in CASES]}), zones=zones)
    refused = list(order.issues_of("error", "question"))
    assert len(refused) > 30
    for issue in refused:
        assert re.fullmatch(rf"表!{issue.cell}\.[a-z.]+", issue.key)
        number = int(issue.cell.lstrip("ABCDEFGHIJKLMNOP"))
        base, changed, _ = CASES[number - 5]
        assert issue.value in {plain(value) for value in {**base, **changed}.values()}
        assert issue.problem
        assert issue.hint


def test_an_open_field_is_empty(make_form: MakeForm, zones: Zones) -> None:
    """AE-07: any destination in the exchange network reaches no demand before somebody confirms it."""
    path = make_form({"表": [{**TESTNET, "目的IP/域名": "any"}]})
    asked = read_order(path, zones=zones)
    assert asked.demands[0].destinations == ()
    key = asked.issues[0].key
    confirmed = read_order(path, zones=zones, answers={key: "any"})
    assert confirmed.demands[0].destinations == ("any",)
    assert [issue.level for issue in confirmed.issues] == ["info"]


def test_publishing_every_port_needs_a_yes(make_form: MakeForm, zones: Zones) -> None:
    """AE-28: port 0 on both sides is any only after an explicit answer, and never a port 0."""
    path = make_form({"表": [{**INBOUND, "公网端口": 0, "目的端口": 0}]})
    asked = read_order(path, zones=zones)
    confirmed = read_order(path, zones=zones, answers={asked.issues[0].key: "0"})
    assert confirmed.demands[0].port_pairs == (("any", "any"),)


def test_a_limited_source_port_is_not_dropped_silently(make_form: MakeForm, zones: Zones) -> None:
    """A source port is asked about, and answering with another one asks again."""
    path = make_form({"表": [{**OUTBOUND, "源端口": 5000}]})
    (issue,) = read_order(path, zones=zones).issues
    again = read_order(path, zones=zones, answers={issue.key: "6000"})
    assert [i.level for i in again.issues if i.level == "question"] == ["question"]
    assert [i.level for i in read_order(path, zones=zones, answers={issue.key: "0"}).issues] == ["info"]


def test_a_row_without_operation_gives_no_request(make_form: MakeForm, zones: Zones) -> None:
    """Neither add nor delete is guessed; the other rows keep their numbers."""
    order = read_order(make_form({"表": [{**OUTBOUND, "操作": "变更"}, INBOUND]}), zones=zones)
    assert [request.id for request in order.requests] == ["R2"]
    assert [demand.rows for demand in order.demands] == [("R2",)]


def test_a_wrong_answer_is_an_issue_again(make_form: MakeForm, zones: Zones) -> None:
    """An answer goes through the same grammar as the cell."""
    path = make_form({"表": [{**OUTBOUND, "协议": None}]})
    (issue,) = read_order(path, zones=zones).issues
    assert "error" in {i.level for i in read_order(path, zones=zones, answers={issue.key: "XYZ"}).issues}


def test_prepared_rows_are_skipped_and_notes_end_the_table(make_form: MakeForm, zones: Zones) -> None:
    """Rows with an index and list values alone ask for nothing; a row below the notes is named, not read."""
    path = make_form({"表": [OUTBOUND, {"操作": "新增", "协议": "TCP", "源端口": 0}]})
    book = openpyxl.load_workbook(path)
    for column, label in enumerate(LABELS, 3):
        book["表"].cell(12, column, str(INBOUND[label.strip("*")]))
    book.save(path)
    order = read_order(path, zones=zones)
    assert [request.row for request in order.requests] == [5]
    assert [(issue.level, issue.key) for issue in order.issues] == [("warning", "表!B12.rows")]


def test_a_row_with_addresses_but_no_zone_is_an_error(make_form: MakeForm, zones: Zones) -> None:
    """A request is never skipped silently because its zone was forgotten."""
    order = read_order(make_form({"表": [{**OUTBOUND, "源归属": None}]}), zones=zones)
    assert ("error", "source.zone") in _levels(order)


def test_columns_are_found_by_label(make_form: MakeForm, zones: Zones) -> None:
    """The order of columns, stars, width and blanks of labels make no difference."""
    labels = [f" {label.strip('*')}＊ (说明)" for label in reversed(LABELS)]
    row = {label: OUTBOUND[label.strip(" ＊(说明)")] for label in labels}
    plain = read_order(make_form({"表": [OUTBOUND]}), zones=zones)
    shuffled = read_order(make_form({"表": [row]}, labels=labels), zones=zones)
    assert shuffled.requests == plain.requests


def test_a_merged_question_stands_once_and_one_answer_serves_all_rows(
    make_form: MakeForm, zones: Zones
) -> None:
    """A vertically merged cell is one cell: one question, one answer, every row."""
    path = make_form(
        {"表": [{**OUTBOUND, "公网IP": "请填写"}, {**INBOUND, "公网IP": None}]}, merges=["G5:G6"]
    )
    asked = read_order(path, zones=zones)
    assert [issue.key for issue in asked.issues] == ["表!G5.public.addresses"]
    told = read_order(path, zones=zones, answers={"表!G5.public.addresses": "203.0.113.213"})
    assert [request.public_addresses for request in told.requests] == [("203.0.113.213/32",)] * 2


def test_sheets_that_contradict_are_a_question(make_form: MakeForm, zones: Zones) -> None:
    """Where neither sheet holds all rows of the other, a person must say which is valid."""
    path = make_form({"一": [OUTBOUND], "二": [{**OUTBOUND, "目的端口": 8443}]})
    order = read_order(path, zones=zones)
    assert [(issue.level, issue.key) for issue in order.issues] == [("question", "二!B5.rows")]
    kept = read_order(path, zones=zones, answers={"二!B5.rows": "全部"})
    assert [issue.level for issue in kept.issues] == ["info"]
    assert len(kept.requests) == 2


def test_a_repeated_sheet_changes_nothing(make_form: MakeForm, zones: Zones) -> None:
    """A second sheet with the same rows, other words for hosts and purposes, is the same order."""
    once = read_order(make_form({"一": [OUTBOUND]}), zones=zones)
    twice = read_order(make_form({"一": [OUTBOUND], "二": [{**OUTBOUND, "用途": "同上"}]}), zones=zones)
    assert twice.requests == once.requests
    assert [issue.level for issue in twice.issues] == ["info"]


def test_a_hidden_sheet_with_more_rows_is_a_question(make_form: MakeForm, zones: Zones) -> None:
    """What nobody sees is not opened without a question."""
    path = make_form({"隐": [OUTBOUND, INBOUND], "显": [OUTBOUND]})
    book = openpyxl.load_workbook(path)
    book["隐"].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    order = read_order(path, zones=zones)
    assert order.requests[0].sheet == "显"
    assert [issue.level for issue in order.issues] == ["question"]


def test_a_filled_server_form_is_reported_without_its_values(make_form: MakeForm, zones: Zones) -> None:
    """An ECS sheet with values is named; what stands in it (a password) is nowhere in the order."""
    path = make_form({"表": [OUTBOUND]})
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("ECS申请表单")
    for row, (label, value) in enumerate(
        [("*实例名称", "demo"), ("*实例规格", "必填"), ("初始口令", "S3cret!")], 1
    ):
        sheet.cell(row, 2, label)
        sheet.cell(row, 3, value)
    book.save(path)
    order = read_order(path, zones=zones)
    assert [(issue.level, issue.key) for issue in order.issues] == [("warning", "ECS申请表单!A1.sheet")]
    assert "S3cret" not in repr(order)


def test_a_formula_is_read_by_its_saved_result(make_form: MakeForm, zones: Zones) -> None:
    """A formula without a saved result is an error at its cell, never an empty value."""
    order = read_order(make_form({"表": [{**OUTBOUND, "目的端口": "=400+43"}]}), zones=zones)
    assert ("error", "destination.ports") in _levels(order)


def test_applicant_placeholders_are_asked(make_form: MakeForm, zones: Zones) -> None:
    """Organization and system are asked for where the form has none; the hint column is no value."""
    path = make_form({"表": [OUTBOUND]})
    book = openpyxl.load_workbook(path)
    sheet = book["表"]
    sheet["F1"], sheet["F2"], sheet["K1"], sheet["K2"] = None, "必填", "说明", "例：ERP系统"
    book.save(path)
    order = read_order(path, zones=zones)
    assert _levels(order) == {("question", "organization"), ("question", "system")}
    answers = {issue.key: "示例" for issue in order.issues}
    told = read_order(path, zones=zones, answers=answers)
    assert (told.organization, told.system) == ("示例", "示例")


def test_free_text_stays_text(make_form: MakeForm, zones: Zones) -> None:
    """Purposes and hosts lose control characters and excess length, and nothing else."""
    odd = "@cmd|' /C calc'!A0 {{ 7*7 }}\n<b>\u202e\u200b x"
    order = read_order(make_form({"表": [{**OUTBOUND, "用途": odd, "源主机": "长" * 900}]}), zones=zones)
    assert order.requests[0].purpose == "@cmd|' /C calc'!A0 {{ 7*7 }} <b> x"
    assert len(order.requests[0].source.host) == 500


def test_no_rows_is_an_error_of_the_form(make_form: MakeForm, zones: Zones) -> None:
    """An empty table is said so, at its place."""
    order = read_order(make_form({"表": []}), zones=zones)
    assert [(issue.level, issue.key) for issue in order.issues] == [("error", "表!A5.rows")]


def test_a_workbook_without_the_table_says_what_came_nearest(make_form: MakeForm, zones: Zones) -> None:
    """Nine labels are no table; the message names the row that looks most like one."""
    path = make_form({"表": [OUTBOUND]}, labels=LABELS[:9])
    with pytest.raises(FormError, match="第 4 行，认出 9 个列名"):
        read_order(path, zones=zones)


def test_dates_of_validity(make_form: MakeForm, zones: Zones) -> None:
    """A planned day is a day, an end is warned about, and nonsense is asked."""
    labels = [*LABELS, "计划开通时间", "有效期至"]
    good = {**OUTBOUND, "计划开通时间": "2026/1/2", "有效期至": "2026-12-31"}
    order = read_order(make_form({"表": [good]}, labels=labels), zones=zones)
    assert (order.requests[0].valid_from, order.requests[0].valid_until) == ("2026-01-02", "2026-12-31")
    assert _levels(order) == {("warning", "valid.until")}
    bad = read_order(make_form({"表": [{**good, "有效期至": "年底"}]}, labels=labels), zones=zones)
    assert _levels(bad) == {("question", "valid.until")}
    (demand,) = order.demands
    assert (demand.valid_from, demand.valid_until) == ("2026-01-02", "2026-12-31")
    assert demand.validity == "2026-01-02 至 2026-12-31"


def test_a_delete_has_no_last_day(make_form: MakeForm, zones: Zones) -> None:
    """A form turned into a delete may still carry the old period: its first day counts, its last does not."""
    row = {**OUTBOUND, "操作": "删除", "计划开通时间": "2026/1/2", "有效期至": "2026-12-31"}
    path = make_form({"表": [row]}, labels=[*LABELS, "计划开通时间", "有效期至"])
    order = read_order(path, zones=zones)
    assert order.demands[0].validity == "2026-01-02 起"
    assert _levels(order) == {("info", "valid.until")}


def test_an_issue_names_every_row_that_hangs_on_it(make_form: MakeForm, zones: Zones) -> None:
    """A merged cell's issue names all its rows, that of a doubtful sheet all it adds, the form's own none."""
    merged = [{**OUTBOUND, "公网IP": "请填写"}, {**INBOUND, "公网IP": None}]
    path = make_form(
        {"表": merged, "二": [{**OUTBOUND, "目的端口": port} for port in (1, 2)]}, merges=["G5:G6"]
    )
    book = openpyxl.load_workbook(path)
    book["表"]["F2"] = "必填"
    book.save(path)
    rows = {issue.key: issue.rows for issue in read_order(path, zones=zones).issues}
    assert rows == {
        "表!F2.system": (),
        "表!G5.public.addresses": ("R1", "R2"),
        "二!B5.rows": ("R3", "R4"),
    }


def test_the_example_row_goes_when_a_person_says_so(make_form: MakeForm, zones: Zones) -> None:
    """A row that is said to be the template's asks for nothing, however dirty; the others keep their ids."""
    path = make_form({"表": [{**OUTBOUND, "协议": None, "操作": "变更"}, INBOUND]})
    gone = read_order(path, zones=zones, answers={"表!A5.example": "是"})
    assert [request.id for request in gone.requests] == ["R2"]
    assert [(i.level, i.key, i.rows) for i in gone.issues] == [("info", "表!A5.example", ())]
    kept = read_order(path, zones=zones, answers={"表!A5.example": "否"})
    assert {i.level for i in kept.issues} == {"error", "question", "info"}
    alone = read_order(make_form({"表": [OUTBOUND]}), zones=zones, answers={"表!A5.example": "是"})
    assert [issue.level for issue in alone.issues] == ["info", "error"]


@pytest.mark.parametrize(("down", "right"), [(0, 0), (7, 3), (40, 20)])
def test_the_table_is_found_at_any_offset(
    down: int, right: int, make_form: MakeForm, tmp_path: Path, zones: Zones
) -> None:
    """R1: wherever the block stands, on whatever sheet, it is the same order at other cells."""
    path = make_form({"杂项": [], "表": [OUTBOUND, INBOUND]}, labels=LABELS)
    book = openpyxl.load_workbook(path)
    book["杂项"].delete_rows(1, 20)
    sheet = book["表"]
    sheet.move_range(sheet.dimensions, rows=down, cols=right)
    book.save(path)
    order = read_order(path, zones=zones)
    assert (order.organization, order.system, order.issues) == ("示例期货公司A", "示例系统", ())
    assert [request.row for request in order.requests] == [5 + down, 6 + down]
    assert [demand.sources for demand in order.demands] == [("10.60.134.61/32",), ("any",)]
