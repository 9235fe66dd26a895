"""lab start|stop|status: simulated devices on loopback, for trying everything without a network."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from nornir_itsm.cli.session import emit
from nornir_itsm.errors import ChangeError

Folder = Annotated[Path, typer.Option("--dir", help="实验环境目录")]
_WAIT = 20.0
"""Seconds until a lab must answer."""

lab = typer.Typer(
    no_args_is_help=True, help="实验环境：严格模拟的防火墙（SSH）和应用交付（HTTPS），只在本机回环地址。"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(lab, name="lab")


@lab.command()
def start(
    context: typer.Context,
    folder: Folder = Path("var/lab"),
    snapshot: Annotated[Path, typer.Option(help="设备的初始配置")] = Path("inventory/snapshot"),
    refuse: Annotated[list[str] | None, typer.Option(metavar="DEVICE:K", help="拒绝第 K 行")] = None,
    drop: Annotated[list[str] | None, typer.Option(metavar="DEVICE:K", help="在第 K 行断开")] = None,
    drop_after: Annotated[
        list[str] | None, typer.Option(metavar="DEVICE:K", help="执行第 K 行后断开")
    ] = None,
    slow: Annotated[list[str] | None, typer.Option(metavar="DEVICE:SECONDS", help="每行变慢")] = None,
) -> None:
    """启动。之后加 --config DIR/config.yaml 使用。例：nornir-itsm lab start --refuse DC1-ISP-FW01:3"""
    faults = [("refuse", refuse), ("drop", drop), ("drop-after", drop_after), ("slow", slow)]
    flags = [word for name, given in faults for value in given or () for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "nornir_itsm.lab", str(folder), "--snapshot", str(snapshot)]
    log = folder / "lab.log"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--project", str(Path.cwd()), *flags],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _WAIT
    while (found := _status(folder)) is None or found["pid"] != process.pid:
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text("utf-8", errors="replace").strip()
            raise ChangeError(f"lab {folder}", said or "没有在规定时间内启动", f"日志 {log}")
        time.sleep(0.05)
    _say(context, {**found, "config": str(folder / "config.yaml")}, "已启动")


@lab.command()
def stop(context: typer.Context, folder: Folder = Path("var/lab")) -> None:
    """停止。只结束自己启动的进程。"""
    found = _status(folder)
    if found is None:
        raise ChangeError(f"lab {folder}", "没有在运行", "nornir-itsm lab start")
    os.kill(found["pid"], signal.SIGTERM)
    deadline = time.monotonic() + _WAIT
    while _status(folder) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    _say(context, found, "已停止")


@lab.command()
def status(context: typer.Context, folder: Folder = Path("var/lab")) -> None:
    """显示端口和配置文件。没有运行时退出码 1。"""
    found = _status(folder)
    if found is None:
        raise ChangeError(f"lab {folder}", "没有在运行", "nornir-itsm lab start")
    _say(context, {**found, "config": str(folder / "config.yaml")}, "运行中")


def _status(folder: Path) -> dict[str, Any] | None:
    """Read lab.json of a lab whose process lives and is a lab; None otherwise."""
    try:
        found: dict[str, Any] = json.loads((folder / "lab.json").read_text("utf-8"))
        os.kill(int(found["pid"]), 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    command = Path(f"/proc/{found['pid']}/cmdline")
    if command.exists() and b"nornir_itsm.lab" not in command.read_bytes():
        return None
    return found


def _say(context: typer.Context, found: dict[str, Any], word: str) -> None:
    if context.obj.json:
        emit(found)
    else:
        ports = "，".join(f"{name} 127.0.0.1:{port}" for name, port in found["ports"].items())
        print(f"✓ 实验环境{word}（pid {found['pid']}）：{ports}", file=sys.stderr)
        if "config" in found:
            print(f"  使用：nornir-itsm --config {found['config']} plan FORM.xlsx", file=sys.stderr)
            token = Path(found["config"]).parent / "approver.token"
            print(f"  审批人令牌：export NORNIR_ITSM_TOKEN=$(cat {token})", file=sys.stderr)
