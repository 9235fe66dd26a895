"""check and plan: from a form to a checked order, from an order to a proved plan."""

import json
from collections.abc import Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.session import answers_from, emit, opened, write_new

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.model.order import Order
    from nornir_itsm.model.plan import Plan

REJECTED, QUESTIONS, TO_DO, NOT_OURS = 3, 4, 10, 1

Answers = Annotated[
    list[str] | None, typer.Option("--answer", metavar="KEY=VALUE", help="回答一个问题，可多次")
]
AnswerFile = Annotated[Path | None, typer.Option("--answers", help="答案文件（JSON 对象）")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)
    app.command()(plan)


def check(
    context: typer.Context,
    forms: Annotated[list[Path], typer.Argument(help="申请单 .xlsx 或 .json")],
    answer: Answers = None,
    answers: AnswerFile = None,
) -> None:
    """读申请单，按单元格指出错误和疑问。退出码：3 有错误，4 有问题待回答，0 可用。

    例：nornir-itsm check orders/*.xlsx --json
    """
    from nornir_itsm.forms.contract import order_json

    installation = opened(context)
    given = answers_from(answer or (), answers)
    read = [installation.read(form, given) for form in forms]
    if context.obj.json:
        emit({"orders": [order_json(order) for order in read]})
    else:
        from nornir_itsm.cli import view

        for order in read:
            view.order(order)
    raise typer.Exit(max(map(_standing, read), key=(0, QUESTIONS, REJECTED).index, default=0))


def _standing(order: "Order") -> int:
    if any(order.issues_of("error")):
        return REJECTED
    return QUESTIONS if any(order.issues_of("question")) else 0


def plan(
    context: typer.Context,
    form: Annotated[Path, typer.Argument(help="申请单 .xlsx 或 .json")],
    snapshot: Annotated[Path | None, typer.Option(help="用导出的快照目录代替在线设备")] = None,
    answer: Answers = None,
    answers: AnswerFile = None,
    demand: Annotated[list[str] | None, typer.Option("--demand", help="只处理这些需求，如 D1")] = None,
    out: Annotated[Path | None, typer.Option(help="把方案写入此目录")] = None,
) -> None:
    """做出变更方案并证明它。不修改任何设备。退出码：10 需要变更，0 无需变更，3/4 申请单有错或待回答。

    例：nornir-itsm plan FORM.xlsx --snapshot inventory/snapshot --out var/C1
    """
    installation = opened(context, snapshot)
    given = answers_from(answer or (), answers)
    order = _chosen(installation.read(form, given), demand)
    if any(order.issues_of("error")):
        _refuse(context, order)
        raise typer.Exit(REJECTED)
    from nornir_itsm.pipeline import prepare

    made = prepare(order, installation, given)
    number = installation.changes.new_change(order, made, installation.author(), installation.clock.now())
    _show(context, installation, order, made, number, out)
    raise typer.Exit(_exit_code(made))


def _chosen(order: "Order", demands: Sequence[str] | None) -> "Order":
    """Keep only the demands that were named."""
    from dataclasses import replace

    if not demands:
        return order
    known = {d.id for d in order.demands}
    if not set(demands) <= known:
        raise typer.BadParameter(
            f"没有 {'、'.join(sorted(set(demands) - known))}；有 {'、'.join(sorted(known))}"
        )
    chosen = tuple(d for d in order.demands if d.id in demands)
    left_out = {row for d in order.demands if d not in chosen for row in d.rows}
    cells = {(r.sheet, str(r.row)) for r in order.requests if r.id in left_out}
    issues = tuple(i for i in order.issues if (i.sheet, i.cell.lstrip(ascii_uppercase)) not in cells)
    return replace(order, demands=chosen, issues=issues)


def _refuse(context: typer.Context, order: "Order") -> None:
    from nornir_itsm.cli import view
    from nornir_itsm.forms.contract import order_json

    if context.obj.json:
        emit({"change": None, "questions": [], "orders": [order_json(order)]})
    else:
        view.order(order)


def _show(
    context: typer.Context, installation: "App", order: "Order", made: "Plan", number: str, out: Path | None
) -> None:
    from nornir_itsm.cli import view
    from nornir_itsm.stages.plan_json import plan_json

    shape = plan_json(made, number)
    where = None
    if out is not None:
        text = json.dumps(shape, ensure_ascii=False, indent=2) + "\n"
        where = write_new(out, {"change.json": text, "document.md": installation.document(order, made)})
    if context.obj.json:
        emit(shape)
    else:
        view.plan(made, number, where)


def _exit_code(made: "Plan") -> int:
    verdicts = {d.verdict for d in made.demands}
    if made.questions or "blocked" in verdicts:
        return QUESTIONS
    if made.to_do:
        return TO_DO
    return NOT_OURS if verdicts and verdicts <= {"manual", "unsupported"} else 0
