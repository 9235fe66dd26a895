"""What must hold once a change has ended, whatever happened on the way."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from nornir_itsm.lab import Received
from nornir_itsm.model.plan import Plan
from nornir_itsm.ports import Step

from .bench import DEVICES, Bench, Rehearsal, states

OUTCOMES = {0: ("done", "closed"), 6: ("rolled_back", "rolled_back")}
"""Exit code -> state of the change and of its ticket."""


def wrong(one: Bench, change: str, code: int, seen: Rehearsal) -> Iterator[str]:
    """Yield what is wrong with the devices, the journal and the books."""
    lab, changes = one.lab, one.author.changes
    expected = {0: seen.target, 6: seen.baseline}.get(code)
    if expected is None:
        yield f"ended with {code}"
    elif states(lab) != expected:
        yield f"ended with {code}, but the devices are somewhere else"
    if lab.firewall.startup_state() != lab.firewall.state():
        yield "what is running is not what is saved"
    stored = changes.change(change)
    said = stored.state, one.author.desk.read(stored.ticket)["state"]
    if said != OUTCOMES.get(code, ("?", "?")):
        yield f"change and ticket are {said}"
    if changes.locks():
        yield f"still locked: {changes.locks()}"
    got = {device: lab.device(device).lines for device in DEVICES}
    yield from unjournalled(changes.steps(change), got, seen.plan)


def unjournalled(journal: Sequence[Step], got: Mapping[str, Sequence[Received]], plan: Plan) -> Iterator[str]:
    """Yield what devices got without an intention in the journal, and effects accepted twice."""
    for device, received in got.items():
        steps = [s.what for s in journal if s.device == device]
        unknown = Counter(_plain(r.text) for r in received if r.text != "end") - Counter(map(_plain, steps))
        if unknown:
            yield f"{device}: received without an intention: {list(unknown)}"
        turns = [change for change in plan.changes if change.device == device]
        # What is taken away and made again in the undo may have lines in common with what was made before it.
        planned = Counter(line.strip() for turn in turns for line in (*turn.commands, *turn.undo))
        for text, times in Counter(_plain(r.text) for r in received if r.accepted).items():
            if not _may_come_twice(text) and times > max(1, planned[text]):
                yield f"{device}: accepted {times} times: {text}"


def _may_come_twice(line: str) -> bool:
    """Moves between modes, opens what exists, or saves; a service goes from its rule and then altogether."""
    opens = ("address ", "service ", "rule id ", "no service ")
    return line in ("exit", "end", "policy-global", "save") or line.startswith(opens)


def _plain(what: str) -> str:
    """One spelling for a call as the journal and as the device has it; lines stay as they are."""
    method, _, rest = what.partition(" ")
    if method not in ("POST", "PUT", "DELETE"):
        return what
    path, brace, body = rest.partition(" {")
    same = json.dumps(json.loads(f"{{{body}"), sort_keys=True) if brace else ""
    return f"{method} {unquote(path)} {same}"
