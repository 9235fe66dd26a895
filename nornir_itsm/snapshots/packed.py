"""Outputs as the store holds them: compressed text, rows and doubts as compressed JSON."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from nornir_itsm.model.collected import Anomaly, Line, Output, Parsed, Row

LEVEL = 1
"""Of zlib: configurations shrink to a fifth at a third of the usual cost."""
NOTHING = b""


def text(value: str) -> bytes:
    """Pack text; what is no clean Unicode stays readable."""
    return zlib.compress(value.encode("utf-8", "backslashreplace"), LEVEL)


def plain(value: bytes) -> str:
    """Unpack text."""
    return zlib.decompress(value).decode("utf-8")


def rows(value: bytes) -> tuple[Row, ...]:
    """Unpack rows."""
    return tuple(json.loads(plain(value))) if value else ()


def columns(output: Output) -> tuple[Any, ...]:
    """Return command, times, text, table's name, number of rows, number of losses, rows, doubts."""
    parsed = output.parsed
    head = (output.command, output.started, output.finished, text(output.text))
    if parsed is None:
        return (*head, None, 0, 0, NOTHING, NOTHING)
    lost = len(parsed.unread) + len(parsed.anomalies)
    doubts = NOTHING if not lost else text(json.dumps(_doubts(parsed), ensure_ascii=False))
    return (*head, parsed.table, len(parsed.rows), lost, text(_json(parsed.rows)), doubts)


def output(row: Mapping[str, Any]) -> Output:
    """Return the output that a row of the store holds; its text is empty where the row has none."""
    raw = row.get("text")
    said = plain(bytes(raw)) if raw else ""
    parsed = None
    if row["table_name"] is not None:
        doubts = json.loads(plain(bytes(row["doubts"]))) if row["doubts"] else {}
        parsed = Parsed(
            row["table_name"],
            rows(bytes(row["table_rows"])),
            tuple(Anomaly(reason, _lines(lines)) for reason, lines in doubts.get("anomalies", ())),
            _lines(doubts.get("unread", ())),
        )
    return Output(row["command"], said, row["started"], row["finished"], parsed)


def _json(value: tuple[Row, ...]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _doubts(parsed: Parsed) -> dict[str, Any]:
    anomalies = [(one.reason, [(line.number, line.text) for line in one.lines]) for one in parsed.anomalies]
    return {"anomalies": anomalies, "unread": [(line.number, line.text) for line in parsed.unread]}


def _lines(listed: Any) -> tuple[Line, ...]:
    return tuple(Line(number, said) for number, said in listed)
