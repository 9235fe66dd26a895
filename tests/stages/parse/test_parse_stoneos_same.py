"""The REST export and the printed configuration of one firewall are the same facts."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from stoneos_printer import SNAPSHOT, TEMPLATE, documents, printed, rule_bases

from nornir_itsm.lab.stoneos.firewall import Firewall
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.stages.parse import stoneos_json, stoneos_text


def _known_losses(facts: FirewallFacts) -> FirewallFacts:
    """What REST cannot say: the code of rule 63 stands for disabled, and a book was cut off."""
    rules = [replace(rule, enabled=False) if rule.id == "63" else rule for rule in facts.rules]
    book = facts.addresses["*.example.net"]
    assert not book.complete
    return replace(
        facts, rules=tuple(rules), addresses={**facts.addresses, book.name: replace(book, complete=True)}
    )


def test_the_sample_firewall_is_the_same_in_both_notations() -> None:
    """Text printed from the sample's documents reads as the documents do, but for what REST cannot say."""
    docs = documents("firewall_edge")
    expected = _known_losses(stoneos_json.firewall_facts(docs))
    for wrapped in (False, True):
        text = printed(docs, wrapped=wrapped)
        assert stoneos_text.firewall_facts(text, TEMPLATE) == expected
        assert stoneos_text.unparsed(text) == ()


def test_the_simulated_firewall_is_the_same_too() -> None:
    """What a simulated device prints of the sample reads as the sample's documents do."""
    text = Firewall.from_snapshot("FW", SNAPSHOT / "firewall_edge").running_text()
    expected = _known_losses(stoneos_json.firewall_facts(documents("firewall_edge")))
    assert stoneos_text.firewall_facts(text, TEMPLATE) == expected
    assert stoneos_text.unparsed(text) == ()


@settings(max_examples=80, deadline=None)
@given(rule_bases())
def test_every_rule_base_is_the_same_in_both_notations(docs: dict[str, Any]) -> None:
    """Whatever both notations can say, they say the same, and nothing of it is left unread."""
    text = printed(docs)
    facts = stoneos_text.firewall_facts(text, TEMPLATE)
    assert facts == stoneos_json.firewall_facts(docs)
    assert not any(rule.unread for rule in facts.rules)
    assert all(book.complete for book in facts.addresses.values())
    assert all(book.entries for book in facts.services.values())
