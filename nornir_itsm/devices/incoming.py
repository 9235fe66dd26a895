"""What comes for one command: where it ends, which pager stops it, and the text it is. No I/O here.

The text is that of a screen: pagers and what wipes them are taken out, line ends are line feeds, every
line is decoded whole.
"""

import re

from nornir_itsm.devices.terminal import after_echo, as_seen

_PAGER = re.compile(
    rb" *(?:<(-{2,4}) ?more ?\1>|(?<![-<])(-{2,4}) ?more ?\2)(?: ?\([^()\r\n]*\))? *\Z", re.IGNORECASE
)
"""``  ---- More ----`` (VRP, Comware), `` --More-- `` (IOS, StoneOS), ``<--- More --->`` (ASA)."""
_MOVE = rb"(?:\x1b\[\d*[DK]|\x08|\r(?!\n))"
_WIPE = re.compile(rb"(?: *%b+(?: +%b+)?|\r*\n)?" % (_MOVE, _MOVE))
"""Moves to the left, blanks over the question, and moves to the left again; or the next line."""
_SILENT = bytes((*range(7), 7, 11, 12, *range(14, 27), *range(28, 32), 127))
"""Control characters that a terminal shows nothing for."""
_LONGEST_LAST_LINE = 512
_MOST_STALE_LINES = 40


class Incoming:
    """The answer to *command* so far, on a device that prompts with *prompt*."""

    def __init__(self, command: str, prompt: str, encoding: str = "utf-8") -> None:
        """*encoding* is tried first; a line that is not in it is read as GB18030."""
        self.at_prompt = False
        """The last line is the prompt, and the echo has been seen: more may come, but none is due."""
        self.at_pager = False
        """The last line is a pager's question that was not there before."""
        self._command = command
        self._prompt = prompt
        self._typed_prompt = prompt.encode(encoding, "replace")
        self._encoding = encoding
        self._raw = bytearray()
        self._pagers: list[tuple[int, int]] = []
        self._typed = command.encode(encoding, "replace")
        self._echoed = not self._typed

    def __len__(self) -> int:
        return len(self._raw)

    def take(self, data: bytes) -> None:
        """Add what came."""
        self._raw += data
        start = self._raw.rfind(b"\n") + 1
        last = self._raw[start:] if len(self._raw) - start < _LONGEST_LAST_LINE else b""
        if not self._echoed:  # terminals wrap a long line wherever they like
            self._echoed = self._typed in self._raw or _bare(self._typed) in _bare(self._raw)
        question = _PAGER.search(last) if self._echoed and b"-" in last else None
        self.at_pager = False
        if question:
            at = start + question.start()
            if self._pagers and self._pagers[-1][0] == at:  # the rest of a question that was answered
                self._pagers.pop()
            else:
                self.at_pager = True
            self._pagers.append((at, len(self._raw)))
        self.at_prompt = self._echoed and not question and self._is_prompt(last)

    @property
    def passed_prompt(self) -> bool:
        """Whether a prompt stands above the last line: the device said something unasked after it."""
        return self._echoed and any(self._is_prompt(line) for line in self._raw.split(b"\n")[1:-1])

    def before_echo(self) -> bytes:
        """Return what came before the command's echo: it belongs to the command before."""
        if self._raw.startswith(self._typed):
            return b""
        at = 0
        for line in self._raw.split(b"\n"):
            before, found, _ = line.partition(self._typed)
            if found and self._typed_prompt.endswith(before.strip()):
                return bytes(self._raw[: at + len(before)])
            at += len(line) + 1
        return b""

    def text(self) -> str | None:
        """Return the answer without echo and prompt; None where the command was not echoed as typed."""
        seen = self._seen()
        body = self._body(seen)
        if body is None:
            return None
        text, _, last = body.rpartition("\n")
        if last.strip() == self._prompt:
            return text
        lines = body.split("\n")
        end = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].strip() == self._prompt), len(lines))
        return "\n".join(lines[:end])

    def _body(self, seen: str) -> str | None:
        """Return what follows the echo."""
        start = seen.lstrip()
        if start.startswith(self._command):
            return start[len(self._command) :].partition("\n")[2]  # VRP's (+B) may follow an echo
        body = after_echo(start, self._command)
        return self._after_rest_of_prompt(seen) if body is None else body

    def _after_rest_of_prompt(self, seen: str) -> str | None:
        """Return what follows the echo where something that was due before it has come first."""
        at = 0
        for line in seen.split("\n")[:_MOST_STALE_LINES]:
            before, found, _ = line.partition(self._command)
            if found and self._prompt.endswith(before.strip()):
                return seen[at + len(line) + 1 :]
            at += len(line) + 1
        return None

    def seen(self) -> str:
        """Return everything that came, as a screen shows it."""
        return self._seen()

    def _is_prompt(self, line: bytes | bytearray) -> bool:
        if line.strip() == self._typed_prompt:
            return True
        if not self._typed_prompt or len(line) > _LONGEST_LAST_LINE:
            return False
        return as_seen(decoded(bytes(line), self._encoding)).strip() == self._prompt

    def _seen(self) -> str:
        raw = bytes(self._raw)
        for start, end in reversed(self._pagers):
            wipe = _WIPE.match(raw, end)
            raw = raw[:start] + raw[wipe.end() if wipe else end :]
        raw = raw.translate(None, _SILENT).replace(b"\r\n", b"\n")
        text = decoded(raw, self._encoding)
        return as_seen(text) if b"\r" in raw or b"\x08" in raw or b"\x1b" in raw else text


def _bare(text: bytes | bytearray) -> bytes:
    return re.sub(rb"[\s\x08]+", b"", text)


def decoded(raw: bytes, encoding: str) -> str:
    """Return *raw* as text; a line that is not in *encoding* is GB18030, as old terminals typed it.

    What is neither keeps U+FFFD where it could not be read.
    """
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        lines = raw.split(b"\n")
        return "\n".join(_decoded_line(line, encoding) for line in lines)


def _decoded_line(line: bytes, encoding: str) -> str:
    for codec in (encoding, "gb18030"):
        try:
            return line.decode(codec)
        except UnicodeDecodeError:
            continue
    return line.decode(encoding, "replace")
