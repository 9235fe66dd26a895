"""What is kept of a run: what was sent and said, what the devices held before and after, the verdicts."""

import json
from collections.abc import Mapping, Sequence

from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.ports import Step
from nornir_itsm.stages.fingerprint import plain

NAME = "evidence.json"


def evidence(
    end: Mapping[str, str],
    verdicts: Sequence[str],
    steps: Sequence[Step],
    before: Facts,
    after: Mapping[str, PointFacts],
    text: Mapping[str, Sequence[str]],
) -> bytes:
    """Return the evidence as JSON. *end*: change, state, time; *after*: the devices that were read back.

    *text*: the lines in which their configuration text differs from what was foretold.
    """
    document = {
        **end,
        "verdicts": list(verdicts),
        "transcript": [
            {"device": s.device, "phase": s.phase, "sent": s.what, "accepted": s.accepted, "answer": s.answer}
            for s in steps
        ],
        "before": {point: plain(before.points[point]) for point in after if point in before.points},
        "after": {point: plain(facts) for point, facts in after.items()},
        "text": {point: list(lines) for point, lines in text.items()},
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
