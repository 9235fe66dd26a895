"""Words of a command line: quoting, abbreviation of keywords, and the caret under what is wrong.

Keywords are case-insensitive and may be abbreviated, names are case-sensitive, names with blanks stand in
double quotes (StoneOS CLI manual 5.5R12).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINE = 1024
"""Longest line taken, characters (assumed: the manual gives no limit)."""

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
        return " " * (indent + self.column) + f"^-----{self.text}"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line and where it begins."""

    text: str
    column: int
    quoted: bool = False


def split(line: str) -> list[Word]:
    """Split *line* at blanks outside double quotes. Raises LineError at an open quote."""
    found: list[Word] = []
    at = 0
    while at < len(line):
        if line[at] == " ":
            at += 1
        elif line[at] == '"':
            end = line.find('"', at + 1)
            if end < 0 or (end + 1 < len(line) and line[end + 1] != " "):
                raise LineError(f"unrecognized keyword {line[at:]}", at)
            found.append(Word(line[at + 1 : end], at, quoted=True))
            at = end + 1
        else:
            end = line.find(" ", at)
            end = len(line) if end < 0 else end
            found.append(Word(line[at:end], at))
            at = end
    return found


class Cursor:
    """Reads a line word by word; every reading method raises LineError with the caret in its place."""

    def __init__(self, line: str) -> None:
        """Split *line*. Raises LineError where it cannot be split or holds what no line may hold."""
        if len(line) > MAX_LINE or (bad := _FORBIDDEN.search(line)):
            column = MAX_LINE if len(line) > MAX_LINE else bad.start() if bad else 0
            raise LineError("contains unsupported characters", column)
        self._words = split(line)
        self._at = 0
        self._end = len(line.rstrip()) + 1

    @property
    def done(self) -> bool:
        """True when every word is read."""
        return self._at >= len(self._words)

    def keyword(self, options: Iterable[str]) -> str:
        """Read one of *options*, which may be abbreviated as long as only one fits."""
        word = self._take()
        found = [] if word.quoted else _fitting(word.text, options)
        if len(found) == 1:
            return found[0]
        problem = "ambiguous command" if found else "unrecognized keyword"
        raise LineError(f"{problem} {word.text}", word.column)

    def option(self, options: Iterable[str]) -> str | None:
        """Read one of *options* if the next word is one, else read nothing."""
        if self.done or self._words[self._at].quoted:
            return None
        found = _fitting(self._words[self._at].text, options)
        if len(found) != 1:
            return None
        self._at += 1
        return found[0]

    def name(self, longest: int = 95) -> str:
        """Read a name: 1 to *longest* characters (95: the manual's limit for services, assumed for all)."""
        word = self._take()
        if not 1 <= len(word.text) <= longest or word.text.strip() != word.text:
            raise LineError(f"unrecognized keyword {word.text}", word.column)
        return word.text

    def word(self, shape: str) -> str:
        """Read a bare word of this regular *shape*."""
        word = self._take()
        if not re.fullmatch(shape, word.text):
            raise LineError(f"unrecognized keyword {word.text}", word.column)
        return word.text

    def number(self, low: int, high: int) -> int:
        """Read a decimal number within *low* to *high*."""
        word = self._take()
        if not re.fullmatch(r"[0-9]{1,10}", word.text):
            raise LineError(f"unrecognized keyword {word.text}", word.column)
        if not low <= int(word.text) <= high:
            # assumed: the wording for a number outside its range is not in the sources
            raise LineError(f"value out of range {word.text}", word.column)
        return int(word.text)

    def next_is_number(self) -> bool:
        """Say whether the next word is a decimal number."""
        return not self.done and re.fullmatch(r"[0-9]+", self._words[self._at].text) is not None

    def refuse(self) -> LineError:
        """Return the error that points at the word read last."""
        word = self._words[self._at - 1]
        return LineError(f"unrecognized keyword {word.text}", word.column)

    def finish(self) -> None:
        """Demand that nothing follows."""
        if not self.done:
            word = self._words[self._at]
            raise LineError(f"unrecognized keyword {word.text}", word.column)

    def _take(self) -> Word:
        if self.done:
            raise LineError("incomplete command", self._end)
        self._at += 1
        return self._words[self._at - 1]


def _fitting(text: str, options: Iterable[str]) -> list[str]:
    wanted = text.lower()
    known = list(options)
    return [wanted] if wanted in known else [option for option in known if option.startswith(wanted)]
