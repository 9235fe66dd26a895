"""inventory show|check|export: the devices, where they come from, what was left out and why."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit, new_folder, opened, quiet_inventory, write_files

if TYPE_CHECKING:
    from nornir.core.inventory import Host, Inventory

    from nornir_itsm.inventory.report import Report

Excel = Annotated[Path | None, typer.Option(metavar="FILE", help="直接读这个工作簿或 CSV，不用配置文件")]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter", metavar="KEY=VALUE", help="platform=…、group=…、name=web-*、cloud.vpc=…；可多次"
    ),
]

inventory = typer.Typer(no_args_is_help=True, help="设备清单：来自工作簿、CSV、云平台或导出文件；只读。")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(inventory, name="inventory")


@inventory.command()
def show(context: typer.Context, excel: Excel = None, filter: Filters = None) -> None:
    """列出设备：地址、端口、平台、分组、用户，以及数据有多旧。--json 另给出密码引用和全部数据。

    例：nornir-itsm inventory show --filter platform=hillstone_stoneos
    """
    from nornir_itsm.cli import inventory_view as view

    found, reports = _read(context, excel)
    hosts = _chosen(found, filter or ())
    if context.obj.json:
        emit({"devices": [view.device(host) for host in hosts], "sources": [r.as_json() for r in reports]})
    else:
        view.devices(hosts)
        view.sources(reports)


@inventory.command()
def check(context: typer.Context, excel: Excel = None) -> None:
    """读清单并报告：读了几台、跳过哪些行及原因、平台由什么认出、重复和空白。清单有错时退出码 1。

    例：nornir-itsm inventory check --excel 监控导出.xlsx
    """
    from nornir_itsm.cli import inventory_view as view

    _, reports = _read(context, excel)
    if context.obj.json:
        emit({"sources": [report.as_json() for report in reports]})
    else:
        view.checked(reports)


@inventory.command()
def export(
    context: typer.Context,
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="json、json-simple、ini、yaml")],
    excel: Excel = None,
    filter: Filters = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="写到新目录；不给则写到标准输出")] = None,
) -> None:
    """导出清单。密码只导出引用；明文密码从不导出。导出的文件可由 itsm-export 插件读回。

    例：nornir-itsm inventory export yaml --out var/inventory
    """
    from nornir.core.inventory import Hosts, Inventory
    from rich.markup import escape

    from nornir_itsm.cli import view
    from nornir_itsm.inventory.exports import exported

    found, _ = _read(context, excel)
    hosts = Hosts({host.name: host for host in _chosen(found, filter or ())})
    files, withheld = exported(Inventory(hosts, found.groups, found.defaults), format)
    for place in withheld:
        view.say(f"  [yellow]未导出[/] {escape(place)}：不是引用")
    if out is not None:
        folder = new_folder(out)
        write_files(folder, {name: text.encode() for name, text in files.items()})
        view.success(f"{len(hosts)} 台设备 → {folder}（{'、'.join(files)}）")
    else:
        sys.stdout.write("".join(files.values()) if len(files) == 1 else _documents(files))


def _documents(files: dict[str, str]) -> str:
    return "".join(f"# {name}\n---\n{text}" for name, text in files.items())


def _read(context: typer.Context, excel: Path | None) -> "tuple[Inventory, Sequence[Report]]":
    from nornir_itsm.inventory.combined import configured, read

    if excel is None:
        return configured(opened(context).settings.nornir)
    quiet_inventory()
    return read("itsm-excel", {"path": str(excel)})


def _chosen(found: "Inventory", filters: Sequence[str]) -> "list[Host]":
    """Return the hosts that fit every KEY=VALUE; a value may hold ``*`` and ``?``."""
    wanted = []
    for pair in filters:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise typer.BadParameter(f"{pair!r}：写成 KEY=VALUE", param_hint="--filter")
        wanted.append((key, value))
    return [host for host in found.hosts.values() if all(_fits(host, *pair) for pair in wanted)]


def _fits(host: "Host", key: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    if key in ("group", "groups"):
        said: list[Any] = [group.name for group in host.extended_groups()]
    elif key in ("name", "hostname", "port", "platform", "username"):
        said = [getattr(host, key)]
    else:
        value: Any = host.extended_data()
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        said = value if isinstance(value, list) else [value]
    return any(one is not None and fnmatchcase(str(one), pattern) for one in said)
