"""Words of an IOS command line: abbreviation of keywords, and the caret under what is wrong.

Keywords may be abbreviated and are case-insensitive; nothing is quoted (command reference, public samples).
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address

INVALID = "% Invalid input detected at '^' marker."
MAX_LINE = 254
"""Longest line taken, characters (inferred)."""


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
            return self.text
        return f"{' ' * (indent + self.column)}^\n{self.text}\n"


class Cursor:
    """Reads a line word by word; every reading method raises LineError."""

    def __init__(self, line: str) -> None:
        """Split *line* at blanks. Raises LineError for what no line holds."""
        bad = re.search(r"[\x00-\x1f\x7f?]", line)
        if bad or len(line) > MAX_LINE:
            raise LineError(INVALID, bad.start() if bad else MAX_LINE)
        self._line = line
        self._words = [(m[0], m.start()) for m in re.finditer(r"\S+", line)]
        self._at = 0

    @property
    def done(self) -> bool:
        """True when every word is read."""
        return self._at >= len(self._words)

    @property
    def next(self) -> str:
        """The next word, empty at the end."""
        return "" if self.done else self._words[self._at][0]

    def keyword(self, options: Iterable[str]) -> str:
        """Read one of *options*, which may be abbreviated as long as only one fits."""
        word = self.take()
        known = list(options)
        low = word.lower()
        found = [low] if low in known else [one for one in known if one.startswith(low)]
        if len(found) > 1:
            raise LineError(f'% Ambiguous command:  "{self._line.strip()}"')
        if not found:
            raise self.wrong()
        return found[0]

    def option(self, options: Iterable[str]) -> str:
        """Read one of *options* if the next word is one in full, else nothing."""
        if self.next.lower() not in options:
            return ""
        return self.take().lower()

    def number(self, low: int, high: int) -> int:
        """Read a decimal number within *low* to *high*."""
        text = self.take()
        if not re.fullmatch(r"[0-9]{1,10}", text) or not low <= int(text) <= high:
            raise self.wrong()
        return int(text)

    def address(self) -> int:
        """Read an IPv4 address."""
        try:
            return int(IPv4Address(self.take()))
        except ValueError:
            raise self.wrong() from None

    def name(self) -> str:
        """Read the name of an object: up to 64 characters (inferred)."""
        text = self.take()
        if len(text) > 64:
            raise self.wrong()
        return text

    def rest(self) -> str:
        """Read everything that is left as it was typed."""
        start = len(self._line) if self.done else self._words[self._at][1]
        self._at = len(self._words)
        return self._line[start:].rstrip()

    def finish(self) -> None:
        """Demand that nothing follows."""
        if not self.done:
            self._at += 1
            raise self.wrong()

    def take(self) -> str:
        """Read a word."""
        if self.done:
            raise LineError("% Incomplete command.")
        self._at += 1
        return self._words[self._at - 1][0]

    def wrong(self) -> LineError:
        """Return the error that points at the word read last."""
        return LineError(INVALID, self._words[self._at - 1][1])
