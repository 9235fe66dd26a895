"""The blocks of a StoneOS configuration, their lines sorted by the names that a TTP template gives them.

Every line of a block is under some name; a line that the template lost is an error.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.document import one_line
from nornir_itsm.stages.parse.stoneos_blocks import KINDS, Block
from nornir_itsm.stages.parse.ttp_records import records

_HEADER = re.compile(r'(?:id [0-9]+ +)?(?:"(?P<quoted>[^"]+)"|(?P<bare>[^"\s]+))(?P<rest>(?: +\S+)*)')


@dataclass(frozen=True, slots=True)
class Lines:
    """One block as the template took it: its first line, and the lines by the template's names."""

    header: str
    fields: Mapping[str, tuple[str, ...]]

    def of(self, *names: str) -> tuple[str, ...]:
        """Return the lines under these names."""
        return tuple(line for name in names for line in self.fields.get(name, ()))

    def beside(self, *names: str) -> tuple[str, ...]:
        """Return the lines under any other name but ``harmless``."""
        known = {*names, "harmless"}
        return tuple(line for name in sorted(self.fields.keys() - known) for line in self.fields[name])


def taken(listed: tuple[Block, ...], template: str) -> Mapping[str, tuple[Lines, ...]]:
    """Return the blocks by kind as the template took them, every line accounted for."""
    tidy = "\n".join(line for b in listed for line in (str(b), *(f"  {x}" for x in b.lines), "exit"))
    by_group = records(template, tidy)
    found: dict[str, tuple[Lines, ...]] = {}
    for kind in KINDS:
        mine = [block for block in listed if block.kind == kind]
        got = tuple(map(_lines, by_group.get(kind, ())))
        pairs = zip(mine, got, strict=False)
        lost = next((block for block, lines in pairs if not _accounted(block, lines)), None)
        if lost is not None or len(mine) != len(got):
            where = str(lost or kind)[:80]
            raise SourceError("TTP template", f"it loses lines of {where!r}", "every match needs joinmatches")
        found[kind] = got
    return found


def _lines(match: Mapping[str, object]) -> Lines:
    fields = {k: tuple(v) if isinstance(v, list) else (v,) for k, v in match.items() if k != "header"}
    return Lines(
        str(match.get("header", "")).strip(), {k: tuple(str(x).strip() for x in v) for k, v in fields.items()}
    )


def _accounted(block: Block, lines: Lines) -> bool:
    return block.header == lines.header and sum(map(len, lines.fields.values())) == len(block.lines)


def named(listed: Iterable[Lines]) -> Iterator[tuple[str, Lines]]:
    """Yield each object once: StoneOS declares it early and empty, and again with its lines."""
    merged: dict[str, dict[str, tuple[str, ...]]] = {}
    for lines in listed:
        header = _HEADER.fullmatch(lines.header)
        if header is None or not one_line(lines.header):
            raise SourceError("show configuration", f"no name in {lines.header[:80]!r}", "take it again")
        fields = merged.setdefault(header["quoted"] or header["bare"], {})
        for name, more in lines.fields.items():
            fields[name] = (*fields.get(name, ()), *more)
        if (rest := header["rest"].strip()) not in ("", "ipv6"):
            fields["unread"] = (*fields.get("unread", ()), rest)
    for name, fields in merged.items():
        yield name, Lines(name, fields)


def unquoted(text: str) -> str | None:
    """Return a name that is quoted or one word; None for anything else."""
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    inner = text[1:-1] if quoted else text
    if not inner.strip() or '"' in inner or not one_line(inner):
        return None
    return inner if quoted or not re.search(r"\s", inner) else None


def dashed(text: str) -> str:
    """Return ``10.1.1.1 10.1.1.9`` as a range ``a-b``."""
    return "-".join(text.split())
