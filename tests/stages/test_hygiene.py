"""Hygiene: every planted trap is found, nothing untrue is said, and rules are judged exactly."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.model.adc import AdcFacts, AddressMatch, DnatRule, SnatRule
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector, ServiceBook, ServiceEntry
from nornir_itsm.model.ipam import IpamFacts, IpamRecord
from nornir_itsm.model.topology import Point, Site
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, UNKNOWN
from nornir_itsm.space.packets import Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.hygiene import KINDS, Flaw, findings
from nornir_itsm.stages.hygiene.reach import Entry, Reach, reaches
from tests.space.small_space import packets, universe
from tests.stages.example_site import ADC, WALL, above, adc, changed, known, wall

KNOWN = (SOURCE, DESTINATION, SERVICE)
DOUBTFUL = (*KNOWN, UNKNOWN + "p")
DENY = "Default-Deny"
TESTNET = "DC1-CDL-FW01-TESTNET"
PLACES = {WALL, ADC, TESTNET, "云", "IPAM"}
"""Where the traps were planted; further points of the example site may have flaws of their own."""


@st.composite
def lists(draw: st.DrawFn) -> list[Entry]:
    """Draw the entries of a list; few effects, so that several do the same."""
    some = st.tuples(packets(DOUBTFUL, most=2), st.sampled_from((True, False)))
    drawn = draw(st.lists(some, max_size=6))
    return [Entry(f"r{i}", match, effect, effect) for i, (match, effect) in enumerate(drawn)]


@settings(deadline=None)
@given(lists())
def test_what_an_entry_is_good_for_is_that_of_brute_force(entries: list[Entry]) -> None:
    """Shadowed: it decides no packet. Redundant: without it every packet has the same fate, by some entry."""
    everything = list(universe(DOUBTFUL))

    def first(packet: object, without: int = -1) -> int | None:
        numbers = (k for k, e in enumerate(entries) if k != without and e.match.holds(packet))  # type: ignore[arg-type]
        return next(numbers, None)

    for i, reach in enumerate(reaches(entries)):
        decided = [packet for packet in everything if first(packet) == i]
        heirs = [first(packet, i) for packet in decided]
        same = all(k is not None and entries[k].effect == entries[i].effect for k in heirs)
        assert not reach.undecided
        assert bool(reach.shadowed) == (not decided and bool(entries[i].match))
        assert bool(reach.redundant) == (bool(decided) and same)
        takers = union(entries[k].match for k in reach.shadowed)
        assert not reach.shadowed or (entries[i].match <= takers and max(reach.shadowed) < i)
        assert not reach.redundant or min(reach.redundant) > i


def test_what_would_take_too_long_is_said() -> None:
    """Nothing is claimed of an entry that meets too many to be followed; the others are judged."""
    holes = [Packets(({SOURCE: Ranges.span(n), DESTINATION: Ranges.span(n)},)) for n in range(0, 4000, 2)]
    wide = Packets(({SOURCE: Ranges.span(0, 4000), DESTINATION: Ranges.span(0, 4000)},))
    rest = [Packets(({SOURCE: Ranges.span(n)},)) for n in range(0, 4001)]
    entries = [Entry("", match, True) for match in (*holes, wide, *rest)]
    found = reaches(entries)
    assert found[len(holes)] == Reach(undecided=True)
    assert sum(reach.undecided for reach in found) == 1
    assert all(reach.redundant == (len(holes),) for reach in found[: len(holes)])


@cache
def example() -> tuple[Flaw, ...]:
    return findings(known().site, known().facts)


def objects(kind: str, flaws: Iterable[Flaw] | None = None, point: str = "") -> set[str]:
    found = [flaw for flaw in example() if flaw.point in PLACES] if flaws is None else flaws
    return {flaw.object for flaw in found if flaw.kind == kind and point in ("", flaw.point)}


TRAPS: dict[str, set[str]] = {
    "dead": {"示例期货公司C上网", "示例历史测试"},
    "shadowed": set(),
    "redundant": {"示例封禁"},
    "undecided": set(),
    "zero-hit": {
        *("示例期货公司E-临时", "示例封禁", "示例期货公司C上网", "示例历史测试"),
        *("示例期货公司A-证联网测试网", "示例期货公司E-监控"),
    },
    "disabled": {
        *("示例期货公司B-测试", "示例期货公司E-临时策略", "源转换-示例临时", "示例期货公司E-CM"),
        *(f"历史测试映射-0{n}" for n in (2, 4, 6)),
    },
    "unclear": {"示例期货公司E-临时", "示例期货公司A-证联网测试网"},
    "misnamed": {"TCP-25", "TCP-57021-57030", "172.22.31.0/24-示例期货公司E"},
    "truncated": {"*.example.net", "开放至某日"},
    "empty": {"172.22.10.19-21-联调环境"},
    "duplicate": {"10.70.18.93、示例D网站EIP", "10.70.63.0/29、10.70.63.240/29"},
    "stale": {"198.51.100.64"},
    "overlap": {"test-vpc-a、test-vpc-b", "VPC01-示例E-系统测试"},
    "untranslated": {"10.70.18.48", "10.70.16.15", "10.70.17.200"},
    "several-groups": {
        *(f"EIP-示例期货公司A{n}、所有示例期货公司A-EIP" for n in ("1-(211-51)", "2-(212-52)")),
        "EIP-示例期货公司C、EIP-示例期货公司C-旧",
    },
}


@pytest.mark.parametrize("kind", TRAPS)
def test_the_traps_of_the_example_are_found_and_nothing_else(kind: str) -> None:
    """Of each kind exactly what was planted, or is true of the example all the same."""
    assert objects(kind) == TRAPS[kind]


def test_objects_that_nobody_refers_to() -> None:
    """Those of the firewall and of the ADC; what bandwidth policies may use is not among them."""
    unused = objects("unreferenced")
    assert {"203.0.113.151/32-历史", "TCP-25", "示例交易所甲服务端口", "EIP-示例期货公司C-旧"} <= unused
    assert not unused & {"203.0.113.150/32-历史", "TCP-37791", "*.example.com", "电信IPV4-公用", "Any", "SSH"}
    assert not any(name.startswith("IQOS") for name in unused)


def test_cloud_hosts_that_the_ipam_lacks() -> None:
    """The three instances without a record, and no address that has one."""
    missing = objects("unregistered")
    assert {"10.60.142.10", "10.60.2.13", "10.60.36.11"} <= missing
    assert not missing & known().facts.ipam.records.keys()


def flaws_of(facts: Facts, site: Site | None = None) -> tuple[Flaw, ...]:
    return findings(site or known().site, facts)


def host(*addresses: str) -> Selector:
    return Selector(literals=addresses)


def permit(name: str, source: Selector, *services: str, **more: object) -> SecurityPolicy:
    like = known().facts.firewall(WALL).rule("示例期货公司D上网")
    assert like is not None
    return replace(like, name=name, source=source, services=services or ("Any",), hits=None, **more)  # type: ignore[arg-type]


def test_shadowed_by_several_together() -> None:
    """Two halves leave nothing to a whole; both are named, and that they do the same."""
    halves = (permit("low", host("10.70.9.0/25")), permit("high", host("10.70.9.128/25")))
    facts = above(DENY, *halves, permit("whole", host("10.70.9.0/24")))(known().facts)
    (flaw,) = [f for f in flaws_of(facts) if f.kind == "shadowed"]
    assert flaw.object == "whole"
    assert "low、high" in flaw.problem
    assert "处理相同" in flaw.problem


def test_a_rule_that_may_be_off_hides_nothing() -> None:
    """What a rule with an unknown state would take may be left; the same doubt twice is the same doubt."""
    maybe = permit("maybe", host("10.70.9.0/24"), enabled=None)
    below = permit("below", host("10.70.9.1/32"))
    assert objects("shadowed", flaws_of(above(DENY, maybe, below)(known().facts))) == set()
    unread = permit("first", host("10.70.9.0/24"), unread=("app x",))
    again = permit("second", host("10.70.9.1/32"))
    assert objects("shadowed", flaws_of(above(DENY, unread, again)(known().facts))) == set()


def test_redundant_only_with_the_same_treatment() -> None:
    """A later rule that does the same makes one redundant; with another profile it does something else."""
    one, same = permit("one", host("10.70.9.1/32")), permit("same", host("10.70.9.0/24"))
    assert "one" in objects("redundant", flaws_of(above(DENY, one, same)(known().facts)))
    other = replace(same, profiles=())
    assert "one" not in objects("redundant", flaws_of(above(DENY, one, other)(known().facts)))
    denied = permit("denied", host("10.70.9.1/32"), action="deny")
    assert "one" not in objects("redundant", flaws_of(above(DENY, one, denied, same)(known().facts)))


def test_a_switched_off_rule_is_a_leftover_and_decides_nothing() -> None:
    """It is named once, and never as dead or as hiding others."""
    found = flaws_of(changed(DENY, enabled=False)(known().facts))
    assert DENY in objects("disabled", found)
    assert objects("dead", found) == set()


def nats(*rules: DnatRule) -> Facts:
    return adc(lambda held: replace(held, dnat=rules))(known().facts)


def test_a_translation_below_a_wider_one_is_shadowed() -> None:
    """All its ports have to be taken; a switched off one takes nothing."""
    to, at = AddressMatch("IP-ADDRESS", "10.70.17.57"), AddressMatch("IP-ADDRESS", "203.0.113.213")
    wide = DnatRule("wide", (), AddressMatch(), at, "TCP", "ALL", ("80-90",), to, ("0",))
    inside = replace(wide, name="inside", ports=("81", "85-90"), target_ports=("81", "85-90"))
    beyond = replace(inside, name="beyond", ports=("81", "91"))
    assert objects("shadowed", flaws_of(nats(wide, inside, beyond)), ADC) == {"inside"}
    off = replace(wide, enabled=False)
    assert objects("shadowed", flaws_of(nats(off, inside, beyond)), ADC) == set()


def test_source_translations_of_other_links_hide_nothing() -> None:
    """Each holds for the links that packets come in on; ALL holds for every one."""
    to = AddressMatch("IP-ADDRESS", "203.0.113.9")
    first = SnatRule("first", ("inside-net1",), (), translated=to)
    other = replace(first, name="other", inbound_links=("inside-net2",))
    again = replace(first, name="again")

    def shadowed(*rules: SnatRule) -> set[str]:
        return objects("shadowed", flaws_of(adc(lambda held: replace(held, snat=rules))(known().facts)), ADC)

    assert shadowed(first, other, again) == {"again"}
    assert shadowed(replace(first, inbound_links=("ALL",)), other) == {"other"}


@pytest.mark.parametrize(
    ("name", "entries", "lies"),
    [
        ("TCP-443", [(6, 443, 443)], False),
        ("tcp_443", [(6, 443, 443)], False),
        ("TCP-443", [(6, 444, 444)], True),
        ("TCP-443", [(17, 443, 443)], True),
        ("TCP&UDP-53", [(6, 53, 53), (17, 53, 53)], False),
        ("TCP&UDP-53", [(6, 53, 53)], True),
        ("UDP-100_to_200", [(17, 100, 200)], False),
        ("TCP-80和443", [(6, 80, 80), (6, 443, 443)], False),
        ("TCP-80和443", [(6, 80, 443)], True),
        ("TCP-99999", [(6, 1, 1)], False),
        ("门户TCP", [(6, 1, 1)], False),
        ("TCP-443-旧", [(6, 1, 1)], False),
    ],
)
def test_a_service_is_misnamed_where_its_name_says_other_ports(
    name: str, entries: list[tuple[int, int, int]], lies: bool
) -> None:
    """Only a name that says a protocol and ports and nothing else can lie."""
    book = ServiceBook(name, tuple(ServiceEntry(*entry) for entry in entries))
    facts = wall(lambda held: replace(held, services={**held.services, name: book}))(known().facts)
    assert (name in objects("misnamed", flaws_of(facts))) == lies


def test_a_free_address_is_stale_only_if_somebody_uses_it_by_name() -> None:
    """An address that lies in a wide group is not in use; that of a translation, an EIP or a host is."""
    free = ("203.0.113.230", "198.51.100.3", "10.70.17.57", "203.0.113.222")
    records = {address: IpamRecord(address, "空闲") for address in free}
    facts = replace(known().facts, ipam=IpamFacts(records=records))
    assert objects("stale", flaws_of(facts)) == {"203.0.113.230", "10.70.17.57"}


def test_an_empty_site_has_no_flaw() -> None:
    """Nothing is found where nothing is known; every kind has words."""
    points = {"f": Point("f", "", "firewall", ""), "a": Point("a", "", "adc", "")}
    site = replace(known().site, points=points, paths=())
    assert findings(site, Facts()) == ()
    assert findings(site, Facts({"f": FirewallFacts(), "a": AdcFacts()})) == ()
    assert all(Flaw(kind, "", "", "").title for kind in KINDS)
