"""The application with its global options, which may stand before the command or after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from nornir_itsm import __version__
from nornir_itsm.cli import (
    backtest,
    changes,
    collect,
    demo,
    doctor,
    foretell,
    hands,
    inventory,
    lab,
    life,
    orders,
    parse,
    run,
    schedules,
    site,
    snapshots,
    stored,
    templates,
    why,
    windows,
    worker,
)

LANGUAGES = ("zh", "en")
_VALUED = {"--config", "--lang"}
_FLAGS = {"--json", "--quiet", "--verbose"}


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for every command."""

    config: Path
    json: bool
    quiet: bool
    verbose: bool
    lang: str


app = typer.Typer(
    name="nornir-itsm",
    help="从申请单到关闭的变更单：检查、方案、证明、审批、推送、验证、回退。\n\n"
    "例：nornir-itsm check FORM.xlsx · nornir-itsm plan FORM.xlsx --snapshot DIR · nornir-itsm demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"nornir-itsm {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: Annotated[Path, typer.Option(help="配置文件")] = Path("config.yaml"),
    json: Annotated[bool, typer.Option("--json", help="只在标准输出写 JSON")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="不显示进度")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="显示更多")] = False,
    lang: Annotated[str, typer.Option(help="文档的语言 zh 或 en（消息为中文）")] = "zh",
    version: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version)] = False,  # noqa: ARG001
) -> None:
    """Take the global options."""
    if lang not in LANGUAGES:
        raise typer.BadParameter(f"没有 {lang}；有 {'、'.join(LANGUAGES)}", param_hint="--lang")
    context.obj = Options(config, json, quiet, verbose, lang)


def global_options_first(arguments: Sequence[str]) -> list[str]:
    """Move global options before the command, wherever they stand; what follows ``--`` stays."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    first: list[str] = []
    rest: list[str] = []
    waiting = list(arguments[:end])
    while waiting:
        word = waiting.pop(0)
        if word in _FLAGS or word.partition("=")[0] in _VALUED:
            first.append(word)
            if word in _VALUED and waiting:
                first.append(waiting.pop(0))
        else:
            rest.append(word)
    return [*first, *rest, *arguments[end:]]


for group in (
    orders,
    why,
    parse,
    foretell,
    schedules,
    snapshots,
    run,
    collect,
    stored,
    changes,
    windows,
    hands,
    life,
    lab,
    inventory,
    doctor,
    demo,
    backtest,
    worker,
    templates,
    site,
):
    group.register(app)
