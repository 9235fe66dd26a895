"""From form to plan by the commands: what is asked, how it can be answered, what is never dropped."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.forms.conftest import PROJECT, Command, MakeForm
from tests.forms.rows import INBOUND, LABELS, OUTBOUND
from tests.forms.test_forms_commands import strings
from tests.forms.test_forms_rows import CASES

SAMPLES = Path(__file__).parent / "samples"
SNAPSHOT = ("--snapshot", PROJECT / "inventory/snapshot")
DAYS = (*LABELS, "计划开通时间", "有效期至")
FOREIGN = {"源IP": "10.60.136.204", "公网IP": "203.0.113.223"}
"""A host and a public address of D; the forms of these tests are A's."""
PAIR = "203.0.113.213\n198.51.100.53"

Ways = Callable[..., tuple[int, Any]]


@pytest.fixture(params=["command line", "file", "returned workbook"])
def answered(request: pytest.FixtureRequest, command: Command, tmp_path: Path) -> Ways:
    """Run a command on a form with answers, given in one of three ways.

    *cells* says where the same answers go in the returned workbook: {sheet: {cell: text}}.
    """

    def run(
        verb: str, form: Path, told: Mapping[str, str], cells: Mapping[str, Mapping[str, str]], *more: object
    ) -> tuple[int, Any]:
        if request.param == "command line":
            pairs = [part for key, text in told.items() for part in ("--answer", f"{key}={text}")]
            return command(verb, form, *pairs, *more)
        if request.param == "file":
            path = tmp_path / "answers.json"
            path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
            return command(verb, form, "--answers", path, *more)
        folder = tmp_path / "back"
        if verb == "plan":
            command("plan", form, *more, "--out", folder)
        else:
            command("check", form, "--annotate", folder)
        (copy,) = folder.glob("*.customer.xlsx")
        book = openpyxl.load_workbook(copy)
        for sheet, values in cells.items():
            for ref, text in values.items():
                book[sheet][ref] = text
        book.save(copy)
        return command(verb, copy, *more)

    return run


def _order(found: Any) -> dict[str, Any]:
    return {**found["orders"][0], "file": ""}


def test_every_question_about_a_cell_can_be_answered_in_each_way(
    answered: Ways, command: Command, make_form: MakeForm
) -> None:
    """Whatever is refused or asked, the right value as an answer gives the order of the right cell."""
    dirty = [(b, c) for b, c, said in CASES if {"error", "question"} & {level for level, _ in said}]
    assert len(dirty) > 35
    right = [{**base, "用途": f"第{n}行"} for n, (base, _) in enumerate(dirty)]
    rows = [{**row, **changed} for row, (_, changed) in zip(right, dirty, strict=True)]
    form = make_form({"表": rows})
    column = dict(zip((label.strip("*") for label in LABELS), "CDEFGHIJKLMNOP", strict=True))
    told, cells = {}, {}
    for number, (row, (_, changed)) in enumerate(zip(right, dirty, strict=True), 5):
        told |= {f"表!{column[name]}{number}.{FIELDS[name]}": str(row[name]) for name in changed}
        cells[f"R{number}"] = "\n".join(f"{name}：{row[name]}" for name in changed)
    code, found = answered("check", form, told, {"表": cells})
    assert code == 0
    order = _order(found)
    assert {issue["level"] for issue in order["issues"]} == {"info"}
    _, clean = command("check", make_form({"表": right}))
    assert order["requests"] == _order(clean)["requests"]
    assert order["demands"] == _order(clean)["demands"]


FIELDS = {
    "源归属": "source.zone", "源IP": "source.addresses", "源端口": "source.ports",
    "公网IP": "public.addresses", "公网端口": "public.ports", "目的归属": "destination.zone",
    "目的IP/域名": "destination.addresses", "目的端口": "destination.ports", "协议": "protocol",
    "操作": "action", "生效时间": "schedule",
}  # fmt: skip


def test_every_question_about_the_form_can_be_answered_in_each_way(
    answered: Ways, make_form: MakeForm
) -> None:
    """Applicant, system and which sheet is valid."""
    form = make_form({"表": [OUTBOUND], "二": [{**OUTBOUND, "目的端口": 8443}]})
    book = openpyxl.load_workbook(form)
    book["表"]["F1"], book["表"]["F2"] = None, "必填"
    book.save(form)
    told = {"表!B1.organization": "示例期货公司A", "表!F2.system": "掌厅", "二!B5.rows": "忽略"}
    cells = {"核对汇总": {"H7": "示例期货公司A", "H8": "掌厅", "H9": "忽略"}}
    code, found = answered("check", form, told, cells)
    order = _order(found)
    assert (code, order["organization"], order["system"]) == (0, "示例期货公司A", "掌厅")
    assert len(order["requests"]) == 1


def test_a_last_day_is_asked_about_and_can_be_confirmed_in_each_way(
    answered: Ways, command: Command, make_form: MakeForm
) -> None:
    """No rule ends by itself: the plan waits for a yes, then says what is to be done by when."""
    form = make_form({"表": [{**INBOUND, "公网IP": PAIR, "有效期至": "2099-12-31"}]}, labels=DAYS)
    code, asked = command("plan", form, *SNAPSHOT)
    assert (code, [q["key"] for q in asked["questions"]]) == (4, ["D1.valid"])
    code, found = answered("plan", form, {"D1.valid": "是"}, {"核对汇总": {"H8": "同意"}}, *SNAPSHOT)
    assert (code, found["answers"]) == (10, {"D1.valid": "是"})
    assert "需求 D1 放行的流量在 2099-12-31 之后由人删除" in found["proof"][0]["scope"]["assumed"]


def test_a_question_of_the_plan_can_be_answered_in_each_way(answered: Ways, site: Path) -> None:
    """Form 06: the way out of a host without an EIP, and the public address of another row."""
    (form,) = SAMPLES.glob("06-*.xlsx")
    told = {"D1.eip": "10.70.16.240", "网络策略服务申请单!H12.public.addresses": "203.0.113.223"}
    cells = {"核对汇总": {"H8": "同意"}, "网络策略服务申请单": {"T12": "203.0.113.223"}}
    code, found = answered("plan", form, told, cells, *SNAPSHOT)
    assert [d["verdict"] for d in found["demands"]] == ["covered", "covered", "change", "change"]
    assert (code, found["answers"]) == (10, told)


def test_days_are_in_the_document_and_in_the_fingerprint(
    command: Command, make_form: MakeForm, tmp_path: Path
) -> None:
    """Two orders that differ in their days are two plans, and each document says its own."""
    seen = []
    for last in ("2099-12-30", "2099-12-31"):
        row = {**INBOUND, "公网IP": PAIR, "计划开通时间": "2026-12-01", "有效期至": last}
        out = tmp_path / last
        _, plan = command(
            "plan", make_form({"表": [row]}, labels=DAYS), *SNAPSHOT, "--answer", "D1.valid=是", "--out", out
        )
        document = (out / "document.md").read_text("utf-8")
        assert f"| 有效期 | 2026-12-01 至 {last} |" in document
        assert f"需求 D1 有效至 {last}：到期前提交删除申请单" in document
        seen.append(plan["fingerprint"])
    assert len(set(seen)) == 2


def test_a_leftover_example_row_is_asked_about_and_settled_in_each_way(
    answered: Ways, command: Command, make_form: MakeForm
) -> None:
    """R22: a first row with another customer's addresses, and the others the applicant's own."""
    own = {**INBOUND, "公网IP": PAIR}
    form = make_form({"表": [{**OUTBOUND, **FOREIGN}, own]})
    code, asked = command("plan", form, *SNAPSHOT)
    (question,) = asked["questions"]
    assert (code, question["key"], question["proposal"]) == (4, "表!A5.example", "是")
    assert "第 5 行（首行）" in question["text"]
    assert "10.60.136.204 属于 示例期货公司D" in question["text"]
    assert "没有删除的示例行" in question["text"]
    assert [d["verdict"] for d in asked["demands"]] == ["blocked", "change"]
    code, found = answered("plan", form, {question["key"]: "是"}, {"核对汇总": {"H7": "是"}}, *SNAPSHOT)
    assert (code, [d["rows"] for d in found["demands"]]) == (10, [["R2"]])
    assert found["answers"] == {question["key"]: "是"}


def test_whose_row_it_is_stays_with_the_engineer(
    command: Command, make_form: MakeForm, tmp_path: Path
) -> None:
    """The requester is asked whether the row is an example, and not told whose addresses are in it."""
    form = make_form({"表": [{**OUTBOUND, **FOREIGN}, {**INBOUND, "公网IP": PAIR}]})
    command("plan", form, *SNAPSHOT, "--out", tmp_path / "out")
    said = {who: strings(tmp_path / f"out/form.{who}.xlsx") for who in ("customer", "engineer")}
    assert any("没有删除" in text for text in said["customer"])
    assert [any("示例期货公司D" in text for text in texts) for texts in said.values()] == [False, True]


def test_a_first_row_that_is_no_example_is_a_question_of_owners(answered: Ways, make_form: MakeForm) -> None:
    """Said to be meant, the row stays and crossing tenants is the engineer's to confirm."""
    form = make_form({"表": [{**OUTBOUND, **FOREIGN}, {**INBOUND, "公网IP": PAIR}]})
    code, found = answered("plan", form, {"表!A5.example": "否"}, {"核对汇总": {"H7": "否"}}, *SNAPSHOT)
    assert (code, {q["key"] for q in found["questions"]}) == (4, {"D1.owner"})


@pytest.mark.parametrize("zone", ["互联网", "证联网测试网", "交易网"])
def test_the_example_row_is_asked_about_on_every_path(
    zone: str, command: Command, make_form: MakeForm
) -> None:
    """Also where nobody but an engineer configures the path, or the site knows none."""
    first = {**OUTBOUND, **FOREIGN, "目的归属": zone, "目的IP/域名": "172.22.25.0/24"}
    _, found = command("plan", make_form({"表": [first, {**INBOUND, "公网IP": PAIR}]}), *SNAPSHOT)
    assert [q["key"] for q in found["questions"]] == ["表!A5.example"]


def test_an_applicant_left_in_the_template_is_said(command: Command, make_form: MakeForm) -> None:
    """Where every address belongs to one other customer, it is the applicant who is in doubt."""
    rows = [{**OUTBOUND, **FOREIGN}, {**OUTBOUND, **FOREIGN, "目的端口": 8443}]
    _, found = command("plan", make_form({"表": rows}), *SNAPSHOT)
    assert {q["key"] for q in found["questions"]} >= {"D1.owner"}
    assert all("申请组织可能是模板里留下的" in q["text"] for q in found["questions"] if "owner" in q["key"])


def test_an_own_first_row_is_not_asked_about(command: Command, make_form: MakeForm) -> None:
    """The applicant's own addresses, and those that nobody is known to own, raise nothing."""
    white = {**INBOUND, "公网IP": PAIR, "源IP": "192.0.2.199"}
    code, found = command(
        "plan", make_form({"表": [white, {**white, "公网端口": 81, "目的端口": 81}]}), *SNAPSHOT
    )
    assert (code, found["questions"]) == (10, [])


def test_a_merged_question_blocks_every_demand_that_hangs_on_it(
    command: Command, make_form: MakeForm
) -> None:
    """No demand is planned without the value of a merged cell, wherever the question stands."""
    rows = [{**INBOUND, "公网IP": "请填写"}, {**OUTBOUND, "公网IP": None}, {**INBOUND, "公网IP": PAIR}]
    rows[2] |= {"公网端口": 9443, "目的端口": 9443}
    form = make_form({"表": rows}, merges=["G5:G6"])
    code, found = command("plan", form, *SNAPSHOT)
    assert [d["verdict"] for d in found["demands"]] == ["blocked", "blocked", "change"]
    assert (code, len(found["questions"])) == (4, 1)
    code, alone = command("plan", form, *SNAPSHOT, "--demand", "D2")
    assert (code, [q["key"] for q in alone["questions"]]) == (4, ["表!G5.public.addresses"])
    assert command("plan", form, *SNAPSHOT, "--demand", "D3")[0] == 10


def test_a_doubtful_sheet_blocks_all_that_it_adds(command: Command, make_form: MakeForm) -> None:
    """Every demand with a row of the doubtful sheet waits, not only that of its first row."""
    added = [{**INBOUND, "公网IP": PAIR, "公网端口": p, "目的端口": p} for p in (81, 90)]
    added[1] |= {"协议": "UDP"}
    form = make_form({"表": [{**INBOUND, "公网IP": PAIR}], "二": added})
    _, found = command("plan", form, *SNAPSHOT)
    verdicts = {tuple(d["rows"]): d["verdict"] for d in found["demands"]}
    assert verdicts[("R3",)] == "blocked"
    assert all(verdict == "blocked" for rows, verdict in verdicts.items() if {"R2", "R3"} & set(rows))


def test_addresses_that_are_in_use_are_looked_up(command: Command, make_form: MakeForm) -> None:
    """公网 IP / on the way out: what the ADC translates the host to today, where that is the applicant's."""
    row = {**OUTBOUND, "源IP": "10.60.134.41", "公网IP": "/"}
    code, found = command("plan", make_form({"表": [row]}), *SNAPSHOT)
    assert (code, found["questions"]) == (10, [])
    said = "\n".join(found["demands"][0]["evidence"])
    assert "203.0.113.211" in said
    assert "198.51.100.51" in said
    _, asked = command("plan", make_form({"表": [OUTBOUND | {"公网IP": "/"}]}), *SNAPSHOT)
    (question,) = asked["questions"]  # in no group: what it leaves with is the platform's, not its own
    assert question["key"] == "D1.public"
    assert {"203.0.113.213", "198.51.100.53"} <= set(question["proposal"].split(","))


def test_a_placeholder_is_asked_with_what_is_registered(command: Command, site: Path) -> None:
    """AE-16: the question about form 06's public address proposes what the IPAM and the ADC agree on."""
    (form,) = SAMPLES.glob("06-*.xlsx")
    _, found = command("plan", form, *SNAPSHOT, "--out", site / "out")
    (question,) = (q for q in found["questions"] if q["key"].endswith("!H12.public.addresses"))
    assert question["proposal"] == "203.0.113.223"
    cell = openpyxl.load_workbook(site / "out/form.customer.xlsx")["网络策略服务申请单"]["S12"].value
    assert "现用 203.0.113.223" in str(cell)
