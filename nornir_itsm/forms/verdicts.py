"""What is said of a form to its requester or to the engineer, before and after planning.

The requester hears verdicts, questions and proposals in his own words, and nothing of rules, devices or other
tenants: a plan's own words are never passed on to him, only what this file has for them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nornir_itsm.forms.answers import DEMAND_FIELDS, FORM_FIELDS, demand_key
from nornir_itsm.forms.book import Form
from nornir_itsm.forms.cells import field_of
from nornir_itsm.forms.notes import (
    Audience,
    Item,
    Notes,
    RowNote,
    Touching,
    cell_notes,
    demand_words,
    issue_item,
    row_note,
)
from nornir_itsm.forms.ports import Span, coalesced, text_of
from nornir_itsm.forms.reading import shorten
from nornir_itsm.forms.styles import Tone
from nornir_itsm.model.order import Demand, Issue, Level, Order
from nornir_itsm.model.plan import DemandVerdict, Plan, Proof, Question
from nornir_itsm.stages.words import proof_words

_LEVELS: tuple[Level, ...] = ("error", "question", "warning", "info")
_ACTIONS = {"add": "新增", "delete": "删除"}
_VERDICTS: Mapping[str, tuple[str, Tone]] = {
    "change": ("将变更", "good"),
    "partial": ("将变更", "good"),
    "covered": ("已满足", "good"),
    "blocked": ("转工程师处理", "note"),
    "manual": ("转工程师处理", "note"),
    "unsupported": ("转工程师处理", "note"),
}
_INSIDE = {
    "change": "需要变更", "partial": "部分已满足", "covered": "已满足",
    "blocked": "受阻", "manual": "人工处理", "unsupported": "不支持",
}  # fmt: skip
_ASKED = {
    "eip": "主机没有可用的互联网出口地址（EIP），或不止一个：请写明使用哪一个，没有则先申请绑定",
    "public": "请写明使用哪些公网地址；若是自有线路请说明",
    "protocol": "请写明协议；从互联网 ping（ICMP）不能按端口发布",
    "destination": "同一公网端口只能转到一个目的地址：请每个目的地址写一行，各用一个公网端口",
    "ports": "请写明要发布的具体端口，不能发布全部端口",
    "host": "请写成单个主机地址，一行一个",
    "valid": "设备上的规则不会到期自动关闭：请确认到期前会另行提交删除申请",
    "example": "这一行里有不属于贵单位的地址，可能是模板的示例行没有删除：是示例请填“是”，不是请填“否”",
    "dnat": "这个公网地址和端口已被占用：请换一个公网端口",
}
"""What a requester can answer about a demand, in words for him. Other questions are the engineer's."""
_TITLES = {
    "eip": "出口地址", "public": "公网地址", "owner": "归属", "valid": "有效期", "example": "示例行",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with what a check says of it, and the demand that it became part of."""

    note: RowNote
    name: str
    demand: Demand | None
    planned: bool
    """False where the form's own doubts come first."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known when notes are written: for whom, what was planned, what is asked about demands."""

    form: Form
    audience: Audience
    plan: Plan | None
    asked: tuple[Item, ...]
    first: Mapping[str, _Row]
    """The first row of each demand."""
    doubted: frozenset[str]
    """Demands that the form itself leaves open."""

    def verdict(self, demand: Demand) -> DemandVerdict | None:
        """Return what a plan says of a demand."""
        return next((v for v in self.plan.demands if v.id == demand.id), None) if self.plan else None

    def questions(self, demand: Demand) -> list[Item]:
        """Return what is asked about a demand."""
        return [item for item in self.asked if item.where == demand.id]

    def judged(self, demand: Demand) -> tuple[str, Tone]:
        """Return the verdict in the requester's words."""
        verdict = self.verdict(demand)
        if verdict is None:
            return ("本次未处理" if self.plan else ""), "plain"
        if verdict.verdict == "blocked" and (demand.id in self.doubted or self.questions(demand)):
            return "待回答", "ask"
        return _VERDICTS[verdict.verdict]


def notes_of(form: Form, audience: Audience, plan: Plan | None = None) -> Notes:
    """Return what is to be said of a checked form, or of a planned one."""
    issues = [_known(i, plan) for i in form.order.issues if audience == "engineer" or i.level != "info"]
    asked = tuple(_asked(form.order, plan, audience))
    rows = [*_checked(form, issues)]
    first = {row.demand.id: row for row in reversed(rows) if row.demand}
    doubted = frozenset(row.demand.id for row in rows if row.demand and not row.planned)
    said = _Said(form, audience, plan, asked, first, doubted)
    items = [issue_item(form, issue) for issue in _summed(form, issues)]
    return Notes(
        audience,
        tuple(_row(said, row) for row in rows),
        tuple(cell_notes(form, issues)),
        (*items, *asked, *_settled(said)),
        tuple(_demand(said, demand) for demand in form.order.demands),
    )


def _known(issue: Issue, plan: Plan | None) -> Issue:
    """Return an issue with what a plan found for its answer: a hint: the form alone cannot agree to it."""
    asked = plan.questions if plan and issue.level == "question" and not issue.proposal else ()
    found = next((q.proposal for q in asked if q.key == issue.key), "")
    return replace(issue, hint=f"{issue.hint}；现用 {found}") if found else issue


def _checked(form: Form, issues: Sequence[Issue]) -> Iterator[_Row]:
    """Yield every row of every order table with what the check says of it."""
    request_of = {(r.sheet, r.row): r.id for r in form.order.requests}
    demand_of = {row: demand for demand in form.order.demands for row in demand.rows}
    touching = Touching(issues)
    for table in form.tables:
        for number, index, cells in table.rows:
            said = touching.row(table.sheet.title, number, cells)
            note = row_note(form, table.sheet.title, number, cells, said)
            demand = demand_of.get(request_of.get((note.sheet, number), ""))
            yield _Row(note, index or f"第 {number} 行", demand, note.tone not in ("bad", "ask"))


def _summed(form: Form, issues: Iterable[Issue]) -> list[Issue]:
    """Return the issues for the summary, the worst first, and those answered there before."""
    listed = list(issues)
    told = (i for i in form.order.issues if field_of(i) in FORM_FIELDS and i.key in form.answers)
    known = set(listed)
    listed += [issue for issue in told if issue not in known]
    return sorted(listed, key=lambda issue: _LEVELS.index(issue.level))


def _row(said: _Said, row: _Row) -> RowNote:
    """Return what stands beside a row: the check's words, the plan's where there is one, details."""
    note, demand = row.note, row.demand
    if demand is None:
        return note if not row.planned else _without_demand(note)
    first = said.first[demand.id]
    again = [f"同{first.name}"] if first is not row else []
    lines: list[str] = []
    if said.audience == "engineer":
        lines = [f"{demand.id}（同{first.name}）" if again else f"{demand.id}：{demand_words(demand)}"]
    elif again and said.questions(demand):
        lines = again
    if said.plan and row.planned:
        verdict, tone = said.judged(demand)
        note = replace(note, verdict=verdict, tone=tone)
        lines += () if again else _questions(said, demand)
    details = _details(said, demand) if said.audience == "engineer" and not again else []
    return replace(note, lines=(*lines, *note.lines, *details))


def _without_demand(note: RowNote) -> RowNote:
    why = "与前面的需求重复，或已按答复不采用"
    return replace(note, verdict="不单独处理", tone="plain", lines=(why, *note.lines))


def _questions(said: _Said, demand: Demand) -> Iterator[str]:
    for number, item in enumerate(said.questions(demand), 1):
        yield f"{number}. {item.sentence}（{'在“核对汇总”表中作答' if item.asks else '请改正这一行'}）"


def _demand(said: _Said, demand: Demand) -> Item:
    """Return a demand as a line of the summary."""
    rows: dict[str, list[Span]] = {}
    for request in said.form.order.requests:
        if request.id in demand.rows:
            rows.setdefault(request.sheet, []).append((request.row, request.row))
    where = "；".join(
        f"{sheet} 第 {'、'.join(map(text_of, coalesced(spans)))} 行" for sheet, spans in rows.items()
    )
    word, tone = said.judged(demand)
    verdict = said.verdict(demand)
    reason = verdict.reason if verdict and said.audience == "engineer" else ""
    action = _ACTIONS[demand.action]
    return Item(demand.id, action, shorten(where), word, tone, demand_words(demand), reason)


def _asked(order: Order, plan: Plan | None, audience: Audience) -> Iterator[Item]:
    """Yield what a plan asks about demands, one item a key; the form's own questions are its issues."""
    known = {demand.id: demand for demand in order.demands}
    questions: dict[str, list[Question]] = {}
    for question in plan.questions if plan else ():
        questions.setdefault(question.key, []).append(question)
    for key, asked in questions.items():
        name, what = _about(key, order)
        if name not in known:
            continue
        answerable = what in (*DEMAND_FIELDS, "example")
        token = demand_key(known[name], what) if what in DEMAND_FIELDS else key if answerable else ""
        asks: Literal["", "here"] = "here" if answerable else ""
        proposal = "、".join(dict.fromkeys(q.proposal for q in asked if q.proposal))
        if audience == "engineer":
            words = "；".join(dict.fromkeys(q.text for q in asked))
            yield Item(name, key, "", "待回答", "ask", words, proposal, key=token, asks=asks)
        elif what in _ASKED:
            told = proposal if answerable else ""
            yield Item(
                name, _TITLES.get(what, ""), "", "待回答", "ask", _ASKED[what], told, key=token, asks=asks
            )


def _about(key: str, order: Order) -> tuple[str, str]:
    """Return demand and field of a plan's question; no demand for one that is an issue of the form."""
    sheet, inside, rest = key.rpartition("!")
    name, _, what = rest.partition(".")
    if inside:
        rows = {r.id for r in order.requests if what == "example" and (r.sheet, f"A{r.row}") == (sheet, name)}
        name = next((d.id for d in order.demands if rows & set(d.rows)), "")
    return name, what


def _settled(said: _Said) -> Iterator[Item]:
    """Yield the answers about demands that no cell carries, so that the form read again knows them."""
    asked = {item.key for item in said.asked}
    fields = (*DEMAND_FIELDS, "owner") if said.audience == "engineer" else DEMAND_FIELDS
    for demand in said.form.order.demands:
        for what in fields:
            answer = said.form.answers.get(f"{demand.id}.{what}")
            key = demand_key(demand, what) if what in DEMAND_FIELDS else ""
            if answer is not None and (not key or key not in asked):
                yield Item(
                    demand.id,
                    _TITLES[what],
                    "",
                    "已答复",
                    "plain",
                    "",
                    answer=answer,
                    key=key,
                    asks="here" if key else "",
                )


def _details(said: _Said, demand: Demand) -> list[str]:
    """Return what the engineer's copy says of a demand: path, evidence, proof."""
    verdict = said.verdict(demand)
    if verdict is None or said.plan is None:
        return []
    path = [f"{n.point}：{n.source} → {n.destination} {n.service}" for n in verdict.path]
    proofs = [line for proof in said.plan.proofs if proof.demand == demand.id for line in _proof(proof)]
    asked = said.judged(demand)[0] == "待回答"  # then the reason is what is asked
    reason = [] if asked else [f"{_INSIDE[verdict.verdict]} {verdict.reason}".strip()]
    return [*reason, *path, *verdict.evidence, *proofs]


def _proof(proof: Proof) -> Iterator[str]:
    yield f"证明：{'精确' if proof.exact else '不精确'}"
    for title, items in proof_words(proof):
        more = f" 等 {len(items)} 项" if len(items) > 2 else ""
        yield f"{title}：{'；'.join(_short(item) for item in items[:2])}{more}"


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"
