"""One boundary, three exits: what an operator can put right, an interruption, a bug."""

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from nornir_itsm.cli.root import app, global_options_first
from nornir_itsm.cli.session import keep_traceback
from nornir_itsm.errors import ChangeError

USAGE, BUG, INTERRUPTED = 2, 70, 130


def guarded(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing but a bug leaves a traceback, and that in a file."""
    try:
        result = app(global_options_first(arguments), standalone_mode=False, prog_name="nornir-itsm")
    except ChangeError as error:
        print(f"✗ {error}", file=sys.stderr)
        return error.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as error:
        print(_usage(error.format_message()), file=sys.stderr)
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        result = INTERRUPTED
    except Exception:
        print(f"✗ 程序缺陷 / a bug: 详情见 {keep_traceback()}", file=sys.stderr)
        return BUG
    if result == INTERRUPTED:  # typer makes this exit code of Ctrl-C and says nothing
        print("✗ 已中断；变更的执行记录在 show CHANGE，采集已保存答完的设备", file=sys.stderr)
        print("  → 变更的继续或恢复：resume CHANGE", file=sys.stderr)
    return result if isinstance(result, int) else 0


def _usage(message: str) -> str:
    """Say what was wrong with the call; a command called bare has its help as the message."""
    if message.startswith("Usage:"):
        return message
    return f"✗ {message}\n  → nornir-itsm --help，或 nornir-itsm COMMAND --help"
