"""nornir_itsm: from an order form to a closed ticket. What hooks need; all raise ChangeError."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.errors import ChangeError, FormError, SourceError

if TYPE_CHECKING:
    from nornir_itsm.journal.records import StoredChange
    from nornir_itsm.model.collected import Parsed, Value
    from nornir_itsm.model.order import Order
    from nornir_itsm.pipeline import Done

__all__ = ["ChangeError", "apply", "check", "parse", "plan"]
__version__ = "0.1.0"
CONFIG = Path("config.yaml")


def check(form: Path, *, answers: Mapping[str, str] | None = None, config: Path = CONFIG) -> "Order":
    """Return the order of a form; what is wrong with it, cell by cell, is in its ``issues``.

    Raises FormError for a file that is no form.
    """
    from nornir_itsm.app import App

    return App.open(Path(config)).read(Path(form), answers or {})


def plan(
    form: Path,
    *,
    answers: Mapping[str, str] | None = None,
    snapshot: Path | None = None,
    config: Path = CONFIG,
) -> "StoredChange":
    """Plan the order of a form, from live devices or a *snapshot* directory, and keep it as a change.

    Its ``plan`` has the verdicts, the proof, what would be sent and the questions that are left. Changes
    nothing on any device. Raises FormError where the form has errors.
    """
    from nornir_itsm.app import App
    from nornir_itsm.pipeline import prepare

    app = App.open(Path(config), snapshot=None if snapshot is None else Path(snapshot))
    read = app.read_form(Path(form), answers or {})
    if wrong := list(read.order.issues_of("error")):
        said = "；".join(f"{issue.key} {issue.problem}" for issue in wrong[:5])
        raise FormError(read.order.file, f"{len(wrong)} 处错误：{said}", "check 列出全部错误")
    return app.changes.change(app.keep(read.order, prepare(read.order, app, read.answers)))


def apply(change: str, *, config: Path = CONFIG) -> "Done":
    """Carry an approved change out, as the command does: push, verify, save, close the ticket.

    Raises Refused, RolledBack or NeedsPerson with the exit codes of the command.
    """
    from nornir_itsm.app import App
    from nornir_itsm.pipeline import carry_out

    app = App.open(Path(config))
    return carry_out(change, app, app.require("author").name)


def parse(
    platform: str, command: str, text: str, *, templates: Path | None = None, strict: bool = True
) -> "list[dict[str, Value]]":
    """Return the rows of *text*, the answer of a device to *command*, in one notation for all vendors.

    *templates*: a folder ``<platform>/<command>.ttp`` instead of the package's own. Raises ChangeError where
    there is no template or, unless *strict* is False, where any line could not be read: rows are never few
    in silence.
    """
    from nornir_itsm.sources.ttp_folder import demand_output, own_folder

    parsed = demand_output(platform, command, text, templates or own_folder())
    if strict and not parsed.whole:
        raise _not_whole(f"{platform} {command}", parsed)
    return [dict(row) for row in parsed.rows]


def _not_whole(where: str, parsed: "Parsed") -> ChangeError:
    said = [f"line {line.number} {line.text.strip()[:60]!r}" for line in parsed.unread[:5]]
    said += [anomaly.reason for anomaly in parsed.anomalies[:5]]
    count = len(parsed.unread) + len(parsed.anomalies)
    hint = "add what is new to the template, or take what was read with strict=False"
    return SourceError(where, f"{count} part(s) could not be read: {'; '.join(said)}", hint)
