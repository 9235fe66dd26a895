"""How a change stands to those who decide about it and to the clock: computed whenever somebody looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.policy import Policy
from nornir_itsm.pipeline.permission import approved_by
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.pipeline.window import opening_of
from nornir_itsm.ports import UNBEGUN, StoredChange, Summary
from nornir_itsm.stages.approval import Link, Quorum, emergency, own_window, rejected_since
from nornir_itsm.stages.window import Opening, clock, zone_of

WAITS = ("waiting_approval", "in_window", "expired", "owed", "overdue")
"""What a change may be found by besides its state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a change waits for.

    ``phase``: its state, more exactly where that is ``planned`` (``waiting_approval`` once it is decided) or
    ``approved`` (``waiting_approval`` again where approvals became too old or too few, ``in_window``,
    ``expired`` once its window is over). ``emergency``: how the approval stands that an emergency owes:
    ``owed``, ``overdue``, ``approved``, ``rejected``; empty where it owes none.
    """

    phase: str
    words: str = ""
    quorum: Quorum = field(default_factory=Quorum)
    opening: Opening | None = None
    window: str = ""
    emergency: str = ""

    def as_json(self) -> Mapping[str, object]:
        """Return it as it is told with ``--json``."""
        missing = [{"group": m.group, "count": m.count, "who": list(m.who)} for m in self.quorum.missing]
        found = self.opening
        return {
            "phase": self.phase,
            "words": self.words,
            "approved_by": list(self.quorum.given),
            "missing": missing,
            "expired": list(self.quorum.expired),
            "window": self.window,
            "opens": found.start if found else "",
            "closes": found.end if found else "",
            "emergency": self.emergency,
        }


def standing(stored: StoredChange, tools: Tools) -> Standing:
    """Return how a change stands. Raises Refused where its chain was altered."""
    chain = tools.changes.verify_chain(stored.id)
    begun = emergency(chain, stored.plan.fingerprint)
    state = tools.changes.before_hold(stored.id) if stored.state == "held" else stored.state
    if begun and state not in UNBEGUN:
        return _afterwards(stored, tools, chain, begun)
    if stored.state == "planned" and _undecided(stored):
        return Standing("planned", "有问题待回答，或有受阻的需求")
    if stored.state not in ("planned", "approved", "partly"):
        return Standing(stored.state)
    now = tools.clock.now() if stored.state in UNBEGUN else ""
    found, when = approved_by(stored, tools, chain, now), opening_of(stored, tools)
    own = str(own_window(chain))
    window = "" if own == "../.." else own
    if found.missing and stored.state in UNBEGUN:
        return Standing("waiting_approval", str(found), found, when, window)
    phases = {"open": "in_window", "late": "expired"}
    phase = phases.get(when.state, "approved") if stored.state == "approved" else stored.state
    bounded = when.state != "open" or when.end
    return Standing(phase, str(when) if bounded else "", found, when, window)


def owed(tools: Tools, listed: Sequence[Summary]) -> Mapping[str, Standing]:
    """Return those that wait for somebody, by number: for a decision, a window, an approval afterwards.

    One that cannot be read says so and hides none of the others.
    """
    found: dict[str, Standing] = {}
    urgent = set(tools.changes.said("emergency"))
    for one in listed:
        if one.state in ("planned", "approved", "partly") or one.id in urgent:
            try:
                found[one.id] = standing(tools.changes.change(one.id), tools)
            except ChangeError as error:
                found[one.id] = Standing(one.state, error.problem)
    return found


def _undecided(stored: StoredChange) -> bool:
    return bool(stored.plan.questions) or any(d.verdict == "blocked" for d in stored.plan.demands)


def _afterwards(stored: StoredChange, tools: Tools, chain: Sequence[Link], begun: Link) -> Standing:
    found = approved_by(stored, tools, chain)
    why = f"紧急执行（{begun.user}：{begun.note}）"
    if no := rejected_since(chain, begun):
        return Standing(stored.state, f"{why}，事后被 {no.user} 驳回：{no.note}", found, emergency="rejected")
    if not found.missing:
        return Standing(stored.state, f"{why}，已补批", found, emergency="approved")
    due = _due(tools.site.policy, begun)
    words = f"须在 {clock(due.isoformat(timespec='seconds'))} 前补批"
    if datetime.fromisoformat(tools.clock.now()) > due:
        late = f"{why}，{words}，已逾期；{found}"
        return Standing(stored.state, late, found, emergency="overdue")
    return Standing(stored.state, f"{why}，{words}；{found}", found, emergency="owed")


def _due(policy: Policy, begun: Link) -> datetime:
    """Return until when an emergency must be approved, by the site's clock."""
    within = timedelta(seconds=policy.emergency.within if policy.emergency else 0)
    return (datetime.fromisoformat(begun.at) + within).astimezone(zone_of(policy, begun.at))
