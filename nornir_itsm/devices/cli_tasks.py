"""Nornir tasks for devices on a command line. Each opens a session of its own and closes it."""

import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nornir_itsm.devices.cli_session import Answer, CliSession
from nornir_itsm.devices.comparison import shown_difference
from nornir_itsm.devices.connect import Reach, cli_session
from nornir_itsm.devices.terminal import after_echo
from nornir_itsm.devices.wire import SessionLost
from nornir_itsm.errors import ChangeError, SourceError
from nornir_itsm.platforms import CliPlatform
from nornir_itsm.ports import PushResult, Sent

if TYPE_CHECKING:
    from nornir.core.task import Task

logger = logging.getLogger(__name__)


def read_configuration(task: "Task", reach: Reach, platform: CliPlatform) -> str:
    """Return the running configuration as text. Raises SourceError."""
    with cli_session(task, reach, platform) as session:
        return _shown(session, platform.show_configuration)


def reason_to_wait(task: "Task", reach: Reach, platform: CliPlatform) -> str:
    """Return why the device must not be written to now, or an empty string. Raises SourceError."""
    with cli_session(task, reach, platform) as session:
        if session.not_now:
            return session.not_now
        if platform.locked.search(session.send(platform.show_lock).text):
            return "its configuration is locked by another administrator"
        running = _shown(session, platform.show_running)
        unsaved = shown_difference(platform, running, _shown(session, platform.show_saved))
        if unsaved:
            return f"somebody's work is not saved yet, or not in use yet: {'; '.join(unsaved)}"
        return ""


def push_lines(
    task: "Task", reach: Reach, platform: CliPlatform, lines: Iterable[str], before: Callable[[str], None]
) -> PushResult:
    """Type *lines* in configuration mode, stop at the first answer that was not expected."""
    device = task.host.name
    typed = [line.strip() for line in lines]
    for line in typed:
        if not line or platform.unsendable.search(line):
            return PushResult(device, (), f"the line {line[:200]!r} cannot be typed: nothing was sent")
    sent: list[Sent] = []
    try:
        with cli_session(task, reach, platform) as session:
            problem = session.configure() or _type_all(session, typed, before, sent)
            _leave(session)
    except SessionLost as lost:
        problem = f"entering configuration mode: {lost.reason}"
    except ChangeError as error:
        problem = f"{error.problem} ({error.hint})" if error.hint else error.problem
    return PushResult(device, tuple(sent), problem)


def save_running(task: "Task", reach: Reach, platform: CliPlatform) -> PushResult:
    """Save, read the confirmation, and see that what is saved is what is running."""
    sent: list[Sent] = []
    try:
        with cli_session(task, reach, platform) as session:
            problem = session.not_now or _save(session, platform, sent)
    except SessionLost as lost:
        sent.append(Sent(platform.save, None, False))
        problem = f"{platform.save}: {_told(lost, platform.save)}; whether it took effect is unknown"
    except ChangeError as error:
        problem = f"{error.problem} ({error.hint})" if error.hint else error.problem
    return PushResult(task.host.name, tuple(sent), problem)


def _save(session: CliSession, platform: CliPlatform, sent: list[Sent]) -> str:
    answer = session.save()
    sent.append(Sent(platform.save, answer.text, not answer.problem))
    if answer.problem:
        return f"{platform.save}: {answer.problem}"
    running = _shown(session, platform.show_running)
    differs = shown_difference(platform, running, _shown(session, platform.show_saved))
    return f"saved, and yet the saved configuration differs: {'; '.join(differs)}" if differs else ""


def _type_all(
    session: CliSession, lines: Iterable[str], before: Callable[[str], None], sent: list[Sent]
) -> str:
    """Send line by line into *sent*; return the problem that stopped it, or an empty string."""
    for line in lines:
        if problem := recorded(before, line):
            return problem
        try:
            answer = session.send(line)
        except SessionLost as lost:
            sent.append(Sent(line, None, False))
            return f"{line}: {_told(lost, line)}; whether it took effect is unknown"
        problem = _problem(answer)
        sent.append(Sent(line, answer.text, not problem))
        if problem:
            return f"{line}: {problem}"
    return ""


def recorded(before: Callable[[str], None], what: str) -> str:
    """Record the intention to send *what*; return why that failed, or an empty string."""
    try:
        before(what)
    except Exception as error:
        # Without a durable intention nothing is sent; what the device has said must not be lost with it.
        logger.debug("the intention could not be recorded", exc_info=True)
        return f"{what[:200]}: not sent, its intention could not be recorded: {error}"
    return ""


def _told(lost: SessionLost, line: str) -> str:
    """Return why the session was lost, and what the device had said to *line* by then."""
    partial = after_echo(lost.partial, line)
    said = " ".join((lost.partial if partial is None else partial).split())
    return f"{lost.reason}, after {said[-200:]!r}" if said else lost.reason


def _problem(answer: Answer) -> str:
    if answer.problem or answer.mode == "config":
        return answer.problem
    return "the device left configuration mode"


def _leave(session: CliSession) -> None:
    # Lost here, it is closed in any case, and what the lines did is already known.
    with contextlib.suppress(SessionLost):
        session.leave()


def _shown(session: CliSession, command: str) -> str:
    try:
        return session.show(command)
    except SessionLost as lost:
        raise SourceError(
            session.device, f"{command}: {lost.reason}", "try again; look at the device"
        ) from None
