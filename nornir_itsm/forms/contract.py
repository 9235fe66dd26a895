"""Orders as JSON in the contract's shape, both ways.

Written by :func:`order_json`, read by :func:`read_json`. A JSON order goes through the same grammar as a
form; where it carries ``issues`` it was checked before, and these stand until they are answered.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast, get_args

from nornir_itsm.errors import FormError
from nornir_itsm.forms.book import KEEP, read_base
from nornir_itsm.forms.bounds import ROW_LIMIT
from nornir_itsm.forms.cells import FIELDS, OPEN, Cell, Vocabulary, field_of
from nornir_itsm.forms.merge import merge
from nornir_itsm.forms.reading import free_text
from nornir_itsm.forms.row import RowResult, read_row
from nornir_itsm.forms.schedules import read_schedule
from nornir_itsm.model.order import (
    DAYS,
    Demand,
    Endpoint,
    Issue,
    Level,
    Order,
    Period,
    Request,
    Schedule,
)

Object = Mapping[str, object]

ISSUE_KEYS = ("level", "key", "sheet", "cell", "value", "problem", "hint", "proposal")

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_REQUEST_ID = re.compile(r"R[1-9][0-9]{0,5}")
_CELL = re.compile(r"[A-Z]{1,3}([1-9][0-9]{0,6})")
_PLACES = {
    "valid.from": ("valid", "from"),
    "valid.until": ("valid", "until"),
} | {name: tuple(name.split(".")) for name in FIELDS if not name.startswith("valid")}  # fmt: skip


def order_json(order: Order) -> dict[str, object]:
    """Return one element of ``check --json``'s ``orders``."""
    return {
        "file": order.file,
        "organization": order.organization,
        "system": order.system,
        "remarks": order.remarks,
        "requests": [_request_json(request) for request in order.requests],
        "demands": [_demand_json(demand) for demand in order.demands],
        "issues": [{name: getattr(issue, name) for name in ISSUE_KEYS} for issue in order.issues],
    }


def _request_json(request: Request) -> dict[str, object]:
    return {
        "id": request.id,
        "sheet": request.sheet,
        "row": request.row,
        "action": request.action,
        "source": _endpoint_json(request.source),
        "destination": _endpoint_json(request.destination),
        "public": {"addresses": list(request.public_addresses), "ports": list(request.public_ports)},
        "protocol": request.protocol,
        "valid": {"from": request.valid_from, "until": request.valid_until},
        "schedule": _schedule_json(request.schedule),
        "purpose": request.purpose,
    }


def _endpoint_json(end: Endpoint) -> dict[str, object]:
    return {
        "zone": end.zone, "host": end.host, "addresses": list(end.addresses), "ports": list(end.ports),
        "security_group": end.security_group,
    }  # fmt: skip


def _demand_json(demand: Demand) -> dict[str, object]:
    return {
        "id": demand.id,
        "rows": list(demand.rows),
        "action": demand.action,
        "source_zone": demand.source_zone,
        "destination_zone": demand.destination_zone,
        "sources": list(demand.sources),
        "destinations": list(demand.destinations),
        "public": list(demand.public),
        "protocol": demand.protocol,
        "port_pairs": [list(pair) for pair in demand.port_pairs],
        "schedule": _schedule_json(demand.schedule),
        "purpose": demand.purpose,
    }


def _schedule_json(schedule: Schedule) -> dict[str, object]:
    periods = [{"days": list(p.days), "from": p.start, "to": p.end} for p in schedule.periods]
    return {"text": schedule.text, "periods": periods}


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
        self.waiting: set[tuple[str, str]] = set()
        """(sheet, field) of those that are still open; a merged cell's issue names its first row alone."""
        self.told = False

    def order(self, top: Object) -> Order:
        if "requests" not in top:
            raise FormError(self.file, "没有 requests", "参照 check --json 的输出")
        checked = "issues" in top
        issues = list(self.issues(_objects(top["issues"], f"{self.file}: issues"))) if checked else []
        results = [
            self.row(number, item, checked)
            for number, item in enumerate(_objects(top["requests"], f"{self.file}: requests"), 1)
        ]
        base, base_issues = self.base(top)
        named = free_text(top.get("file"))[:255] if isinstance(top.get("file"), str) else ""
        requests = tuple(result.request for result in results if result.request)
        if len({request.id for request in requests}) != len(requests):
            raise FormError(self.file, "requests 的 id 重复", "每个 id 只用一次，或都不写")
        new = [issue for result in results for issue in result.issues]
        demands = merge(requests)
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
            elif said and name == "rows" and said.strip().casefold() in KEEP:
                issue = replace(issue, level="info", problem=f"{issue.problem}（按答复按全部有效读取）")
            else:
                self.known[place] = issue
                self.waiting.add((issue.sheet, name))
                if said and name in (*FIELDS, "organization", "system", "remarks"):
                    continue
            yield issue

    def issue(self, item: Object, where: str) -> Issue:
        texts = [item.get(name, "") for name in ("key", "sheet", "cell", "value", "problem", "hint")]
        level, proposal = item.get("level"), item.get("proposal")
        right = all(isinstance(text, str) for text in (*texts, "" if proposal is None else proposal))
        if not right or level not in get_args(Level):
            raise FormError(where, "不是 check --json 写出的问题条目", "删除 issues 后重新检查")
        key, sheet, cell, value, problem, hint = cast(list[str], texts)
        return Issue(cast(Level, level), key, sheet, cell, value, problem, hint, cast("str | None", proposal))

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
        cells = {name: self.cell(name, sheet, row, item, where) for name in FIELDS}
        result = read_row(cells, (given, sheet, row), self.words)
        if not checked:
            return result
        kept = tuple(i for i in result.issues if i.level in OPEN or cells[field_of(i)].answer is not None)
        return replace(result, issues=kept)

    def cell(self, name: str, sheet: str, row: int, item: Object, where: str) -> Cell:
        value = self.value(name, item, where)
        known = self.known.get((sheet, row, name))
        cell = Cell(value, sheet, known.cell if known else f"A{row}")
        told = cell.answered(name, self.answers)
        if told.answer is not None:
            self.told = True
            return told
        waits = known.level in OPEN if known else (value in (None, "/") and (sheet, name) in self.waiting)
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
        if given is not None and given != [_demand_json(demand) for demand in demands]:
            raise FormError(
                f"{self.file}: demands", "与 requests 不一致", "删去 demands，会由 requests 重新得出"
            )
