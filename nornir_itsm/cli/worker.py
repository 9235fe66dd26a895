"""worker: one machine of a distributed installation."""

from typing import Annotated

import typer

from nornir_itsm.cli.session import opened

DATABASE = "env:NORNIR_ITSM_DATABASE"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(worker)


def worker(
    context: typer.Context,
    site: Annotated[list[str] | None, typer.Option("--site", help="负责的站点，可多次")] = None,
    threads: Annotated[int, typer.Option(min=1, max=200, help="同时处理的设备数")] = 20,
    database: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="PostgreSQL 地址的引用：env:NAME 或 file:/path")
    ] = None,
    tasks: Annotated[
        list[str] | None, typer.Option("--tasks", metavar="PACKAGE", help="还允许执行此 Python 包中的任务")
    ] = None,
) -> None:
    """分布式安装中的一台工作机：从队列取本站点的设备并执行；Ctrl-C 做完手头的再退出。

    例：nornir-itsm worker --site 示例机房A --threads 50
    """
    from nornir_itsm.devices.connect import Reach
    from nornir_itsm.devices.worker import TRUSTED, Bench, serve

    installation = opened(context)
    settings = installation.settings
    named = database or settings.nornir.get("runner", {}).get("options", {}).get("database") or DATABASE
    bench = Bench((*TRUSTED, *(tasks or ())), Reach(settings.known_hosts).extras())
    serve(named, site or ["default"], threads, bench, installation.tell)
