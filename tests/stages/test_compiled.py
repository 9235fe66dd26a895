"""What is taken over from the state before is what would have been compiled anew."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, ServiceGroup
from nornir_itsm.model.intent import Intent
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.rulebase import label, policy_packets
from tests.stages.small_facts import INTENTS, SERVICES, WALL, facts

ABOUT_THE_WALL = st.lists(INTENTS.filter(lambda intent: intent.point == WALL), max_size=6)


def compiled_alone(wall: FirewallFacts) -> list[tuple[str, object, bool]]:
    live = [rule for rule in wall.rules if rule.enabled is not False]
    return [(label(rule), policy_packets(rule, wall), rule.action == "permit") for rule in live]


@given(facts(), ABOUT_THE_WALL, st.booleans())
def test_one_state_after_the_other(start: Facts, intents: list[Intent], grouped: bool) -> None:
    """Rules and objects come, go and change one by one: every state means what it says by itself."""
    wall = start.firewall(WALL)
    if grouped:
        wall = replace(wall, groups={"书": ServiceGroup("书", SERVICES[:2])})
        named = tuple(replace(rule, services=(*rule.services, "书")) for rule in wall.rules)
        wall = replace(wall, rules=named)
    now = replace(start, points={**start.points, WALL: wall})
    for intent in [None, *intents]:
        now = now if intent is None else after([intent], now)
        held = now.firewall(WALL)
        found = [(rule.label, rule.match, rule.passes) for rule in firewall_rules(held)]
        assert found == compiled_alone(held)
