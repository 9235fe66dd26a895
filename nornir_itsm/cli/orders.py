"""check and plan: from a form to a checked order, from an order to a proved plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.planned import QUESTIONS, REJECTED, AnswerFile, Answers, exit_code, papers, refuse
from nornir_itsm.cli.session import answers_from, emit, new_folder, opened, write_files
from nornir_itsm.errors import FormError

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.model.order import Order
    from nornir_itsm.model.plan import Plan
    from nornir_itsm.stages.queue import Relation


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)
    app.command()(plan)


def check(
    context: typer.Context,
    forms: Annotated[list[Path], typer.Argument(help="申请单 .xlsx、.csv、.json，或放申请单的文件夹")],
    answer: Answers = None,
    answers: AnswerFile = None,
    annotate: Annotated[Path | None, typer.Option(help="把批注过的申请单写入此目录")] = None,
) -> None:
    """读申请单，按单元格指出错误和疑问；一张读不出不影响其他。退出码：3 有错误，4 有问题待回答，0 可用。

    例：nornir-itsm check orders/*.xlsx --json · nornir-itsm check orders --annotate var/annotated
    """
    installation = opened(context)
    given = answers_from(answer or (), answers)
    found = [_checked(installation, form, given, annotate) for form in _each(forms)]
    if context.obj.json:
        emit({"orders": [one.json() for one in found]})
    else:
        _print(found)
    raise typer.Exit(max((one.standing for one in found), key=(0, QUESTIONS, REJECTED).index, default=0))


@dataclass(frozen=True, slots=True)
class _Checked:
    """What came of one form: its order, or why there is none, and its annotated copies."""

    file: str
    order: "Order | None" = None
    error: FormError | None = None
    copies: Mapping[str, Path] = field(default_factory=dict)

    @property
    def standing(self) -> int:
        """The exit code that this form alone has."""
        if self.order is None or any(self.order.issues_of("error")):
            return REJECTED
        return QUESTIONS if any(self.order.issues_of("question")) else 0

    def json(self) -> dict[str, object]:
        """Return one element of ``orders``."""
        from nornir_itsm.forms import order_json

        if self.order is None:
            e = self.error
            said = {"where": e.where, "problem": e.problem, "hint": e.hint} if e else {}
            return {"file": self.file, "error": said}
        copies = {audience: str(path) for audience, path in self.copies.items()}
        return {**order_json(self.order), **({"annotated": copies} if copies else {})}


def _each(paths: Iterable[Path]) -> Iterator[Path | FormError]:
    """Yield the forms that are named, and those of folders that are named, in this order."""
    from nornir_itsm.forms import forms_in

    for path in paths:
        try:
            yield from forms_in(path)
        except FormError as error:
            yield error


def _checked(
    installation: "App", form: Path | FormError, given: Mapping[str, str], folder: Path | None
) -> _Checked:
    if isinstance(form, FormError):
        return _Checked(form.where, error=form)
    try:
        read = installation.read_form(form, given)
        copies: Mapping[str, Path] = {}
        if folder is not None:
            from nornir_itsm.forms.copies import copies_of, write_copies

            copies = write_copies(folder, form.stem, copies_of(read))
    except FormError as error:
        return _Checked(form.name, error=error)
    return _Checked(form.name, read.order, copies=copies)


def _print(found: Sequence[_Checked]) -> None:
    from nornir_itsm.cli import view

    for one in found:
        if one.order is not None:
            view.order(one.order)
        elif one.error is not None:
            view.failure(one.error)
        view.copies(one.copies.values())
    if len(found) > 1:
        view.overview((one.file, one.order) for one in found)


def plan(
    context: typer.Context,
    form: Annotated[Path, typer.Argument(help="申请单 .xlsx 或 .json，或放申请单的文件夹")],
    snapshot: Annotated[Path | None, typer.Option(help="用导出的快照目录代替在线设备")] = None,
    answer: Answers = None,
    answers: AnswerFile = None,
    demand: Annotated[list[str] | None, typer.Option("--demand", help="只处理这些需求，如 D1")] = None,
    out: Annotated[Path | None, typer.Option(help="把方案写入此目录")] = None,
) -> None:
    """做出变更方案并证明它。不修改任何设备。退出码：10 需要变更，0 无需变更，3/4 申请单有错或待回答。

    文件夹里每张申请单各做一份，并写出 summary.xlsx；一张有错不影响其他。

    例：nornir-itsm plan FORM.xlsx --snapshot inventory/snapshot --out var/C1
    · nornir-itsm plan 收件箱 --snapshot DIR --out var/batch --lang en
    """
    installation = opened(context, snapshot)
    if form.is_dir():
        if answer or answers or demand:
            raise typer.BadParameter("文件夹里的申请单各有各的问题：--answer、--demand 只用于单张申请单")
        from nornir_itsm.cli.batch import plan_folder

        raise typer.Exit(plan_folder(context, installation, form, out))
    given = answers_from(answer or (), answers)
    read = installation.read_form(form, given)
    order = _chosen(read.order, demand)
    if any(order.issues_of("error")):
        refuse(context, order)
        raise typer.Exit(REJECTED)
    from nornir_itsm.pipeline import prepare

    made = prepare(order, installation, read.answers)
    number = installation.keep(order, made, context.obj.lang)
    where = None
    if out is not None:
        files = papers(installation, read, order, made, number, context.obj.lang)
        where = new_folder(out)
        write_files(where, files)
    _show(context, made, number, where, _beside(installation, number))
    raise typer.Exit(exit_code(made))


def _beside(installation: "App", number: str) -> "Mapping[str, Relation]":
    """Return how a new change stands to the approved ones that wait for the same devices."""
    from nornir_itsm.pipeline.waiting import beside

    changes = installation.changes
    approved = [changes.change(one.id) for one in changes.list("approved")]
    return beside(changes.change(number), approved, installation)


def _chosen(order: "Order", demands: Sequence[str] | None) -> "Order":
    """Keep only the demands that were named."""
    if not demands:
        return order
    known = {d.id for d in order.demands}
    if not set(demands) <= known:
        raise typer.BadParameter(
            f"没有 {'、'.join(sorted(set(demands) - known))}；有 {'、'.join(sorted(known))}"
        )
    return order.only(demands)


def _show(
    context: typer.Context,
    made: "Plan",
    number: str,
    where: Path | None,
    queue: "Mapping[str, Relation]",
) -> None:
    from nornir_itsm.cli import view
    from nornir_itsm.stages.plan_json import plan_json

    if context.obj.json:
        waiting = [{"change": other, "relation": how} for other, how in queue.items()]
        emit({**plan_json(made, number), "queue": waiting})
    else:
        view.plan(made, number, where)
        view.queue(queue)
