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
        if platform.show_lock and (occupied := _occupied(platform, session.send(platform.show_lock).text)):
            return occupied
        if platform.candidate and (problem := session.configure() or session.leave()):
            return problem
        running = _shown(session, platform.show_running)
        unsaved = shown_difference(platform, running, _saved(session))
        if unsaved:
            return f"somebody's work is not saved yet, or not in use yet: {'; '.join(unsaved)}"
        return ""


def _occupied(platform: CliPlatform, answer: str) -> str:
    """Return why somebody else has the device, by what it answered, or an empty string."""
    if platform.locked.search(answer):
        return "its configuration is locked by another administrator"
    return platform.others(answer) if platform.others else ""


def push_lines(
    task: "Task", reach: Reach, platform: CliPlatform, lines: Iterable[str], before: Callable[[str], None]
) -> PushResult:
    """Type *lines* in configuration mode, stop at the first answer that was not expected."""
    device = task.host.name
    typed = [line.strip() for line in lines]
    if problem := _untypable(typed, platform):
        return PushResult(device, (), problem)
    sent: list[Sent] = []
    try:
        with cli_session(task, reach, platform, write=True) as session:
            typed = _placed(session, platform, typed)
            problem = _untypable(typed, platform) or session.configure()
            if not problem:
                problem = _type_all(session, typed, before, sent)
                problem = _in_force(session, problem, platform, before, sent)
    except SessionLost as lost:
        problem = f"entering configuration mode: {lost.reason}"
    except ChangeError as error:
        problem = f"{error.problem} ({error.hint})" if error.hint else error.problem
    return PushResult(device, tuple(sent), problem)


def _untypable(lines: Iterable[str], platform: CliPlatform) -> str:
    """Return why one of these lines is never typed, or an empty string."""
    wrong = next((line for line in lines if not line or platform.unsendable.search(line)), None)
    return "" if wrong is None else f"the line {wrong[:200]!r} cannot be typed: nothing was sent"


def _placed(session: CliSession, platform: CliPlatform, lines: list[str]) -> list[str]:
    """Return lines with the places that the device knows. Raises ChangeError, SourceError."""
    if platform.locate is None:
        return lines
    return list(platform.locate(lines, _shown(session, platform.show_places)))


def save_running(task: "Task", reach: Reach, platform: CliPlatform) -> PushResult:
    """Save, read the confirmation, and see that what is saved is what is running."""
    sent: list[Sent] = []
    try:
        with cli_session(task, reach, platform, write=True) as session:
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
    differs = shown_difference(platform, running, _saved(session))
    return f"saved, and yet the saved configuration differs: {'; '.join(differs)}" if differs else ""


def _type_all(
    session: CliSession,
    lines: Iterable[str],
    before: Callable[[str], None],
    sent: list[Sent],
    *,
    mode: str = "config",
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
        problem = _problem(answer, mode)
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


def _problem(answer: Answer, mode: str) -> str:
    if answer.problem or answer.mode == mode:
        return answer.problem
    return "the device left configuration mode" if mode == "config" else "the device is not at its prompt"


def _in_force(
    session: CliSession,
    problem: str,
    platform: CliPlatform,
    before: Callable[[str], None],
    sent: list[Sent],
) -> str:
    """Put a candidate in force and leave configuration mode; after a *problem* drop it instead."""
    if platform.candidate:
        if not problem and session.pending:
            problem = _type_all(session, [platform.candidate.commit], before, sent)
            problem = problem or ("its lines are still not committed" if session.pending else "")
        problem = problem and f"{problem}{session.discard()}"
    problem = _left(session, problem, platform)
    return problem or _type_all(session, platform.commit, before, sent, mode="exec")


def _left(session: CliSession, problem: str, platform: CliPlatform) -> str:
    """Leave configuration mode; return *problem*, or why a candidate cannot be put in force."""
    # Lost here, it is closed in any case. What lines with an effect did is known; a candidate has none.
    left = "the connection was lost before the candidate was put in force"
    with contextlib.suppress(SessionLost):
        left = session.leave()
    return problem or (left if platform.commit else "")


def _saved(session: CliSession) -> str:
    try:
        return session.saved()
    except SessionLost as lost:
        problem = f"the saved configuration: {lost.reason}"
        raise SourceError(session.device, problem, "try again; look at the device") from None


def _shown(session: CliSession, command: str) -> str:
    try:
        return session.show(command)
    except SessionLost as lost:
        raise SourceError(
            session.device, f"{command}: {lost.reason}", "try again; look at the device"
        ) from None
