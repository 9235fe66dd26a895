"""What goes with a VPN instance that is removed: interfaces lose their addresses, routes go.

So does a device with VRP, without a question (inferred from its manuals); nobody removes an instance that
something hangs on.
"""

from collections.abc import Iterator, Sequence

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.intent import Intent, VpnInstance
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.stages.predict import after


def hanging(intent: VpnInstance, held: PointFacts) -> Iterator[str]:
    """Yield the interfaces and routes that a VPN instance would take away with it."""
    name = intent.entry.name
    if isinstance(held, SwitchFacts):
        yield from (one.name for one in held.interfaces.values() if one.instance == name)
        yield from (one.name for one in held.routes.values() if name in (one.instance, one.to))


def demand_free(todo: Sequence[Intent], facts: Facts) -> None:
    """Raise ChangeError where an instance would be removed while something hangs on it."""
    for intent in todo:
        match intent:
            case VpnInstance(state="absent") if others := list(hanging(intent, facts.points[intent.point])):
                problem = f"{'、'.join(others)} would go with it: the device asks nothing"
                raise ChangeError(f"{intent.point} {intent.entry.name}", problem, "remove these first")
        facts = after([intent], facts)
