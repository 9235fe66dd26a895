"""The words of one language: a TOML text of ``templates/documents/``, and the sentences of plans in it.

Plans speak Chinese. ``said`` of the words is a list of [pattern, text] that turns their sentences into
another language; a name between “ and ” is never touched, and a sentence that no pattern knows stays.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.stages.document.inert import plain

_LONGEST = 4000
"""Patterns are tried on no longer text: with several gaps they take time that grows with its square."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_NAMES = re.compile("(“[^”]*”)")


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """Words by ``section.key``; sentences are patterns with named fields."""

    where: str
    words: Mapping[str, Any]
    whole: tuple[tuple[re.Pattern[str], str], ...]
    """Sentences that are said otherwise as a whole."""
    pieces: tuple[tuple[re.Pattern[str], str], ...]
    """Words of flows that are said otherwise wherever they stand."""

    @classmethod
    def of(cls, text: str, where: str) -> "Language":
        """Read a words file. Raises ConfigError that names it."""
        return _read(text, where)

    def __call__(self, key: str, **values: object) -> str:
        """Say a word or sentence. Raises ConfigError for one that the file lacks."""
        section, _, name = key.partition(".")
        found = self.words.get(section, {}).get(name)
        if not isinstance(found, str):
            raise ConfigError(
                self.where, f"[{section}] {name} is missing", "see the words of the other language"
            )
        try:
            return found.format(**values)
        except (KeyError, IndexError, ValueError) as error:
            raise ConfigError(
                self.where, f"[{section}] {name}: {error!r}", "a field it does not get"
            ) from None

    def known(self, section: str, key: str, other: str = "") -> str:
        """Say a word that the file may lack: then *other* is said, or the key stands for itself."""
        found = self.words.get(section, {}).get(key)
        return str(found) if found else self(other) if other else key

    def of_plan(self, text: str) -> str:
        """Say a sentence or a flow of a plan; one of great length stays as it is."""
        if len(text) > _LONGEST:
            return text
        for pattern, said in self.whole:
            if found := pattern.fullmatch(text):
                parts = {f"_{n}": self.flow(part or "") for n, part in enumerate(found.groups(), 1)}
                return said.format(*found.groups(), **parts)
        said = self.flow(text)
        return text if self.pieces and _CHINESE.search(_NAMES.sub("", said)) else said

    def flow(self, text: str) -> str:
        """Say the words of a flow; names between quotes stay."""
        if not self.pieces:
            return text
        return "".join(part if part.startswith("“") else self._pieces(part) for part in _NAMES.split(text))

    def _pieces(self, text: str) -> str:
        for pattern, said in self.pieces:
            text = pattern.sub(said, text)
        return text

    def half(self, text: str) -> str:
        """Return our half of a sentence that is said in both languages: ``中文 / English``."""
        first, between, second = text.partition(" / ")
        if not between or " / " in second or not _CHINESE.search(first) or not second.isascii():
            return text
        return first if self("language.code") == "zh" else second

    def list(self, items: Sequence[str]) -> str:
        """Join words the way the language does."""
        return self("language.comma").join(items)

    def quote(self, text: str) -> str:
        """Put a name between quotes."""
        return f"“{plain(text)}”"


@cache
def _read(text: str, where: str) -> Language:
    try:
        words = tomllib.loads(text)
        listed = ((re.compile(p), s) for p, s in words.get("said", {}).get("whole", ()))
        pieces = ((re.compile(p), s) for p, s in words.get("said", {}).get("pieces", ()))
        return Language(where, words, tuple(listed), tuple(pieces))
    except (tomllib.TOMLDecodeError, re.error, ValueError) as error:
        raise ConfigError(where, f"cannot be read: {error}", "restore the file or mend that line") from None
