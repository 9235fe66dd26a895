"""Stored changes as tables that one likes to read; on standard error like every other view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from nornir_itsm.cli.view import console, say, steps
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.gates import next_step

if TYPE_CHECKING:
    from nornir_itsm.journal.records import Approval, Move, Step, StoredChange, Summary
    from nornir_itsm.ports import Link

_STATES = {
    "planned": "[cyan]已做方案[/]",
    "approved": "[green]已批准[/]",
    "rejected": "[red]已驳回[/]",
    "held": "[yellow]挂起[/]",
    "handed_over": "[yellow]人工执行中[/]",
    "partly": "[yellow]部分完成[/]",
    "attested": "[yellow]待验证[/]",
    "differs": "[red]与方案不符[/]",
    "applying": "[yellow]推送中[/]",
    "verifying": "[yellow]验证中[/]",
    "done": "[green]完成[/]",
    "rolled_back": "已回退",
    "needs_person": "[red]需要人工[/]",
    "withdrawn": "已撤回",
}
_CELLS = {
    "waiting": "未执行",
    "applying": "[yellow]推送中[/]",
    "applied": "[green]已执行[/]",
    "handed_over": "[yellow]已交给人[/]",
    "attested": "[yellow]已登记，待验证[/]",
    "verified": "[green]已验证[/]",
    "differs": "[red]与方案不符[/]",
}
_DECISIONS = {
    "approve": "批准",
    "reject": "[red]驳回[/]",
    "hold": "挂起",
    "release": "恢复",
    "hand-over": "交给人执行",
    "attest": "登记执行",
    "attest-undone": "登记撤回",
}
_LINKS = {"split from": "拆分自", "removes": "到期清理"}
_MARKS = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the store has of a change. ``chain`` was verified."""

    stored: "StoredChange"
    turns: tuple[Cell, ...]
    chain: "tuple[Approval, ...]"
    history: "tuple[Move, ...]"
    steps: "tuple[Step, ...]"
    links: "tuple[Link, ...]"


def changes(listed: "Sequence[Summary]") -> None:
    """Show stored changes, newest last, with what can be done next."""
    if not listed:
        say("没有变更")
        return
    table = _table("编号", "状态", "标题", "变更单", "作者", "有效至", "更新", "下一步")
    for one in listed:
        words = (one.title, one.ticket or "—", one.author, one.valid_until or "—", _day(one.updated))
        state = _STATES.get(one.state, one.state)
        table.add_row(one.id, state, *map(escape, words), escape(next_step(one.state, one.id)))
    _print(table)


def change(record: Record) -> None:
    """Show one change: how it stands, who did and said what, its plan, and what was sent."""
    stored = record.stored
    state, about = (
        _STATES.get(stored.state, stored.state),
        f"变更单 {stored.ticket or '—'}  作者 {stored.author}",
    )
    say(f"[bold]{stored.id}[/]  {state}（{stored.state}）  {escape(about)}")
    say(f"[bold]{escape(stored.plan.title)}[/]")
    say(f"  下一步 {escape(next_step(stored.state, stored.id))}")
    for link in record.links:
        mine = link.change == stored.id
        words = _LINKS[link.kind]
        say(f"  {words} {link.other}" if mine else f"  由 {link.change} {words}")
    if record.turns:
        _print(_turns(record.turns))
    if record.chain:
        _print(_chain(record.chain))
    steps(stored.plan)
    say(f"  指纹 {stored.plan.fingerprint}", style="dim")
    for move in record.history:
        say(f"  {move.at}  {move.state}  {escape(move.note)}", style="dim")
    for step in record.steps:
        say(f"  {_MARKS[step.accepted]} {step.device} {step.phase} {escape(step.what)}", style="dim")


def _turns(turns: Sequence[Cell]) -> Table:
    table = _table("步", "设备", "由谁", "状态")
    for cell in turns:
        who = "人" if cell.by_hand else "工具"
        table.add_row(str(cell.turn), escape(cell.device), who, _CELLS[cell.state])
    return table


def _chain(chain: "Sequence[Approval]") -> Table:
    table = _table("记录", "谁", "何时", "说明", "摘要 ✓")
    for one in chain:
        words = (one.user, one.at, one.note)
        table.add_row(_DECISIONS[one.decision], *map(escape, words), one.digest[:12])
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "编号")
    return table


def _print(table: Table) -> None:
    """Print a table as wide as it is where nobody folds it: pipes want it whole."""
    console.print(table, width=None if console.is_terminal else 240)


def _day(at: str) -> str:
    return at[:16].replace("T", " ")
