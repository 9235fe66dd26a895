"""Answers that came back in the form itself: in the column 回答 beside a row, and on the summary sheet.

An answer in the form can say no more than its cells could: it goes through the same grammar, and what only
an engineer may decide (crossing tenants, widening) has no place here. Two answers to one question are none.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from nornir_itsm.forms.cells import OPEN, Cell, field_of
from nornir_itsm.forms.reading import Note, plain
from nornir_itsm.forms.row import RowResult
from nornir_itsm.forms.table import ANSWER, LABELS, TITLES, Table, label_key
from nornir_itsm.forms.workbook import Sheet, coordinate
from nornir_itsm.model.order import Demand, Issue
from nornir_itsm.model.plan import YES

SUMMARY, KEY = "核对汇总", "键"
"""Title of the summary sheet, and the head of its column of keys."""
AGREE = {"同意", "按建议", "同意建议", "ok", "agree"}
"""Answers that take the proposal."""
DEMAND_FIELDS = ("eip", "public", "valid")
"""What of a demand may be answered in the form; everything else is an engineer's to say."""
FORM_FIELDS = ("organization", "system", "remarks", "rows", "example")
"""What of a form may be answered on the summary sheet."""

_LINE = re.compile(r"\s*([^:：=＝\n]{1,20}?)\s*[:：=＝]\s*(.*)", re.DOTALL)
_NAMES = {label_key(title): name for name, title in TITLES.items()} | LABELS | {"备注": "purpose"}


@dataclass(frozen=True, slots=True)
class Told:
    """Answers by key, and what is to be said of those that were not understood."""

    answers: Mapping[str, str]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """One row with its cells, its issues so far, and where its answer stands."""

    cells: Mapping[str, Cell]
    issues: tuple[Issue, ...]
    at: Cell


def demand_key(demand: Demand, field: str) -> str:
    """Return the key of a demand's question as the form carries it: it holds for just this demand."""
    content = {**asdict(demand), "id": "", "rows": ()}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"{demand.id}.{field}#{digest[:16]}"


def row_lines(cells: Mapping[str, Cell], answers: Mapping[str, str]) -> list[str]:
    """Return the answers that belong to a row's own cells as lines of its answer cell."""
    told = ((name, answers.get(f"{cell.sheet}!{cell.ref}.{name}")) for name, cell in cells.items())
    return [f"{TITLES[name]}：{answer}" for name, answer in told if answer is not None]


def answer_cell(table: Table, number: int) -> Cell | None:
    """Return the answer cell of a row (as people count), where the form was checked before."""
    if table.beside is None:
        return None
    place = (number - 1, table.beside[1])
    value = table.sheet.at(*place)
    return Cell(value, table.sheet.title, coordinate(*place)) if _text(value) else None


def as_example(result: RowResult, place: tuple[str, int], answers: Mapping[str, str]) -> RowResult:
    """Return what a row gave; nothing where a person has said that it is the template's example.

    *place* is (sheet, row number). Whether a row is one only a plan can ask, which knows whose addresses
    are whose: its key names the row by column A.
    """
    at = Cell(None, place[0], f"A{place[1]}")
    if (answer := answers.get(f"{at.sheet}!{at.ref}.example")) is None:
        return result
    if answer.strip().casefold() not in YES:
        kept = at.issue("example", Note("info", f"第 {place[1]} 行按答复不是示例，保留"))
        return replace(result, issues=(*result.issues, kept))
    gone = at.issue("example", Note("info", f"第 {place[1]} 行按答复是示例，没有采用"))
    return RowResult(None, (gone,), result.identity, dropped=True)


def told_by(rows: Iterable[Answered], sheets: Iterable[Sheet]) -> Told:
    """Return what the form answers to its cells' questions, in its rows and on the summary sheet."""
    pairs: list[tuple[str, str, Cell]] = []
    issues: list[Issue] = []
    for row in rows:
        found, problem = _row(row)
        pairs += ((key, text, row.at) for key, text in found.items())
        if problem:
            issues.append(row.at.issue("answer", Note("warning", problem, "写成“列名：答复”，每行一个")))
    for key, text, at in _summary(sheets):
        if key.rpartition("!")[2].partition(".")[2] in FORM_FIELDS and "#" not in key:
            pairs.append((key, text, at))
    first = {key: text for key, text, _ in reversed(pairs)}
    doubled = {key for key, text, _ in pairs if text != first[key]}
    for key, _, at in pairs:
        if key in doubled:
            issues.append(
                at.issue("answer", Note("warning", "对同一个问题有两个不同的答复，都没有采用", "只留一个"))
            )
    return Told({key: text for key, text in first.items() if key not in doubled}, tuple(issues))


def told_of(demands: Sequence[Demand], sheets: Iterable[Sheet]) -> Told:
    """Return what the summary sheet answers to questions of demands. A demand that has changed has none."""
    known = {
        demand_key(d, field).partition(".")[2]: f"{d.id}.{field}" for d in demands for field in DEMAND_FIELDS
    }
    answers: dict[str, str] = {}
    issues = []
    for key, text, at in _summary(sheets):
        if "#" not in key:
            continue
        if name := known.get(key.partition(".")[2]):
            answers[name] = text
        else:
            issues.append(at.issue("answer", Note("warning", "对应的需求已改动，答复没有采用", "重新作答")))
    return Told(answers, tuple(issues))


def summary_head(sheet: Sheet) -> tuple[int, int] | None:
    """Return (row, column) of the answers' head on a summary sheet of ours; None for any other sheet."""
    if label_key(sheet.at(0, 0)) != SUMMARY:
        return None
    for number, row in enumerate(sheet.rows):
        for column in range(len(row) - 1):
            if (label_key(row[column]), label_key(row[column + 1])) == (ANSWER, KEY):
                return number, column
    return None


def _summary(sheets: Iterable[Sheet]) -> Iterator[tuple[str, str, Cell]]:
    """Yield (key, answer, its cell) of all summary sheets."""
    for sheet in sheets:
        if (head := summary_head(sheet)) is None:
            continue
        for number in range(head[0] + 1, len(sheet.rows)):
            key, text = sheet.at(number, head[1] + 1), _text(sheet.at(number, head[1]))
            if text.casefold() in AGREE:
                text = _text(sheet.at(number, head[1] - 1))  # the proposal stands left of the answer
            if isinstance(key, str) and text:
                yield key, text, Cell(text, sheet.title, coordinate(number, head[1]))


def _row(row: Answered) -> tuple[dict[str, str], str]:
    """Return the answers of one cell by key, and what is wrong with it."""
    asked = {field_of(issue): issue for issue in row.issues if issue.level in OPEN}
    found: dict[str, str] = {}
    for name, text in _parted(_text(row.at.value), row.cells):
        if not text:
            continue
        if not name and len(asked) != 1 and text.casefold() not in AGREE:
            return {}, f"这一行有 {len(asked)} 个待回答的问题，不知道“{text[:20]}”回答的是哪一个"
        for one in [name] if name else asked:
            issue, cell = asked.get(one), row.cells[one]
            answer = text
            if text.casefold() in AGREE:
                if issue is None or issue.proposal is None:
                    return {}, f"{TITLES[one]} 没有可以同意的建议"
                answer = issue.proposal
            found[issue.key if issue else f"{cell.sheet}!{cell.ref}.{one}"] = answer
    return found, ""


def _parted(text: str, cells: Mapping[str, Cell]) -> list[tuple[str, str]]:
    """Part an answer into (field, text); lines without a label go on with the field before, or name none."""
    parts: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        name = _NAMES.get(label_key(match[1])) if match else None
        if match and name and name in cells:
            parts.append((name, [match[2]]))
        elif parts:
            parts[-1][1].append(line)
        else:
            parts.append(("", [line]))
    return [(name, "\n".join(lines).strip()) for name, lines in parts]


def _text(raw: object) -> str:
    return raw.strip() if isinstance(raw, str) else plain(raw)
