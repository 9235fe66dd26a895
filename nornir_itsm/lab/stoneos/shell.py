"""One session's line interpreter: modes, prompts, ``show``, ``save`` and its two questions. No I/O here.

It gets lines and gives back what the device prints; the terminal does echo, paging and the network.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.stoneos import printing
from nornir_itsm.lab.stoneos.configuration import Configuration
from nornir_itsm.lab.stoneos.grammar import Context
from nornir_itsm.lab.stoneos.modes import MODES
from nornir_itsm.lab.stoneos.words import Cursor, LineError

SAVE = ("Save configuration, are you sure? [y]/n: ", "Backup start configuration file, are you sure? y/[n]: ")
SAVE_ALL = (
    "Save configuration for all VSYS, are you sure? [y]/n: ",
    "Backup all start configuration files, are you sure? y/[n]: ",
)
MORE = " --More-- "
SAVED = "Building configuration..\nSaving configuration is finished"


class Device(Protocol):
    """What a shell needs of the firewall it runs on."""

    @property
    def hostname(self) -> str:
        """The name in the prompt."""
        ...

    @property
    def locked(self) -> bool:
        """True while the configuration is locked by somebody else."""
        ...

    @property
    def config(self) -> Configuration:
        """The running configuration."""
        ...

    @property
    def saved(self) -> str:
        """The startup configuration's lines."""
        ...

    def save(self) -> None:
        """Make the running configuration the startup configuration."""
        ...


class Shell:
    """The state of one session."""

    def __init__(self, device: Device) -> None:
        """Begin in exec mode: an administrator lands there directly."""
        self._device = device
        self._context: Context | None = None
        self._questions: tuple[str, ...] = ()
        self.length = 25
        """Lines on a page, 0: no paging."""
        self.width = 200
        self.more = (MORE, "\b" * len(MORE) + " " * len(MORE) + "\b" * len(MORE))

    @property
    def asking(self) -> bool:
        """True while a question is open."""
        return bool(self._questions)

    @property
    def prompt(self) -> str:
        """The prompt, or the open question."""
        if self._questions:
            return self._questions[0]
        mode = MODES[self._context.mode].prompt if self._context else ""
        return f"{self._device.hostname}{mode}# "

    def counts(self, line: str) -> bool:
        """Say whether faults count *line*: everything in configuration mode, and ``save``; no blank lines."""
        if self.asking or not line.strip():
            return False
        return self._context is not None or self.saves(line)

    def echoed_after(self, line: str) -> str:  # noqa: ARG002 - other devices add a mark
        """Return what is added to the echo of a line: nothing."""
        return ""

    def saves(self, line: str) -> bool:
        """Say whether *line* is the ``save`` command, in whatever spelling."""
        words = line.lower().split()
        return bool(words) and len(words[0]) > 1 and "save".startswith(words[0])

    def answer(self, line: str) -> Reply:
        """Execute one line."""
        try:
            if self._questions:
                return self._answered(line.strip().lower())
            return self._execute(Cursor(line)) if line.strip() else Reply()
        except LineError as error:
            return Reply(error.shown(len(self.prompt)), accepted=False)

    def _execute(self, cursor: Cursor) -> Reply:
        own: Mapping[str, Callable[[Cursor], Reply]] = {
            "exit": self._exit,
            "show": self._show,
            "terminal": self._terminal,
            "save": self._save,
            ("configure" if self._context is None else "end"): self._switch,
        }
        mode = MODES[self._context.mode] if self._context else None
        keyword = cursor.keyword((*own, *(mode.keywords if mode else ())))
        if keyword in own:
            return own[keyword](cursor)
        if self._device.locked:
            raise LineError("The configuration is locked")  # assumed wording
        assert mode is not None
        assert self._context is not None
        return Reply(mode.carry_out(keyword, self._context, cursor))

    def _switch(self, cursor: Cursor) -> Reply:
        """``configure`` and ``end``."""
        cursor.finish()
        self._context = Context(self._device.config) if self._context is None else None
        return Reply()

    def _exit(self, cursor: Cursor) -> Reply:
        cursor.finish()
        if self._context is None:
            return Reply(closed=True)
        if self._context.frames:
            self._context.frames.pop()
        else:
            self._context = None
        return Reply()

    def _terminal(self, cursor: Cursor) -> Reply:
        if cursor.keyword(("length", "width")) == "length":
            length = cursor.number(0, 256)
            cursor.finish()
            self.length = length
        else:
            width = cursor.number(64, 512)
            cursor.finish()
            self.width = width
        return Reply()

    def _save(self, cursor: Cursor) -> Reply:
        """``save [all] [description]``; nothing is saved before both questions are answered."""
        everything = cursor.option(("all",))
        if not cursor.done:
            cursor.name()
        cursor.finish()
        self._questions = SAVE_ALL if everything else SAVE
        return Reply()

    def _answered(self, answer: str) -> Reply:
        if answer not in ("", "y", "yes", "n", "no"):
            return Reply()  # the question is asked again (assumed)
        asked, self._questions = self._questions[0], self._questions[1:]
        if self._questions:
            if answer.startswith("n"):
                self._questions = ()
            return Reply()
        assert asked
        self._device.save()
        return Reply(SAVED)

    def _show(self, cursor: Cursor) -> Reply:
        shows: Mapping[str, Callable[[Cursor], str]] = {
            "version": self._show_version,
            "configuration": self._show_configuration,
            "config-status": self._show_status,
            "this": self._show_this,
        }
        return Reply(shows[cursor.keyword(shows)](cursor))

    def _show_version(self, cursor: Cursor) -> str:
        cursor.finish()
        return printing.version()

    def _show_status(self, cursor: Cursor) -> str:
        cursor.finish()
        state = "Locked\nmanual-lock: Locked" if self._device.locked else "Unlocked"
        return f"{'=' * 37}\nconfig status: {state}"

    def _show_configuration(self, cursor: Cursor) -> str:
        which = "running" if cursor.done else cursor.keyword(("running", "startup", "address", "policy"))
        config = self._device.config
        match which:
            case "startup":
                cursor.finish()
                return printing.startup(self._device.saved)
            case "address":
                chosen = list(config.addresses.values()) if cursor.done else [config.address(cursor.name())]
                cursor.finish()
                return "\n".join(line for book in chosen for line in printing.address_lines(book))
            case "policy":
                return self._show_policy(cursor)
            case _:
                cursor.finish()
                return printing.running(config)

    def _show_policy(self, cursor: Cursor) -> str:
        config = self._device.config
        chosen = config.rules
        if not cursor.done:
            by_id = cursor.keyword(("id", "name")) == "id"
            chosen = [config.rule(cursor.number(1, 65535)) if by_id else config.rule_named(cursor.name())]
        cursor.finish()
        return "\n".join(line for rule in chosen for line in printing.rule_lines(rule))

    def _show_this(self, cursor: Cursor) -> str:
        cursor.finish()
        return printing.block(self._device.config, self._context.frames) if self._context else ""
