"""why: does it pass, by which rules, and what would open it. Reads only."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.planned import NOT_OURS, TO_DO, Answers
from nornir_itsm.cli.session import answers_from, emit, opened

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.model.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(why)


def why(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SRC", help="地址、网段、a-b、域名或 any；多个用逗号")],
    destination: Annotated[str, typer.Argument(metavar="DST", help="同上；入向可写公网地址，或云内主机")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="tcp/443、tcp/80,8000-8010、icmp、any")],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="只问这一分钟：2026-11-23T09:30 或 周一 09:30")
    ] = "",
    snapshot: Annotated[Path | None, typer.Option(help="用导出的快照目录代替在线设备")] = None,
    from_zone: Annotated[str, typer.Option("--from", metavar="ZONE", help="源归属，按地址不能确定时")] = "",
    to_zone: Annotated[str, typer.Option("--to", metavar="ZONE", help="目的归属，按地址不能确定时")] = "",
    answer: Answers = None,
) -> None:
    """通不通？逐跳给出规则、转换和建立规则的变更；不通的部分给出能放行它的最小变更。只读。

    退出码：0 全部放行，10 有不放行或无法判定的部分，1 路径不由本工具判断。

    例：nornir-itsm why 10.60.134.61 192.0.2.131 tcp/443 --snapshot inventory/snapshot
    """
    from nornir_itsm.cli import why_view
    from nornir_itsm.model.topology import Path as Way
    from nornir_itsm.stages import asked, why_json
    from nornir_itsm.stages.freshness import warned
    from nornir_itsm.stages.plan import Known
    from nornir_itsm.stages.smallest import Smallest, smallest
    from nornir_itsm.stages.why import makers
    from nornir_itsm.stages.why import why as answered

    question = asked.asked(source, destination, service, at)
    installation = opened(context, snapshot)
    site, words = installation.site, (source, destination, service, at)
    way = asked.way(question, (from_zone, to_zone), site, installation.knowledge.facts(()))
    if not isinstance(way, Way) or way.manual:
        (emit if context.obj.json else why_view.not_ours)(why_json.not_ours(words, way))
        raise typer.Exit(NOT_OURS)
    read = installation.knowledge.facts(installation.runbooks[way.runbook].needs(way))
    facts = warned(read, site, installation.clock.now())
    found = answered(question, way, site, facts, makers(_done(installation)))
    known = Known(
        site, installation.runbooks, facts, installation.templates, answers_from(answer or (), None)
    )
    more = Smallest() if found.standing == "passes" else smallest(found, known)
    if context.obj.json:
        emit(why_json.why_json(words, found, more, site, facts))
    else:
        why_view.why(words, found, more)
    raise typer.Exit(0 if found.standing == "passes" else TO_DO)


def _done(installation: "App") -> Iterator[tuple[str, "Plan"]]:
    """Yield the changes that were carried out and not taken back, the newest first; makes no store."""
    file = installation.settings.state_file
    if file is None or file.exists():
        for one in reversed(installation.changes.list("done")):
            yield one.id, installation.changes.change(one.id).plan
