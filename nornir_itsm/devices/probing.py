"""What a probing host is asked to try, and how its answer reads: bash's own ``/dev/tcp`` under ``timeout``.

Nothing has to be installed on the host beyond bash and coreutils, and no right beyond a login is needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.devices.admission import Admission
from nornir_itsm.devices.gathering import Errand, gather
from nornir_itsm.devices.until import Until
from nornir_itsm.errors import SourceError
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.model.questions import Gathered, Pace

if TYPE_CHECKING:
    from nornir.core import Nornir

SECONDS = 3
"""How long a connection may take; all of one line are tried at once."""
_AT_ONCE = 6
_LINE = re.compile(r"(\S+)/(\d{1,5}) (\d{1,3}) ?(.*)")
_TIMED_OUT = 124
_PACE = Pace(attempts=2, wait=1.0, command=30.0, host=120.0)


def commands(targets: Iterable[Target]) -> Iterator[str]:
    """Yield the lines to type. A target is an address and a number, so nothing of an order is in them.

    Without readline first: it would draw a line anew that is longer than the terminal is wide.
    """
    yield "set +o emacs +o vi"
    for some in batched(targets, _AT_ONCE):
        listed = " ".join(f"{target.address}/{target.port}" for target in some)
        tried = f'e=$(LC_ALL=C timeout {SECONDS} bash -c "</dev/tcp/$t" 2>&1); echo "$t $? ${{e##*: }}"'
        yield f"(for t in {listed}; do ({tried})& done; wait)"


def echoes(answers: Iterable[str], targets: Sequence[Target]) -> dict[Target, Echo]:
    """Return what each target said; one that is not told of is ``untried``."""
    found: dict[Target, Echo] = dict.fromkeys(targets, "untried")
    for line in (line.strip() for answer in answers for line in answer.splitlines()):
        if (told := _LINE.fullmatch(line)) and (target := Target(told[1], int(told[2]))) in found:
            found[target] = _echo(int(told[3]), told[4])
    return found


def _echo(code: int, said: str) -> Echo:
    if code == 0:
        return "open"
    if code == _TIMED_OUT:
        return "silent"
    if "refused" in said:
        return "refused"
    return "unreachable" if "unreachable" in said or "No route" in said else "untried"


def probe(nornir: "Nornir", known_hosts: Path, host: str, targets: Sequence[Target]) -> Mapping[Target, Echo]:
    """Let *host* try all *targets*. Raises SourceError where it cannot be asked."""
    lines = tuple(commands(targets))
    errand = Errand({host: lines}, known_hosts, _PACE, Until(), Admission(_PACE))
    nornir.data.reset_failed_hosts()
    chosen = nornir.filter(filter_func=lambda one: one.name == host)
    if not chosen.inventory.hosts:
        raise SourceError(host, "is not in the inventory", "add it, or correct probe_hosts in site.yaml")
    result = chosen.run(task=gather, name="probe", errand=errand, raise_on_error=False)[host][0]
    if not isinstance(result.result, Gathered):
        raise SourceError(host, f"could not be asked: {result.exception}"[:200])
    if result.result.cause:
        raise SourceError(host, result.result.collected.problem, result.result.hint)
    return echoes((output.text for output in result.result.collected.outputs), targets)
