"""Security groups as rules over packets, against a naive reading of the vendor's pages."""

from dataclasses import replace
from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, SecurityGroup
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, addresses, services
from nornir_itsm.space.packets import Packets
from nornir_itsm.stages.groups import DIRECTIONS, NO_INTERFACE, PROTOCOLS, Direction, group_list
from nornir_itsm.stages.parse.cloud_groups import group_facts

Made = tuple[tuple[GroupRule, ...], bool, bool]
HOSTS = ("10.60.1.1", "10.60.1.2", "10.60.1.3", "10.60.2.1")
OTHERS = ("192.0.2.1", "192.0.2.77", "10.60.9.9")
PORTS = (1, 443, 8080)
IDS = ("sg-a", "sg-b", "sg-c")
CIDRS = ("0.0.0.0/0", "192.0.2.0/26", "192.0.2.1/32", "10.60.0.0/16", "10.60.1.0/31")

rules = st.builds(
    lambda way, policy, service, peer, priority, own: GroupRule(
        way, policy, *service, peer, priority, "group" if peer in IDS else "cidr", own
    ),
    st.sampled_from(("ingress", "egress")),
    st.sampled_from(("accept", "drop")),
    st.sampled_from((("TCP", "443/443"), ("TCP", "1/65535"), ("UDP", "1/8080"), ("ALL", "-1/-1"))),
    st.sampled_from((*CIDRS, *IDS)),
    st.sampled_from((1, 2, 100)),
    st.sampled_from(("", "", "10.60.1.2/32")),
)
groups = st.builds(
    lambda held, enterprise, inner: (tuple(held), enterprise, inner and not enterprise),
    st.lists(rules, max_size=4),
    st.booleans(),
    st.booleans(),
)
memberships = st.fixed_dictionaries(
    {host: st.sets(st.sampled_from(IDS), min_size=1).map(lambda ids: tuple(sorted(ids))) for host in HOSTS}
)
packets = st.tuples(
    st.sampled_from((*HOSTS, *OTHERS)),
    st.sampled_from((*HOSTS, *OTHERS)),
    st.sampled_from((6, 17)),
    st.sampled_from(PORTS),
)


def region(made: tuple[Made, ...]) -> dict[str, SecurityGroup]:
    return {
        id: SecurityGroup(id, rules=listed, enterprise=enterprise, inner=inner)
        for id, (listed, enterprise, inner) in zip(IDS, made, strict=True)
    }


def passes(facts: GroupFacts, way: Direction, packet: tuple[str, str, int, int]) -> bool:
    """Decide about one packet as the pages tell it, rule by rule."""
    source, destination, protocol, port = packet
    own, far = (destination, source) if way == "ingress" else (source, destination)
    held = [facts.groups[id] for id in facts.memberships.get(own, ())]
    if not held:
        return True
    if any(group.inner and group.id in facts.memberships.get(far, ()) for group in held):
        return True

    def fits(rule: GroupRule) -> bool:
        low, high = (int(part) for part in rule.ports.split("/"))
        return (
            rule.direction == way
            and PROTOCOLS[rule.protocol] in (None, protocol)
            and (low < 0 or low <= port <= high)
            and (not rule.own or ip_address(own) in ip_network(rule.own))
            and (
                rule.peer in facts.memberships.get(far, ())
                if rule.peer_kind == "group"
                else ip_address(far) in ip_network(rule.peer)
            )
        )

    matching = [rule for group in held for rule in group.rules if fits(rule)]
    if matching:
        first = min(rule.priority for rule in matching)
        return all(rule.policy == "accept" for rule in matching if rule.priority == first)
    return way == "egress" and not any(group.enterprise for group in held)


@given(st.tuples(groups, groups, groups), memberships, st.sampled_from(("ingress", "egress")), packets)
def test_the_rules_decide_as_the_pages_tell(
    made: tuple[Made, ...],
    held: dict[str, tuple[str, ...]],
    way: Direction,
    packet: tuple[str, str, int, int],
) -> None:
    """Smaller priority first, a drop before an accept, inner accept before all, then what is usual."""
    facts = GroupFacts(region(made), held)
    source, destination, protocol, port = packet
    one = Packets.of(
        {
            SOURCE: addresses(source),
            DESTINATION: addresses(destination),
            SERVICE: services(protocol, port, port),
        }
    )
    assert bool(group_list("P", facts, way).passing(one)) == passes(facts, way, packet)


@given(st.tuples(groups, groups, groups), st.tuples(groups, groups, groups), memberships)
def test_a_state_made_from_another_is_what_it_would_be_anew(
    before: tuple[Made, ...], later: tuple[Made, ...], held: dict[str, tuple[str, ...]]
) -> None:
    """Sections whose groups did not change are taken over, and all others are made again."""
    old = GroupFacts(region(before), held)
    for way in DIRECTIONS:
        group_list("P", old, way)
    new = replace(old, groups={**old.groups, "sg-b": region(later)["sg-b"]})
    for way in DIRECTIONS:
        grown, fresh = group_list("P", new, way), group_list("P", replace(new, memberships={**held}), way)
        assert grown.rules == fresh.rules


def test_what_nobody_can_tell_is_neither_passed_nor_stopped_for_certain() -> None:
    """A prefix list, a group that was not collected, an address of two interfaces, inner access not told."""
    to_host = Packets.of({SOURCE: addresses("192.0.2.1"), DESTINATION: addresses("10.60.1.1")})
    strange = (
        GroupFacts(
            {
                "sg-a": SecurityGroup(
                    "sg-a",
                    inner=False,
                    rules=(GroupRule("ingress", "accept", "ALL", "-1/-1", peer, 1, kind),),
                )
            },
            {"10.60.1.1": ("sg-a",)},
        )
        for peer, kind in (("pl-1", "prefix_list"), ("sg-x", "group"), ("", "cidr"))
    )
    unclear = GroupFacts({"sg-a": SecurityGroup("sg-a")}, {"10.60.1.1": ("sg-a",), "192.0.2.1": ("sg-a",)})
    for facts in (
        *strange,
        GroupFacts({}, {"10.60.1.1": ()}),
        GroupFacts({}, {"10.60.1.1": ("sg-x",)}),
        unclear,
    ):
        passed = group_list("P", facts, "ingress").passing(to_host)
        assert (bool(passed.may()), bool(passed.must())) == (True, False), facts


def test_an_address_without_an_interface_is_not_filtered() -> None:
    """A load balancer has none: what reaches it is not stopped here."""
    facts = GroupFacts({"sg-a": SecurityGroup("sg-a", inner=False)}, {"10.60.1.1": ("sg-a",)})
    to_balancer = Packets.of({DESTINATION: addresses("10.60.1.9")})
    assert [rule.label for rule, share in group_list("P", facts, "ingress").shares(to_balancer) if share] == [
        NO_INTERFACE
    ]


def test_a_virtual_address_is_in_the_groups_of_those_that_can_hold_it() -> None:
    """Where these are in different groups, nobody can tell."""

    def card(id: str, address: str, group: str) -> dict[str, object]:
        held = {"SecurityGroupId": [group]}
        return {"NetworkInterfaceId": id, "PrivateIpAddress": address, "SecurityGroupIds": held}

    def virtual(address: str, *holders: str) -> dict[str, object]:
        return {"IpAddress": address, "AssociatedInstances": {"associatedInstance": [*holders]}}

    cards = [
        card("eni-1", "10.60.1.1", "sg-a"),
        card("eni-2", "10.60.1.2", "sg-a"),
        card("eni-3", "10.60.1.3", "sg-b"),
    ]
    havips = [virtual("10.60.1.8", "eni-1", "eni-2"), virtual("10.60.1.9", "eni-1", "eni-3")]
    found = group_facts({"network_interfaces": cards, "havips": havips, "security_group_rules": []})
    assert (found.memberships["10.60.1.8"], found.memberships["10.60.1.9"]) == (("sg-a",), ())
    assert not group_facts({"network_interfaces": cards}).known
