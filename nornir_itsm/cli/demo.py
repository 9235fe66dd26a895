"""demo: one real order from form to closed ticket, on the lab; every step by the public commands."""

import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from nornir_itsm.cli.session import emit
from nornir_itsm.errors import ChangeError

FORM = "04-双表-正表加Sheet1.xlsx"


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(demo)


def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--dir", help="演示环境目录")] = Path("var/demo"),
    form: Annotated[Path | None, typer.Option(help="换一张申请单")] = None,
) -> None:
    """在本机实验环境里走完一张申请单：检查、方案、审批、推送、验证、关闭变更单，再次计划应无事可做。

    例：nornir-itsm demo
    """
    from nornir_itsm.lab import Lab

    project = Path.cwd()
    form = form or project / "orders" / FORM
    snapshot = project / "inventory" / "snapshot"
    home = _fresh(folder)
    began = time.monotonic()
    with Lab(home, snapshot=snapshot, project=project) as lab:
        summary = _walk(lab.config, lab.token, form, snapshot)
    summary["seconds"] = round(time.monotonic() - began, 1)
    if context.obj.json:
        emit(summary)
    else:
        _tell(summary)


def _fresh(folder: Path) -> Path:
    """Return a folder of its own for this run; earlier runs stay."""
    number = 1
    while (home := folder.absolute() / f"run-{number}").exists():
        number += 1
    return home


def _walk(config: Path, token: Path, form: Path, snapshot: Path) -> dict[str, Any]:
    """Go the whole way and return what to say of it."""
    from nornir_itsm.app import App
    from nornir_itsm.cli import view
    from nornir_itsm.pipeline import carry_out, prepare

    def step(text: str) -> None:
        view.say(f"[bold]▸ {text}[/]")

    author = App.open(config, listener=lambda line: view.say(f"  · {line}", style="dim"))
    step(f"check {form.name}")
    order = author.read(form, {})
    view.order(order)

    step("plan：从快照与从在线设备各做一次")
    offline = prepare(order, App.open(config, snapshot=snapshot), {})
    plan = prepare(order, author, {})
    if offline.fingerprint != plan.fingerprint:
        raise ChangeError("demo", "快照与在线设备得到的方案不同", "请报告这个问题")
    number = author.changes.new_change(order, plan, author.author(), author.clock.now())
    view.plan(plan, number)

    step(f"approve {number}（第二个用户，令牌登录）")
    second = App.open(config, environ={**os.environ, "NORNIR_ITSM_TOKEN": token.read_text().strip()})
    ticket = second.approve(number, None, "演示：同意")

    step(f"apply {number}")
    done = carry_out(number, author)

    step("再次 plan：应无事可做")
    again = prepare(order, author, {})
    if again.to_do:
        raise ChangeError("demo", "执行之后仍有要做的事", "请报告这个问题")
    return {
        "order": f"{order.organization} · {order.system}（{form.name}）",
        "change": number,
        "devices": {c.device: len(c.commands) + len(c.calls) for c in plan.to_do},
        "sent": done.sent,
        "proof": {p.demand: "exact" if p.exact else "inexact" for p in plan.proofs},
        "fingerprint": plan.fingerprint,
        "ticket": ticket,
        "ticket_state": author.desk.read(ticket)["state"],
        "verified": list(done.verdicts),
        "again": [v.verdict for v in again.demands],
        "document": author.desk.attach(ticket, "变更方案.md", author.document(order, plan).encode()),
    }


def _tell(summary: dict[str, Any]) -> None:
    from nornir_itsm.cli import view

    lines = "，".join(f"{name} {count} 行" for name, count in summary["devices"].items())
    proofs = (f"{k} {'精确' if v == 'exact' else '不精确'}" for k, v in summary["proof"].items())
    view.success("完成")
    for title, text in (
        ("申请单", summary["order"]),
        ("变更", f"{summary['change']}　指纹 {str(summary['fingerprint'])[:23]}…（快照与在线一致）"),
        ("设备", f"{lines}；共接受 {summary['sent']} 行"),
        ("证明", "，".join(proofs)),
        ("验证", "；".join(summary["verified"])),
        ("变更单", f"{summary['ticket']}（{summary['ticket_state']}）"),
        ("文档", summary["document"]),
        ("再次计划", "无事可做"),
        ("用时", f"{summary['seconds']} 秒"),
    ):
        view.field(title, str(text))
