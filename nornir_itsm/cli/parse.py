"""parse: an answer of a device as a table, and what of it nobody understood."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit
from nornir_itsm.errors import ChangeError

if TYPE_CHECKING:
    from nornir_itsm.model.collected import Parsed

INCOMPLETE = 1
PIPED = 240
"""Width of a table that no terminal bounds."""


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(parse)


def parse(
    context: typer.Context,
    platform: Annotated[
        str, typer.Option(help="平台：huawei_vrp、hp_comware、hillstone_stoneos、cisco_ios …")
    ],
    command: Annotated[str, typer.Option(help="在设备上输入的命令，如 display version")],
    file: Annotated[Path, typer.Argument(metavar="[FILE|-]", help="回显文件；- 或省略为标准输入")] = Path(
        "-"
    ),
) -> None:
    """把设备回显解析成表：各厂商用同一种写法，未能识别的行逐条列出。只读，不连接设备。

    退出码：0 每一行都已识别，1 有未能识别的行或没有模板。

    例：nornir-itsm parse --platform huawei_vrp --command "display arp" arp.txt
    """
    from nornir_itsm.sources.ttp_folder import demand_output

    parsed = demand_output(platform, command, text_of(file), _folder(context.obj.config))
    if context.obj.json:
        rows = [dict(row) for row in parsed.rows]
        beside = {key: asdict(parsed)[key] for key in ("anomalies", "unread")}
        emit({"platform": platform, "command": command, "table": parsed.table, "rows": rows, **beside})
    else:
        _show(parsed)
    raise typer.Exit(0 if parsed.whole else INCOMPLETE)


def text_of(file: Path) -> str:
    """Read an answer; what is no UTF-8 is read as GB18030, as many Chinese devices send it."""
    try:
        read = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise ChangeError(
            str(file), f"读不出文件：{error.strerror}", "给出回显文件，或 - 从标准输入读"
        ) from None
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError:
        return read.decode("gb18030", "replace")


def _folder(config: Path) -> Path:
    """Return the templates of the installation where there is one here, else those of the package."""
    from nornir_itsm.settings import load_settings
    from nornir_itsm.sources.ttp_folder import own_folder

    return load_settings(config).ttp_templates if config.exists() else own_folder()


def _show(parsed: "Parsed") -> None:
    """Draw the table on standard output, without columns that say nothing; what was not read below it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nornir_itsm.cli import view

    names = [
        name
        for name in (parsed.rows[0] if parsed.rows else ())
        if any(row[name] is not None for row in parsed.rows)
    ]
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for row in parsed.rows:
        table.add_row(*(escape(_cell(row[name])) for name in names))
    if names:
        console = Console(highlight=False)
        console.print(table, width=None if console.is_terminal else PIPED, crop=False)
    for line in parsed.unread:
        view.say(f"  未识别 第 {line.number} 行：{escape(line.text.strip())}", style="yellow")
    for anomaly in parsed.anomalies:
        at = "、".join(str(line.number) for line in anomaly.lines)
        view.say(f"  存疑 {f'第 {at} 行：' if at else ''}{escape(anomaly.reason)}", style="yellow")
    if parsed.whole:
        view.success(f"{parsed.table or '表'}：{len(parsed.rows)} 行，回显的每一行都已识别")


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return " ".join(value)
    return str(value)
