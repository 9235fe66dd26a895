"""reject, hold, release, split, amend, expire: the life of an order beside its execution."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.changes import Number, say
from nornir_itsm.cli.hands import Snapshot, planned_from
from nornir_itsm.cli.planned import QUESTIONS, REJECTED, AnswerFile, Answers, exit_code, refuse
from nornir_itsm.cli.session import answers_from, emit, opened

if TYPE_CHECKING:
    from nornir_itsm.app import App

__all__ = ["register"]
Reason = Annotated[str, typer.Option(help="原因")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (reject, hold, release, split, amend, expire):
        app.command()(command)


def reject(
    context: typer.Context,
    change: Number,
    reason: Annotated[str, typer.Option(help="驳回原因（必填）")],
    as_user: Annotated[str | None, typer.Option("--as", help="以此用户的名义（须有授权）")] = None,
) -> None:
    """由另一位用户驳回方案；已有的批准随之失效，原因记入审批链。

    例：nornir-itsm reject C-… --reason 目的端口不对
    """
    from nornir_itsm.pipeline.life import reject as refused

    installation = opened(context)
    user = installation.approver(change, as_user, "reject")
    refused(change, installation, user, reason)
    _told(context, installation, change, f"已驳回：{reason}")


def hold(context: typer.Context, change: Number, reason: Reason = "") -> None:
    """挂起：不再执行，批准和预留的编号、名称保留。例：nornir-itsm hold C-… --reason 等客户确认窗口"""
    from nornir_itsm.pipeline.life import hold as kept

    installation = opened(context)
    kept(change, installation, _concerned(installation, change), reason)
    _told(context, installation, change, "已挂起")


def release(
    context: typer.Context, change: Number, note: Annotated[str, typer.Option(help="说明")] = ""
) -> None:
    """恢复挂起的变更，回到挂起前的状态。例：nornir-itsm release C-…"""
    from nornir_itsm.pipeline.life import release as freed

    installation = opened(context)
    freed(change, installation, _concerned(installation, change), note)
    _told(context, installation, change, "已恢复")


def split(
    context: typer.Context,
    change: Number,
    demands: Annotated[list[str], typer.Argument(metavar="D1...", help="留在本变更中的需求")],
    snapshot: Snapshot = None,
) -> None:
    """拆分：给出的需求留下，其余需求成为另一个变更；两边都重新做方案。例：nornir-itsm split C-… D1 D2"""
    from nornir_itsm.pipeline.life import split as parted

    installation = opened(context, snapshot or planned_from(opened(context), change))
    _concerned(installation, change)
    other = parted(change, installation, demands)
    _told(context, installation, change, f"其余需求在 {other}", other=other)


def amend(
    context: typer.Context,
    change: Number,
    form: Annotated[Path, typer.Argument(help="改过的申请单 .xlsx 或 .json")],
    snapshot: Snapshot = None,
    answer: Answers = None,
    answers: AnswerFile = None,
) -> None:
    """用改过的申请单替换变更的申请单，重新做方案；批准失效，编号和变更单号不变。退出码同 plan。

    例：nornir-itsm amend C-… 申请单-修改.xlsx
    """
    from nornir_itsm.cli import view
    from nornir_itsm.pipeline.life import amend as changed
    from nornir_itsm.stages.plan_json import plan_json

    installation = opened(context, snapshot or planned_from(opened(context), change))
    _concerned(installation, change)
    given = answers_from(answer or (), answers)
    read = installation.read_form(form, given)
    if any(read.order.issues_of("error")):
        refuse(context, read.order)
        raise typer.Exit(REJECTED)
    made = changed(change, installation, read.order, {**given, **read.answers})
    if context.obj.json:
        emit(plan_json(made, change))
    else:
        view.plan(made, change)
    raise typer.Exit(exit_code(made))


def expire(
    context: typer.Context,
    within: Annotated[int, typer.Option(min=0, help="提前多少天准备")] = 14,
    snapshot: Snapshot = None,
) -> None:
    """为将要到期的需求准备清理变更（只做方案，照常审批执行）；可以每天重复运行。有问题待回答时退出码 4。

    例：nornir-itsm expire --within 30 --snapshot var/今日导出
    """
    from nornir_itsm.cli import tables
    from nornir_itsm.pipeline.life import expire as prepared

    installation = opened(context, snapshot)
    found = prepared(installation, installation.author(), within)
    if context.obj.json:
        emit({"expiring": [asdict(one) for one in found]})
    else:
        tables.endings(found)
    fresh = (installation.changes.change(one.removal).plan for one in found if one.new)
    raise typer.Exit(QUESTIONS if any(plan.questions for plan in fresh) else 0)


def _concerned(installation: "App", change: str) -> str:
    """Return who is at the keyboard: who planned the change, or a user with a role. Raises Refused."""
    stored, name = installation.changes.change(change), installation.author()
    return name if name == stored.author else installation.user().name


def _told(context: typer.Context, installation: "App", change: str, text: str, **more: object) -> None:
    stored = installation.changes.change(change)
    say(context, change, stored.state, stored.ticket, text, **more)
