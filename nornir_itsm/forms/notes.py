"""What a check says of a form: beside each row, on single cells, in a summary."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nornir_itsm.forms.answers import FORM_FIELDS, row_lines
from nornir_itsm.forms.book import Form
from nornir_itsm.forms.cells import FIELDS, OPEN, Cell, field_of
from nornir_itsm.forms.reading import shorten
from nornir_itsm.forms.styles import Tone
from nornir_itsm.forms.table import TITLES
from nornir_itsm.model.order import Demand, Issue, Level

Audience = Literal["engineer", "customer"]
AUDIENCES: tuple[Audience, ...] = ("engineer", "customer")

TONES: Mapping[Level, Tone] = {"error": "bad", "question": "ask", "warning": "note", "info": "plain"}
WORDS: Mapping[Level, str] = {"error": "请更正", "question": "待回答", "warning": "提醒", "info": "说明"}
_COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class RowNote:
    """What stands beside one row: ``row`` as people count, ``answer`` what its answer cell holds.

    ``asks``: an answer is waited for, or was given.
    """

    sheet: str
    row: int
    verdict: str
    tone: Tone
    lines: tuple[str, ...] = ()
    answer: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class CellNote:
    """What is said of one cell."""

    sheet: str
    cell: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the summary: of a cell, where ``sheet`` and ``cell`` say which, or of a demand.

    ``asks``: where its question is answered, ``here`` or ``beside`` its row; empty where it has none.
    """

    where: str
    title: str
    value: str
    verdict: str
    tone: Tone
    text: str
    proposal: str = ""
    answer: str = ""
    key: str = ""
    sheet: str = ""
    cell: str = ""
    asks: Literal["", "here", "beside"] = ""

    @property
    def sentence(self) -> str:
        """Text and proposal in one line."""
        return f"{self.text}。建议：{self.proposal}" if self.proposal else self.text


@dataclass(frozen=True, slots=True)
class Notes:
    """Everything that is said of a form to one audience."""

    audience: Audience
    rows: tuple[RowNote, ...]
    cells: tuple[CellNote, ...]
    items: tuple[Item, ...]
    demands: tuple[Item, ...]


def demand_words(demand: Demand) -> str:
    """Return a demand on one line: who reaches whom over what, and when."""
    pairs = (inner if outer in (inner, "any") else f"{outer}→{inner}" for outer, inner in demand.port_pairs)
    public = f"  公网 {'、'.join(demand.public)}" if demand.public else ""
    return (
        f"{demand.source_zone} {'、'.join(demand.sources) or '待定'} → "
        f"{demand.destination_zone} {'、'.join(demand.destinations) or '待定'}"
        f"  {(demand.protocol or '待定').upper()} {'、'.join(pairs) or '待定'}"
        f"{public}  {demand.schedule.text}{f'  有效期 {demand.validity}' if demand.validity else ''}"
    )


def issue_item(form: Form, issue: Issue) -> Item:
    """Return an issue as a line of the summary."""
    name = field_of(issue)
    asks: Literal["", "here", "beside"] = ""
    if name in FORM_FIELDS:
        asks = "here"
    elif name in FIELDS and issue.level in OPEN:
        asks = "beside"
    return Item(
        f"{issue.sheet}!{issue.cell}", TITLES.get(name, name), shorten(issue.value), WORDS[issue.level],
        TONES[issue.level], "；".join(filter(None, (issue.problem, issue.hint))), issue.proposal or "",
        form.answers.get(issue.key, "") if asks == "here" else "", issue.key, issue.sheet, issue.cell, asks,
    )  # fmt: skip


def cell_notes(form: Form, issues: Iterable[Issue]) -> Iterator[CellNote]:
    """Yield one note for each cell of an order table that somebody should look at."""
    ours = {table.sheet.title for table in form.tables}
    found: dict[tuple[str, str], list[Issue]] = {}
    for issue in issues:
        if issue.sheet in ours and issue.level != "info" and field_of(issue) not in ("sheet", "answer"):
            found.setdefault((issue.sheet, issue.cell), []).append(issue)
    for (sheet, cell), said in found.items():
        items = [issue_item(form, issue) for issue in said]
        text = "\n".join(f"{item.verdict}：{item.title} {item.sentence}" for item in items)
        yield CellNote(sheet, cell, min((i.tone for i in items), key=("bad", "ask", "note").index), text)


class Touching:
    """Which issues are about a row: those of its own cells, and of merged cells that it is part of."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        """Sort the issues by row and by cell."""
        self._rows: dict[tuple[str, int], list[Issue]] = {}
        self._cells: dict[tuple[str, str, str], list[Issue]] = {}
        for issue in issues:
            self._rows.setdefault((issue.sheet, row_of(issue)), []).append(issue)
            self._cells.setdefault((issue.sheet, issue.cell, field_of(issue)), []).append(issue)

    def row(self, sheet: str, number: int, cells: Mapping[str, Cell]) -> list[Issue]:
        """Return the issues of a row."""
        own = self._rows.get((sheet, number), [])
        anchors = ((sheet, cell.anchor, name) for name, cell in cells.items() if cell.anchor)
        shared = (issue for anchor in anchors for issue in self._cells.get(anchor, []))
        return [*own, *(issue for issue in shared if row_of(issue) != number)]


def row_note(
    form: Form, sheet: str, number: int, cells: Mapping[str, Cell], said: Sequence[Issue]
) -> RowNote:
    """Return what a check says of a row; what is answered already stands in its answer cell."""
    waiting = [issue for issue in said if issue.level in OPEN]
    level: Level = "info"
    if waiting:
        level = "error" if any(issue.level == "error" for issue in waiting) else "question"
    verdict, tone = (WORDS[level], TONES[level]) if waiting else ("可受理", "good")
    lines = []
    for count, issue in enumerate(said, 1):
        item = issue_item(form, issue)
        word = "" if item.verdict == verdict else f"{item.verdict} "
        lines.append(f"{count}. {word}{item.title}（{issue.cell}）：{item.sentence}")
    answer = "\n".join(_answer(form, number, cells, waiting))
    return RowNote(sheet, number, verdict, tone, tuple(lines), answer, asks=bool(waiting or answer))


def _answer(form: Form, number: int, cells: Mapping[str, Cell], waiting: Sequence[Issue]) -> Iterator[str]:
    """Yield the lines of an answer cell: what was answered, and the names of what is still to be."""
    told = row_lines(cells, form.answers)
    yield from told
    known = {line.partition("：")[0] for line in told}
    names = dict.fromkeys(
        TITLES[field_of(i)] for i in waiting if field_of(i) in cells and row_of(i) == number
    )
    if len(names) > 1 or told:
        yield from (f"{name}：" for name in names if name not in known)


def row_of(issue: Issue) -> int:
    """Return the row of an issue's cell."""
    return int(issue.cell.lstrip(_COLUMNS) or 0)
