"""queue, approve, withdraw, apply, verify, resume, rollback, revert: from plan to closed ticket."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.session import emit, opened

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.pipeline import Done

DIFFERS = 7
Number = Annotated[str, typer.Argument(metavar="CHANGE", help="变更编号，如 C-20261122-0001")]
Patience = Annotated[
    int, typer.Option(min=0, metavar="SECONDS", help="设备被另一个变更占用时最多等待的秒数；等到后重新核对")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (queue, approve, withdraw, apply, verify, resume, rollback, revert):
        app.command()(command)


def queue(
    context: typer.Context,
    snapshot: Annotated[Path | None, typer.Option(help="用导出的快照目录代替在线设备")] = None,
    planned: Annotated[bool, typer.Option("--planned", help="未批准的方案也算在内")] = False,
) -> None:
    """等待执行的变更：按什么顺序执行，哪些互相影响。不修改任何设备。例：nornir-itsm queue --planned"""
    from nornir_itsm.cli import view
    from nornir_itsm.pipeline.waiting import queue as found

    installation = opened(context, snapshot)
    states = ("planned", "approved") if planned else ("approved",)
    listed = [one for one in installation.changes.list() if one.state in states]
    held = found([installation.changes.change(one.id) for one in listed], installation)
    if context.obj.json:
        pairs = [{"change": a, "other": b, "relation": how} for (a, b), how in held.relations.items()]
        emit({"order": list(held.order), "relations": pairs, "stale": list(held.stale)})
    else:
        view.turns(held.order, held.relations, held.stale)


def approve(
    context: typer.Context,
    change: Number,
    as_user: Annotated[str | None, typer.Option("--as", help="以此用户的名义（须有授权）")] = None,
    note: Annotated[str, typer.Option(help="审批意见")] = "",
    accept_excess: Annotated[
        bool, typer.Option("--accept-excess", help="接受站点规则允许的超出部分")
    ] = False,
) -> None:
    """由另一位用户批准方案；批准绑定方案指纹。令牌放在环境变量 NORNIR_ITSM_TOKEN。

    需要几位、哪些组的人由 site.yaml 的 policy 规定；show 列出还缺谁。紧急执行过的变更事后也由此补批。
    例：nornir-itsm approve C-20261122-0001 --note 同意
    """
    from nornir_itsm.pipeline.standing import standing

    installation = opened(context)
    ticket = installation.approve(change, as_user, note, accept_excess=accept_excess)
    stored = installation.changes.change(change)
    found = standing(stored, installation)
    text = f"已批准，变更单 {ticket}{'；' + found.words if found.words else ''}"
    say(context, change, stored.state, ticket, text, standing=found.as_json())


def withdraw(
    context: typer.Context, change: Number, note: Annotated[str, typer.Option(help="原因")] = ""
) -> None:
    """撤回还没有执行的变更：变更单关闭，预留的编号释放。例：nornir-itsm withdraw C-… --note 客户取消"""
    from nornir_itsm.pipeline import withdraw as give_up

    installation = opened(context)
    if installation.changes.change(change).author != installation.author():
        installation.require("author")  # who planned a change may give it up; another one needs the role
    give_up(change, installation, note)
    ticket = installation.changes.change(change).ticket
    say(context, change, "withdrawn", ticket, f"已撤回{'，变更单 ' + ticket if ticket else ''}")


def apply(
    context: typer.Context,
    change: Number,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只重新准备并核对指纹，不发送")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="未到窗口则等到窗口开始；Ctrl-C 不再等待")] = False,
    emergency: Annotated[
        bool,
        typer.Option("--emergency", help="紧急执行：不等批准和窗口，事后须补批；须有权限并给出 --reason"),
    ] = False,
    reason: Annotated[str, typer.Option(help="紧急执行的原因")] = "",
    canary: Annotated[int, typer.Option(min=0, help="先在前 N 台设备上执行并验证，再做其余的")] = 0,
    batch: Annotated[int, typer.Option(min=0, help="其余的每批 N 台；0 为一批")] = 0,
    soak: Annotated[int, typer.Option(min=0, metavar="SECONDS", help="两批之间观察多少秒")] = 0,
    tolerate: Annotated[
        int,
        typer.Option(min=0, max=100, metavar="PERCENT", help="允许失败的设备比例；0：有失败则全部退回"),
    ] = 0,
    patience: Patience = 0,
) -> None:
    """执行已批准的变更：重新准备、核对指纹、推送、验证、保存、关闭变更单。失败自动恢复。

    分批时每批验证并保存之后才开始下一批；第一批失败即停。退出码 8：有设备失败并已恢复，其余已完成。

    例：nornir-itsm apply C-20261122-0001 --canary 1 --batch 5 --soak 60
    """
    from nornir_itsm.pipeline import carry_out, rehearse
    from nornir_itsm.pipeline import wait as wait_for_window
    from nornir_itsm.stages.batches import Rollout

    if (dry_run and (wait or emergency)) or (wait and emergency) or (reason and not emergency):
        problem = "--dry-run、--wait、--emergency 只能用其一；--reason 只用于 --emergency"
        raise typer.BadParameter(problem)
    installation = opened(context)
    installation.patience = patience
    if dry_run:
        lines = rehearse(change, installation)
        say(context, change, "approved", "", f"方案与批准的一致；将发送 {lines} 行，未发送")
        return
    user = installation.require("author")
    if wait:
        wait_for_window(change, installation, user.name)
    why = reason if emergency else None
    rollout = Rollout(canary, batch, tolerate / 100, soak)
    done(context, installation, carry_out(change, installation, user.name, why, rollout))


def verify(
    context: typer.Context,
    change: Number,
    snapshot: Annotated[
        Path | None, typer.Option(help="执行之后的导出：逐行核对，证明实际放行了什么")
    ] = None,
    beside: Annotated[
        list[str] | None, typer.Option(metavar="CHANGE", help="前后两次导出之间还执行过的变更，可多次")
    ] = None,
) -> None:
    """核对已执行的变更：从设备重新采集，或用执行之后的导出。不符时退出码 7，逐设备说明多了、少了哪一行。

    例：nornir-itsm verify C-20261122-0001 --snapshot var/执行后
    """
    from nornir_itsm.pipeline import check
    from nornir_itsm.pipeline.hands import BEGUN, verify_executed

    installation = opened(context, snapshot)
    kept, state = installation.changes.baseline(change), installation.changes.change(change).state
    if kept is None or (snapshot is None and state not in BEGUN):
        done(context, installation, check(change, installation))
        return
    ended, found = verify_executed(change, installation, tuple(beside or ()))
    if context.obj.json:
        from nornir_itsm.stages.executed import executed_json

        done(context, installation, ended, **executed_json(found))
    else:
        from nornir_itsm.cli import view

        view.executed(change, ended.state, found)
    raise typer.Exit(0 if found.as_planned else DIFFERS)


def resume(context: typer.Context, change: Number) -> None:
    """中断之后：从设备上查清到了哪一步，走完或恢复到基线。例：nornir-itsm resume C-20261122-0001"""
    from nornir_itsm.pipeline import resume as go_on

    installation = opened(context)
    installation.require("author")
    done(context, installation, go_on(change, installation))


def rollback(context: typer.Context, change: Number, patience: Patience = 0) -> None:
    """把已完成的变更退回；此后的变更保持不变，依赖它的会使回退被拒绝。

    例：nornir-itsm rollback C-20261122-0001
    """
    from nornir_itsm.pipeline import take_back

    installation = opened(context)
    installation.patience = patience
    installation.require("author")
    done(context, installation, take_back(change, installation))


def revert(
    context: typer.Context,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="申请单文件名、变更单号或变更编号")],
) -> None:
    """撤销一张旧申请单：退回它的变更，此后的申请单保持不变；有依赖则拒绝并指出是哪一张。

    例：nornir-itsm revert 04-双表-正表加Sheet1.xlsx
    """
    from nornir_itsm.pipeline import take_back
    from nornir_itsm.pipeline.life import change_of

    installation = opened(context)
    installation.require("author")
    done(context, installation, take_back(change_of(order, installation), installation))


def done(context: typer.Context, installation: "App", ended: "Done", **more: object) -> None:
    """Say how something ended; *more* is for ``--json``. Exit 7 where what was tried came out otherwise."""
    stored = installation.changes.change(ended.change)
    sent = (f"发送 {ended.sent} 行",) if ended.sent else ()
    said = "；".join((ended.state, *sent, *ended.verdicts))
    more = {"sent": ended.sent, "verdicts": list(ended.verdicts), "doubts": list(ended.doubts), **more}
    say(context, ended.change, ended.state, stored.ticket, said, **more)
    if ended.doubts:
        raise typer.Exit(DIFFERS)


def say(context: typer.Context, change: str, state: str, ticket: str, text: str, **more: object) -> None:
    """Say in one line, or in JSON, how a change stands."""
    if context.obj.json:
        emit({"change": change, "state": state, "ticket": ticket, **more})
    else:
        from nornir_itsm.cli import view

        view.success(f"{change}：{text}")
