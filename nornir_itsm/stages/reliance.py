"""What later orders rely on of what an earlier one left: that cannot be taken away from under them.

Decided by planning each later order again, as the site is and as it would be: what it would then have to
do anew is what it relies on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nornir_itsm.model.intent import Intent, kind_of, name_of
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.plan import Known
from nornir_itsm.stages.predict import after, remaining
from nornir_itsm.stages.queue import Waiting


def without(back: Sequence[Intent], known: Known) -> Known:
    """Return what is known once the intents that lead back are carried out."""
    return replace(known, facts=after(remaining(back, known.facts), known.facts))


def reliances(back: Sequence[Intent], later: Sequence[Waiting], known: Known) -> Iterator[str]:
    """Say in a line what each later order would miss once the intents of *back* are carried out.

    *known* has the facts of every point that one of the orders needs.
    """
    gone = without(back, known)
    for order in later:
        now, then = order.again(known), order.again(gone)
        held = _to_do(now)
        missed = [f"{i.point} 的 {kind_of(i)} {name_of(i)}" for i in _to_do(then) if i not in held]
        closed = _settled(now) - _settled(then)
        if missed or closed:
            what = "、".join(dict.fromkeys(missed)) or f"需求 {'、'.join(sorted(closed))} 的放行"
            yield f"{order.id} 依赖它：撤销后须重做 {what}"


def _to_do(plan: Plan) -> list[Intent]:
    return [intent for change in plan.to_do for intent in change.intents if not intent.reuse]


def _settled(plan: Plan) -> set[str]:
    return {demand.id for demand in plan.demands if demand.verdict == "covered"}
