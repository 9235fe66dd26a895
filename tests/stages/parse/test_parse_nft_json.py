"""``nft -j list ruleset``: what is understood is exact, the rest is refused or undecidable."""

import contextlib
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, Selector, ServiceEntry
from nornir_itsm.stages.parse.frr_text import router_facts
from nornir_itsm.stages.parse.nft_json import firewall_facts

CASES = Path(__file__).parents[2] / "platforms" / "cases"
SAMPLE = json.loads((CASES / "linux_nftables" / "before.cfg").read_text("utf-8"))
ROUTER = (CASES / "frr" / "before.cfg").read_text("utf-8")
RULE = {"family": "inet", "table": "filter", "chain": "forward", "handle": 99}
CHAIN = {"family": "inet", "table": "filter", "name": "more", "type": "filter", "hook": "forward", "prio": 5}


def read(*more: dict[str, Any]) -> FirewallFacts:
    """Return the facts of the sample with more objects at its end."""
    return firewall_facts(json.dumps({"nftables": [*SAMPLE["nftables"], *more]}))


def rule(*said: dict[str, Any], comment: str = "one") -> dict[str, Any]:
    return {"rule": {**RULE, "expr": list(said), "comment": comment}}


def matching(left: dict[str, Any], right: Any, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


def ip(side: str, right: Any, op: str = "==") -> dict[str, Any]:
    return matching({"payload": {"protocol": "ip", "field": side}}, right, op)


ACCEPT: dict[str, Any] = {"accept": None}


def test_the_sample_is_read() -> None:
    """Rules in order with their sides; sets by name; what rules say of services themselves."""
    facts = read()
    assert [r.name for r in facts.rules] == ["base", "web", "应用", "ssh", "Default-Deny"]
    base, web, app, ssh, deny = facts.rules
    assert (base.enabled, base.description) == (False, "ct state established,related")
    assert (web.source, web.destination) == (Selector(("@office",)), Selector())
    assert web.services == ("tcp/80+tcp/443",)
    assert facts.services["tcp/80+tcp/443"].entries == (ServiceEntry(6, 80, 80), ServiceEntry(6, 443, 443))
    assert (app.services, app.source_zones, app.destination_zones) == (
        ("TCP-8443",),
        ("inside",),
        ("outside",),
    )
    assert ssh.source.literals == ("10.60.1.11/32", "10.60.1.12/32")
    assert (deny.action, facts.default) == ("deny", "deny")
    assert facts.addresses["@office"].members == ("10.60.8.0/24", "10.60.9.1-10.60.9.9")


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another chain of forwarded packets": ({"chain": CHAIN}, "chain inet filter more"),
    "one in another table": ({"chain": {**CHAIN, "table": "t", "name": "forward"}}, "chain inet t forward"),
    "before routing": ({"chain": {**CHAIN, "hook": "prerouting"}}, "hook prerouting"),
    "address translation": ({"chain": {**CHAIN, "type": "nat", "hook": "postrouting"}}, "hook postrouting"),
    "ingress": ({"chain": {**CHAIN, "family": "netdev", "hook": "ingress"}}, "hook ingress"),
    "a flowtable": ({"flowtable": {"family": "inet", "name": "f"}}, "a flowtable"),
    "a jump": (rule({"jump": {"target": "more"}}), "ends in"),
    "a rule without a verdict": (rule({"counter": None}), "ends in"),
    "an empty rule": (rule(), "ends in"),
    "a set named like a word of ours": (
        {"set": {"family": "inet", "table": "filter", "name": "ICMP", "type": "ipv4_addr"}},
        "has a set named",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_decide_otherwise_is_refused(case: str) -> None:
    """Nothing could be proved about such a rule set: it is named."""
    more, words = REFUSED[case]
    with pytest.raises(SourceError) as caught:
        read(more)
    assert words in str(caught.value)


def test_chains_for_the_firewall_itself_are_left_aside() -> None:
    """They decide nothing about forwarded packets, whatever they say."""
    own = {**CHAIN, "hook": "input"}
    theirs = {**RULE, "chain": "more", "expr": [{"jump": {"target": "x"}}]}
    assert read({"chain": own}, {"rule": theirs}).rules == read().rules


UNREAD = {
    "new sessions only": matching({"ct": {"key": "state"}}, ["new"], "in"),
    "a mark": matching({"meta": {"key": "mark"}}, 1),
    "all but one address": ip("saddr", "10.0.0.1", "!="),
    "interfaces by pattern": matching({"meta": {"key": "iifname"}}, "eth*"),
    "a source port": matching({"payload": {"protocol": "tcp", "field": "sport"}}, 53),
    "a rate": {"limit": {"rate": 1, "per": "second"}},
    "a set that is not there": ip("saddr", "@none"),
    "an address that is none": ip("saddr", "10.0.0.300"),
    "a log with a prefix": {"log": {"prefix": "x"}},
}


@pytest.mark.parametrize("case", UNREAD)
def test_a_match_that_is_not_understood_makes_its_rule_undecidable(case: str) -> None:
    """It is kept with the rule, so that a proof names it."""
    assert len(read(rule(UNREAD[case], ACCEPT)).rules[-1].unread) == 1


def test_the_same_side_twice_is_not_understood() -> None:
    """Both must hold; the second is not taken for the first."""
    assert read(rule(ip("saddr", "10.0.0.1"), ip("saddr", "10.0.0.2"), ACCEPT)).rules[-1].unread


def test_lines_of_one_comment_are_one_rule() -> None:
    """Where together they say every combination; else each is undecidable."""
    lines = [
        rule(ip("saddr", s), ip("daddr", d), ACCEPT) for s in ("10.0.0.1", "10.0.0.2") for d in ("10.1.0.1",)
    ]
    (one,) = read(*lines).rules[5:]
    assert (one.source.literals, one.unread) == (("10.0.0.1/32", "10.0.0.2/32"), ())
    apart = read(rule(ip("saddr", "10.0.0.1"), ACCEPT), rule(ACCEPT)).rules[5:]
    assert [bool(each.unread) for each in apart] == [True, True]
    crossed = [
        rule(ip("saddr", s), ip("daddr", d), ACCEPT)
        for s, d in (("10.0.0.1", "10.1.0.1"), ("10.0.0.2", "10.1.0.2"))
    ]
    assert all(each.unread for each in read(*crossed).rules[5:])


def test_a_set_that_packets_or_time_change_is_not_certain() -> None:
    """Its members are those of the moment."""
    own = {"family": "inet", "table": "filter", "name": "Banned", "type": "ipv4_addr", "elem": ["10.0.0.1"]}
    assert read({"set": own}).addresses["Banned"].complete
    assert not read({"set": {**own, "timeout": 60}}).addresses["Banned"].complete
    assert not read({"set": {**own, "flags": ["dynamic"]}}).addresses["Banned"].complete


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=4),
    st.sampled_from([[], {}, ["x"], [[]], "@none", "10.0.0.0/33", {"range": ["a"]}, {"set": [None]}]),
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from _places(below, (*path, key))


PLACES = [path for path in _places(SAMPLE) if path]


@given(st.sampled_from(PLACES), JUNK)
def test_whatever_stands_in_a_place_is_read_or_refused(path: tuple[Any, ...], junk: Any) -> None:
    """Facts, or the error that a person can put right; never something else."""
    document = copy.deepcopy(SAMPLE)
    *above, last = path
    target = document
    for step in above:
        target = target[step]
    target[last] = junk
    with contextlib.suppress(SourceError):
        assert isinstance(firewall_facts(json.dumps(document)), FirewallFacts)


@given(st.integers(0, len(ROUTER)), st.text(max_size=20))
def test_a_router_that_says_anything(at: int, junk: str) -> None:
    """A configuration with something in it is read, or refused as cut off; never something else."""
    with contextlib.suppress(SourceError):
        router_facts(ROUTER[:at] + junk + ROUTER[at:])


@given(st.integers(0, len(ROUTER) - 5))
def test_a_router_that_was_cut_off(at: int) -> None:
    """Its configuration is not whole: nothing is taken from it."""
    with pytest.raises(SourceError, match="cut off"):
        router_facts(ROUTER[:at])


def test_a_router_is_read() -> None:
    """Routes by next hop, also of a VRF; lists of exact networks; what says more is incomplete and named."""
    more = (
        "vrf red\n ip route 10.80.0.0/24 10.0.0.9\nexit-vrf\n!\nip route 10.81.0.0/24 10.0.0.9 200\n"
        "ip prefix-list EXISTING seq 15 deny 10.9.0.0/24\nip prefix-list WIDE seq 5 permit 10.0.0.0/8 le 24\n"
    )
    facts = router_facts(ROUTER.replace("!\nend", f"{more}!\nend"))
    assert {(r.instance, r.prefix, r.next_hop) for r in facts.routes.values()} == {
        ("", "10.77.1.0/24", "10.51.23.2"),
        ("red", "10.80.0.0/24", "10.0.0.9"),
    }
    assert {name: one.complete for name, one in facts.prefix_lists.items()} == {
        "EXISTING": False,
        "ONE": True,
        "WIDE": False,
    }
    assert len(facts.unread) == 3
