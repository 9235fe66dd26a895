"""Merging is lossless: the demands ask for exactly what the rows ask for, packet by packet."""

import ipaddress
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.forms import merge
from nornir_itsm.forms.addresses import interval_of, normalise, same_set
from nornir_itsm.forms.ports import join_pairs, pair_up, read_ports, span_of
from nornir_itsm.model.order import Demand, Endpoint, Issue, Period, Protocol, Request, Schedule

ANY = ("any",)
PUBLIC = [(), ("203.0.113.1/32",), ("203.0.113.1/32", "203.0.113.2/32")]
HOSTS = [f"192.0.2.{n}/32" for n in range(6)]
NETS = ["192.0.2.0/31", "192.0.2.2/31", "192.0.2.0/30", "192.0.2.1-192.0.2.3", "192.0.2.3-192.0.2.5"]
WORK = Schedule("工作日-早8晚6", (Period(("mon", "tue", "wed", "thu", "fri"), "08:00", "18:00"),))

addresses = st.one_of(
    st.just(("any",)), st.sets(st.sampled_from([*HOSTS, *NETS]), min_size=1, max_size=3).map(normalise)
)
destinations = st.one_of(
    addresses, st.sets(st.sampled_from([*HOSTS, "a.example.com", "b.example.com"]), min_size=1).map(normalise)
)
port_sets = st.sets(st.integers(1, 6), min_size=1, max_size=3).map(
    lambda ports: read_ports(";".join(map(str, ports))).value
)
ports = st.one_of(st.just(("any",)), port_sets)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A row over few addresses and ports, so that rows often meet."""
    target = draw(ports)
    public = draw(st.sampled_from([ANY, target, ("9",)]))
    if pair_up(public, target) is None:
        public = target
    protocol: Protocol = draw(st.sampled_from(["tcp", "tcp", "udp", "tcp+udp"]))
    return Request(
        id="R0", sheet="表", row=1,
        action="delete" if draw(st.integers(0, 5)) == 0 else "add",
        source=Endpoint("互联网", "", draw(addresses), ("any",)),
        destination=Endpoint("行业云", "", draw(destinations), target),
        public_addresses=draw(st.sampled_from(PUBLIC)),
        public_ports=public,
        protocol=protocol,
        schedule=draw(st.sampled_from([Schedule(), WORK])),
        valid_from=draw(st.sampled_from([None, None, None, "2026-11-22"])),
        valid_until=draw(st.sampled_from([None, None, None, "2026-12-31", "2027-12-31"])),
        purpose=draw(st.sampled_from(["甲", "乙", ""])),
    )  # fmt: skip


def numbered(rows: list[Request]) -> list[Request]:
    return [replace(row, id=f"R{number}", row=number) for number, row in enumerate(rows, 1)]


rows = st.lists(requests(), min_size=1, max_size=8).map(numbered)


def _points(texts: Iterable[str]) -> set[object]:
    found: set[object] = set()
    for text in texts:
        interval = None if text == "any" else interval_of(text)
        found |= set(range(interval.low, interval.high + 1)) if interval else {text}
    return found


def _ports(text: str) -> list[object]:
    return ["any"] if text == "any" else list(range(span_of(text)[0], span_of(text)[1] + 1))


def _pairs(pairs: Iterable[tuple[str, str]]) -> set[object]:
    found: set[object] = set()
    for public, target in pairs:
        if "any" in (public, target):
            sides = [
                ["any"] if p == "any" else list(range(span_of(p)[0], span_of(p)[1] + 1))
                for p in (public, target)
            ]
            found |= set(product(*sides))
        else:
            (low, high), (first, _) = span_of(public), span_of(target)
            found |= {(port, first + port - low) for port in range(low, high + 1)}
    return found


def _packets(demand: Demand) -> set[object]:
    fixed = (
        demand.action,
        demand.source_zone,
        demand.destination_zone,
        demand.protocol,
        demand.schedule,
        demand.public,
        demand.valid_from,
        demand.valid_until,
    )
    return {
        (fixed, *rest)
        for rest in product(_points(demand.sources), _points(demand.destinations), _pairs(demand.port_pairs))
    }


def _of_rows(rows: list[Request]) -> set[object]:
    """What the rows ask for, each by itself."""
    return {packet for row in rows for packet in _packets(merge([row])[0])}


@given(rows)
@settings(max_examples=150, deadline=None)
def test_the_union_is_exact(rows: list[Request]) -> None:
    """The demands together are the rows together, no packet more and none less."""
    assert {packet for demand in merge(rows) for packet in _packets(demand)} == _of_rows(rows)


@given(rows)
@settings(max_examples=100, deadline=None)
def test_a_merged_demand_is_no_cross_product(rows: list[Request]) -> None:
    """AE-21: each demand is exactly its own rows, and each row is in exactly one demand."""
    by_id = {row.id: row for row in rows}
    demands = merge(rows)
    for demand in demands:
        assert _packets(demand) == _of_rows([by_id[name] for name in demand.rows])
    assert sorted(name for demand in demands for name in demand.rows) == sorted(by_id)


@given(rows)
@settings(max_examples=100, deadline=None)
def test_any_never_joins_a_list(rows: list[Request]) -> None:
    """A white list is never widened by an open row, nor a port list by any."""
    for demand in merge(rows):
        for side in (demand.sources, demand.destinations, *zip(*demand.port_pairs, strict=True)):
            assert "any" not in side or set(side) == {"any"}


@given(
    requests(), st.sampled_from([("2026-11-22", None), (None, "2026-12-31"), ("2026-11-22", "2026-12-31")])
)
@settings(max_examples=50, deadline=None)
def test_different_validity_never_merges(row: Request, valid: tuple[str | None, str | None]) -> None:
    """Two rows that differ in their days alone stay two demands, each with its own days."""
    plain = replace(row, valid_from=None, valid_until=None)
    demands = merge(numbered([plain, replace(plain, valid_from=valid[0], valid_until=valid[1]), plain]))
    assert [(d.valid_from, d.valid_until) for d in demands] == [(None, None), valid]
    assert demands[0].rows == ("R1", "R3")


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_rows_changes_only_numbers(rows: list[Request], random: Random) -> None:
    """Shuffled rows give the same demands."""
    shuffled = rows[:]
    random.shuffle(shuffled)

    def content(demands: Iterable[Demand]) -> set[object]:
        return {
            (
                frozenset(d.rows),
                d.action,
                d.protocol,
                d.schedule,
                d.validity,
                d.public,
                d.sources,
                d.destinations,
                d.port_pairs,
            )
            for d in demands
        }

    assert content(merge(shuffled)) == content(merge(rows))


@given(rows)
@settings(max_examples=50, deadline=None)
def test_demands_are_numbered_in_form_order(rows: list[Request]) -> None:
    """D1 holds the first row, and first rows ascend."""
    demands = merge(rows)
    firsts = [int(demand.rows[0][1:]) for demand in demands]
    assert firsts == sorted(firsts)
    assert [demand.id for demand in demands] == [f"D{n}" for n in range(1, len(demands) + 1)]


@given(st.sets(st.sampled_from([*HOSTS, *NETS, "a.example.com"])))
def test_normalising_keeps_the_set(texts: set[str]) -> None:
    """The same addresses, none twice, and doing it again changes nothing."""
    value = normalise(texts)
    assert _points(value) == _points(texts)
    assert sum(len(_points([text])) for text in value) == len(_points(texts))
    assert normalise(value) == value


@given(st.sets(st.sampled_from([*HOSTS, *NETS])), st.sets(st.sampled_from([*HOSTS, *NETS])))
def test_same_set_is_equality_of_sets(left: set[str], right: set[str]) -> None:
    """Two lists have the same key exactly when they hold the same addresses."""
    assert (same_set(left) == same_set(right)) == (_points(left) == _points(right))


spans = st.lists(st.integers(1, 60), min_size=1, max_size=8)


@given(spans)
def test_pairs_of_equally_many_ports_go_in_order(numbers: list[int]) -> None:
    """The n-th public port leads to the n-th target port; contiguous ones are written as ranges."""
    public = sorted(set(numbers))
    target = [port + 100 + 10 * (port > 20) for port in public]
    left, right = (read_ports(";".join(map(str, side))).value for side in (public, target))
    pairs = pair_up(left, right)
    assert pairs is not None
    assert _pairs(pairs) == set(zip(public, target, strict=True))
    assert join_pairs(pairs) == pairs


def test_neighbours_stay_hosts() -> None:
    """Two adjacent hosts are not written as a network; a range that is one is."""
    assert normalise(["10.60.2.11/32", "10.60.2.10/32"]) == ("10.60.2.10/32", "10.60.2.11/32")
    network = ipaddress.ip_network("10.0.0.0/24")
    assert interval_of("10.0.0.0/24") == (4, int(network[0]), int(network[-1]))


def test_rows_that_lack_something_are_joined_with_none() -> None:
    """A row whose protocol or public port is still asked for keeps a demand of its own."""
    source, target = Endpoint("互联网", "", ANY, ANY), Endpoint("行业云", "", ("192.0.2.1/32",), ("443",))
    whole = Request("R1", "表", 1, "add", source, target, (), ("443",), "tcp", Schedule())
    twin, asked = replace(whole, id="R2"), replace(whole, id="R3", protocol=None)
    demands = merge([whole, twin, asked, replace(whole, id="R4", public_ports=())])
    assert [demand.rows for demand in demands] == [("R1", "R2"), ("R3",), ("R4",)]
    assert demands[2].port_pairs == ()
    doubt = Issue("question", "表!Q5.valid.until", "表", "Q5", "年底", "不是日期", rows=("R2",))
    assert [d.rows for d in merge([whole, twin, replace(whole, id="R3")], [doubt])] == [("R1", "R3"), ("R2",)]
    assert len(merge([whole, twin], [replace(doubt, level="warning")])) == 1
