"""list and show: what the store has of changes."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from nornir_itsm.cli.session import emit, opened

if TYPE_CHECKING:
    from nornir_itsm.cli.tables import Record
    from nornir_itsm.journal import Summary
    from nornir_itsm.pipeline.standing import Standing


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("list")(list_changes)
    app.command()(show)


def list_changes(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option(help="只列出此状态，如 approved、waiting_approval、in_window、overdue")
    ] = None,
) -> None:
    """列出保存的变更：状态、还缺谁的批准、窗口、变更单、有效期、下一步。例：nornir-itsm list --state done"""
    from nornir_itsm.pipeline.standing import WAITS, owed
    from nornir_itsm.ports import State

    known = (*get_args(State), *WAITS)
    if state is not None and state not in known:
        raise typer.BadParameter(f"没有状态 {state}；有 {'、'.join(known)}", param_hint="--state")
    installation = opened(context)
    listed = installation.changes.list(None if state in WAITS else state)  # type: ignore[arg-type]
    waits = owed(installation, listed)
    if state in WAITS:
        listed = tuple(one for one in listed if (f := waits.get(one.id)) and state in (f.phase, f.emergency))
    if context.obj.json:
        emit({"changes": [{**asdict(one), **_next(one, waits.get(one.id))} for one in listed]})
    else:
        from nornir_itsm.cli import tables

        tables.changes(listed, waits)


def _next(one: "Summary", found: "Standing | None") -> dict[str, object]:
    from nornir_itsm.pipeline.gates import next_step

    if found is None:
        return {"next": next_step(one.state, one.id)}
    return {"next": next_step(found.phase, one.id), "standing": found.as_json()}


def show(
    context: typer.Context,
    change: Annotated[str, typer.Argument(metavar="CHANGE", help="变更编号，如 C-20261122-0001")],
    document: Annotated[bool, typer.Option("--document", help="把变更文档写到标准输出")] = False,
) -> None:
    """显示一个变更：状态、各步由谁执行、方案、证明、审批链、逐行记录。

    例：nornir-itsm show C-… --document > 方案.md
    """
    from nornir_itsm.cli import tables
    from nornir_itsm.pipeline.audit import refusals
    from nornir_itsm.pipeline.gates import turns_of
    from nornir_itsm.pipeline.standing import standing

    installation = opened(context)
    kept = installation.changes
    stored = kept.change(change)
    if document:
        paper = installation.paper(stored.order, stored.plan, stored.id, context.obj.lang)
        print(paper.markdown(), end="")
        return
    record = tables.Record(
        stored,
        turns_of(stored, installation),
        kept.verify_chain(change),
        kept.history(change),
        kept.steps(change),
        kept.links(change),
        standing(stored, installation),
        refusals(change, installation),
    )
    if context.obj.json:
        emit(_json(record))
    else:
        tables.change(record)


def _json(record: "Record") -> dict[str, object]:
    from nornir_itsm.pipeline.gates import next_step
    from nornir_itsm.stages.plan_json import plan_json

    stored = record.stored
    approvals = [one for one in record.chain if one.decision == "approve"]
    return {
        **plan_json(stored.plan, stored.id),
        "state": stored.state,
        "next": next_step(record.standing.phase, stored.id),
        "standing": record.standing.as_json(),
        "ticket": stored.ticket,
        "author": stored.author,
        "approvals": [f"{a.user} {a.at} {a.note}" for a in approvals],
        "records": [asdict(one) for one in record.chain],
        "turns": [asdict(cell) for cell in record.turns],
        "refused": [dict(one) for one in record.refused],
        "history": [asdict(move) for move in record.history],
        "links": [asdict(link) for link in record.links],
        "steps": [
            {"device": s.device, "phase": s.phase, "what": s.what, "accepted": s.accepted}
            for s in record.steps
        ],
    }
