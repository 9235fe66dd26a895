"""Addresses of both families and names on one line: what covers what, and what never does."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space.dimensions import (
    ADDRESSES,
    NAMES,
    V4,
    V6,
    address_at,
    addresses,
    full,
    is_name,
    is_v6,
    is_wildcard,
    name_above,
    name_at,
    number,
    services,
)
from nornir_itsm.space.ranges import Ranges

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=2, max_size=4).map(".".join).filter(lambda n: not n[-1].isdigit())
ADDRESS = st.ip_addresses()


@given(ADDRESS, ADDRESS)
def test_addresses_keep_their_order_and_come_back(a: object, b: object) -> None:
    """An address has one place on the line; IPv4 stands below IPv6, both below names."""
    first, second = (ip_address(str(one)) for one in (a, b))
    assert address_at(number(first)) == first
    assert is_v6(number(first)) == (first.version == 6)
    if first.version == second.version:
        assert (number(first) < number(second)) == (int(first) < int(second))
    assert Ranges.span(number(first)) <= ADDRESSES
    assert not is_name(number(first))


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_a_prefix_holds_its_addresses(base: object, length: int, other: object) -> None:
    """CIDR with host bits is its network; membership is that of the ipaddress module."""
    text = f"{base}/{length}"
    inside = ip_address(str(other)) in ip_network(text, strict=False)
    assert (number(ip_address(str(other))) in addresses(text)) == inside


@given(NAME, NAME, LABEL)
def test_a_wildcard_covers_what_is_below_it_and_not_itself(name: str, other: str, label: str) -> None:
    """``*.example.com`` covers ``a.example.com`` at any depth, not ``example.com`` nor ``xexample.com``."""
    wild = addresses(f"*.{name}")
    assert addresses(f"{label}.{name}") <= wild
    assert addresses(f"*.{label}.{name}") <= wild
    assert not addresses(name) & wild
    assert not addresses(f"x{name}") & wild
    assert (addresses(other) <= wild) == other.endswith(f".{name}")


@given(NAME, LABEL)
def test_a_span_of_names_says_what_it_stands_below(name: str, label: str) -> None:
    """A wildcard is told from a part of it; both know the name above."""
    wild, one = addresses(f"*.{name}"), addresses(f"{label}.{name}")
    ((low, high),) = wild
    assert is_wildcard(low, high)
    assert name_above(low, high) == name
    for low, high in wild - one:
        assert not is_wildcard(low, high)
        assert name_above(low, high) in (name, f"{label}.{name}")
    assert name_above(NAMES.low, wild.low) == ""


@given(NAME, NAME)
def test_a_name_is_covered_by_the_same_name_only(a: str, b: str) -> None:
    """Case and a trailing dot make no difference; a name comes back as it was."""
    assert (addresses(a) == addresses(b)) == (a == b)
    assert addresses(f"{a.upper()}.") == addresses(a)
    assert name_at(addresses(a).low) == a


@given(NAME, ADDRESS)
def test_a_name_and_an_address_never_meet(name: str, address: object) -> None:
    """A name is a symbol: whether it resolves to an address, nobody here can tell."""
    both = addresses(name) | addresses(f"*.{name}")
    assert both <= NAMES
    assert not both & addresses(str(address))
    assert not both & (V4 | V6)


@pytest.mark.parametrize("name", ["163.com", "10086.cn", "3.example", "1.2.3.4.example"])
def test_a_name_may_begin_with_a_digit(name: str) -> None:
    """What is no address and no range is a name, whatever it begins with."""
    assert is_name(addresses(name).low)
    assert name_at(addresses(name).low) == name


@pytest.mark.parametrize(
    "text", ["", ".", "a..b", "10.0.0.300", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "1.2.3/33", "a." * 129]
)
def test_what_is_neither_is_refused(text: str) -> None:
    """Nothing is guessed: a ValueError says what it was."""
    with pytest.raises(ValueError, match=r"."):
        addresses(text)


def test_any_is_everything_on_the_line() -> None:
    """Any is both families and every name; the two families and the names part the line."""
    assert addresses("any") == full("destination") == V4 | V6 | NAMES
    assert addresses("0.0.0.0/0") == V4
    assert addresses("::/0") == V6


def test_a_service_is_a_protocol_and_a_port() -> None:
    """TCP 443 is not UDP 443; no protocol is every protocol."""
    assert not services(6, 443, 443) & services(17, 443, 443)
    assert services(6, 443, 443) <= services(6) <= services(None)
    assert services(None) == full("service")
