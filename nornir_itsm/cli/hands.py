"""hand-over and attest: where a person executes, what he gets and what he says that he did."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.changes import Number, done
from nornir_itsm.cli.session import new_folder, opened, write_files

if TYPE_CHECKING:
    from nornir_itsm.app import App

Snapshot = Annotated[Path | None, typer.Option(help="用导出的快照目录代替在线设备")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("hand-over")(hand_over)
    app.command()(attest)


def hand_over(
    context: typer.Context,
    change: Number,
    snapshot: Snapshot = None,
    out: Annotated[Path | None, typer.Option(help="变更文档的目录；默认在配置的 output 之下")] = None,
) -> None:
    """把已批准的方案冻结并交由人执行：先核对现状仍与批准时一致，保留执行前的状态供事后验证。不登录任何设备修改。

    不给 --snapshot 时用做方案时的快照目录；方案来自在线设备则读在线设备。
    例：nornir-itsm hand-over C-… --out var/交付
    """
    from nornir_itsm.pipeline.hands import hand_over as give

    installation = opened(context, snapshot or planned_from(opened(context), change))
    user = installation.require("author")
    ended = give(change, installation, user.name)
    stored = installation.changes.change(change)
    paper = installation.paper(stored.order, stored.plan, change, context.obj.lang)
    folder = new_folder(out or installation.settings.output / change)
    write_files(folder, paper.files(installation.clock.now()))
    written = folder / "document.md"
    done(
        context,
        installation,
        replace(ended, verdicts=(*ended.verdicts, f"文档 {written}")),
        document=str(written),
    )


def planned_from(installation: "App", change: str) -> Path | None:
    """Return the snapshot directory that a plan was made from, where it is still there."""
    from nornir_itsm.pipeline.tools import PLANNED_FROM

    kept = installation.changes.evidence(change, PLANNED_FROM)
    found = Path(kept[-1].content.decode()) if kept else None
    return found if found is not None and found.is_dir() else None


def attest(
    context: typer.Context,
    change: Number,
    as_user: Annotated[str | None, typer.Option("--as", help="执行人（代为登记须有授权）")] = None,
    at: Annotated[str, typer.Option(help="执行时间，如 2026-11-22T22:30；默认现在")] = "",
    device: Annotated[list[str] | None, typer.Option("--device", help="只登记这些设备，可多次")] = None,
    note: Annotated[str, typer.Option(help="说明，如与方案的偏差")] = "",
    undone: Annotated[bool, typer.Option("--undone", help="已按回退步骤撤回，或没有执行")] = False,
) -> None:
    """登记谁在什么时候执行了交给人的部分；跨设备的先后次序不变。例：nornir-itsm attest C-… --as 示例工程师

    登记之后：还有工具执行的部分则 apply；全部执行完则 verify --snapshot 执行后的导出。
    """
    from nornir_itsm.pipeline.hands import Attestation
    from nornir_itsm.pipeline.hands import attest as keep

    installation = opened(context)
    said = Attestation(installation.user(as_user).name, at, tuple(device or ()), note, undone)
    done(context, installation, keep(change, installation, said))
