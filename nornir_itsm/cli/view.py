"""Orders, plans and changes as people like to read them; on standard error, so that pipes stay clean."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan, Proof

if TYPE_CHECKING:
    from nornir_itsm.journal.records import StoredChange, Summary

console = Console(stderr=True, highlight=False)

_LEVELS = {
    "error": "[red]错误[/]",
    "question": "[yellow]问题[/]",
    "warning": "[yellow]提醒[/]",
    "info": "说明",
}
_VERDICTS = {
    "change": "[cyan]需要变更[/]",
    "covered": "[green]已满足[/]",
    "partial": "[cyan]部分已满足[/]",
    "blocked": "[yellow]受阻[/]",
    "manual": "[yellow]人工处理[/]",
    "unsupported": "[red]不支持[/]",
}


def success(text: str) -> None:
    """Say that something is done."""
    console.print(f"[green]✓[/] {escape(text)}")


def field(title: str, text: str) -> None:
    """Show one line of a summary."""
    console.print(f"  [bold]{title}[/]：{escape(text)}")


def order(read: Order) -> None:
    """Show an order as it was read, and what is wrong with it."""
    console.print(f"[bold]{escape(read.organization)} · {escape(read.system)}[/]  {escape(read.file)}")
    table = Table("需求", "行", "动作", "源", "目的", "公网", "协议/端口", "生效时间", box=None)
    for d in read.demands:
        pairs = (inner if outer in (inner, "any") else f"{outer}→{inner}" for outer, inner in d.port_pairs)
        table.add_row(
            d.id,
            "、".join(d.rows),
            {"add": "新增", "delete": "删除"}[d.action],
            escape(f"{d.source_zone} {'、'.join(d.sources)}"),
            escape(f"{d.destination_zone} {'、'.join(d.destinations)}"),
            escape("、".join(d.public)),
            escape(f"{(d.protocol or '?').upper()} {'、'.join(pairs)}"),
            escape(d.schedule.text),
        )
    console.print(table)
    for issue in read.issues:
        proposal = f"  建议：{escape(issue.proposal)}" if issue.proposal else ""
        console.print(f"{_LEVELS[issue.level]} {escape(issue.key)}：{escape(issue.problem)}{proposal}")
        if issue.hint:
            console.print(f"     → {escape(issue.hint)}", style="dim")


def plan(made: Plan, number: str | None, where: Path | None = None) -> None:
    """Show a plan: verdicts, what goes to which device, and the proof."""
    console.print(f"[bold]{escape(made.title)}[/]  {number or ''}")
    for demand in made.demands:
        console.print(f"  {demand.id}  {_VERDICTS[demand.verdict]}  {escape(demand.reason)}")
        for node in demand.path:
            line = f"{node.point:<14} {node.source}  →  {node.destination}  {node.service}"
            console.print(f"      {escape(line)}", style="dim")
    for change in made.changes:
        count = len(change.commands) + len(change.calls)
        console.print(f"  [bold]{change.device}[/]  {count} 行" if count else f"  {change.device}  无需修改")
        for line in change.commands:
            console.print(f"      {escape(line)}")
        for call in change.calls:
            console.print(f"      {call.method} {escape(str(call.body.get('name') or call.path))}")
    for proof in made.proofs:
        _proof(proof)
    for question in made.questions:
        console.print(f"  [yellow]问题[/] {escape(question.key)}：{escape(question.text)}")
        if question.proposal:
            console.print(f"     → --answer {escape(question.key)}={escape(question.proposal)}", style="dim")
    for finding in made.findings:
        console.print(
            f"  顺带发现 {escape(f'{finding.point} {finding.object}：{finding.problem}')}", style="dim"
        )
    console.print(f"  指纹 {made.fingerprint}", style="dim")
    if where:
        console.print(f"  文档 {where / 'document.md'}")


def _proof(proof: Proof) -> None:
    mark = "[green]精确[/]" if proof.exact else "[red]不精确[/]"
    console.print(f"  证明 {proof.demand}  {mark}")
    for title, items in (
        ("新放行", proof.opened),
        ("此前已放行", proof.already),
        ("停止放行", proof.closed),
        ("[red]需求以外被放行[/]", proof.excess),
        ("[red]需求以外被关闭[/]", proof.wrongly_closed),
        ("仍不通过", proof.shortfall),
        ("单点余量", proof.residue),
        ("处理改变", proof.treatment),
        ("无法判定", proof.undecidable),
    ):
        _items(title, items)
    if proof.counterexample:
        console.print(f"      反例 {escape(proof.counterexample)}")
    _items("范围之外", [f"{'；'.join(proof.scope.unknown)}"])


def _items(title: str, items: Sequence[str]) -> None:
    for item in items:
        console.print(f"      {title}  {escape(item)}", style="dim" if title == "范围之外" else "")


def changes(listed: Iterable["Summary"]) -> None:
    """Show stored changes as a table."""
    table = Table("编号", "状态", "标题", "作者", "变更单", "更新", box=None)
    for one in listed:
        table.add_row(one.id, one.state, escape(one.title), escape(one.author), one.ticket, one.updated)
    console.print(table)


def change(stored: "StoredChange", approvals: Sequence[str], steps: Sequence[str]) -> None:
    """Show one stored change with its approvals and what was sent."""
    console.print(
        f"[bold]{stored.id}[/]  {stored.state}  变更单 {stored.ticket or '—'}  作者 {escape(stored.author)}"
    )
    plan(stored.plan, None)
    for line in approvals:
        console.print(f"  批准 {escape(line)}")
    for line in steps:
        console.print(f"  {escape(line)}", style="dim")
