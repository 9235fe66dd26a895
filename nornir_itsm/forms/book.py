"""Sheets as an order: all their order tables, without repeated rows, with the answers that stand in them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nornir_itsm.errors import FormError
from nornir_itsm.forms.answers import Answered, answer_cell, as_example, told_by, told_of
from nornir_itsm.forms.cells import Cell, Vocabulary
from nornir_itsm.forms.merge import merge
from nornir_itsm.forms.reading import Note, free_text, is_blank, is_na, plain
from nornir_itsm.forms.row import RowResult, read_row
from nornir_itsm.forms.table import Table, find_table, label_key, nearest_header
from nornir_itsm.forms.workbook import Sheet, coordinate
from nornir_itsm.model.order import Issue, Level, Order

KEEP = {"全部", "并集", "union", "yes"}
DROP = {"忽略", "主表", "main", "no"}
"""Answers to the question which of two sheets is valid."""

_ECS = {"实例规格", "实例名称", "系统盘"}
_LABELLIKE = {"类型", "名称"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was found: its number on the sheet, its index text, its cells and what came of it."""

    number: int
    index: str
    result: RowResult
    mark: Cell


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was read: its order, and every answer that went into it, also those written in the form.

    ``data`` is the workbook itself; None where the form was none. ``tables`` are its order tables.
    """

    order: Order
    answers: Mapping[str, str]
    data: bytes | None = field(default=None, repr=False)
    sheets: tuple[Sheet, ...] = field(default=(), repr=False)
    tables: tuple[Table, ...] = field(default=(), repr=False)


def read_sheets(sheets: Sequence[Sheet], file: str, words: Vocabulary, given: Mapping[str, str]) -> Form:
    """Read the order that some sheets hold. Raises FormError where no sheet has an order table."""
    tables = [table for sheet in sheets if (table := find_table(sheet))]
    if not tables:
        raise _no_table(sheets, file)
    tables.sort(key=lambda table: table.sheet.hidden)  # stable: what is visible comes first
    told = told_by(_asked(tables, words, given), sheets)
    answers = {**told.answers, **given}
    order = _order(sheets, tables, file, words, answers)
    later = told_of(order.demands, sheets)
    order = replace(order, issues=(*order.issues, *told.issues, *later.issues))
    return Form(order, {**later.answers, **answers}, None, tuple(sheets), tuple(tables))


def _asked(tables: Sequence[Table], words: Vocabulary, given: Mapping[str, str]) -> Iterator[Answered]:
    """Yield the rows that have something in their answer cell, with what they leave open without it."""
    for table in tables:
        for number, _, cells in table.rows:
            if (at := answer_cell(table, number)) is not None:
                told = {name: cell.answered(name, given) for name, cell in cells.items()}
                yield Answered(cells, read_row(told, (table.sheet.title, number), words).issues, at)


def _order(
    sheets: Sequence[Sheet], tables: Sequence[Table], file: str, words: Vocabulary, answers: Mapping[str, str]
) -> Order:
    base, base_issues = read_base(tables[0].base, tables[0].sheet.title, answers)
    found = [_rows(table, words, answers) for table in tables]
    rows, sheet_issues = _union(tables, found, answers)
    numbered = [row.result.numbered(f"R{number}") for number, row in enumerate(rows, 1)]
    requests = tuple(result.request for result in numbered if result.request)
    issues = [
        *base_issues,
        *_other_applicants(tables, base),
        *(issue for result in numbered for issue in result.issues),
        *sheet_issues,
        *(issue for table in tables for issue in _oddities(table)),
        *(issue for sheet in sheets if (issue := _servers(sheet))),
    ]
    if all(row.result.dropped for row in rows):
        problem = Note("error", "没有需求行", "在表头下面填写需求")
        issues.append(Cell(None, tables[0].sheet.title, f"A{tables[0].header + 2}").issue("rows", problem))
    said = tuple(_once(issues))
    return Order(file, *base, requests, merge(requests, said), said)


def _once(issues: Iterable[Issue]) -> Iterable[Issue]:
    """Return each issue once, about all its rows: that of a merged cell was raised by each of them."""
    found: dict[tuple[Level, str, str], Issue] = {}
    for issue in issues:
        same = (issue.level, issue.key, issue.problem)
        first = found.setdefault(same, issue)
        if issue.rows != first.rows:
            found[same] = replace(first, rows=tuple(dict.fromkeys((*first.rows, *issue.rows))))
    return found.values()


def read_base(
    base: Mapping[str, Cell], sheet: str, answers: Mapping[str, str]
) -> tuple[tuple[str, str, str | None], list[Issue]]:
    """Return organization, system and remarks, and what is wrong with them."""
    values: list[str] = []
    issues: list[Issue] = []
    for name, label in (("organization", "申请组织"), ("system", "系统名称"), ("remarks", "")):
        cell = base.get(name, Cell(None, sheet, "A1")).answered(name, answers)
        values.append("" if cell.pending else free_text(cell.read_as))
        if cell.answer is not None:
            issues.append(cell.issue(name, Note("info", "按答复读取")))
        if label and not values[-1] and not cell.pending:
            issues.append(cell.issue(name, Note("question", f"没有填写{label}", f"填写{label}")))
    return (values[0], values[1], values[2] or None), issues


def _no_table(sheets: Sequence[Sheet], file: str) -> FormError:
    known, row, title = max(((*nearest_header(sheet), sheet.title) for sheet in sheets), default=(0, 0, ""))
    near = f"；最接近的是“{title}”第 {row} 行，认出 {known} 个列名" if known else ""
    return FormError(
        file,
        f"没有找到需求表{near}",
        "使用网络策略服务申请单，表头含 源归属、源IP、目的归属、目的IP、目的端口、协议、操作、生效时间",
    )


def _rows(table: Table, words: Vocabulary, answers: Mapping[str, str]) -> list[Row]:
    found = []
    for number, index, cells in table.rows:
        told = {name: cell.answered(name, answers) for name, cell in cells.items()}
        place = table.sheet.title, number
        result = as_example(read_row(told, place, words), place, answers)
        first = next(iter(cells.values()))
        mark = Cell(index, table.sheet.title, _index_ref(first.ref, number))
        found.append(Row(number, index, result, mark))
    return found


def _index_ref(ref: str, number: int) -> str:
    """Return the cell left of the row's first field."""
    column = 0
    for letter in ref.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return coordinate(number - 1, max(column - 2, 0))


def _union(
    tables: Sequence[Table], found: Sequence[Sequence[Row]], answers: Mapping[str, str]
) -> tuple[list[Row], list[Issue]]:
    """Return the distinct rows of all sheets; a row that stands on several keeps the first."""
    rows: list[Row] = list(found[0])
    issues = list(_repeated(found[0]))
    main = {row.result.identity for row in rows}
    seen = set(main)
    for table, more in zip(tables[1:], found[1:], strict=True):
        extra = [row for row in more if row.result.identity not in seen]
        if not extra:
            if more:
                issues.append(
                    more[0].mark.issue(
                        "rows", Note("info", f"{table.sheet.title} 重复了前面的 {len(more)} 行")
                    )
                )
            continue
        superset = main <= {row.result.identity for row in more} and not table.sheet.hidden
        drop, issue = _extra(tables[0], table, extra, "warning" if superset else "question", answers)
        ids = () if drop else _ids(extra, len(rows) + 1)
        issues.append(replace(issue, rows=ids))
        if not drop:
            rows += extra
            seen |= {row.result.identity for row in extra}
            issues += _repeated(extra)
    return rows, issues


def _ids(rows: Sequence[Row], first: int) -> tuple[str, ...]:
    """Return the ids that rows will have as requests where *first* is the number of the first of them."""
    return tuple(f"R{number}" for number, row in enumerate(rows, first) if row.result.request)


def _extra(
    main: Table, table: Table, extra: Sequence[Row], level: Level, answers: Mapping[str, str]
) -> tuple[bool, Issue]:
    """Say that a sheet has rows that the main sheet lacks; tell whether a person said to drop them."""
    mark = extra[0].mark
    answer = answers.get(f"{mark.sheet}!{mark.ref}.rows", "").strip().casefold()
    shown = replace(mark, value="、".join(row.index or str(row.number) for row in extra))
    problem = f"{table.sheet.title} 有 {len(extra)} 行是主表“{main.sheet.title}”没有的，请确认"
    if answer in KEEP or answer in DROP:
        taken = "已忽略" if answer in DROP else "按全部有效读取"
        return answer in DROP, shown.issue("rows", Note("info", f"{problem}（按答复{taken}）"))
    hidden = "（该表隐藏）" if table.sheet.hidden else ""
    hint = "现按两表的并集读取；以 全部 或 忽略 作答"
    return False, shown.issue("rows", Note(level, problem + hidden, hint, "全部"))


def _repeated(rows: Sequence[Row]) -> Iterator[Issue]:
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        number = first.setdefault(row.result.identity, row.number)
        if number != row.number:
            yield row.mark.issue("rows", Note("info", f"与第 {number} 行重复"))


def _other_applicants(tables: Sequence[Table], base: tuple[str, str, str | None]) -> Iterator[Issue]:
    for table in tables[1:]:
        cell = table.base.get("organization")
        name = free_text(cell.value) if cell else ""
        if cell and name and name != base[0]:
            yield cell.issue(
                "organization", Note("warning", f"与主表的申请组织“{base[0]}”不同", "请确认申请人")
            )


def _oddities(table: Table) -> Iterator[Issue]:
    title = table.sheet.title
    for ref in table.doubled:
        yield Cell(None, title, ref).issue("header", Note("error", "表头有重复的列", "删除多余的一列"))
    for ref in table.late:
        yield Cell(None, title, ref).issue(
            "rows", Note("warning", "这一行在表尾注释之后，没有读取", "移到注释之前")
        )
    for number, index, cells in table.rows:
        if number - 1 in table.sheet.hidden_rows:
            ref = _index_ref(next(iter(cells.values())).ref, number)
            yield Cell(index, title, ref).issue(
                "rows", Note("warning", "隐藏的行也按需求读取", "请确认是否有效")
            )


def _servers(sheet: Sheet) -> Issue | None:
    """Report a cloud-server form in the same workbook; its values (a password is among them) stay there."""
    keys = {label_key(raw) for row in sheet.rows for raw in row if isinstance(raw, str)}
    if len(keys & _ECS) < 2:
        return None
    hidden = "隐藏的" if sheet.hidden else ""
    cell = Cell(None, sheet.title, "A1")
    if _filled(sheet):
        return cell.issue(
            "sheet",
            Note("warning", f"{hidden}{sheet.title} 已填写：还申请了云服务器", "云服务器请另走服务项"),
        )
    return cell.issue("sheet", Note("info", f"{hidden}{sheet.title} 没有填写，已忽略"))


def _filled(sheet: Sheet) -> bool:
    """Tell whether a value stands between the labels and the hints of a cloud-server form."""
    hints = [c for row in sheet.rows for c, raw in enumerate(row) if label_key(raw) == "说明"]
    labels = [c for row in sheet.rows for c, raw in enumerate(row) if label_key(raw) in _ECS]
    for row in sheet.rows:
        for raw in row[min(labels) + 1 : min(hints, default=len(row))]:
            text = plain(raw)
            label = text.startswith("*") or label_key(raw) in _LABELLIKE
            if (
                text
                and not label
                and not is_na(text)
                and not is_blank(text)
                and not re.match("必填|选填", text)
            ):
                return True
    return False
