"""run: a runbook that looks at everything and changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.session import emit, opened
from nornir_itsm.errors import ConfigError

if TYPE_CHECKING:
    from nornir_itsm.runbook import Review
    from nornir_itsm.stages.hygiene import Flaw


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(run)


def run(
    context: typer.Context,
    runbook: Annotated[str, typer.Argument(metavar="RUNBOOK", help="runbooks/ 中的文件名，如 hygiene")],
    snapshot: Annotated[Path | None, typer.Option(help="用导出的快照目录代替在线设备")] = None,
) -> None:
    """运行一个只读的 runbook，列出发现的问题。不修改任何设备，不保存任何内容。退出码：0 已完成。

    例：nornir-itsm run hygiene --snapshot inventory/snapshot
    """
    from nornir_itsm.stages.freshness import warned

    installation = opened(context, snapshot)
    review = installation.reviews.get(runbook)
    if review is None and runbook in installation.runbooks:
        raise ConfigError(runbook, "这个 runbook 由申请单选用", "nornir-itsm plan FORM")
    if review is None:
        known = "、".join(installation.reviews)
        raise ConfigError(str(installation.settings.runbooks), f"没有 runbook {runbook}", f"有 {known}")
    asked = installation.knowledge.facts(installation.site.points)
    facts = warned(asked, installation.site, installation.clock.now())
    found = review.findings(installation.site, facts)
    if context.obj.json:
        oldest = min(facts.taken.values(), default=None)
        said = {"findings": [asdict(one) for one in found], "gaps": list(facts.gaps)}
        emit({"runbook": runbook, **said, "snapshot": {"taken": dict(facts.taken), "oldest": oldest}})
    else:
        _show(review, found, facts.gaps)


def _show(review: "Review", found: "Sequence[Flaw]", gaps: Sequence[str]) -> None:
    """Draw one table for each point, its findings by kind."""
    from rich.markup import escape
    from rich.table import Table

    from nornir_itsm.cli import view

    for point in dict.fromkeys(one.point for one in found):
        table = Table(title=point, title_justify="left")
        for head in ("类别", "对象", "说明"):
            table.add_column(head, overflow="fold")  # nothing is cut off
        here = [one for one in found if one.point == point]
        for before, one in zip([None, *here], here, strict=False):
            kind = "" if before and before.kind == one.kind else one.title
            table.add_row(kind, escape(one.object), escape(one.problem))
        view.console.print(table)
    for gap in gaps:
        view.say(f"  缺少 {escape(gap)}", style="dim")
    view.success(f"{review.title}：{len(found)} 项，只读，没有修改任何设备")
