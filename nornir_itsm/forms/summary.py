"""The summary sheet 核对汇总: what was read, what is wrong, what is asked, and where to answer.

Its hidden columns carry the keys of questions, and the look that marked cells had before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from nornir_itsm.forms.answers import KEY, SUMMARY
from nornir_itsm.forms.notes import Item, Notes
from nornir_itsm.forms.package import SPREADSHEET
from nornir_itsm.forms.splice import printable, text_xml
from nornir_itsm.forms.styles import Styles
from nornir_itsm.forms.table import ANSWER
from nornir_itsm.forms.workbook import Position, coordinate
from nornir_itsm.model.order import Order

HEADS = ("编号", "位置", "项目", "填写内容", "结论", "说明", "建议", f"{ANSWER}（填“同意”即采用建议）", KEY)
WIDTHS = (8, 26, 14, 24, 10, 56, 22, 28, 40, 6)
ANSWERS, KEYS, LOOKS = 7, 8, 9
_DEMANDS = ("编号", "位置", "操作", "按下述内容读取", "", "", "结论", "")
_HELP = (
    "请在浅黄色的“回答”格里作答（需求行的问题在申请表各行右侧作答），或直接改正申请表，然后把本文件发回。"
    "填“同意”即采用建议。"
)


@dataclass(slots=True)
class _Cells:
    """Rows of a sheet as they are written."""

    rows: list[str]
    merges: list[str]
    links: list[str]

    def row(self, cells: Iterable[tuple[int, str, int]], height: float | None = None) -> int:
        """Add a row of (column, text, style) and return its number from 0."""
        number = len(self.rows)
        parts = (
            f'<c r="{coordinate(number, column)}" s="{style}"'
            + (f' t="inlineStr"><is>{text_xml("t", text)}</is></c>' if text else "/>")
            for column, text, style in cells
        )
        high = f' ht="{height}" customHeight="1"' if height else ""
        self.rows.append(f'<row r="{number + 1}"{high}>{"".join(parts)}</row>')
        return number

    def merge(self, row: int, first: int, last: int) -> None:
        """Join cells of a row."""
        self.merges.append(f"{coordinate(row, first)}:{coordinate(row, last)}")


def summary_xml(
    order: Order, notes: Notes, styles: Styles, looks: Mapping[tuple[str, Position], int]
) -> bytes:
    """Return the sheet. *looks* gives the style that a marked cell had, by sheet and place."""
    cells, head, words = _Cells([], [], []), styles.head(), styles.words()
    cells.merge(cells.row([(0, SUMMARY, styles.title())], 28), 0, ANSWERS)
    who = f"申请组织：{order.organization or '—'}　　系统名称：{order.system or '—'}　　文件：{order.file}"
    cells.merge(cells.row([(0, who, words)]), 0, ANSWERS)
    cells.merge(cells.row([(0, _headline(notes), words)]), 0, ANSWERS)
    cells.merge(cells.row([(0, _HELP, words)], 32), 0, ANSWERS)
    cells.row(())
    cells.row([(column, text, head) for column, text in enumerate(HEADS)], 22)
    for number, item in enumerate(notes.items, 1):
        _item(cells, str(number), item, styles)
    if not notes.items:
        row = cells.row([(0, "没有错误，也没有待回答的问题", styles.text("good"))])
        cells.merge(row, 0, ANSWERS)
    cells.row(())
    row = cells.row([(column, text, head) for column, text in enumerate(_DEMANDS)], 22)
    cells.merge(row, 3, 5)
    cells.merge(row, 6, ANSWERS)
    for item in notes.demands:
        _demand(cells, item, styles)
    for (sheet, place), style in looks.items():
        cells.row([(LOOKS, f"{sheet}!{coordinate(*place)}", style)])
    return _sheet(cells, hide_keys=notes.audience == "customer")


def _headline(notes: Notes) -> str:
    counts = {
        verdict: sum(i.verdict == verdict for i in notes.items) for verdict in ("请更正", "待回答", "提醒")
    }
    said = "，".join(f"{verdict} {count} 处" for verdict, count in counts.items() if count) or "没有问题"
    return f"共 {len(notes.rows)} 行需求，归并为 {len(notes.demands)} 条：{said}"


def _item(cells: _Cells, number: str, item: Item, styles: Styles) -> None:
    plain, tone = styles.text(), styles.text(item.tone, centred=True)
    beside = "在该行右侧作答" if item.asks == "beside" else item.answer
    answer = (ANSWERS, item.answer, styles.answer()) if item.asks == "here" else (ANSWERS, beside, plain)
    texts = (number, item.where, item.title, item.value)
    row = cells.row(
        [
            *((column, text, plain) for column, text in enumerate(texts)),
            (4, item.verdict, tone),
            (5, item.text, plain),
            (6, item.proposal, plain),
            answer,
            (KEYS, item.key, plain),
        ],
        max(
            text_height(text, WIDTHS[n])
            for n, text in ((1, item.where), (3, item.value), (5, item.text), (6, item.proposal))
        ),
    )
    if item.cell:
        place = quoteattr(f"'{item.sheet.replace(chr(39), chr(39) * 2)}'!{item.cell}")
        cells.links.append(f'<hyperlink ref="{coordinate(row, 1)}" location={place}/>')


def _demand(cells: _Cells, item: Item, styles: Styles) -> None:
    plain, tone = styles.text(), styles.text(item.tone, centred=True)
    said = f"{item.verdict}  {item.proposal}".strip()
    row = cells.row(
        [
            (0, item.where, plain), (1, item.value, plain), (2, item.title, plain), (3, item.text, plain),
            *((column, "", plain) for column in (4, 5)), (6, said, tone if item.verdict else plain),
            (ANSWERS, "", plain),
        ],
        max(
            text_height(item.text, sum(WIDTHS[3:6])),
            text_height(said, sum(WIDTHS[6:8])),
            text_height(item.value, WIDTHS[1]),
        ),
    )  # fmt: skip
    cells.merge(row, 3, 5)
    cells.merge(row, 6, ANSWERS)


def text_height(text: str, width: float) -> float:
    """Return how many points of height a wrapped text needs in a column so many characters wide."""
    lines = 0
    for line in text.splitlines() or [""]:
        letters = sum(2 if ord(letter) > 255 else 1 for letter in line)
        lines += max(1, -(-letters // max(int(width - 1), 1)))
    return 14.0 * lines + 4


def _sheet(cells: _Cells, *, hide_keys: bool) -> bytes:
    hidden = (KEYS, LOOKS) if hide_keys else (LOOKS,)
    cols = "".join(
        f'<col min="{n + 1}" max="{n + 1}" width="{width}" customWidth="1"{_flag("hidden", n in hidden)}/>'
        for n, width in enumerate(WIDTHS)
    )
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in cells.merges)
    links = f"<hyperlinks>{''.join(cells.links)}</hyperlinks>" if cells.links else ""
    return printable(
        f'<worksheet xmlns="{SPREADSHEET}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView showGridLines="0" workbookViewId="0">'
        f'<pane ySplit="6" topLeftCell="A7" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{cols}</cols>'
        f"<sheetData>{''.join(cells.rows)}</sheetData>"
        f'<mergeCells count="{len(cells.merges)}">{merges}</mergeCells>{links}'
        f'<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'
    ).encode()


def _flag(name: str, on: bool) -> str:
    return f' {name}="1"' if on else ""


def looks_in(rows: Sequence[Sequence[object]]) -> dict[tuple[str, str], Position]:
    """Return, from an earlier summary, (sheet, cell) -> where the look of that cell is kept."""
    found: dict[tuple[str, str], Position] = {}
    for number, row in enumerate(rows):
        text = row[LOOKS] if len(row) > LOOKS else None
        if isinstance(text, str) and "!" in text:
            sheet, _, cell = text.rpartition("!")
            found[sheet, cell] = (number, LOOKS)
    return found
