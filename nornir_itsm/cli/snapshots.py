"""snapshot: what was collected, compared, handed on, and let go."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit, opened

if TYPE_CHECKING:
    from nornir_itsm.snapshots.compare import Between

snapshot = typer.Typer(
    no_args_is_help=True, help="采集快照：列出、比较、导出、清理。例：nornir-itsm snapshot list"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(snapshot, name="snapshot")


@snapshot.command("list")
def show(context: typer.Context) -> None:
    """列出快照：时间、来源、设备数、失败数、未识别的行数。

    例：nornir-itsm snapshot list
    """
    from dataclasses import asdict

    from rich.markup import escape

    from nornir_itsm.cli import view

    listed = opened(context).snapshots.listing()
    if context.obj.json:
        emit({"snapshots": [asdict(one) for one in listed]})
        return
    for one in listed:
        ended = "" if one.finished else "  未完成"
        counts = f"{one.hosts} 台，失败 {one.failed}，未识别 {one.unread}{ended}"
        view.say(escape(f"  {one.id}  {one.started}  {counts}  {one.source}"))
    view.success(f"{len(listed)} 个快照")


@snapshot.command()
def diff(
    context: typer.Context,
    old: Annotated[int, typer.Argument(metavar="OLD", help="较早快照的编号")],
    new: Annotated[int, typer.Argument(metavar="NEW", help="较晚快照的编号")],
    counters: Annotated[bool, typer.Option("--counters", help="也比较计数、时长等一直在变的字段")] = False,
) -> None:
    """按行的标识比较两个快照：新增、消失、改变的行。

    例：nornir-itsm snapshot diff 1 2
    """
    from nornir_itsm.cli import view
    from nornir_itsm.snapshots.compare import between

    store = opened(context).snapshots
    one, other = store.snapshot(old), store.snapshot(new)
    found = list(between(store, one.id, other.id, counters=counters))
    if context.obj.json:
        emit({"old": one.id, "new": other.id, "differences": [_difference(item) for item in found]})
        return
    for item in found:
        _say(item)
    view.success(f"{len(found)} 处不同（按设备和命令计）")


@snapshot.command()
def export(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE.xlsx|DIR")],
    id: Annotated[int | None, typer.Option("--id", help="快照编号；省略为最近一个完成的")] = None,
) -> None:
    """把一个快照写成 Excel（每条命令一个工作表），或写成目录（原文，可用于 plan --snapshot）。

    例：nornir-itsm snapshot export 采集.xlsx
    """
    from nornir_itsm.cli import view
    from nornir_itsm.snapshots.folder import write_folder
    from nornir_itsm.snapshots.workbook import sheets_of, write_workbook

    installation = opened(context)
    store = installation.snapshots
    one = store.snapshot(id)
    if target.suffix.lower() == ".xlsx":
        write_workbook(target, sheets_of(store, one.id))
    else:
        folders = {point.name: point.snapshot for point in installation.site.points.values()}
        write_folder(store, one.id, target, folders)
    view.success(f"快照 {one.id} 写入 {target}")


@snapshot.command()
def prune(
    context: typer.Context,
    keep: Annotated[int, typer.Option(min=1, help="至少保留最近多少个完成的快照")] = 30,
    days: Annotated[int, typer.Option(min=0, help="只清理多少天以前的；0 为不限")] = 90,
) -> None:
    """清理旧快照；进行中的和最近的总是保留。

    例：nornir-itsm snapshot prune --keep 30 --days 90
    """
    from nornir_itsm.cli import view

    before = (datetime.now().astimezone() - timedelta(days=days)).isoformat() if days else ""
    gone = opened(context).snapshots.prune(keep=keep, before=before)
    view.success(f"清理了 {gone} 个快照")


def _difference(item: "Between") -> dict[str, Any]:
    found = item.difference
    return {
        **{"host": item.host, "command": item.command, "note": item.note},
        **{"added": [dict(row) for row in found.added], "removed": [dict(row) for row in found.removed]},
        "changed": [
            {"key": dict(one.key), "fields": {name: list(pair) for name, pair in one.fields.items()}}
            for one in found.changed
        ],
    }


def _say(item: "Between") -> None:
    from rich.markup import escape

    from nornir_itsm.cli import view

    view.say(escape(f"{item.host}  {item.command}  {item.note}"), style="bold")
    for sign, rows in (("+", item.difference.added), ("-", item.difference.removed)):
        for row in rows:
            said = "  ".join(f"{name}={value}" for name, value in row.items() if value is not None)
            view.say(escape(f"  {sign} {said}"), style="green" if sign == "+" else "red")
    for one in item.difference.changed:
        key = " ".join(str(value) for value in one.key.values() if value is not None)
        fields = "，".join(f"{name}：{was} → {now}" for name, (was, now) in one.fields.items())
        view.say(escape(f"  ~ {key}  {fields}"), style="yellow")
