"""collect: ask the fleet, keep what it gives, say what is missing and why."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit, opened

if TYPE_CHECKING:
    from nornir_itsm.collect.tally import Tally

PARTIAL, INTERRUPTED = 8, 130
_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""
_SHOWN = 5
"""Hosts of one cause that are named on the terminal; --json names all."""


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(collect)


def collect(
    context: typer.Context,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", metavar="K=V", help="只采集匹配的设备，可用通配符；可重复")
    ] = None,
    commands: Annotated[
        list[str] | None,
        typer.Option("--commands", metavar="NAME", help="只采集这些命令（须在 collect.yaml 中）"),
    ] = None,
    deadline: Annotated[
        float, typer.Option(metavar="SECONDS", help="整次采集的时限；0 用 collect.yaml 的值")
    ] = 0,
    excel: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help="同时写成工作簿，每条命令一个工作表")
    ] = None,
) -> None:
    """采集设备：按平台和角色问 collect.yaml 声明的命令，解析、存为一次快照。只读。

    退出码：0 全部完成，8 部分设备没有采全，130 中断（已完成的设备已保存）。

    例：nornir-itsm collect --filter platform=huawei_vrp --commands "display version" --deadline 300
    """
    from nornir_itsm.collect.tally import Tally
    from nornir_itsm.devices.until import Until
    from nornir_itsm.snapshots.workbook import sheets_of, write_workbook

    installation = opened(context)
    collector = installation.collector
    asked = collector.asked(filters or (), commands or ())
    seconds = deadline or installation.questions.pace.run
    until = Until().within(seconds) if seconds else Until()
    snapshots, begun, tally = installation.snapshots, time.monotonic(), Tally(len(asked))
    words = [f"--filter={one}" for one in filters or ()] + [f"--commands={one}" for one in commands or ()]
    number = snapshots.begin(shlex.join(["collect", *words]), installation.clock.now())
    interrupted = False
    with _progress(tally, begun, quiet=context.obj.quiet or context.obj.json) as told:

        def landed(one: Any) -> None:
            if one.collected.outputs or one.cause != "stopped":
                snapshots.keep(number, [one.collected])
            tally.count(one)
            told()

        try:
            collector.run(asked, until, landed)
        except KeyboardInterrupt:
            interrupted = True
    if not interrupted:
        snapshots.finish(number, installation.clock.now())
    took = time.monotonic() - begun
    if excel is not None:
        write_workbook(excel, sheets_of(snapshots, number))
    (emit(_json(number, tally, took)) if context.obj.json else _told(number, tally, took))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(PARTIAL if tally.partial else 0)


@contextmanager
def _progress(tally: "Tally", begun: float, *, quiet: bool) -> Iterator[Any]:
    """Give a function that shows how far the collection is; it is called after every host."""
    if quiet:
        yield lambda: None
    elif sys.stderr.isatty():
        yield from _bar(tally, begun)
    else:
        yield _lines(tally, begun)


def _bar(tally: "Tally", begun: float) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    # No thread of its own: the collection may fork, and a thread does not survive that.
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("采集", total=tally.total)
        drawn = 0.0

        def told() -> None:
            nonlocal drawn
            if time.monotonic() - drawn > 0.1 or tally.done == tally.total:
                drawn = time.monotonic()
                bar.update(task, completed=tally.done, description=_counts(tally, begun), refresh=True)

        yield told


def _lines(tally: "Tally", begun: float) -> Any:
    last = begun

    def told() -> None:
        nonlocal last
        if time.monotonic() - last > _EVERY:
            last = time.monotonic()
            print(f"  · {tally.done}/{tally.total} {_counts(tally, begun)}", file=sys.stderr, flush=True)

    return told


def _counts(tally: "Tally", begun: float) -> str:
    return (
        f"完成 {tally.complete}，失败 {len(tally.failed)}，{tally.rate(time.monotonic() - begun):.1f} 台/秒"
    )


def _told(number: int, tally: "Tally", took: float) -> None:
    """Say what came of it, failures by cause."""
    from nornir_itsm.collect.tally import CAUSES

    mark = "✓" if not tally.partial else "!"
    retried = f"，重试过 {tally.retried} 台" if tally.retried else ""
    print(
        f"{mark} 快照 {number}：{tally.complete}/{tally.total} 台采全，{tally.outputs} 份回显，"
        f"{took:.1f} 秒，{tally.rate(took):.1f} 台/秒{retried}",
        file=sys.stderr,
    )
    for cause, hosts in tally.by_cause().items():
        print(f"  {CAUSES.get(cause, cause)}：{len(hosts)} 台", file=sys.stderr)
        for one in hosts[:_SHOWN]:
            print(f"    {one.collected.host}：{one.collected.problem}", file=sys.stderr)
        if len(hosts) > _SHOWN:
            print(f"    …… 另有 {len(hosts) - _SHOWN} 台，全部见 --json", file=sys.stderr)
        if hosts[0].hint:
            print(f"    → {hosts[0].hint}", file=sys.stderr)


def _json(number: int, tally: "Tally", took: float) -> dict[str, Any]:
    failed = [
        {"host": one.collected.host, "cause": one.cause, "problem": one.collected.problem, "hint": one.hint,
         "outputs": len(one.collected.outputs), "attempts": one.attempts}
        for one in tally.failed
    ]  # fmt: skip
    counts = {"hosts": tally.total, "complete": tally.complete, "outputs": tally.outputs}
    return {"snapshot": number, **counts, "seconds": round(took, 1), "failed": failed}
