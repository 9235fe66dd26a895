"""A folder of orders in, a folder for each out, and a summary; one bad order stops nothing."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nornir_itsm.cli.planned import REJECTED, exit_code, papers
from nornir_itsm.cli.session import emit, keep_traceback, new_folder, write_files
from nornir_itsm.errors import ChangeError, FormError

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.forms.book import Form
    from nornir_itsm.model.plan import Plan
    from nornir_itsm.papers.summary import Cell, Line

BUG = 70
WORST = (0, 1, 10, 4, 3, BUG)
"""Exit codes of single orders, the worst last."""
_STANDINGS = {0: "nothing", 1: "notours", 10: "todo", 4: "waiting", 3: "rejected", BUG: "failed"}
_UNSAFE = re.compile(r"[^\w.()（）【】+-]+")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one order: its line of the summary, its exit code, and the same for scripts."""

    line: "Line"
    code: int

    def json(self) -> dict[str, object]:
        """Return one element of ``orders``."""
        return {"file": self.line.file, "exit": self.code, "folder": None, "change": None, **self.line.cells}


def plan_folder(context: typer.Context, installation: "App", folder: Path, out: Path | None) -> int:
    """Plan every order of a folder; return the exit code of the worst. Orders are not kept in memory."""
    from nornir_itsm.forms import forms_in
    from nornir_itsm.papers.summary import summary

    forms = forms_in(folder)
    installation = installation.remembering()
    target = new_folder(out) if out is not None else None
    say = installation.stationery(context.obj.lang).say
    done: list[Done] = []
    for number, form in enumerate(forms, 1):
        one = _one(installation, form, target, context.obj.lang)
        done.append(one)
        installation.tell(f"[{number}/{len(forms)}] {form.name} {say(f'summary.{one.line.standing}')}")
    where = None
    if target is not None:
        where = target / "summary.xlsx"
        lines = (one.line for one in done)
        write_files(target, {where.name: summary(lines, say)})
    _tell(context, done, where)
    return max((one.code for one in done), key=WORST.index)


def _tell(context: typer.Context, done: list[Done], where: Path | None) -> None:
    if context.obj.json:
        emit({"orders": [one.json() for one in done], "summary": str(where) if where else None})
        return
    from nornir_itsm.cli import view

    view.batch([(one.line.standing, one.line.file, one.line.cells) for one in done], where)


def _one(installation: "App", form: Path, target: Path | None, lang: str) -> Done:
    """Plan one order; whatever is wrong with it becomes a line."""
    from nornir_itsm.papers.summary import Line

    try:
        return _planned(installation, form, target, lang)
    except FormError as error:
        return Done(
            Line(form.name, "unreadable", {"note": f"{error.problem}；{error.hint}"}), error.exit_code
        )
    except ChangeError as error:
        note = f"{error.where}：{error.problem}；{error.hint}"
        return Done(Line(form.name, "failed", {"note": note}), error.exit_code)
    except Exception:
        return Done(Line(form.name, "failed", {"note": f"程序缺陷，详情见 {keep_traceback()}"}), BUG)


def _planned(installation: "App", form: Path, target: Path | None, lang: str) -> Done:
    from nornir_itsm.forms.copies import copies_of
    from nornir_itsm.papers.summary import Line
    from nornir_itsm.pipeline import prepare

    read = installation.read_form(form, {})
    cells: dict[str, Cell] = dict(_form_cells(read))
    if any(read.order.issues_of("error")):
        files = {f"form.{audience}.xlsx": data for audience, data in copies_of(read).items()}
        code = REJECTED
        cells["note"] = "；".join(f"{i.cell} {i.problem}" for i in read.order.issues_of("error"))
    else:
        made = prepare(read.order, installation, read.answers)
        number = installation.keep(read.order, made, lang)
        files = papers(installation, read, read.order, made, number, lang) if target else {}
        cells |= {"change": number, **_plan_cells(installation, made, lang)}
        code = exit_code(made)
    link = ""
    if target is not None and files:
        folder = new_folder(target / _safe(form.stem))
        write_files(folder, files)
        cells["folder"] = folder.name
        link = f"{folder.name}/{'document.html' if 'document.html' in files else 'form.engineer.xlsx'}"
    return Done(Line(form.name, _STANDINGS[code], cells, link), code)


def _form_cells(read: "Form") -> Iterator[tuple[str, "Cell"]]:
    yield "organization", read.order.organization
    yield "system", read.order.system
    yield "demands", len(read.order.demands)


def _plan_cells(installation: "App", made: "Plan", lang: str) -> dict[str, "Cell"]:
    from nornir_itsm.stages.document.risk import risk

    say = installation.stationery(lang).say
    verdicts = Counter(demand.verdict for demand in made.demands)
    questions = "；".join(f"{q.key} {q.text}" for q in made.questions)
    return {
        "kind": made.kind,
        "todo": verdicts["change"] + verdicts["partial"],
        "covered": verdicts["covered"],
        "blocked": verdicts["blocked"],
        "manual": verdicts["manual"] + verdicts["unsupported"],
        "devices": say.list(list(dict.fromkeys(change.device for change in made.to_do))),
        "affecting": say("basics.yes" if made.service_affecting else "basics.no"),
        "risk": risk(made, say).word,
        "questions": len(made.questions),
        "note": questions[:2000],
    }


def _safe(stem: str) -> str:
    """Return a folder name of a form's name: no path, no hidden name, not too long."""
    return _UNSAFE.sub("_", stem).strip("._ ")[:80] or "order"
