"""Who tried what and was refused: kept with the change, so that an attempt leaves a trace."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from nornir_itsm.errors import ChangeError
from nornir_itsm.pipeline.tools import Tools

NAME = "refused.json"
"""Evidence of this name: one for each attempt."""
_NOTED = (1, 5)
"""Exit codes of errors after which nothing was begun; what began has its journal."""


@contextmanager
def audited(id: str, tools: Tools, user: str, what: str) -> Iterator[None]:
    """Keep with a change that *user* tried *what* and why that was refused; the error goes on."""
    try:
        yield
    except ChangeError as error:
        if error.exit_code in _NOTED:
            with suppress(ChangeError):  # of a change that there is not, or a store that takes nothing
                _keep(id, tools, {"user": user, "what": what, "problem": f"{error.where}: {error.problem}"})
        raise


def refusals(id: str, tools: Tools) -> tuple[Mapping[str, str], ...]:
    """Return what was refused, in order: ``at``, ``user``, ``what``, ``problem``."""
    return tuple({"at": one.at, **json.loads(one.content)} for one in tools.changes.evidence(id, NAME))


def _keep(id: str, tools: Tools, attempt: Mapping[str, str]) -> None:
    content = json.dumps(attempt, ensure_ascii=False).encode("utf-8", "backslashreplace")
    tools.changes.keep_evidence(id, NAME, content, tools.clock.now())
