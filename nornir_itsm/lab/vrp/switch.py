"""The simulated switch: of the S series, where a line takes effect at once, or CE, where it takes a commit.

Two stages by the manuals of CE switches and NetEngine routers: every session has a candidate of its own; the
prompt says ``~`` where it has nothing to commit and ``*`` where it has; ``clear configuration candidate``
drops it and leads to system view; a commit is refused where somebody else holds the configuration, or has
changed it since; leaving asks what is to become of uncommitted lines.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from difflib import ndiff
from typing import Self

from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.vrp.device import Device
from nornir_itsm.lab.vrp.grammar import Question, Session, Views
from nornir_itsm.lab.vrp.shell import LOCKED, Shell
from nornir_itsm.lab.vrp.switch_configuration import SwitchConfiguration, running, state_of
from nornir_itsm.lab.vrp.switch_views import VIEWS, load
from nornir_itsm.lab.vrp.words import Cursor, LineError

UNCOMMITTED = (
    "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? "
    "[Y(yes)/N(no)/C(cancel)]:"
)
CHOOSE = "Error: Please choose 'YES', 'NO' or 'CANCEL' first before pressing 'Enter'. [Y/N/C]:"
CHANGED = "The running configuration was changed by another user, and conflicts with the candidate."


class Switch(Device[SwitchConfiguration]):
    """A switch where a line takes effect at once; see Device."""

    views: Views[SwitchConfiguration] = VIEWS
    version = "V200R019C10SPC500"

    @classmethod
    def from_text(cls, hostname: str, text: str) -> Self:
        """Return a switch that holds a configuration as printed. Raises LineError."""
        return cls(hostname, {"": load(text)})

    def printed(self, system: str, config: SwitchConfiguration) -> str:
        """Return the configuration; a switch has no virtual systems here."""
        assert not system
        return running(config, self.hostname, self.version)

    def loaded(self, text: str) -> dict[str, SwitchConfiguration]:
        """Return the configuration that was printed."""
        return {"": load(text)}

    def state_of(self, config: SwitchConfiguration) -> dict[str, object]:
        """Return what a configuration does."""
        return state_of(config)

    def shell(self) -> Shell[SwitchConfiguration]:
        """Return a new session's interpreter."""
        return Shell(self)


class TwoStageSwitch(Switch):
    """A CE switch. ``left``: a candidate that somebody left uncommitted, which sessions then see: by the
    manuals a candidate is its session's own; that one is left for others is the worst case.
    ``immediate``: its system view has one stage (``system-view immediately``).
    """

    version = "V200R005C10SPC800"

    def __init__(self, hostname: str, systems: dict[str, SwitchConfiguration]) -> None:
        """Take *systems* as both the running and the saved configuration."""
        super().__init__(hostname, systems)
        self.left: SwitchConfiguration | None = None
        self.immediate = False

    def shell(self) -> Shell[SwitchConfiguration]:
        """Return a new session's interpreter."""
        return super().shell() if self.immediate else TwoStageShell(self)

    def reset(self, text: str) -> None:
        """Become a switch that runs and has saved what *text* prints, without anybody's candidate."""
        with self.lock:
            super().reset(text)
            self.left, self.immediate = None, False

    def leave_uncommitted(self, *lines: str) -> None:
        """Let somebody type lines and leave them uncommitted."""
        shell = TwoStageShell(self)
        for line in ("system-view", *lines):
            reply = shell.answer(line)
            assert reply.accepted, reply.text
        self.left = shell.candidate

    def commit_elsewhere(self, *lines: str) -> None:
        """Let somebody commit lines in a session of his own."""
        with self.lock:
            shell = TwoStageShell(self)
            for line in ("system-view", *lines, "commit", "return"):
                reply = shell.answer(line)
                assert reply.accepted, reply.text


class TwoStageShell(Shell[SwitchConfiguration]):
    """A session with a candidate."""

    entered = "Enter system view, return user view with return command."
    asked = "Warning: The current configuration will be written to the device. Continue? [Y/N]:"
    saved = "Now saving the current configuration to the slot 1 .\nInfo: Save the configuration successfully."

    def __init__(self, switch: TwoStageSwitch) -> None:
        """Begin in user view; there is no candidate yet."""
        super().__init__(switch)
        self._switch = switch
        self._base = ""
        """What ran when the candidate was begun."""

    @property
    def candidate(self) -> SwitchConfiguration:
        """What this session would commit."""
        assert self._context is not None
        return self._context.config

    @property
    def stage(self) -> str:
        """The mark before the name."""
        return "*" if self._pending else "~"

    @property
    def _pending(self) -> bool:
        return self._context is not None and self._switch.printed("", self.candidate) != self._base

    def own(self) -> dict[str, Callable[[Cursor], Reply]]:
        """Add what handles the candidate, in every view but the user view."""
        more = {"commit": self._commit, "clear": self._clear} if self._context else {}
        return {**super().own(), **more}

    def shows(self) -> Mapping[str, Callable[[], str]]:
        """Add what differs from what runs, and what that makes."""
        if self._context is None:
            return super().shows()
        whole = {"configuration candidate merge": lambda: self._switch.printed("", self.candidate)}
        return {**super().shows(), "configuration candidate changes": self._changes, **whole}

    def demand_unlocked(self) -> None:
        """Lines may be edited while somebody holds the configuration; only a commit is refused (manual)."""

    def enter(self, cursor: Cursor) -> Reply:
        """Begin system view with what runs, or what somebody left."""
        cursor.finish()
        self._begin(self._switch.left or self._switch.config)
        return Reply(self.entered)

    def _begin(self, config: SwitchConfiguration) -> None:
        self._context = Session(deepcopy(config), staged=True)
        self._base = self._switch.running_text()

    def left(self) -> Reply:
        """Be in user view; asks first where something is uncommitted."""
        if not self._pending:
            return super().left()
        self.ask(Question(UNCOMMITTED, lambda: None))
        return Reply()

    def _answered(self, answer: str) -> Reply:
        if not (self._questions and self._questions[0].text == UNCOMMITTED):
            return super()._answered(answer)
        if answer not in ("y", "n", "c", "yes", "no", "cancel"):
            return Reply(CHOOSE, accepted=False)
        self._questions.clear()
        if answer[0] == "c":
            return Reply()
        if answer[0] == "y":
            self._put_in_force()
        self._switch.left = None
        self._context = None
        return Reply()

    def _commit(self, cursor: Cursor) -> Reply:
        cursor.finish()
        self._put_in_force()
        return Reply()

    def _put_in_force(self) -> None:
        """Make the candidate the running configuration, all of it or nothing. Raises LineError."""
        if self._switch.locked:
            raise LineError(LOCKED)
        if self._pending and self._base != self._switch.running_text():
            raise LineError(CHANGED)
        if problem := next(self.candidate.overlaps(), ""):
            raise LineError(problem)
        self._switch.systems[""] = deepcopy(self.candidate)
        self._switch.left = None
        self._base = self._switch.running_text()

    def _clear(self, cursor: Cursor) -> Reply:
        cursor.keyword(("configuration",))
        cursor.keyword(("candidate",))
        cursor.finish()
        self._switch.left = None
        self._begin(self._switch.config)
        return Reply()

    def _changes(self) -> str:
        """Print what differs, ``+`` for what a commit would add (layout of the command's manual)."""
        printed = self._switch.printed("", self.candidate)
        compared = list(ndiff(self._base.splitlines(), printed.splitlines()))
        shown = [f"{line[0]} {line[2:]}" for line in compared if line[0] in "+-" or line == "  #"]
        return "\n".join(["Building configuration", *shown])
