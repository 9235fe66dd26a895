"""An answer of a device -> rows: parse, clean, normalise, validate. Pure; nothing of an answer is lost.

``processed`` is the whole way. The template says how lines look (``ttp_templates/<platform>/``), the declared
table what their values mean (``tables``).
"""

import re
from collections.abc import Mapping

from nornir_itsm.errors import Blocked, SourceError
from nornir_itsm.model.collected import Anomaly, Parsed, Row
from nornir_itsm.stages.process.clean import clean
from nornir_itsm.stages.process.program import END, NOISE, program
from nornir_itsm.stages.process.rows import rows_of
from nornir_itsm.stages.process.run import Found, run
from nornir_itsm.stages.process.tables import TABLES

_INSTANCE = re.compile(r" (?:vpn-instance|vrf) (?!all\b)(\S+)")
"""The instance that a command asks for: Comware and NX-OS do not print it."""

type TemplateTexts = Mapping[str, str]
"""The templates of one platform: the command as a file's name (``display_arp``) -> text."""


def processed(template: str, command: str, text: str) -> Parsed:
    """Return the table of *text*, the answer to *command*. Raises SourceError for a broken template only.

    What could not be read stands in ``anomalies`` and ``unread`` of the result.
    """
    compiled = program(template)
    if compiled.table and compiled.table not in TABLES:
        hint = f"declared are {', '.join(TABLES)}; without TABLE rows are text"
        raise SourceError("TTP template", f"no table {compiled.table!r} is declared", hint)
    found = run(compiled, clean(text, command))
    table = TABLES.get(compiled.table)
    if table is None:
        rows: tuple[Row, ...] = tuple(dict(one.fields) for one in found.records if not one.doubts)
        doubts = found.doubts + [
            Anomaly("; ".join(r.doubts), found.named(r.numbers)) for r in found.records if r.doubts
        ]
    else:
        rows, wrong = rows_of(table, found)
        doubts = list(wrong)
        if (asked := _INSTANCE.search(command)) and "instance" in table.fields:
            rows = tuple({**row, "instance": row["instance"] or asked[1]} for row in rows)
    doubts += [Anomaly(lack) for lack in _lacks(compiled.required, found)]
    return Parsed(compiled.table, rows, tuple(doubts), tuple(found.unread))


def _lacks(required: frozenset[str], found: Found) -> list[str]:
    """Say which of the lines is not there that the whole answer has."""
    lacking = [
        f"the answer has no {name}: it is cut off, or of another command"
        for name in sorted(required - found.seen)
    ]
    if not found.records and not required and not found.seen - {NOISE}:
        lacking.append("there is nothing of a table in the answer")
    if END in required & found.seen and found.last != END:
        lacking.append("there is something behind the end of the answer")
    return lacking


def template_for(command: str, templates: TemplateTexts) -> str | None:
    """Return the template whose command is *command* or its beginning, word by word, the longest first.

    ``display arp vpn-instance A`` is read as ``display arp``: the gate says when that is wrong.
    """
    words = [word.strip("_") for word in command.lower().replace("|", " pipe ").replace("-", "_").split()]
    for count in range(len(words), 1, -1):
        if (found := templates.get("_".join(words[:count]))) is not None:
            return found
    return None


def demanded(parsed: Parsed, where: str) -> tuple[Row, ...]:
    """Return the rows of a table that decisions stand on. Raises Blocked where part of it was not read."""
    if parsed.whole:
        return parsed.rows
    said = [f"line {line.number}: {line.text.strip()[:60]}" for line in parsed.unread[:3]]
    said += [anomaly.reason for anomaly in parsed.anomalies[:3]]
    count = len(parsed.unread) + len(parsed.anomalies)
    hint = "teach the template these lines, or declare them noise; then collect again"
    raise Blocked(where, f"{count} part(s) of the rule base were not understood: {'; '.join(said)}", hint)
