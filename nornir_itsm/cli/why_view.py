"""An answer drawn as the way of the packets: every rule that they meet, from end to end."""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

from rich.markup import escape

from nornir_itsm.cli import view
from nornir_itsm.stages.smallest import Smallest
from nornir_itsm.stages.why import Part, Why

MOST = 12
"""So many parts are drawn; the rest is counted, and all of them are in ``--json``."""

_STANDING = {
    "passes": "[green]✓ 放行[/]",
    "partial": "[yellow]◐ 部分放行[/]",
    "blocked": "[red]✗ 不放行[/]",
    "undecidable": "[yellow]? 无法判定[/]",
    "manual": "[yellow]人工处理[/]",
    "unsupported": "[red]不支持[/]",
}
_COLOUR = {"passes": "green", "blocked": "red", "undecidable": "yellow"}
_END = {"passes": "●", "blocked": "✗", "undecidable": "?"}


def not_ours(said: Mapping[str, Any]) -> None:
    """Say that a path is known and read by nobody here, or not known at all."""
    asked = said["question"]
    _head([asked[key] for key in ("source", "destination", "service", "at")], said["verdict"])
    view.say(f"  {asked['source_zone']} → {asked['destination_zone']}：{escape(said['reason'])}")


def why(words: Sequence[str], found: Why, more: Smallest) -> None:
    """Draw an answer, and what would open the rest of it."""
    _head(words, found.standing)
    view.say(f"  {found.path.source} → {found.path.destination}", style="dim")
    for part in found.parts[:MOST]:
        _part(part)
    if len(found.parts) > MOST:
        view.say(f"\n  ……另有 {len(found.parts) - MOST} 部分，--json 给出全部")
    for note in more.notes:
        view.say(f"  [yellow]注意[/] {escape(note)}")
    for plan in more.plans:
        who = escape(plan.organization or "申请方")
        view.say(f"\n[bold]能放行其余部分的最小变更[/]（{who} 的一张工单会得到的方案）")
        view.steps(plan)


def _head(words: Sequence[str], standing: str) -> None:
    source, destination, service, at = words
    view.say(f"{_STANDING[standing]}  [bold]{escape(f'{source} → {destination} {service} {at}'.rstrip())}[/]")


def _part(part: Part) -> None:
    """Draw one part: its flows, then a line downwards through every rule list to its end."""
    colour = _COLOUR[part.answer]
    view.say("")
    for text in part.flows:
        view.say(f"  [{colour}]{escape(text)}[/]")
    wide = max(_width(step.point) for step in part.steps)
    for step in part.steps:
        mark = _END[part.answer] if step is part.steps[-1] else "│"
        name = f"{step.rule}（id {step.id}）" if step.id else step.rule
        point = step.point + " " * (wide - _width(step.point))
        made = f"  [dim]← {escape(step.made_by)}[/]" if step.made_by else ""
        view.say(f"    [{colour}]{mark}[/] {point}  {escape(name)}  [bold]{escape(step.effect)}[/]{made}")
    for doubt in part.because:
        words = "无法判定，取决于" if part.answer == "undecidable" else "走这条路取决于（结果不变）"
        view.say(f"      {words}：{escape(doubt)}", style="yellow" if part.answer == "undecidable" else "dim")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
