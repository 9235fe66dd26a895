"""Stored changes as tables that one likes to read; on standard error like every other view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nornir_itsm.cli.view import console, say, steps
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.gates import next_step

if TYPE_CHECKING:
    from nornir_itsm.journal.records import Approval, Move, Step, StoredChange, Summary
    from nornir_itsm.pipeline.life import Ending
    from nornir_itsm.pipeline.standing import Standing
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
_PHASES = {
    "waiting_approval": "[cyan]待批准[/]",
    "in_window": "[green]窗口内[/]",
    "expired": "[red]过期未执行[/]",
}
"""A state said more exactly; see ``pipeline.standing``."""
_STRESS = {"": "[dim]", "owed": "[yellow]", "approved": "[dim]", "overdue": "[red]", "rejected": "[red]"}
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
    "window": "安排时间",
    "emergency": "[red]紧急执行[/]",
}
_LINKS = {"split from": "拆分自", "removes": "到期清理"}
_WIDE = 200
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
    standing: "Standing"
    refused: Sequence[Mapping[str, str]]


def changes(listed: "Sequence[Summary]", waits: "Mapping[str, Standing]") -> None:
    """Show stored changes, newest last, and what they wait for."""
    if not listed:
        say("没有变更")
        return
    table = _table("编号", "状态", "标题", "变更单", "更新")
    for one in listed:
        found = waits.get(one.id)
        state = _state(one.state, found)
        until = f"\n至 {one.valid_until}" if one.valid_until else ""
        title = f"{escape(one.title)}\n[dim]{escape(one.author)}[/]"
        if found and found.words:
            title += f"\n{_STRESS.get(found.emergency, '')}{escape(found.words)}[/]"
        table.add_row(one.id, f"{state}{until}", title, escape(one.ticket or "—"), _day(one.updated))
    _print(table)


def _state(state: str, found: "Standing | None") -> str:
    """Return a state in words; where there is more to say of it, its phase."""
    said = _PHASES.get(found.phase) if found and found.words else None
    return said or _STATES.get(state, state)


def endings(found: "Sequence[Ending]") -> None:
    """Show what ends, and which change takes it away."""
    if not found:
        say("没有将要到期的需求")
        return
    table = _table("变更", "需求", "有效至", "清理变更")
    for one in found:
        words = one.removal or "已经不通，无需清理"
        table.add_row(one.change, "、".join(one.demands), one.until, f"{words}{'（新）' if one.new else ''}")
    _print(table)


def change(record: Record) -> None:
    """Show one change: how it stands, who did and said what, its plan, and what was sent."""
    stored = record.stored
    found = record.standing
    state = _state(stored.state, found)
    about = f"变更单 {stored.ticket or '—'}  作者 {stored.author}"
    say(f"[bold]{stored.id}[/]  {state}（{stored.state}）  {escape(about)}")
    say(f"[bold]{escape(stored.plan.title)}[/]")
    if found.words:
        say(f"  {_STRESS.get(found.emergency, '')}{escape(found.words)}[/]")
    say(f"  下一步 {escape(next_step(found.phase, stored.id))}")
    for link in record.links:
        mine = link.change == stored.id
        words = _LINKS[link.kind]
        say(f"  {words} {link.other}" if mine else f"  由 {link.change} {words}")
    if record.turns:
        _print(_turns(record.turns))
    if record.chain:
        _print(_chain(record.chain))
    for one in record.refused:
        words = f"{one['at']}  {one['user']} {one['what']} 被拒绝：{one['problem']}"
        say(f"  [red]✗[/] {escape(words)}", style="dim")
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


_WHOLE = ("编号", "状态", "变更单", "更新", "步", "由谁", "摘要 ✓")
"""Columns that are not folded."""


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in _WHOLE)
    return table


def _print(table: Table) -> None:
    """Print a table; where nobody folds it, as wide as it is: pipes want it whole."""
    if console.is_terminal:
        console.print(table)
    else:
        Console(stderr=True, highlight=False, width=_WIDE).print(table)


def _day(at: str) -> str:
    return at[5:16].replace("T", " ")
