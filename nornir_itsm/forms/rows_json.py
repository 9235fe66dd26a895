"""JSON orders in the contract's shape, as ``contract`` writes it, read through the same grammar as a form.

Where one carries ``issues`` it was checked before, and these stand until they are answered.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast, get_args

from nornir_itsm.errors import FormError
from nornir_itsm.forms.answers import as_example
from nornir_itsm.forms.book import DROP, KEEP, read_base
from nornir_itsm.forms.bounds import ROW_LIMIT
from nornir_itsm.forms.cells import FIELDS, OPEN, Cell, Vocabulary, field_of
from nornir_itsm.forms.contract import ISSUE_KEYS, demand_json
from nornir_itsm.forms.merge import merge
from nornir_itsm.forms.reading import Note, free_text
from nornir_itsm.forms.row import RowResult, read_row
from nornir_itsm.forms.schedules import read_schedule
from nornir_itsm.model.order import DAYS, Demand, Issue, Level, Order, Period, Schedule

Object = Mapping[str, object]

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_REQUEST_ID = re.compile(r"R[1-9][0-9]{0,5}")
_CELL = re.compile(r"[A-Z]{1,3}([1-9][0-9]{0,6})")
_PLACES = {
    "valid.from": ("valid", "from"),
    "valid.until": ("valid", "until"),
} | {name: tuple(name.split(".")) for name in FIELDS if not name.startswith("valid")}  # fmt: skip


def read_json(data: bytes, file: str, words: Vocabulary, answers: Mapping[str, str]) -> Order:
    """Return the order of a JSON file. Raises FormError where it has not the contract's shape."""
    try:
        top: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FormError(file, "不是可读的 JSON", "检查文件是否完整、是否为 UTF-8") from error
    if isinstance(top, dict) and "orders" in top:
        orders = top["orders"]
        if not isinstance(orders, list) or len(orders) != 1:
            raise FormError(file, "orders 里要正好有一个工单", "每个文件放一个工单")
        top = orders[0]
    return _Reader(file, words, answers).order(_object(top, file))


def _object(value: object, where: str) -> Object:
    if not isinstance(value, dict):
        raise FormError(where, "这里应是 JSON 对象", "参照 check --json 的输出")
    return cast(Object, value)


def _objects(value: object, where: str) -> list[Object]:
    if not isinstance(value, list) or len(value) > ROW_LIMIT:
        raise FormError(where, f"这里应是列表，最多 {ROW_LIMIT} 项", "参照 check --json 的输出")
    return [_object(item, f"{where}[{number}]") for number, item in enumerate(value)]


class _Reader:
    def __init__(self, file: str, words: Vocabulary, answers: Mapping[str, str]) -> None:
        self.file = file
        self.words = words
        self.answers = answers
        self.known: dict[tuple[str, int, str], Issue] = {}
        """Issues of an earlier check by sheet, row and field."""
        self.waiting: dict[tuple[str, str], Issue] = {}
        """Those that are still open by request and field; that of a merged cell for each of its rows."""
        self.dropped: set[str] = set()
        """Requests that a person has said are not meant."""
        self.told = False

    def order(self, top: Object) -> Order:
        if "requests" not in top:
            raise FormError(self.file, "没有 requests", "参照 check --json 的输出")
        checked = "issues" in top
        issues = list(self.issues(_objects(top["issues"], f"{self.file}: issues"))) if checked else []
        listed = enumerate(_objects(top["requests"], f"{self.file}: requests"), 1)
        results = [self.row(number, item, checked) for number, item in listed]
        results = [one for one in results if not one.request or one.request.id not in self.dropped]
        base, base_issues = self.base(top)
        named = free_text(top.get("file"))[:255] if isinstance(top.get("file"), str) else ""
        requests = tuple(result.request for result in results if result.request)
        if len({request.id for request in requests}) != len(requests):
            raise FormError(self.file, "requests 的 id 重复", "每个 id 只用一次，或都不写")
        new = [issue for result in results for issue in result.issues]
        if not requests and not any(issue.level in OPEN for issue in (*issues, *new)):
            nothing = Note("error", "没有需求行", "requests 里写上需求")
            new.append(Cell(None, "requests", "A1").issue("rows", nothing))
        demands = merge(requests, (*issues, *new))
        if not self.told:
            self.same_demands(top, demands)
        return Order(named or self.file, *base, requests, demands, (*issues, *base_issues, *new))

    def issues(self, items: list[Object]) -> Iterator[Issue]:
        """Yield the issues of an earlier check that still stand, and remember whose they are."""
        for number, item in enumerate(items):
            issue = self.issue(item, f"{self.file}: issues[{number}]")
            name, match = field_of(issue), _CELL.fullmatch(issue.cell)
            place = (issue.sheet, int(match[1]) if match else 0, name)
            said = self.answers.get(issue.key, "")
            if issue.level not in OPEN:
                self.known.setdefault(place, issue)
            elif name == "rows" and said.strip().casefold() in KEEP | DROP:
                issue = self.sheets(issue, keep=said.strip().casefold() in KEEP)
            else:
                self.known[place] = issue
                self.waiting |= {(row, name): issue for row in issue.rows}
                if said and name in (*FIELDS, "organization", "system", "remarks"):
                    continue
            yield issue

    def sheets(self, issue: Issue, *, keep: bool) -> Issue:
        """Take the answer to which of two sheets is valid."""
        self.told = True
        taken, rows = ("按全部有效读取", issue.rows) if keep else ("已忽略", ())
        self.dropped |= set(issue.rows) - set(rows)
        problem = f"{issue.problem}（按答复{taken}）"
        return replace(issue, level="info", problem=problem, hint="", proposal=None, rows=rows)

    def issue(self, item: Object, where: str) -> Issue:
        texts = [item.get(name, "") for name in ("key", "sheet", "cell", "value", "problem", "hint")]
        level, proposal, rows = item.get("level"), item.get("proposal"), item.get("rows")
        right = isinstance(rows, list) and level in get_args(Level)
        more = ("" if proposal is None else proposal, *(rows if isinstance(rows, list) else ()))
        if not right or not all(isinstance(text, str) for text in (*texts, *more)):
            raise FormError(where, "不是 check --json 写出的问题条目", "删除 issues 后重新检查")
        said = dict(zip(ISSUE_KEYS[1:7], cast(list[str], texts), strict=True))
        return Issue(
            cast(Level, level),
            **said,
            proposal=cast("str | None", proposal),
            rows=tuple(cast(list[str], rows)),
        )

    def base(self, top: Object) -> tuple[tuple[str, str, str | None], list[Issue]]:
        cells = {}
        for name in ("organization", "system", "remarks"):
            place = next((p for p in self.known if p[2] == name), ("requests", 1, name))
            known = self.known.get(place)
            cell = Cell(self.scalar(top.get(name), name), place[0], known.cell if known else "A1")
            told = cell.answered(name, self.answers)
            waits = known is not None and known.level in OPEN and told.answer is None
            cells[name] = replace(cell, pending=waits)
        return read_base(cells, "requests", self.answers)

    def scalar(self, value: object, where: str) -> str | int | float | None:
        if value is None or (isinstance(value, str | int | float) and not isinstance(value, bool)):
            return value
        raise FormError(f"{self.file}: {where}", "这里应是文本", "参照 check --json 的输出")

    def row(self, number: int, item: Object, checked: bool) -> RowResult:
        where = f"{self.file}: requests[{number - 1}]"
        sheet, row, given = (
            item.get("sheet", "requests"),
            item.get("row", number),
            item.get("id", f"R{number}"),
        )
        if not isinstance(sheet, str) or not isinstance(row, int) or not 0 < row < 10**7:
            raise FormError(where, "sheet 应是文本，row 应是行号", "参照 check --json 的输出")
        if not isinstance(given, str) or not _REQUEST_ID.fullmatch(given):
            raise FormError(where, "id 应是 R1、R2 …", "参照 check --json 的输出")
        cells = {name: self.cell(name, (sheet, row, given), item, where) for name in FIELDS}
        result = read_row(cells, (sheet, row), self.words)
        if checked:
            again = (i for i in result.issues if i.level in OPEN or cells[field_of(i)].answer is not None)
            result = replace(result, issues=tuple(again))
        result = as_example(result, (sheet, row), self.answers).numbered(given)
        self.told |= result.dropped
        return result

    def cell(self, name: str, place: tuple[str, int, str], item: Object, where: str) -> Cell:
        value = self.value(name, item, where)
        sheet, row, request = place
        known = self.known.get((sheet, row, name)) or self.waiting.get((request, name))
        cell = Cell(value, sheet, known.cell if known else f"A{row}")
        told = cell.answered(name, self.answers)
        if told.answer is not None:
            self.told = True
            return told
        waits = known is not None and known.level in OPEN
        return replace(cell, settled=known is not None and not waits, pending=waits)

    def value(self, name: str, item: Object, where: str) -> object:
        """Return one value as a form's cell would hold it: a list is one item a line."""
        value: object = item
        for step in _PLACES[name]:
            value = _object(value, f"{where}.{name}").get(step) if value is not None else None
        where = f"{where}.{name}"
        if name == "schedule" and isinstance(value, dict):
            return self.schedule(cast(Object, value), where)
        if isinstance(value, list):
            texts = [str(self.scalar(text, where)) for text in value]
            return "\n".join(texts) or ("/" if name.startswith("public.") else None)
        return self.scalar(value, where)

    def schedule(self, item: Object, where: str) -> object:
        text = free_text(self.scalar(item.get("text"), where))
        periods = tuple(self.period(p, where) for p in _objects(item.get("periods", []), where))
        known = read_schedule(text).value
        if known is not None and periods and known.periods != periods:
            raise FormError(where, f"periods 与“{text}”不符", "删去 periods，或改正 text")
        if not periods or known is not None:
            return text
        return Schedule(text, periods)

    def period(self, item: Object, where: str) -> Period:
        days, start, end = item.get("days"), item.get("from"), item.get("to")
        clocks = (
            isinstance(start, str)
            and isinstance(end, str)
            and _CLOCK.fullmatch(start)
            and _CLOCK.fullmatch(end)
        )
        if not isinstance(days, list) or not days or not all(d in DAYS for d in days) or not clocks:
            raise FormError(where, "时段应有 days（mon…sun）、from、to（HH:MM）", "参照 check --json 的输出")
        if not cast(str, start) < cast(str, end):
            raise FormError(where, "时段的 from 应早于 to", "跨零点的时段拆成两段")
        return Period(tuple(day for day in DAYS if day in days), cast(str, start), cast(str, end))

    def same_demands(self, top: Object, demands: tuple[Demand, ...]) -> None:
        """Refuse demands that ask for something else than the rows do."""
        given = top.get("demands")
        if given is not None and given != [demand_json(demand) for demand in demands]:
            raise FormError(
                f"{self.file}: demands", "与 requests 不一致", "删去 demands，会由 requests 重新得出"
            )
