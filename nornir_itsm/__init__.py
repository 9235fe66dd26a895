"""nornir_itsm: from an order form to a closed ticket."""

from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.errors import ChangeError, SourceError

if TYPE_CHECKING:
    from nornir_itsm.model.collected import Parsed, Value

__all__ = ["ChangeError", "parse"]
__version__ = "0.1.0"


def parse(
    platform: str, command: str, text: str, *, templates: Path | None = None, strict: bool = True
) -> "list[dict[str, Value]]":
    """Return the rows of *text*, the answer of a device to *command*, in one notation for all vendors.

    *templates*: a folder ``<platform>/<command>.ttp`` instead of the package's own. Raises ChangeError where
    there is no template or, unless *strict* is False, where any line could not be read: rows are never few
    in silence.
    """
    from nornir_itsm.sources.ttp_folder import demand_output, own_folder

    parsed = demand_output(platform, command, text, templates or own_folder())
    if strict and not parsed.whole:
        raise _not_whole(f"{platform} {command}", parsed)
    return [dict(row) for row in parsed.rows]


def _not_whole(where: str, parsed: "Parsed") -> ChangeError:
    said = [f"line {line.number} {line.text.strip()[:60]!r}" for line in parsed.unread[:5]]
    said += [anomaly.reason for anomaly in parsed.anomalies[:5]]
    count = len(parsed.unread) + len(parsed.anomalies)
    hint = "add what is new to the template, or take what was read with strict=False"
    return SourceError(where, f"{count} part(s) could not be read: {'; '.join(said)}", hint)
