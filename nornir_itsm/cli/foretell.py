"""foretell: what a configuration will say after some lines, or that it cannot be said."""

from dataclasses import asdict
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from nornir_itsm.cli.parse import text_of
from nornir_itsm.cli.session import emit

APART = 1


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(foretell)


def foretell(
    context: typer.Context,
    platform: Annotated[str, typer.Option(help="平台：huawei_vrp、hp_comware、hillstone_stoneos …")],
    before: Annotated[Path, typer.Option(help="变更前的运行配置（display current-configuration 等的回显）")],
    lines: Annotated[Path, typer.Argument(metavar="LINES", help="要输入的命令，每行一条；- 为标准输入")],
    held: Annotated[Path | None, typer.Option(help="变更后读回的配置：与预测逐行比较")] = None,
) -> None:
    """预测输入这些命令之后的配置文本，显示差异；不能确定时说明是哪一行、为什么。只读，不连接设备。

    退出码：0 可以预测（且与 --held 一致），1 不能预测，或与 --held 不一致。

    例：nornir-itsm foretell --platform huawei_vrp --before before.cfg commands.txt
    """
    from rich.markup import escape

    from nornir_itsm.cli import view
    from nornir_itsm.stages.foretell import foretell as foretold
    from nornir_itsm.stages.foretell import told_apart

    text = text_of(before)
    told = foretold(platform, text, text_of(lines).splitlines())
    found = told_apart(platform, told.text, text_of(held)) if held and not told.refusal else ()
    apart = any(one.matters for one in found)
    if context.obj.json:
        emit({"platform": platform, **asdict(told), "apart": [str(one) for one in found]})
    elif told.refusal:
        view.say(escape(told.refusal))
    elif held:
        for one in found:
            print(one)
        view.say("与预测不一致" if apart else "与预测一致")
    else:
        changed = unified_diff(text.splitlines(), told.text.splitlines(), "变更前", "变更后", lineterm="")
        print("\n".join(changed))
    raise typer.Exit(APART if told.refusal or apart else 0)
