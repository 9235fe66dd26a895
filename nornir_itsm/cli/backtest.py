"""backtest: closed orders replayed over dated snapshots, for a change board."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.planned import AnswerFile, Answers
from nornir_itsm.cli.session import answers_from, emit, opened
from nornir_itsm.errors import ChangeError

if TYPE_CHECKING:
    from nornir_itsm.stages.backtest import Interval, Replay


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(backtest)


def backtest(
    context: typer.Context,
    orders: Annotated[Path, typer.Argument(help="已关闭的申请单，或放申请单的文件夹")],
    snapshots: Annotated[Path, typer.Option(help="放带日期快照的文件夹，每个子文件夹一份，按名字排序")],
    answer: Answers = None,
    answers: AnswerFile = None,
) -> None:
    """把已关闭的申请单放回快照里重演：何时做的，按方案该做多少，有没有多开。不修改任何设备。

    例：nornir-itsm backtest orders/closed --snapshots var/snapshots
    """
    from nornir_itsm.stages.backtest import Moment
    from nornir_itsm.stages.backtest import backtest as replayed
    from nornir_itsm.stages.plan import Known, points_needed

    folders = sorted(path for path in snapshots.glob("*") if path.is_dir()) if snapshots.is_dir() else []
    if len(folders) < 2:
        hint = "每份快照一个子文件夹，如 2026-03-01、2026-03-08"
        raise ChangeError(str(snapshots), "至少要有前后两份快照", hint)
    installation = opened(context)
    given = answers_from(answer or (), answers)
    read = [installation.read(form, given) for form in _forms(orders)]
    site, runbooks = installation.site, installation.runbooks
    points = tuple(dict.fromkeys(p for order in read for p in points_needed(order, site, runbooks)))
    moments = [Moment(f.name, opened(context, f).knowledge.facts(points)) for f in folders]
    known = Known(site, runbooks, moments[0].facts, installation.templates, given)
    replays, intervals = replayed(read, moments, known)
    _show(context, replays, intervals)


def _forms(orders: Path) -> list[Path]:
    from nornir_itsm.forms import forms_in

    return forms_in(orders)


def _show(context: typer.Context, replays: "tuple[Replay, ...]", intervals: "tuple[Interval, ...]") -> None:
    from dataclasses import asdict

    from nornir_itsm.cli import view

    if context.obj.json:
        emit({"orders": [asdict(one) for one in replays], "intervals": [asdict(one) for one in intervals]})
    else:
        view.backtest(replays, intervals)
