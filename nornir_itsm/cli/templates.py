"""template list|show|check|render: what documents and device lines are written with."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nornir_itsm.cli.session import emit, opened
from nornir_itsm.errors import ChangeError, ConfigError

if TYPE_CHECKING:
    from jinja2 import Environment

    from nornir_itsm.app import App
    from nornir_itsm.model.change import Change
    from nornir_itsm.stages.template_check import Fault

template = typer.Typer(no_args_is_help=True, help="模板：变更方案、变更单文字、设备命令；本站点可逐个替换。")
Name = Annotated[str, typer.Argument(metavar="NAME", help="如 documents/change.md.j2")]
_UNDEFINED = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(template, name="template")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One template: the text in use, where it is from, and the shipped one where the site has its own."""

    name: str
    path: Path
    text: str
    own: bool = False
    shipped: str | None = None

    @property
    def version(self) -> int:
        """Return the version of the text in use."""
        from nornir_itsm.stages.template_check import version

        return version(self.text)


def _sheets(installation: "App") -> dict[str, Sheet]:
    """Return every template by ``FOLDER/FILE``."""
    from nornir_itsm.app import TEMPLATES

    found: dict[str, Sheet] = {}
    settings = installation.settings
    for root in filter(None, (settings.templates, settings.own_templates)):
        for path in sorted(f for f in root.glob("*/*") if f.suffix in TEMPLATES):
            name = f"{path.parent.name}/{path.name}"
            before, own = found.get(name), root == settings.own_templates
            found[name] = Sheet(name, path, path.read_text("utf-8"), own, before.text if before else None)
    return found


def _one(installation: "App", name: str) -> Sheet:
    sheets = _sheets(installation)
    matching = [one for key, one in sheets.items() if name in (key, key.partition("/")[2])]
    if len(matching) != 1:
        raise ChangeError(name, "没有这个模板" if not matching else "不止一个", "template list 列出全部名称")
    return matching[0]


@template.command("list")
def list_templates(context: typer.Context) -> None:
    """列出模板、版本、来源。例：nornir-itsm template list"""
    from nornir_itsm.stages.template_check import version

    rows = [
        {
            "name": one.name,
            "version": one.version,
            "shipped": version(one.shipped) if one.shipped is not None else one.version,
            "own": one.own,
            "path": str(one.path),
        }
        for one in _sheets(opened(context)).values()
    ]
    if context.obj.json:
        emit({"templates": rows})
        return
    from nornir_itsm.cli import view

    for row in rows:
        old = f"（随附为第 {row['shipped']} 版）" if row["shipped"] != row["version"] else ""
        view.say(f"  {row['name']:<42} 第 {row['version']} 版  {'本站点' if row['own'] else '随附'}{old}")


@template.command()
def show(context: typer.Context, name: Name) -> None:
    """把模板原文写到标准输出。例：nornir-itsm template show documents/words.zh.toml"""
    one = _one(opened(context), name)
    if context.obj.json:
        emit(
            {
                "name": one.name,
                "version": one.version,
                "own": one.own,
                "path": str(one.path),
                "text": one.text,
            }
        )
    else:
        print(one.text, end="")


@template.command()
def check(context: typer.Context) -> None:
    """检查全部模板：未定义的变量（退出码 1），没有用到的变量，落后于随附版本的本站点模板。

    例：nornir-itsm template check
    """
    from nornir_itsm.cli import view

    sheets = _sheets(opened(context))
    found = [(one, fault) for one in sheets.values() for fault in _faults(one, sheets)]
    behind = [one for one in sheets.values() if one.shipped is not None and _shipped(one) > one.version]
    bad = [fault for _, fault in found if fault.kind != "unused"]
    if context.obj.json:
        listed = [{"name": o.name, "line": f.line, "kind": f.kind, "what": f.what} for o, f in found]
        emit({"templates": len(sheets), "faults": listed, "behind": [one.name for one in behind]})
        raise typer.Exit(_UNDEFINED if bad else 0)
    for one, fault in found:
        word = {"syntax": "语法", "undefined": "未定义", "unused": "没有用到"}[fault.kind]
        view.say(f"  {one.path}:{fault.line}  {word} {fault.what}")
    for one in behind:
        view.say(f"  {one.path}  第 {one.version} 版，随附的已是第 {_shipped(one)} 版：对照后更新")
    if bad:
        raise ChangeError("template check", f"{len(bad)} 处未定义或语法错误", "改正上面各行")
    view.success(f"{len(sheets)} 个模板，没有未定义的变量")


def _shipped(one: Sheet) -> int:
    from nornir_itsm.stages.template_check import version

    return version(one.shipped or "")


def _faults(one: Sheet, sheets: Mapping[str, Sheet]) -> "Iterator[Fault]":
    from nornir_itsm.stages.template_check import Fault, faults, word_faults

    if one.own and one.shipped is None:
        yield Fault(1, "unused", f"{one.name}：随附的模板里没有这个名称，不起作用")
    if one.name.endswith(".toml"):
        words = {key: _words(sheet) for key, sheet in sheets.items() if key.endswith(".toml")}
        others = [held for key, held in words.items() if key != one.name]
        for other in others[:1]:
            yield from word_faults(words[one.name], other, _said(sheets))
        return
    given = _given(one.name)
    if given is not None:
        yield from faults(one.text, *given)


def _words(sheet: Sheet) -> Mapping[str, Any]:
    try:
        return tomllib.loads(sheet.text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(sheet.path), f"cannot be read: {error}", "mend that line") from None


def _said(sheets: Mapping[str, Sheet]) -> set[str]:
    from nornir_itsm.stages.document.said import environment
    from nornir_itsm.stages.template_check import spoken

    texts = [sheet.text for name, sheet in sheets.items() if name == "documents/change.md.j2"]
    return {key for text in texts for key in spoken(text, environment())}


def _given(name: str) -> "tuple[Mapping[str, Any], Environment] | None":
    """Return what a template is given, with its types, and how it is read; None for one nobody uses."""
    from nornir_itsm.papers.bundle import DOCUMENT, PAGE, TICKET
    from nornir_itsm.stages.document import Draft
    from nornir_itsm.stages.document.said import environment
    from nornir_itsm.stages.render import LANGUAGES
    from nornir_itsm.stages.render.cli import read_with

    folder, _, file = name.partition("/")
    papers: Mapping[str, Mapping[str, Any]] = {
        DOCUMENT: {"document": Draft, "say": Any},
        PAGE: dict.fromkeys(("title", "body", "lang", "footer"), Any),
        TICKET: {"fields": Any},
    }
    if folder == "documents" and file in papers:
        return papers[file], environment()
    kinds = {text: kind for kind, text in LANGUAGES[folder].files.items()} if folder in LANGUAGES else {}
    return ({"intent": kinds[file]}, read_with(LANGUAGES[folder])) if file in kinds else None


@template.command()
def render(
    context: typer.Context,
    name: Name,
    change: Annotated[str, typer.Argument(metavar="CHANGE", help="用这个变更的内容")],
) -> None:
    """用一个已保存的变更渲染模板，写到标准输出：文档、变更单文字，或它在一种设备上的命令。

    例：nornir-itsm template render ticket.txt.j2 C-20261122-0001 --lang en
    """
    installation = opened(context)
    one = _one(installation, name)
    stored = installation.changes.change(change)
    paper = installation.paper(stored.order, stored.plan, stored.id, context.obj.lang)
    ways: Mapping[str, Callable[[], str]] = {
        "change.md.j2": paper.markdown,
        "page.html.j2": paper.page,
        "ticket.txt.j2": lambda: str(paper.ticket(installation.clock.now())["text"]),
    }
    folder, _, file = one.name.partition("/")
    text = (
        ways[file]()
        if folder == "documents" and file in ways
        else "\n".join(_lines(one, stored.plan.changes))
    )
    if context.obj.json:
        emit({"name": one.name, "change": stored.id, "text": text})
    else:
        print(text, end="" if text.endswith("\n") else "\n")


def _lines(one: Sheet, changes: "Sequence[Change]") -> Iterator[str]:
    """Yield the lines that a device template makes of the intents of a change that are its kind."""
    from nornir_itsm.stages.render import LANGUAGES
    from nornir_itsm.stages.render.cli import lines

    folder, _, file = one.name.partition("/")
    kinds = (
        [kind for kind, text in LANGUAGES[folder].files.items() if text == file]
        if folder in LANGUAGES
        else []
    )
    if not kinds:
        raise ChangeError(one.name, "不能单独渲染", "可以渲染文档、变更单文字和设备命令的模板")
    for change in changes:
        wanted = [i for i in change.intents if type(i) is kinds[0] and not i.reuse]
        if change.platform == folder:
            yield from lines(wanted, {file: one.text}, LANGUAGES[folder])
