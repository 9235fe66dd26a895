"""Words of a command line: quoting, abbreviation of keywords, and the caret under what is wrong.

Keywords are case-insensitive and may be abbreviated, names are case-sensitive, names with blanks stand in
double quotes (public sample configurations).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINE = 512
"""Longest line taken, bytes (assumed)."""
LONGEST_NAME = 63
"""Longest name of an object, characters (assumed for all but time ranges)."""

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029?]")


class LineError(Exception):
    """A line that is answered with an error and not executed; *column* puts a caret under it."""

    def __init__(self, text: str, column: int | None = None) -> None:
        """Keep what the device says, and where the caret stands."""
        super().__init__(text)
        self.text = text
        self.column = column

    def shown(self, indent: int) -> str:
        """Return the text of the device; *indent* is the length of the prompt before the line."""
        if self.column is None:
            return f"Error: {self.text}"
        return " " * (indent + self.column) + f"^\nError: {self.text}"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line and where it begins."""

    text: str
    column: int
    quoted: bool = False


def split(line: str) -> list[Word]:
    """Split *line* at blanks outside double quotes. Raises LineError at an open quote."""
    found: list[Word] = []
    for match in re.finditer(r'"([^"]*)"(?= |$)|"\S*|[^\s"]\S*', line):
        if match[0][0] == '"' and match[1] is None:
            raise LineError("Unrecognized command found at '^' position.", match.start())
        quoted = match[1] is not None
        found.append(Word(match[1] if quoted else match[0], match.start(), quoted))
    return found


class Cursor:
    """Reads a line word by word; every reading method raises LineError with the caret in its place."""

    def __init__(self, line: str) -> None:
        """Split *line*. Raises LineError where it cannot be split or holds what no line may hold."""
        bad = _FORBIDDEN.search(line)
        if bad or len(line.encode()) > MAX_LINE:
            raise LineError("Unrecognized command found at '^' position.", bad.start() if bad else MAX_LINE)
        self._line = line
        self._words = split(line)
        self._at = 0

    @property
    def done(self) -> bool:
        """True when every word is read."""
        return self._at >= len(self._words)

    @property
    def next(self) -> str:
        """The next word, empty at the end."""
        return "" if self.done else self._words[self._at].text

    def keyword(self, options: Iterable[str]) -> str:
        """Read one of *options*, which may be abbreviated as long as only one fits."""
        word = self._take()
        known = list(options)
        wanted = word.text.lower()
        found = [wanted] if wanted in known else [option for option in known if option.startswith(wanted)]
        if len(found) == 1 and not word.quoted:
            return found[0]
        problem = "Ambiguous" if len(found) > 1 else "Unrecognized"
        raise LineError(f"{problem} command found at '^' position.", word.column)

    def option(self, options: Iterable[str]) -> str | None:
        """Read one of *options* if the next word is one in full, else read nothing."""
        if self.done or self._words[self._at].quoted or self.next.lower() not in options:
            return None
        self._at += 1
        return self._words[self._at - 1].text.lower()

    def name(self, longest: int = LONGEST_NAME) -> str:
        """Read a name: 1 to *longest* characters."""
        word = self._take()
        if not word.text or len(word.text) > longest or word.text.strip() != word.text:
            raise LineError("Wrong parameter found at '^' position.", word.column)
        return word.text

    def word(self, shape: str) -> str:
        """Read a bare word of this regular *shape*."""
        word = self._take()
        if word.quoted or not re.fullmatch(shape, word.text):
            raise LineError("Wrong parameter found at '^' position.", word.column)
        return word.text

    def number(self, low: int, high: int) -> int:
        """Read a decimal number within *low* to *high*."""
        column = self._words[self._at].column if not self.done else None
        text = self.word(r"[0-9]{1,10}")
        if not low <= int(text) <= high:
            raise LineError("Wrong parameter found at '^' position.", column)
        return int(text)

    def rest(self) -> str:
        """Read everything that is left as it was typed, without the quotes around all of it."""
        column = self._words[self._at].column if not self.done else len(self._line)
        self._at = len(self._words)
        text = self._line[column:].strip()
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text

    def finish(self) -> None:
        """Demand that nothing follows."""
        if not self.done:
            raise LineError("Too many parameters found at '^' position.", self._words[self._at].column)

    def refuse(self, text: str = "Wrong parameter found at '^' position.") -> LineError:
        """Return the error that points at the word read last."""
        return LineError(text, self._words[self._at - 1].column)

    def _take(self) -> Word:
        if self.done:
            raise LineError("Incomplete command found at '^' position.", len(self._line.rstrip()) + 1)
        self._at += 1
        return self._words[self._at - 1]
