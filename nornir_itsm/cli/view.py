"""Orders, plans and changes as people like to read them; on standard error, so that pipes stay clean."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.console import Console
from rich.markup import escape

from nornir_itsm.errors import FormError
from nornir_itsm.forms.notes import demand_words
from nornir_itsm.model.order import Level, Order
from nornir_itsm.model.plan import Plan, Proof
from nornir_itsm.stages.words import proof_words

if TYPE_CHECKING:
    from nornir_itsm.stages.backtest import Interval, Replay
    from nornir_itsm.stages.executed import Executed

console = Console(stderr=True, highlight=False)

_ACTIONS = {"add": "新增", "delete": "删除"}
_SHOWN: tuple[Level, ...] = ("error", "question", "warning")
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


def say(text: str, style: str = "") -> None:
    """Print a line without folding it: terminals do that, and pipes want it whole."""
    console.print(text, style=style, soft_wrap=True)


def success(text: str) -> None:
    """Say that something is done."""
    say(f"[green]✓[/] {escape(text)}")


def field(title: str, text: str) -> None:
    """Show one line of a summary."""
    say(f"  [bold]{title}[/]：{escape(text)}")


def order(read: Order) -> None:
    """Show an order as it was read, and what is wrong with it."""
    say(f"[bold]{escape(read.organization)} · {escape(read.system)}[/]  {escape(read.file)}")
    for d in read.demands:
        say(f"  {d.id}  {_ACTIONS[d.action]}  {escape(demand_words(d))}（{'、'.join(d.rows)}）")
    for issue in read.issues:
        proposal = f"  建议：{escape(issue.proposal)}" if issue.proposal else ""
        say(f"{_LEVELS[issue.level]} {escape(issue.key)}：{escape(issue.problem)}{proposal}")
        if issue.hint:
            say(f"     → {escape(issue.hint)}", style="dim")


def failure(error: FormError) -> None:
    """Show why a form could not be read at all."""
    say(f"[red]读不出[/] {escape(error.where)}：{escape(error.problem)}")
    say(f"     → {escape(error.hint)}", style="dim")


def copies(paths: Iterable[Path]) -> None:
    """Name the annotated forms that were written."""
    for path in paths:
        say(f"  批注副本 {escape(str(path))}", style="dim")


def overview(checked: Iterable[tuple[str, Order | None]]) -> None:
    """Show many forms, one line each: how much each asks for, and what is wrong with it."""
    say("[bold]汇总[/]")
    for file, read in checked:
        if read is None:
            say(f"  [red]读不出[/]  {escape(file)}")
            continue
        errors, questions, warnings = (len(list(read.issues_of(level))) for level in _SHOWN)
        said = "[red]请更正[/]" if errors else "[yellow]待回答[/]" if questions else "[green]可用[/]  "
        counts = (f"需求 {len(read.demands)}", f"错误 {errors}", f"问题 {questions}", f"提醒 {warnings}")
        say(f"  {said}  {escape(file)}  {escape(read.organization)}  {'，'.join(counts)}")


def batch(done: Sequence[tuple[str, str, Mapping[str, object]]], where: Path | None) -> None:
    """Show what came of many orders, one line each."""
    words = {
        "todo": "[cyan]需要变更[/]", "nothing": "[green]无需变更[/]", "waiting": "[yellow]待回答[/]  ",
        "rejected": "[red]申请单有错[/]", "unreadable": "[red]读不出[/]  ", "failed": "[red]失败[/]    ",
        "notours": "[yellow]人工处理[/]",
    }  # fmt: skip
    for standing, file, cells in done:
        said = (cells.get(name) for name in ("change", "organization", "devices", "folder"))
        say(f"  {words[standing]}  {escape(file)}  {escape('  '.join(str(one) for one in said if one))}")
    if where:
        say(f"  汇总 {escape(str(where))}")


def plan(made: Plan, number: str | None, where: Path | None = None) -> None:
    """Show a plan: verdicts, what goes to which device, and the proof."""
    say(f"[bold]{escape(made.title)}[/]  {number or ''}")
    steps(made)
    say(f"  指纹 {made.fingerprint}", style="dim")
    if where:
        say(f"  文档 {where / 'document.md'}")


def steps(made: Plan) -> None:
    """Show what a plan comes to: verdicts, lines per device, proofs, questions and findings."""
    for demand in made.demands:
        say(f"  {demand.id}  {_VERDICTS[demand.verdict]}  {escape(demand.reason)}")
        for node in demand.path:
            line = f"{node.point:<14} {node.source}  →  {node.destination}  {node.service}"
            say(f"      {escape(line)}", style="dim")
    for change in made.changes:
        count = len(change.commands) + len(change.calls)
        say(f"  [bold]{change.device}[/]  {count} 行" if count else f"  {change.device}  无需修改")
        for line in change.by_hand:
            say(f"      [yellow]由人执行[/] {escape(line)}")
        for line in change.commands:
            say(f"      {escape(line)}")
        for call in change.calls:
            say(f"      {call.method} {escape(str(call.body.get('name') or unquote(call.path)))}")
    for proof in made.proofs:
        _proof(proof)
    for question in made.questions:
        say(f"  [yellow]问题[/] {escape(question.key)}：{escape(question.text)}")
        if question.proposal:
            given = shlex.quote(f"{question.key}={question.proposal}")  # a bare ! is bash's history
            say(f"     → --answer {escape(given)}", style="dim")
    for finding in made.findings:
        say(f"  顺带发现 {escape(f'{finding.point} {finding.object}：{finding.problem}')}", style="dim")


_RELATIONS: Mapping[str, str] = {
    "commute": "互不影响",
    "before": "应先执行本变更",
    "after": "应先执行它",
    "contradict": "互相影响：先执行的一个会使另一个的批准失效",
}


def queue(relations: Mapping[str, str]) -> None:
    """Show how a change stands to those that wait for the same devices."""
    for other, how in relations.items():
        style = "dim" if how == "commute" else "yellow"
        say(f"  排队  {other}（已批准）：{_RELATIONS[how]}", style=style)


def turns(order: Sequence[str], relations: Mapping[tuple[str, str], str], stale: Sequence[str]) -> None:
    """Show the changes that wait in the order in which they should go."""
    for number, change in enumerate(order, 1):
        said = [f"与 {other} {_RELATIONS[how]}" for (one, other), how in relations.items() if one == change]
        late = ["现状已变，须重新 plan"] if change in stale else []
        say(f"  {number}. {change}  {'；'.join([*late, *said]) or '互不影响'}")
    if not order:
        say("没有等待执行的变更")


def executed(change: str, state: str, found: "Executed") -> None:
    """Show what was really done, device by device, and what it opened."""
    mark = "[green]✓ 与方案一致[/]" if found.as_planned else "[red]✗ 与方案不符[/]"
    say(f"{mark}  {change}  {state}")
    for device, words in found.devices.items():
        departed = [one for one in found.departures if one.device == device]
        say(f"  [bold]{escape(device)}[/]  {'' if departed else escape(words)}")
        for one in departed:
            say(f"      {escape(one.object)}  [red]{escape(one.problem)}[/]")
            for line in one.short:
                say(f"        [yellow]少[/] {escape(line)}")
            for line in one.beyond:
                say(f"        [red]多[/] {escape(line)}")
    for problem in found.problems:
        say(f"  [red]{escape(problem)}[/]")
    for note in found.notes:
        say(f"  [yellow]{escape(note)}[/]")
    for proof in found.proofs:
        _proof(proof)


_OUTCOMES = {
    "done": "[green]已执行[/]",
    "already": "此前已满足",
    "not done": "[red]未见执行[/]",
    "questions": "[yellow]有问题待回答[/]",
    "not ours": "不由本工具处理",
}


def backtest(replays: "Sequence[Replay]", intervals: "Sequence[Interval]") -> None:
    """Show what became of closed orders, and what was done besides, interval by interval."""
    for one in replays:
        between = f"  {one.before} → {one.after}" if one.before else ""
        planned = "，".join(f"{device} {count} 行" for device, count in one.planned.items())
        said = f"  方案应为：{planned}" if planned else ""
        say(f"  {_OUTCOMES[one.outcome]}  {escape(one.organization)}  {escape(one.file)}{between}{said}")
        _items("未做到", one.missing)
        _items("问题", [f"{q.key}：{q.text}" for q in one.questions])
    for gap in (one for one in intervals if one.changed):
        say(f"[bold]{gap.before} → {gap.after}[/]  申请单：{escape('、'.join(gap.orders)) or '没有'}")
        for device, objects in gap.changed.items():
            _items(device, objects)
        _items("[red]需求以外被放行[/]", gap.beyond)
        _items("[red]需求以外被关闭[/]", gap.wrongly_closed)


def _proof(proof: Proof) -> None:
    mark = "[green]精确[/]" if proof.exact else "[red]不精确[/]"
    say(f"  证明 {proof.demand}  {mark}")
    for title, items in proof_words(proof):
        _items(f"[red]{title}[/]" if title.startswith("需求以外") else title, items)
    if proof.counterexample:
        say(f"      反例 {escape(proof.counterexample)}")
    _items("范围之外", [f"{'；'.join(proof.scope.unknown)}"])


def _items(title: str, items: Sequence[str]) -> None:
    for item in items:
        say(f"      {title}  {escape(item)}", style="dim" if title == "范围之外" else "")
