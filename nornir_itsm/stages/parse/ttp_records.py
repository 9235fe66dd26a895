"""Run a TTP template over text, with its traps closed.

TTP 0.10: template errors end the process (SystemExit), objects are not safe across threads, text that is the
name of a file is replaced by that file, and an unknown filter is skipped with a log line.
"""

import threading
from collections.abc import Mapping
from typing import Any

from nornir_itsm.errors import SourceError

_compiled = threading.local()
_compiling = threading.Lock()


def records(template: str, text: str) -> Mapping[str, tuple[Mapping[str, object], ...]]:
    """Return what each group ``NAME*`` of the template found, in the order of the text.

    *template* is the template's text, which is code: never take it from an order. Raises SourceError.
    """
    parser = _parser(template)
    try:
        parser.clear_input()
        parser.clear_result()
        parser.add_input("\n" + text)
        parser.parse(one=True)
        found = parser.result(structure="flat_list")
    except (Exception, SystemExit) as error:
        del _parsers()[template]
        raise _broken(error) from error
    groups = found[0] if found and isinstance(found[0], dict) else {}
    return {name: tuple(listed) for name, listed in groups.items() if isinstance(listed, list)}


def _parsers() -> dict[str, Any]:
    """Return this thread's compiled templates by their text."""
    if not hasattr(_compiled, "parsers"):
        _compiled.parsers = {}
    parsers: dict[str, Any] = _compiled.parsers
    return parsers


def _parser(template: str) -> Any:
    parsers = _parsers()
    if template not in parsers:
        # TTP fills module globals while it compiles.
        with _compiling:
            parsers[template] = _compile(template)
    return parsers[template]


def _compile(template: str) -> Any:
    from ttp import ttp

    untyped: Any = ttp
    try:
        return untyped(template="\n" + template, log_level="ERROR")
    except (Exception, SystemExit) as error:
        raise _broken(error) from error


def _broken(error: BaseException) -> SourceError:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return SourceError(
        "TTP template", f"it cannot be used: {said}", "check the template, e.g. for a | in an argument"
    )
