"""What the core has to know of a device's operating system, as data.

Patterns are applied to text as a terminal would show it (no carriage returns, no backspaces).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["exec", "config"]
Catalogue = tuple[tuple[re.Pattern[str], str], ...]
NEVER = re.compile(r"(?!)")
"""Matches nothing: for a platform that has no such thing."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt taken apart. ``base`` is the name with its marks, ``FW-A(M)``, the same in every mode.

    ``pending``: whether lines wait to be committed; None where the prompt does not say.
    """

    base: str
    mode: Mode
    pending: bool | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """How a candidate is worked on in configuration mode, where the prompt says whether it has lines."""

    show: str
    """Prints its lines, ``+`` and ``-`` before what would change."""
    commit: str
    discard: str
    """Drops its lines, from whatever view."""


@dataclass(frozen=True, slots=True)
class CliPlatform:
    """A device that is worked on through SSH, line by line.

    ``prompt`` matches a whole last line and has the groups ``base`` and ``config``; or ``exec`` and ``view``,
    where the name is followed by that of the view in configuration mode (``[FW-A-policy-security]``),
    ``mark`` for what stands before it, and ``stage``: ``*`` for lines to commit, ``~`` for none.
    ``save_dialogue`` is question -> answer; ``question`` is any question, so that one nobody expected is
    noticed at once. ``refusals`` only makes the message better: what counts is that every line of an answer
    is ``benign``.
    """

    device_type: str
    """netmiko's name of the driver."""
    prompt: re.Pattern[str]
    pager: re.Pattern[str]
    question: re.Pattern[str]
    terminal: tuple[str, ...]
    """Sent after login; a refusal of these is tolerated."""
    show_configuration: str
    show_running: str
    end_of_configuration: str
    enter: str
    leave: str
    save: str
    save_dialogue: Catalogue
    saved: re.Pattern[str]
    save_benign: tuple[re.Pattern[str], ...]
    refusals: Catalogue
    benign: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    """A line that was sent -> what may be answered to it."""
    headers: tuple[re.Pattern[str], ...]
    """Lines of a configuration that say nothing about it."""
    not_now: Catalogue
    """Marks in the prompt -> why this session must not write."""
    unsendable: re.Pattern[str]
    """What must never be typed: the device would act on it before the line ends."""
    encoding: str = "utf-8"
    dialogue: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = ()
    """A line that was sent -> the question that it may be answered with -> the reply."""
    show_lock: str = ""
    """Shows who holds the configuration; empty where nothing does."""
    locked: re.Pattern[str] = NEVER
    """Searched in the answer to ``show_lock``; a refusal of that command is tolerated."""
    others: Callable[[str], str] | None = None
    """Given the answer to ``show_lock``: who else is at work there, in words; empty for nobody."""
    noise: re.Pattern[str] = NEVER
    """Whole lines that come of themselves, between any two others: log messages."""
    show_saved: str = ""
    saved_file: str = ""
    """Where no command shows the saved configuration: the file that holds it, read over SFTP."""
    show_places: str = ""
    locate: Callable[[Sequence[str], str], tuple[str, ...]] | None = None
    """Where lines name places that only the device knows: puts them in, given its answer to ``show_places``.

    Raises ChangeError for a place that is not there.
    """
    commit: tuple[str, ...] = ()
    """Where lines make a candidate: what is typed after ``leave`` to check it and to put it in force."""
    candidate: Candidate | None = None
    """Where lines make a candidate within configuration mode, to be committed before ``leave``."""
    descend: tuple[str, ...] = ()
    """What is typed in exec mode to be in exec mode of the virtual system ``{system}``, whose name is then
    part of the prompt's; empty where a session cannot change over."""

    def read_prompt(self, line: str) -> Prompt | None:
        """Take the last line of a terminal apart, or return None where it is no prompt."""
        match = self.prompt.fullmatch(line)
        if match is None:
            return None
        said = match.groupdict()
        mark = f"{said['mark']} " if said.get("mark") else ""
        if "view" in said:
            pending = {"*": True, "~": False}.get(said.get("stage") or "")
            return Prompt(
                mark + (said["exec"] or said["view"]), "exec" if said["exec"] else "config", pending
            )
        return Prompt(said["base"], "config" if said["config"] else "exec")

    def same(self, prompt: Prompt, base: str) -> bool:
        """Tell whether a prompt is that of the device whose prompt was *base* after login."""
        in_view = "view" in self.prompt.groupindex and prompt.mode == "config"
        return prompt.base == base or (in_view and prompt.base.startswith(f"{base}-"))

    def reply(self, sent: str, question: str) -> str | None:
        """Return what to answer to a question that a line is known to be answered with."""
        known = (r for line, asked, r in self.dialogue if line.fullmatch(sent) and asked.fullmatch(question))
        return next(known, None)

    def objection(self, answer: str, sent: str = "", benign: Iterable[re.Pattern[str]] | None = None) -> str:
        """Return why *answer* is no plain acceptance of what was sent, in words; empty where it is one."""
        own = (said for line, said in self.benign if line.fullmatch(sent.strip()))
        patterns = tuple(own if benign is None else benign)
        for line in answer.splitlines():
            said = line.strip()
            if said and not any(pattern.fullmatch(said) for pattern in patterns):
                kind = self.refusal(said)
                return f"refused ({kind}): {said[:300]}" if kind else f"unexpected answer: {said[:300]}"
        return ""

    def refusal(self, line: str) -> str:
        """Return the kind of refusal that *line* is known for, or an empty string."""
        return next((kind for pattern, kind in self.refusals if pattern.search(line)), "")

    def reason_not_now(self, prompt: Prompt) -> str:
        """Return why a session with this prompt must not write, or an empty string."""
        return next((why for pattern, why in self.not_now if pattern.search(prompt.base)), "")

    def statements(self, configuration: str) -> tuple[str, ...]:
        """Return the lines of a configuration that say something, indentation kept."""
        lines = (line.rstrip() for line in configuration.splitlines())
        return tuple(line for line in lines if line and not any(p.fullmatch(line) for p in self.headers))


@dataclass(frozen=True, slots=True)
class RestPlatform:
    """A device that is worked on through HTTPS. ``documents`` is name -> resource below ``base``."""

    base: str
    documents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CloudPlatform:
    """A region of a cloud, asked and written to through its signed API.

    ``documents``: the lists that facts are made of.
    """

    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of device; exactly one of ``cli``, ``rest`` and ``cloud`` is given."""

    name: str
    port: int
    """The port that is used where the inventory names none."""
    cli: CliPlatform | None = None
    rest: RestPlatform | None = None
    cloud: CloudPlatform | None = None
