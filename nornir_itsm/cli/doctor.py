"""doctor: what is installed, what is configured wrongly, which devices answer. Changes nothing."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from nornir_itsm.cli.session import emit, opened
from nornir_itsm.errors import ChangeError

if TYPE_CHECKING:
    from nornir.core.inventory import Host

    from nornir_itsm.app import App

_MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}
_PLUGINS = {
    "nornir.plugins.inventory": ("itsm-excel", "itsm-aliyun", "itsm-export", "itsm-combined"),
    "nornir.plugins.connections": ("itsm-rest", "itsm-aliyun-api"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    level: Literal["ok", "warning", "error"]
    said: str
    hint: str = ""


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(doctor)


def doctor(
    context: typer.Context,
    sample: Annotated[int, typer.Option(min=0, help="并行试连的设备数；0 不连")] = 5,
    timeout: Annotated[float, typer.Option(min=0.1, help="每台设备等待秒数")] = 3.0,
) -> None:
    """体检：安装了什么、配置哪里不对、账号引用能否取到、抽样设备能否连通（不登录）。有错误时退出码 1。

    例：nornir-itsm doctor --sample 10
    """
    found = [*_installed(), *_configured(context, sample, timeout)]
    if context.obj.json:
        emit({"findings": [asdict(one) for one in found]})
    else:
        _show(found)
    if any(one.level == "error" for one in found):
        raise typer.Exit(1)


def _installed() -> Iterator[Finding]:
    from importlib import metadata

    yield Finding("Python", "ok", sys.version.split()[0])
    versions, missing = [], []
    for wanted in metadata.requires("nornir-itsm") or ():
        name = wanted.partition(";")[0].strip()
        if "extra ==" in wanted:
            continue
        plain = name.partition("[")[0]
        try:
            versions.append(f"{plain} {metadata.version(plain)}")
        except metadata.PackageNotFoundError:
            missing.append(plain)
    if missing:
        yield Finding("packages", "error", f"缺少 {'、'.join(missing)}", "python3 bootstrap.py setup")
    else:
        yield Finding("packages", "ok", "，".join(versions))
    for group, names in _PLUGINS.items():
        known = {entry.name for entry in metadata.entry_points(group=group)}
        if lost := set(names) - known:
            said = f"{group} 没有 {'、'.join(sorted(lost))}"
            yield Finding("plugins", "error", said, "python3 bootstrap.py setup")


def _configured(context: typer.Context, sample: int, timeout: float) -> Iterator[Finding]:
    try:
        installation = opened(context)
    except ChangeError as error:
        yield _failed("config", error)
        return
    yield Finding("config", "ok", str(installation.settings.config))
    for what, look in _LOOKS.items():
        try:
            yield from look(installation)
        except ChangeError as error:
            yield _failed(what, error)
    if sample:
        yield from _reached(installation, sample, timeout)


def _failed(what: str, error: ChangeError) -> Finding:
    return Finding(what, "error", f"{error.where}：{error.problem}", error.hint)


def _site(installation: "App") -> Iterator[Finding]:
    site = installation.site
    yield Finding(
        "site", "ok", f"{installation.settings.site}：{len(site.points)} 个控制点，{len(site.paths)} 条路径"
    )


def _policy(installation: "App") -> Iterator[Finding]:
    """Look whether whoever must approve is there and may."""
    users = installation.settings.users
    may = {user.name for user in users if "approver" in user.roles}
    policy = installation.site.policy
    asked = {group for rule in policy.approvals for group in rule.need}
    for group in sorted(asked & set(policy.groups)):
        if lost := [name for name in policy.groups[group] if name not in may]:
            said = f"{group} 中的 {'、'.join(lost)} 不是 config.yaml 里有 approver 角色的用户"
            yield Finding("policy", "warning", said, "补到 users，或改 site.yaml 的 policy.groups")


def _inventory(installation: "App") -> Iterator[Finding]:
    from nornir_itsm.inventory.combined import configured

    found, reports = configured(installation.settings.nornir)
    skipped = sum(len(one.skipped) for one in reports)
    notes = sum(len(one.notes) for one in reports)
    said = f"{len(found.hosts)} 台设备，跳过 {skipped} 行，{notes} 条注意"
    yield Finding(
        "inventory", "warning" if skipped else "ok", said, "nornir-itsm inventory check" if skipped else ""
    )
    points = (name for name, point in installation.site.points.items() if point.role != "switch")
    if lost := [name for name in points if name not in found.hosts]:
        yield Finding(
            "inventory", "warning", f"控制点不在设备清单中：{'、'.join(lost)}", "补到设备清单，或改 site.yaml"
        )
    yield from _credentials(found.hosts.values())


def _credentials(hosts: "Iterable[Host]") -> Iterator[Finding]:
    """Look whether every reference leads to something, without keeping or showing what."""
    from nornir_itsm.references import WRITE, may_be_kept, resolve

    used = Counter(
        password
        for host in hosts
        for password in {host.password, host.get_connection_parameters(WRITE).password}
        if password
    )
    for reference, count in used.items():
        if not may_be_kept(reference):
            yield Finding(
                "credentials", "error", f"{count} 台设备的密码是明文", "改成 env:、file: 或 keyring: 引用"
            )
            continue
        try:
            resolve(reference, f"{count} 台设备")
        except ChangeError as error:
            yield Finding("credentials", "warning", f"{error.where}：{error.problem}", error.hint)
        else:
            plain = reference.startswith("cell:")
            said = f"{reference}（{count} 台设备）{'：工作簿里的明文密码' if plain else ''}"
            yield Finding("credentials", "warning" if plain else "ok", said)


def _files(installation: "App") -> Iterator[Finding]:
    settings = installation.settings
    if settings.known_hosts.is_file():
        keys = [
            line for line in settings.known_hosts.read_text("utf-8", "replace").splitlines() if line.strip()
        ]
        yield Finding("known_hosts", "ok", f"{settings.known_hosts}：{len(keys)} 个主机密钥")
    else:
        hint = "用另一条途径核对设备的 SSH 主机密钥后写入"
        yield Finding("known_hosts", "warning", f"没有 {settings.known_hosts}，所有 SSH 设备都会被拒绝", hint)
    for name in ("cloud", "ipam"):
        source = getattr(settings.sources, name)
        snapshot = getattr(source, "snapshot", None)
        if snapshot is not None and not snapshot.is_dir():
            yield Finding("sources", "warning", f"{name}：没有目录 {snapshot}", "放入导出，或改 config.yaml")
    state = settings.state_file
    if state and state.exists() and state.stat().st_mode & 0o077:
        yield Finding("state", "warning", f"{state} 其他账号可读", f"chmod 600 {state}")


_LOOKS: dict[str, Callable[["App"], Iterator[Finding]]] = {
    "site": _site,
    "policy": _policy,
    "inventory": _inventory,
    "files": _files,
}


def _reached(installation: "App", most: int, timeout: float) -> Iterator[Finding]:
    from nornir_itsm.devices import probe
    from nornir_itsm.devices.fleet import init_nornir

    settings = installation.settings
    try:
        nornir = init_nornir(settings.config, settings.known_hosts, settings.nornir)
    except ChangeError:
        return  # it was said above
    names = probe.sample(nornir.inventory.hosts, most)
    for name, problem in probe.probe(nornir, names, timeout).items():
        host: Any = nornir.inventory.hosts[name]
        place = f"{name}（{host.hostname}:{host.port or 22}）"
        if problem:
            yield Finding("reach", "warning", f"{place}：{problem}", "检查地址、端口、路由")
        else:
            yield Finding("reach", "ok", f"{place} 有应答")


def _show(found: Sequence[Finding]) -> None:
    from rich.markup import escape

    from nornir_itsm.cli import view

    for one in found:
        view.say(f"{_MARKS[one.level]} [bold]{one.what}[/]  {escape(one.said)}")
        if one.hint:
            view.say(f"     → {escape(one.hint)}", style="dim")
    errors, warnings = (sum(one.level == level for one in found) for level in ("error", "warning"))
    view.say(f"{errors} 个错误，{warnings} 个提醒")
