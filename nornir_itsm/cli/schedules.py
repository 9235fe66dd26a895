"""schedule: commands that only look, at set hours; kept in the store, missed runs said."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit, opened

if TYPE_CHECKING:
    from nornir_itsm.schedules import Run, Schedule

_STATES = {
    "done": "完成",
    "failed": "失败",
    "missed": "错过",
    "skipped": "跳过",
    "running": "进行中",
    "interrupted": "中断",
}

schedule = typer.Typer(
    no_args_is_help=True, help="定时采集：按 cron 运行只读命令。例：nornir-itsm schedule list"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(schedule, name="schedule")


@schedule.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def add(
    context: typer.Context,
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND...", help="要运行的命令，如 collect --filter site=DC1")
    ],
    cron: Annotated[str, typer.Option(help='五段：分 时 日 月 周，如 "0 2 * * mon-fri"（本机时区）')],
) -> None:
    """增加一个定时任务，只能是不改变设备的命令。

    例：nornir-itsm schedule add --cron "0 2 * * mon-fri" collect
    """
    from nornir_itsm.cli import view
    from nornir_itsm.schedules.cron import checked, next_time
    from nornir_itsm.schedules.loop import allowed

    line, words, now = checked(cron, _now()), allowed(command), _now()
    installation = opened(context)
    made = installation.schedules.add(line, words, installation.author(), now.isoformat(timespec="seconds"))
    upcoming = next_time(line, now)
    if context.obj.json:
        emit({"id": made.id, "cron": made.cron, "command": list(words), "next": str(upcoming)})
    else:
        view.success(f"定时任务 {made.id}：{' '.join(words)}，下一次 {upcoming:%Y-%m-%d %H:%M}")
        view.say("  需要有 schedule run 在运行，或由系统定时器每分钟调用 schedule run --once")


@schedule.command("list")
def show(
    context: typer.Context,
    history: Annotated[bool, typer.Option("--history", help="也列出最近的运行记录")] = False,
) -> None:
    """列出定时任务：下一次时间、上一次结果。

    例：nornir-itsm schedule list --history
    """
    from rich.markup import escape

    from nornir_itsm.cli import view

    installation, now = opened(context), _now()
    store = installation.schedules
    listed = [_schedule(one, store.history(one.id, 1), now) for one in store.schedules()]
    runs = [_run(one) for one in store.history()] if history else []
    if context.obj.json:
        emit({"schedules": listed, "history": runs})
        return
    for item in listed:
        last = item["last"]
        said = f"上一次 {last['due']} {_STATES[last['state']]}" if last else "还没有运行过"
        words = " ".join(item["command"])
        view.say(escape(f"  {item['id']}  {item['cron']}  {words}  下一次 {item['next']}  {said}"))
    for run in runs:
        note = f"  {run['note']}" if run["note"] else ""
        view.say(
            escape(f"  #{run['schedule']}  {run['due']}  {_STATES[run['state']]}  退出码 {run['code']}{note}")
        )
    view.success(f"{len(listed)} 个定时任务")


@schedule.command()
def remove(context: typer.Context, id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """删除一个定时任务，运行记录保留。

    例：nornir-itsm schedule remove 1
    """
    from nornir_itsm.cli import view

    opened(context).schedules.remove(id)
    view.success(f"定时任务 {id} 已删除")


@schedule.command()
def run(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="只处理现在到期的，然后结束（供系统定时器每分钟调用）")
    ] = False,
    late: Annotated[
        bool, typer.Option("--late", help="错过的任务补做最近一次；不加则只记录、不补做")
    ] = False,
) -> None:
    """按时运行定时任务，直到 Ctrl-C。错过的时间会说明并记录，不会自行补做。

    例：nornir-itsm schedule run --once
    """
    from nornir_itsm.schedules.loop import Loop, in_own_process, interrupted

    installation = opened(context)
    for lost in interrupted(installation.schedules, _now().isoformat(timespec="seconds")):
        installation.tell(f"schedule {lost.schedule}: {lost.due} was interrupted")
    config, store = installation.settings.config, installation.schedules
    loop = Loop(store, in_own_process(config), _now, installation.tell, late=late)
    if once:
        loop.look()
        loop.wait()
        return
    try:
        loop.forever()
    except KeyboardInterrupt:
        installation.tell("schedule run: stopped")


def _schedule(one: "Schedule", last: "Sequence[Run]", now: datetime) -> dict[str, Any]:
    from nornir_itsm.schedules.cron import next_time

    coming = next_time(one.cron, now)
    return {
        **{"id": one.id, "cron": one.cron, "command": list(one.command), "author": one.author},
        **{"next": coming.isoformat() if coming else None, "last": _run(last[0]) if last else None},
    }


def _run(one: "Run") -> dict[str, Any]:
    names = ("schedule", "due", "state", "started", "finished", "code", "note")
    return {**{name: getattr(one, name) for name in names}, "command": list(one.command)}


def _now() -> datetime:
    """Return the time in this machine's zone, by its name where the system tells it (summer time)."""
    from tzlocal import get_localzone

    return datetime.now(get_localzone())
