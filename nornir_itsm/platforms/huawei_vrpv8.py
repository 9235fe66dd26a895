"""Huawei CE switches (VRP V8), where lines make a candidate that a ``commit`` puts in force.

Sources: command references of CE switches and NetEngine routers (``commit``, ``clear configuration
candidate``, ``display configuration candidate changes``: each in all views but the user view), public
transcripts. By them a candidate is its session's own and ends with it; so a connection that is cut before the
commit leaves nothing. Where one is found all the same, it is somebody's: nothing is typed then.
"""

import re
from dataclasses import replace

from nornir_itsm.platforms import huawei_vrp
from nornir_itsm.platforms.platform import Candidate, Platform

# ``<SW-A>``, ``[~SW-A]``, ``[*SW-A-Vlanif10]``. ``[SW-A]`` is read too, to be refused: without a mark there
# is no candidate (``system-view immediately``, or a device of the other kind).
_PROMPT = re.compile(
    r"(?:<(?P<exec>[^<>\[\]\s]+)>|\[(?![Yy][/(])(?P<stage>[~*]?)(?P<view>[^<>\[\]~*\s].*)\]) ?"
)

_VRP = huawei_vrp.PLATFORM.cli
assert _VRP is not None

PLATFORM = Platform(
    name="huawei_vrpv8",
    port=22,
    cli=replace(
        _VRP,
        prompt=_PROMPT,
        # The last is asked on leaving with lines uncommitted; nobody answers it.
        question=re.compile(rf"{_VRP.question.pattern}|.*\[Y\(yes\)/N\(no\)/C\(cancel\)\] *:? *"),
        refusals=(
            (
                re.compile(r"configuration conflict|changed by another|conflicts with the candidate", re.I),
                "changed by somebody else meanwhile",
            ),
            *_VRP.refusals,
        ),
        candidate=Candidate(
            show="display configuration candidate changes",
            commit="commit",
            discard="clear configuration candidate",
        ),
        descend=(),
    ),
)
