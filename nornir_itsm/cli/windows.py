"""window: when a change may be carried out."""

from typing import Annotated

import typer

from nornir_itsm.cli.changes import Number, say
from nornir_itsm.cli.session import opened


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(window)


def window(
    context: typer.Context,
    change: Number,
    start: Annotated[
        str, typer.Option("--from", help="不早于，如 2026-11-22T22:00；无时区则按站点的时区")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="不晚于；过期未执行则不再执行")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="去掉变更自己的时间限制")] = False,
    note: Annotated[str, typer.Option(help="说明")] = "",
) -> None:
    """安排变更的执行时间；不带选项则显示何时可以执行。站点的维护时间和封网照常有效，批准不受影响。

    例：nornir-itsm window C-… --from 2026-11-22T22:00 --until 2026-11-23T06:00
    """
    from nornir_itsm.pipeline.standing import standing
    from nornir_itsm.pipeline.window import set_window

    if clear and (start or until):
        raise typer.BadParameter("--clear 不与 --from、--until 同用", param_hint="--clear")
    installation = opened(context)
    if clear or start or until:
        stored, name = installation.changes.change(change), installation.author()
        user = name if name == stored.author else installation.user().name
        set_window(change, installation, user, (start, until), note)
    stored = installation.changes.change(change)
    found = standing(stored, installation)
    own = f"{found.window}；" if found.window else ""
    words = str(found.opening) if found.opening else found.words or f"状态是 {stored.state}"
    say(context, change, stored.state, stored.ticket, f"{own}{words}", standing=found.as_json())
