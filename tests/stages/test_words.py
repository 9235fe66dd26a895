"""Packets in words: every part of a set is said or counted, and equal sets are said alike."""

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space import dimensions as dim
from nornir_itsm.space.packets import EVERYTHING, NOTHING, Packets, together
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.words import address_words, flows, packet, service_words, time_words

TCP = 6 << 16


def places(*texts: str) -> Ranges:
    return Ranges.of(span for text in texts for span in dim.addresses(text))


ADDRESSES = [
    (("10.0.0.1",), "10.0.0.1"),
    (("10.0.0.0/24",), "10.0.0.0/24"),
    (("10.0.0.1-10.0.0.4",), "10.0.0.1、10.0.0.2、10.0.0.3、10.0.0.4"),
    (("10.0.0.1-10.0.0.9",), "10.0.0.1-10.0.0.9"),
    (("2001:db8::/32",), "2001:db8::/32"),
    (("2001:db8::1",), "2001:db8::1"),
    (("0.0.0.0/0",), "任意"),
    (("any",), "任意"),
    (("::/0",), "任意 IPv6"),
    (("10.0.0.1", "www.example.com", "*.example.org"), "10.0.0.1、www.example.com、*.example.org"),
]


@pytest.mark.parametrize(("texts", "words"), ADDRESSES)
def test_addresses_as_people_write_them(texts: tuple[str, ...], words: str) -> None:
    """Hosts one by one, prefixes, ranges, names, wildcards; each family by itself."""
    assert address_words(places(*texts)) == words


def test_the_shorter_of_a_set_and_its_rest() -> None:
    """All but a few is said as that; a family that is missing is not any."""
    assert address_words(dim.V4 - places("10.0.0.1")) == "除 10.0.0.1 外的任意"
    assert (
        address_words((dim.V4 | dim.NAMES) - places("a.example.com")) == "任意、除 a.example.com 外的任意域名"
    )
    assert (
        address_words(places("*.example.com") - places("a.example.com")).count("*.example.com 的一部分") == 2
    )
    assert address_words(dim.V6 | dim.NAMES) == "任意 IPv6、任意域名"
    assert address_words(None) == "任意"


SERVICES = [
    (dim.services(6, 443, 443), "TCP 443"),
    (
        dim.services(6, 80, 90) | dim.services(6, 443, 443) | dim.services(17, 53, 53),
        "TCP 80-90、443，UDP 53",
    ),
    (dim.services(1), "ICMP"),
    (dim.services(1, 8 * 256, 8 * 256 + 255), "ICMP 类型 8"),
    (dim.services(1, 8 * 256, 8 * 256), "ICMP 类型 8 代码 0-0"),
    (dim.services(47), "协议 47"),
    (dim.services(50) | dim.services(51), "协议 50-51"),
    (dim.services(6) | dim.services(7), "TCP，协议 7"),
    (dim.full(dim.SERVICE) - dim.services(6, 443, 443), "除 TCP 443 外的任意服务"),
    (Ranges.span(TCP | 65535, (7 << 16) | 5), "TCP 65535，协议 7 0-5"),
    (dim.services(None), "任意服务"),
]


@pytest.mark.parametrize(("ranges", "words"), SERVICES)
def test_services_as_people_write_them(ranges: Ranges, words: str) -> None:
    """Ports by protocol; a span from one protocol into the next is cut where the protocol ends."""
    assert service_words(ranges) == words


def test_hours_as_people_write_them() -> None:
    """Days with the same hours are said together; a night is cut at midnight."""
    week = Ranges.of([(d * 1440 + 480, d * 1440 + 1079) for d in range(5)])
    assert time_words(week) == "周一二三四五 08:00-18:00"
    assert time_words(Ranges.span(1320, 1560 - 1)) == "周一 22:00-24:00；周二 00:00-02:00"
    assert time_words(dim.full(dim.TIME)) == "全天"


def test_a_flow_says_all_that_limits_it() -> None:
    """Addresses, service, source port, hours, zones, link and what nobody can tell."""
    box = {
        dim.SOURCE: places("10.0.0.1"),
        dim.DESTINATION: places("192.0.2.1"),
        dim.SERVICE: dim.services(17, 500, 500),
        dim.SOURCE_PORT: Ranges.span(500),
        dim.TIME: Ranges.span(0, 59),
        dim.IN_ZONE: dim.symbol("trust"),
        dim.OUT_ZONE: dim.full(dim.OUT_ZONE) - dim.symbol("untrust"),
        dim.LINK: dim.symbol("CT") | dim.symbol("CM"),
        dim.UNKNOWN + "名单": Ranges.span(1),
        dim.UNKNOWN + "别名": Ranges.span(0),
    }
    assert flows(Packets((box,))) == (
        "10.0.0.1 → 192.0.2.1 UDP 500 源端口 500 周一 00:00-01:00 区域 trust → 除 untrust 外的任意 经 CM、CT"
        " （无法判定：名单） （无法判定，且不成立：别名）",
    )


def test_what_is_not_spelled_is_counted() -> None:
    """Twelve flows are said, the others counted; so are addresses within one flow."""
    many = together(
        Packets(({dim.SOURCE: Ranges.span(n), dim.SERVICE: Ranges.span(TCP | 2 * n)},)) for n in range(30)
    )
    said = flows(many)
    assert len(said) == 13
    assert said[-1] == "……另有 18 项"
    scattered = Ranges.of((3 * n, 3 * n) for n in range(40))
    assert address_words(scattered).endswith("、……另有 28 段")
    assert len(re.findall(r"\d+\.\d+\.\d+\.\d+", address_words(scattered))) == 12


def test_a_set_is_said_the_same_however_it_was_cut() -> None:
    """One block of hosts and ports, put together by hosts or by ports."""
    hosts, ports = places("10.0.0.0-10.0.0.7"), dim.services(6, 80, 90)
    by_host = (Packets(({dim.SOURCE: Ranges.span(n), dim.SERVICE: ports},)) for n in range(*_ends(hosts)))
    by_port = (Packets(({dim.SOURCE: hosts, dim.SERVICE: Ranges.span(n)},)) for n in range(*_ends(ports)))
    for cut in (by_host, by_port):
        assert flows(together(cut)) == ("10.0.0.0/29 → 任意 TCP 80-90",)


def _ends(one: Ranges) -> tuple[int, int]:
    ((low, high),) = one
    return low, high + 1


HOSTS = st.integers(0, 5).map(lambda n: f"10.0.0.{n}")
PORTS = st.sampled_from((80, 81, 443))


@given(st.sets(st.tuples(HOSTS, HOSTS, PORTS), max_size=12), st.randoms())
def test_nothing_is_lost_and_equal_sets_are_said_alike(wanted: set[tuple[str, str, int]], random) -> None:  # type: ignore[no-untyped-def]
    """Read back, the sentences hold exactly the packets of the set, however it was put together."""
    boxes = [
        Packets(
            ({dim.SOURCE: places(a), dim.DESTINATION: places(b), dim.SERVICE: dim.services(6, port, port)},)
        )
        for a, b, port in sorted(wanted)
    ]
    shuffled = list(boxes)
    random.shuffle(shuffled)
    said = flows(together(boxes))
    assert flows(together(shuffled)) == said
    if not any(text.startswith("……") for text in said):
        assert {flow for text in said for flow in read(text)} == wanted


def read(sentence: str) -> set[tuple[str, str, int]]:
    """Read a sentence of hosts and TCP ports back."""
    found = re.fullmatch(r"(.+) → (.+) TCP (.+)", sentence)
    assert found
    sources, destinations = (
        [host for word in side.split("、") for host in _hosts(word)] for side in found.group(1, 2)
    )
    ports = [
        p
        for word in found[3].split("、")
        for low, _, high in [word.partition("-")]
        for p in range(int(low), int(high or low) + 1)
    ]
    return {(a, b, p) for a in sources for b in destinations for p in ports}


def _hosts(word: str) -> list[str]:
    low, dash, high = word.partition("-")
    if not dash:
        return [low]
    return [str(ip_address(n)) for n in range(int(ip_address(low)), int(ip_address(high)) + 1)]


@given(st.sets(st.tuples(HOSTS, PORTS), min_size=1), st.randoms())
def test_a_counterexample_is_one_packet_of_the_set(wanted: set[tuple[str, int]], random) -> None:  # type: ignore[no-untyped-def]
    """It is in the set, it is one packet, and it is the same however the set was put together."""
    boxes = [Packets(({dim.SOURCE: places(a), dim.SERVICE: dim.services(6, p, p)},)) for a, p in wanted]
    random.shuffle(boxes)
    said = packet(together(boxes))
    assert said in {f"{a} → 任意 TCP {p}" for a, p in wanted}
    assert said == packet(together(sorted(boxes, key=str)))
    assert packet(NOTHING) is None


def test_everything_and_nothing() -> None:
    """The whole space is one sentence, the empty set none."""
    assert flows(EVERYTHING) == ("任意 → 任意 任意服务",)
    assert flows(NOTHING) == ()
