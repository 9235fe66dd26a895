"""One session on a command line: a state machine over prompts, never a blind send.

Every read ends at a prompt, at a question, or with SessionLost. Every line must be echoed as it was
typed and answered with nothing that the platform does not know to be harmless.
"""

import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nornir_itsm.devices.redaction import redact
from nornir_itsm.devices.terminal import after_echo, as_seen, undisturbed
from nornir_itsm.devices.wire import SessionLost, Wire
from nornir_itsm.errors import SourceError
from nornir_itsm.platforms import Candidate, CliPlatform, Prompt

if TYPE_CHECKING:
    from netmiko import BaseConnection

LARGEST_OUTPUT = 64 * 1024 * 1024
SETTLE = 0.02
"""Seconds of silence after which a prompt is taken for the end of an answer."""
LINGER = 0.5
"""Seconds of silence after which a question, or a prompt of another name, is taken for one."""
_LAST_LINE = 4096
_SYSTEM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}", re.ASCII)
"""A virtual system's name that is one word of a line and of a prompt."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, for the answer to a line, for a whole listing."""

    connect: float = 15.0
    line: float = 30.0
    listing: float = 300.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one line, without its echo and the prompt, secrets masked.

    ``mode`` is that of the prompt after it, ``other`` for a question or a prompt of another name.
    ``problem`` is empty where the answer says nothing unexpected. ``pending``: see Prompt.
    """

    text: str
    mode: Literal["exec", "config", "other"]
    problem: str = ""
    pending: bool | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """A finished read: everything before the last line, the last line, and the prompt if it is one."""

    text: str
    last: str
    prompt: Prompt | None


class CliSession:
    """A logged-in session. Not safe for several threads."""

    def __init__(
        self, device: str, platform: CliPlatform, connection: "BaseConnection", patience: Patience
    ) -> None:
        """Wait for the first prompt on an established *connection*. Raises SourceError."""
        self.device = device
        self._platform = platform
        self._patience = patience
        self._wire = Wire(connection, platform.encoding)
        self._secret = str(connection.password or "")
        self._base = ""
        self._last = Answer("", "other")
        self._login()

    @property
    def not_now(self) -> str:
        """Why this session must not write (standby member, somebody's trial), or an empty string."""
        return self._platform.reason_not_now(Prompt(self._base, "exec"))

    def configure(self) -> str:
        """Enter configuration mode; return why that failed, or an empty string."""
        if self.not_now:
            return self.not_now
        answer = self.send(self._platform.enter)
        if answer.mode != "config":
            return answer.problem or "the device did not enter configuration mode"
        if self._platform.candidate and answer.pending is not False:
            return self._strange(self._platform.candidate, answer)
        return answer.problem

    def _strange(self, candidate: Candidate, answer: Answer) -> str:
        """Say why a session must not type into this candidate; nobody asks to leave, which would end it."""
        if answer.pending is None:
            return "its prompt does not speak of a candidate: a line would take effect at once"
        told = [" ".join(line.split()) for line in self.send(candidate.show).text.splitlines()]
        lines = [line for line in told if line[:1] in ("+", "-")]
        said = "; ".join(lines[:5]) or "it could not be shown"
        return f"somebody's lines are not committed yet: {said}"

    def descend(self, system: str) -> None:
        """Enter a virtual system, whose prompt is this session's from now on. Raises SourceError."""
        if not (self._platform.descend and _SYSTEM.fullmatch(system)):
            problem = f"virtual system {system!r} cannot be entered"
            raise self._trouble(problem, "plan from an export (--snapshot), carry out by hand")
        *way, last = (line.format(system=system) for line in self._platform.descend)
        for line in way:
            if problem := self.send(line).problem:
                raise self._outside(system, problem)
        self._base = f"{self._base}-{system}"
        answer = self.send(last)
        if answer.problem or answer.mode != "exec":
            # Refused, it is where it was, under the old name: what it said is the reason.
            said = self._platform.objection(answer.text, last) or answer.problem
            raise self._outside(system, said or "its prompt is missing")

    def _outside(self, system: str, problem: str) -> SourceError:
        hint = "check vsys of the point in site.yaml, and the account's rights"
        return self._trouble(f"virtual system {system} was not entered: {problem}", hint)

    @property
    def pending(self) -> bool:
        """Whether lines waited to be committed when the last prompt was shown."""
        return bool(self._last.pending)

    def discard(self) -> str:
        """Drop this session's candidate; return what is not as it should be then, or an empty string.

        A question that is open is left so: what is typed would be its answer. The candidate then ends with
        its session (by the manuals it is the session's own).
        """
        candidate = self._platform.candidate
        if candidate is None or self._last.mode == "other":
            return ""
        try:
            answer = self.send(candidate.discard)
        except SessionLost as lost:
            return f"; {candidate.discard}: {lost.reason}"
        still = "its lines are still there" if answer.pending else ""
        problem = answer.problem or still
        return f"; {candidate.discard}: {problem}" if problem else ""

    def leave(self) -> str:
        """Leave configuration mode; return why that failed, or an empty string."""
        if self._last.mode == "other":
            return "the device is not at its prompt"
        answer = self.send(self._platform.leave)
        return answer.problem or (
            "" if answer.mode == "exec" else "the device is still in configuration mode"
        )

    def send(self, line: str) -> Answer:
        """Type one line and return the answer. Raises SessionLost where none came."""
        self._last = Answer("", "other")
        self._wire.write(line + "\n", self._patience.line)
        read = self._read(self._patience.line)
        reply = self._platform.reply(line.strip(), read.last.strip()) if read.prompt is None else None
        if reply is not None:
            self._wire.write(reply + "\n", self._patience.line)
            answered = self._read(self._patience.line)
            told = after_echo(answered.text, reply)
            if told is not None:
                read = _Read(read.text + told, answered.last, answered.prompt)
        self._last = self._judged(line, read)
        return self._last

    def show(self, command: str) -> str:
        """Return the output of a command that prints a configuration, secrets included.

        Raises SourceError where it is refused, not whole, or not in the expected encoding.
        """
        self._wire.write(command + "\n", self._patience.line)
        read = self._read(self._patience.listing)
        text = after_echo(read.text, command)
        if text is None or read.prompt is None or not self._platform.same(read.prompt, self._base):
            raise self._trouble(f"{command}: not answered as typed: {self._short(read.text + read.last)}")
        return self._whole(command, text)

    def saved(self) -> str:
        """Return the saved configuration, secrets included: by its command, or as the file it is.

        Raises SourceError.
        """
        if not self._platform.saved_file:
            return self.show(self._platform.show_saved)
        try:
            data = self._wire.file(self._platform.saved_file, LARGEST_OUTPUT, self._patience.line)
        except SessionLost as lost:
            hint = "allow SFTP (Subsystem sftp internal-sftp) and the account to read it"
            raise self._trouble(f"{self._platform.saved_file}: {lost.reason}", hint) from None
        return data.decode(self._platform.encoding, "replace")

    def _whole(self, command: str, text: str) -> str:
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines or lines[-1].strip() != self._platform.end_of_configuration:
            kind = next((k for k in map(self._platform.refusal, lines[:5]) if k), "it is not whole")
            raise self._trouble(f"{command}: {kind}: {self._short(text)}")
        if "\ufffd" in text:
            wrong = next(line for line in lines if "\ufffd" in line)
            problem = f"{command}: not {self._platform.encoding} in the line {self._short(wrong)}"
            raise self._trouble(problem, "set the device's terminal to UTF-8, or rename the object")
        return text

    def save(self) -> Answer:
        """Save the running configuration, answer the known questions, and read the confirmation."""
        self._wire.write(self._platform.save + "\n", self._patience.line)
        read = self._read(self._patience.line)
        said = [read.text]
        for _ in self._platform.save_dialogue:
            reply = self._reply(read.last) if read.prompt is None else None
            if reply is None:
                break
            said.append(f"\n{read.last}")
            self._wire.write(reply + "\n", self._patience.line)
            read = self._read(self._patience.listing)
            said.append(read.text)
        text = after_echo("".join(said), self._platform.save)
        return self._judged_save(text, "".join(said), read)

    def _judged_save(self, text: str | None, said: str, read: _Read) -> Answer:
        if text is None or read.prompt is None:
            asked = "" if read.prompt else f": {read.last}"
            return Answer(self._kept(said), "other", f"the save was not answered as expected{asked}")
        questions = tuple(question for question, _ in self._platform.save_dialogue)
        told = [line for line in text.splitlines() if not any(q.match(line.strip()) for q in questions)]
        benign = (*self._platform.save_benign, self._platform.saved)
        problem = self._platform.objection("\n".join(told), benign=benign)
        if not problem and not any(self._platform.saved.fullmatch(line.strip()) for line in told):
            problem = "the device did not say that it saved"
        return Answer(self._kept(text), read.prompt.mode, problem)

    def _reply(self, question: str) -> str | None:
        dialogue = self._platform.save_dialogue
        return next((reply for pattern, reply in dialogue if pattern.fullmatch(question.strip())), None)

    def _login(self) -> None:
        """Wait for the first prompt, learn its name, and switch the pager off."""
        try:
            read = self._read(self._patience.line)
            if read.prompt is None or read.prompt.mode != "exec":
                raise self._trouble(f"no prompt to work at after login: {self._short(read.text + read.last)}")
            self._base = read.prompt.base
            for line in self._platform.terminal:
                self.send(line)  # refused by some releases: the pager is handled in any case
        except SessionLost as lost:
            said = f", after {self._short(lost.partial)!r}" if lost.partial.strip() else ""
            raise self._trouble(f"{lost.reason} during login{said}", "look at the device by hand") from None

    def _judged(self, line: str, read: _Read) -> Answer:
        text = after_echo(read.text, line)
        if text is None:
            # What the device has read is not what was typed: nobody knows what it made of it.
            seen = self._kept(read.text + read.last)
            return Answer(seen, "other", f"the device echoed something else: {self._short(seen)}")
        kept = self._kept(text)
        if read.prompt is None:
            return Answer(kept + read.last, "other", f"asked a question nobody expected: {read.last[:300]}")
        if self._base and not self._platform.same(read.prompt, self._base):
            return Answer(kept, "other", f"the prompt changed from {self._base} to {read.prompt.base}")
        return Answer(kept, read.prompt.mode, self._platform.objection(kept, line), read.prompt.pending)

    def _read(self, seconds: float) -> _Read:
        """Read up to a prompt or a question that is followed by silence; page through on the way."""
        buffer = ""
        deadline = time.monotonic() + seconds
        while True:
            prompt, quiet = self._ending(buffer)
            piece = self._piece(min(quiet, deadline - time.monotonic()), buffer)
            if piece:
                buffer += piece
                if len(buffer) > LARGEST_OUTPUT:
                    raise SessionLost("the output does not end")
                if pager := self._pager(buffer):
                    buffer = buffer[: -len(pager)]
                    self._wire.write(" ", self._patience.line)
                    deadline = max(deadline, time.monotonic() + self._patience.line)
            elif quiet <= LINGER:
                seen = self._seen(buffer)
                text, _, last = seen.rpartition("\n")
                return _Read(f"{text}\n" if text else "", last, prompt)
            elif time.monotonic() >= deadline:
                raise SessionLost(f"no prompt within {seconds:g} s", self._kept(as_seen(buffer)))

    def _piece(self, seconds: float, so_far: str) -> str:
        try:
            return self._wire.read(seconds)
        except SessionLost as lost:
            raise SessionLost(lost.reason, self._kept(as_seen(so_far))) from None

    def _ending(self, buffer: str) -> tuple[Prompt | None, float]:
        """Return the prompt at the end of *buffer* and how much silence makes it one."""
        last = self._seen(buffer[-_LAST_LINE:]).rpartition("\n")[2]
        prompt = self._platform.read_prompt(last)
        if prompt and self._base and self._platform.same(prompt, self._base):
            return prompt, SETTLE
        if self._reply(last) is not None:
            return None, SETTLE
        if prompt or self._platform.question.fullmatch(last):
            return prompt, LINGER if self._base else 10 * SETTLE
        return None, math.inf

    def _seen(self, buffer: str) -> str:
        return undisturbed(as_seen(buffer), self._platform.noise, self._platform.prompt)

    def _pager(self, buffer: str) -> str:
        last = buffer[-200:].rpartition("\n")[2]
        found = re.search(rf"(?:{self._platform.pager.pattern})\Z", last)
        return found[0] if found else ""

    def _trouble(self, problem: str, hint: str = "") -> SourceError:
        return SourceError(self.device, problem, hint)

    def _kept(self, text: str) -> str:
        return redact(text, self._secret)

    def _short(self, text: str) -> str:
        return " ".join(self._kept(text).split())[:300] or "nothing"
