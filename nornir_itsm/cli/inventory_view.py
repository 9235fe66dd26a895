"""Devices and reports as tables; on standard error, so that pipes stay clean."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from nornir_itsm.cli import view
from nornir_itsm.references import WRITE, may_be_kept

if TYPE_CHECKING:
    from nornir.core.inventory import Host

    from nornir_itsm.inventory.report import Report

MOST = 200
"""So many rows are drawn; all of them are in ``--json``."""
_BY = {
    "column": "平台列",
    "template": "关联模板",
    "name": "设备名",
    "cloud": "云平台",
    "group": "分组",
    "defaults": "默认",
    "": "未认出",
}


def device(host: "Host") -> dict[str, Any]:
    """Return a host with what it inherits; a password is a reference, or masked."""
    write = host.get_connection_parameters(WRITE)
    return {
        "name": host.name,
        **{key: getattr(host, key) for key in ("hostname", "port", "platform", "username")},
        "password": masked(host.password),
        "write": {"username": write.username, "password": masked(write.password)},
        "groups": [group.name for group in host.extended_groups()],
        "connections": sorted(host.connection_options),
        "data": host.extended_data(),
    }


def masked(password: str | None) -> str | None:
    """Return a reference as it is; what may be a password itself is not shown."""
    return password if not password or may_be_kept(password) else "********"


def devices(hosts: Sequence["Host"]) -> None:
    """Draw the devices."""
    heads = ("名称", "地址", "端口", "平台", "分组", "用户")
    table = _table(f"{len(hosts)} 台设备", heads)
    for host in hosts[:MOST]:
        groups = ", ".join(group.name for group in host.extended_groups())
        cells = (host.name, host.hostname, host.port, host.platform, groups, host.username)
        table.add_row(*(escape(str(cell or "")) for cell in cells))
    view.console.print(table)
    if len(hosts) > MOST:
        view.say(f"  ……另有 {len(hosts) - MOST} 台，--json 给出全部")


def sources(reports: Iterable["Report"]) -> None:
    """Say where the devices come from, and how old that is."""
    for one in reports:
        kept = "，取自缓存" if one.cached else ""
        said = f"{one.source}：{one.loaded} 台，{age(one.taken)}{kept}"
        left = f"；跳过 {len(one.skipped)} 行（inventory check 给出原因）" if one.skipped else ""
        view.say(f"  {escape(said)}{left}")


def checked(reports: Iterable["Report"]) -> None:
    """Draw what was read, what was left out and why, and what told the platforms."""
    for one in reports:
        kept = "，取自缓存" if one.cached else ""
        view.say(f"[bold]{escape(one.source)}[/]  {age(one.taken)}{kept}")
        view.success(f"读入 {one.loaded} 台设备")
        if one.skipped:
            table = _table(f"跳过 {len(one.skipped)}", ("位置", "名称", "原因"))
            for skip in one.skipped[:MOST]:
                table.add_row(*map(escape, skip))
            view.console.print(table)
        table = _table("平台由什么认出", ("平台", "依据", "关键词", "台数"))
        for r, count in sorted(one.recognised.items(), key=lambda item: (-item[1], item[0].platform)):
            table.add_row(escape(r.platform), _BY.get(r.by, r.by), escape(r.keyword), str(count))
        view.console.print(table)
        for note in one.notes[:MOST]:
            view.say(f"  [yellow]注意[/] {escape(note)}")


def age(taken: str) -> str:
    """Say how old something is."""
    then = datetime.fromisoformat(taken)
    minutes = max(0, int((datetime.now().astimezone() - then).total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60
    passed = f"{days} 天" if days else f"{hours} 小时" if hours else f"{minutes} 分钟"
    return f"数据时间 {then:%Y-%m-%d %H:%M}（{passed}前）"


def _table(title: str, heads: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for head in heads:
        table.add_column(head, overflow="fold")  # nothing is cut off
    return table
