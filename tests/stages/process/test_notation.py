"""One notation: however a vendor writes a value, it is the same here; what is none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.stages.process import notation, words
from nornir_itsm.stages.process.clean import clean
from nornir_itsm.stages.process.interfaces import interface


@pytest.mark.parametrize(
    ("names", "one"),
    [
        ("GE1/0/1 GigabitEthernet1/0/1 Gi1/0/1", "GigabitEthernet1/0/1"),
        ("XGE1/0/49 10GE1/0/49 Ten-GigabitEthernet1/0/49 Te1/0/49", "TenGigabitEthernet1/0/49"),
        ("Vlanif10 Vlan-interface10 Vlan10", "Vlan10"),
        ("Eth-Trunk1 BAGG1 Bridge-Aggregation1 Po1 port-channel1", "Aggregation1"),
        ("ens3", "ens3"), ("eth0", "eth0"), ("mgmt0", "mgmt0"), ("ethernet0/1", "Ethernet0/1"),
    ],
)  # fmt: skip
def test_interfaces(names: str, one: str) -> None:
    """Every vendor's word for the same thing is one word; the result stays as it is."""
    assert {interface(name) for name in names.split()} == {one}
    assert interface(one) == one


@given(st.binary(min_size=6, max_size=6))
def test_mac_addresses(raw: bytes) -> None:
    """Dots, hyphens, colons, case: one address."""
    digits = raw.hex()
    quads = [digits[n : n + 4] for n in (0, 4, 8)]
    pairs = [digits[n : n + 2] for n in range(0, 12, 2)]
    forms = {".".join(quads), "-".join(quads).upper(), ":".join(pairs), "-".join(pairs), digits}
    assert {notation.mac(form) for form in forms} == {":".join(pairs)}


@given(st.integers(0, 10**9))
def test_durations(seconds: int) -> None:
    """A duration that is written in units is the seconds it was made of."""
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    assert notation.duration(f"{days} days, {hours} hours, {minutes} minutes, {left} seconds") == seconds
    assert notation.duration(f"{days}d{hours:02}h{minutes:02}m{left}s") == seconds
    if days == 0:
        assert notation.duration(f"{hours:02}:{minutes:02}:{left:02}") == seconds


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("1000", 10**9),
        ("1G(a)", 10**9),
        ("1000Mbps", 10**9),
        ("1000 Mb/s", 10**9),
        ("10G", 10**10),
        ("auto", None),
    ],
)
def test_speeds(text: str, bits: int | None) -> None:
    """Bits per second, whatever the unit."""
    assert notation.speed(text) == bits


def test_addresses_prefixes_states_and_times() -> None:
    """Masks become lengths, IPv6 is short, states are three, times are ISO 8601."""
    assert notation.host_prefix("10.1.10.1 255.255.255.0") == "10.1.10.1/24"
    assert notation.prefix("default") == "0.0.0.0/0"
    assert notation.address("2001:DB8:0::2") == "2001:db8::2"
    said = [
        notation.state(word)
        for word in ("UP", "up(s)", "*down", "ADM", "administratively down", "notconnect")
    ]
    assert said == ["up", "up", "admin-down", "admin-down", "admin-down", "down"]
    assert notation.moment("2026-11-22 10:00:00+08:00") == "2026-11-22T10:00:00+08:00"
    assert (words.protocol("O_INTRA"), words.protocol("C"), words.instance("Public")) == (
        "ospf",
        "direct",
        None,
    )


@pytest.mark.parametrize(
    "kind", ["mac", "address", "prefix", "integer", "percent", "speed", "duplex", "state", "moment"]
)
def test_what_is_no_value_is_refused(kind: str) -> None:
    """No function guesses."""
    with pytest.raises(ValueError, match=r"garbage|does not appear"):
        getattr(notation, kind)("garbage")


def test_what_a_terminal_adds_is_taken_out() -> None:
    """Pager, escapes, carriage returns, NUL, echo and prompt go; lines keep their numbers."""
    pager = "  ---- More ----\x1b[16D                \x1b[16D"
    text = (
        f"<SW-A>display arp\r\nfirst\r\n{pager}second\r\n ---- More ----\r              \rthird\x00\r\n<SW-A>"
    )
    assert clean(text, "display arp") == ["", "first", "second", "third", ""]
    erased = "\x08" * 9 + " " * 8 + "\x08" * 9
    assert clean(f"show x\nrow 1\n --More-- {erased}row 2\nsw#", "show x") == ["", "row 1", "row 2", ""]
