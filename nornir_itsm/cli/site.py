"""site: what the site knows of itself. Check and show it; learn a first one from exports."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit, opened
from nornir_itsm.errors import ChangeError

if TYPE_CHECKING:
    from nornir_itsm.app import App
    from nornir_itsm.model.topology import Site
    from nornir_itsm.stages.learn import Found, Words

site = typer.Typer(no_args_is_help=True, help="站点说明 site.yaml：检查、查看、从导出推出一份待确认的。")

_CONFIDENCE = {"high": "高", "medium": "中", "low": "低"}


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(site, name="site")


@site.command()
def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="site.yaml；不给则用 config.yaml 指定的")] = None,
) -> None:
    """检查 site.yaml，逐行指出错误（退出码 1）和尚未确认的推出行。例：nornir-itsm site check"""
    from nornir_itsm.settings import load_site
    from nornir_itsm.settings.yaml_file import FileFaults
    from nornir_itsm.stages.learn.write import OFF

    installation = opened(context)
    path = file or installation.settings.site
    try:
        read = load_site(path) if file else installation.site
    except FileFaults as wrong:
        if context.obj.json:
            keys = ("line", "key", "problem", "hint")
            faults = [dict(zip(keys, fault, strict=True)) for fault in wrong.faults]
            emit({"file": str(path), "ok": False, "errors": faults})
            raise typer.Exit(wrong.exit_code) from None
        raise
    waiting = sum(line.startswith(OFF) for line in path.read_text("utf-8").splitlines())
    if context.obj.json:
        emit({"file": str(path), "ok": True, "errors": [], "unconfirmed": waiting, "counts": _counts(read)})
        return
    counted = "，".join(f"{name} {count}" for name, count in _counts(read).items())
    print(f"✓ {path}：{counted}", file=sys.stderr)
    if waiting:
        print(f"  还有 {waiting} 行推出的内容没有确认（行首“{OFF.strip()}”）", file=sys.stderr)


def _counts(read: "Site") -> dict[str, int]:
    names = ("points", "paths", "isps", "pools", "customers", "schedules", "sources")
    return {"zones": len(set(read.zones.values()))} | {name: len(getattr(read, name)) for name in names}


@site.command()
def show(context: typer.Context) -> None:
    """显示站点的归属、控制点、路径、地址池和数据时效。例：nornir-itsm site show --json"""
    from dataclasses import asdict

    installation = opened(context)
    if context.obj.json:
        emit(asdict(installation.site))
    else:
        _show(installation)


def _show(installation: "App") -> None:
    from nornir_itsm.cli import view
    from nornir_itsm.stages.freshness import allowed, span

    read = installation.site
    view.say(f"{read.name}（{installation.settings.site}）", "bold")
    for path in read.paths:
        way = path.manual or " → ".join(hop.point for hop in path.hops)
        view.field(f"{path.source} → {path.destination}", f"{path.kind}；{path.pool or '不转换'}；{way}")
    for name, point in read.points.items():
        limit = allowed(name, read)
        age = f"最长 {span(limit.max_age)}" if limit.max_age else "不限时效"
        view.field(name, f"{point.role}，{point.platform}，{age}，过期 {limit.stale}，不完整 {limit.partial}")
    for isp in read.isps:
        view.field(isp.name, f"{isp.link}：{'、'.join(isp.prefixes)}")
    for pool in read.pools:
        view.field(pool.isp, "、".join(pool.prefixes))


@site.command()
def schema(context: typer.Context) -> None:
    """输出 site.yaml 的 JSON Schema，供编辑器补全和检查。例：nornir-itsm site schema"""
    from nornir_itsm.settings.schema import site_schema

    del context
    json.dump(site_schema(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


@site.command()
def learn(
    context: typer.Context,
    snapshot: Annotated[Path, typer.Argument(metavar="DIR", help="导出的快照目录，不需要 site.yaml")],
    orders: Annotated[
        Path | None, typer.Option(help="申请单文件夹：从中读取归属、生效时间和组织的写法")
    ] = None,
    confirm: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="确认这一行，如 isps.电信；可多次")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="写入新文件，不覆盖已有的")] = None,
) -> None:
    """从导出推出一份 site.yaml：每行带依据和置信度，确认前不生效；看不出的列为问题。

    例：nornir-itsm site learn inventory/snapshot --out var/site.proposal.yaml
    """
    from nornir_itsm.stages.learn import Ask, Proposal
    from nornir_itsm.stages.learn import learn as learned
    from nornir_itsm.stages.learn.write import site_yaml

    found = learned(_exports(opened(context), snapshot, orders))
    lines = [one for one in found if isinstance(one, Proposal)]
    confirmed = _confirmed(confirm or [], {line.key for line in lines})
    text = site_yaml(found, confirmed)
    if out is not None:
        _write_new(out, text)
    asked = [one for one in found if isinstance(one, Ask)]
    if context.obj.json:
        emit({"snapshot": str(snapshot), "file": str(out) if out else None, **_json(found, confirmed)})
    elif out is None:
        sys.stdout.write(text)
    if not context.obj.quiet:
        sure = "，".join(f"{w} {sum(p.confidence == c for p in lines)}" for c, w in _CONFIDENCE.items())
        print(f"✓ 推出 {len(lines)} 行（置信度 {sure}）{f'：{out}' if out else ''}", file=sys.stderr)
        print(f"  已确认 {len(confirmed)} 行；另有 {len(asked)} 个问题，列在末尾", file=sys.stderr)


def _json(found: "tuple[Found, ...]", confirmed: set[str]) -> dict[str, Any]:
    from nornir_itsm.stages.learn import Proposal

    proposals, questions = [], []
    for one in found:
        if isinstance(one, Proposal):
            said = {"key": one.key, "at": list(one.at), "value": one.value, "confidence": one.confidence}
            more = {"evidence": list(one.evidence), "alternatives": list(one.alternatives)}
            proposals.append({**said, **more, "confirmed": one.key in confirmed})
        else:
            questions.append({"key": one.key, "text": one.text, "hint": one.hint})
    return {"proposals": proposals, "questions": questions}


def _exports(installation: "App", snapshot: Path, orders: Path | None) -> Any:
    """Read all that a folder of exports has, by what it looks like."""
    from nornir_itsm.sources.discover import discover, site_name, unseen
    from nornir_itsm.sources.snapshot import read_snapshot
    from nornir_itsm.stages.learn import Exports, Words

    folders = discover(snapshot)
    wanted = {one.name: (one.platform, one.folder) for one in folders}
    facts = read_snapshot(snapshot, wanted, installation.stoneos_template)
    return Exports(
        facts,
        platforms={one.name: one.platform.partition(".")[0] for one in folders},
        folders={one.name: one.folder for one in folders},
        site=site_name(snapshot),
        unnamed=tuple(one.name for one in folders if one.unnamed),
        unseen=unseen(snapshot, folders),
        words=_words(orders) if orders else Words(),
    )


def _words(orders: Path) -> "Words":
    """Return what the forms of a folder say without a site: zones as they are written, times, applicants."""
    from nornir_itsm.forms import forms_in, read_form
    from nornir_itsm.stages.learn import Words

    read = [read_form(form, zones={}).order for form in forms_in(orders)]
    unknown = (i.value.strip() for order in read for i in order.issues if i.key.endswith(".zone"))
    times = (request.schedule for order in read for request in order.requests)
    return Words(
        zones=tuple(dict.fromkeys(zone for zone in unknown if zone)),
        schedules={one.text: one.periods for one in times},
        organizations=tuple(dict.fromkeys(order.organization for order in read if order.organization)),
    )


def _confirmed(given: list[str], keys: set[str]) -> set[str]:
    for key in given:
        if key not in keys:
            near = "、".join(_near(key, keys)) or "见 --json 的 key"
            raise typer.BadParameter(f"没有推出 {key!r} 这一行；相近的：{near}", param_hint="--confirm")
    return set(given)


def _near(key: str, keys: set[str]) -> Iterator[str]:
    import difflib

    yield from difflib.get_close_matches(key, sorted(keys), n=3)


def _write_new(file: Path, text: str) -> None:
    """Write a file whole that was not there."""
    if file.exists():
        raise ChangeError(str(file), "已存在，没有覆盖", "换一个文件名，或先移走它")
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, "utf-8")
    part.replace(file)
