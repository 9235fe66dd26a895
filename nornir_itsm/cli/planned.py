"""What the commands that plan have in common: answers given, what is written of a plan, how they end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_itsm.cli.session import emit

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.forms.book import Form
    from nornir_itsm.model.order import Order
    from nornir_itsm.model.plan import Plan

REJECTED, QUESTIONS, TO_DO, NOT_OURS = 3, 4, 10, 1

Answers = Annotated[
    list[str] | None, typer.Option("--answer", metavar="KEY=VALUE", help="回答一个问题，可多次")
]
AnswerFile = Annotated[Path | None, typer.Option("--answers", help="答案文件（JSON 对象）")]


def refuse(context: typer.Context, order: "Order") -> None:
    """Show what is wrong with a form that is not planned."""
    from nornir_itsm.cli import view
    from nornir_itsm.forms.contract import order_json

    if context.obj.json:
        emit({"change": None, "questions": [], "orders": [order_json(order)]})
    else:
        view.order(order)


def papers(
    installation: "App", read: "Form", order: "Order", made: "Plan", number: str, lang: str
) -> dict[str, bytes]:
    """Return what is written of a plan: JSON, the documents, the two annotated forms."""
    from nornir_itsm.forms.copies import copies_of

    copies = {f"form.{audience}.xlsx": data for audience, data in copies_of(read, made).items()}
    files = installation.paper(order, made, number, lang).files(installation.clock.now())
    return {**files, **copies}


def exit_code(made: "Plan") -> int:
    """Return the exit code of a plan."""
    verdicts = {d.verdict for d in made.demands}
    if made.questions or "blocked" in verdicts:
        return QUESTIONS
    if made.to_do:
        return TO_DO
    return NOT_OURS if verdicts and verdicts <= {"manual", "unsupported"} else 0
