"""What a USG prints -> facts: every form of a line, and what becomes of lines that nobody understands."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, PublishedServer, ServiceEntry
from nornir_itsm.model.order import Period
from nornir_itsm.stages.parse.vrp_text import firewall_facts

HEAD = "<FW-A>display current-configuration\n!Software Version V500R001C10\n#\nsysname FW-A\n#\n"


def facts(*lines: str, vsys: str = "") -> FirewallFacts:
    return firewall_facts(HEAD + "\n".join(lines) + "\n#\nreturn\n<FW-A>\n", vsys)


@pytest.mark.parametrize(
    ("line", "members"),
    [
        ("address 0 10.1.1.0 mask 24", ("10.1.1.0/24",)),
        ("address 0 10.1.1.0 mask 255.255.255.0", ("10.1.1.0/24",)),
        ("address 10.1.1.0 24", ("10.1.1.0/24",)),
        ("address 0 10.1.1.0 0.0.0.255", ("10.1.1.0/24",)),
        ("address 0 10.1.1.5 0", ("10.1.1.5/32",)),
        ("address 0 10.1.1.5 0.0.0.0 description the host 0 mask 0", ("10.1.1.5/32",)),
        ("address 0 10.0.1.0 0.0.2.1", ("10.0.1.0/31", "10.0.3.0/31")),
        ("address 0 range 10.1.2.10 10.1.2.20", ("10.1.2.10-10.1.2.20",)),
        ("address 0 2001:DB8:: 64", ("2001:db8::/64",)),
        ("address 0 range 2001:db8::1 2001:db8::f", ("2001:db8::1-2001:db8::f",)),
    ],
)
def test_members_of_an_address_set(line: str, members: tuple[str, ...]) -> None:
    """Masks, lengths, wildcards (with gaps, too), ranges and both families."""
    book = facts("ip address-set x type object", f" {line}").addresses["x"]
    assert (book.members, book.complete) == (members, True)


@pytest.mark.parametrize(
    "line",
    [
        "address 0 0.0.0.0 0",
        "address 0 10.1.1.0 255.255.255.0",
        "address 0 10.0.0.0 0.170.170.170",
        "address 0 range 10.1.2.20 10.1.2.10",
        "address 0 10.1.1.300 mask 32",
        "address 0 0000-5e00-5301",
        "address 0 address-set missing",
        "exclude 10.1.1.1 mask 32",
    ],
)
def test_a_member_that_could_mean_another_thing_leaves_its_set_undecidable(line: str) -> None:
    """A dotted word that reads as mask and as wildcard, gaps without end, and what nobody knows."""
    found = facts("ip address-set x type object", " address 1 10.9.9.9 0", f" {line}")
    assert not found.addresses["x"].complete


def test_sets_of_sets_and_quoted_names() -> None:
    """A group has the members of its sets; names with blanks are quoted."""
    found = facts(
        'ip address-set "web servers" type object',
        " address 0 10.1.1.1 0",
        "ip address-set all type group",
        ' address 0 address-set "web servers"',
        " address 1 10.1.1.2 0",
        "#",
        "ip service-set one type object 16",
        " service 0 protocol udp source-port 1000 to 2000 destination-port 53 8000 to 8010",
        " service 1 protocol icmp icmp-type 8 0",
        " service 2 protocol 47 description tunnels",
        "ip service-set some type group",
        " service 0 service-set one",
        " service 1 service-set https",
    )
    assert found.addresses["all"].members == ("10.1.1.2/32", "10.1.1.1/32")
    assert set(found.services["one"].entries) == {
        ServiceEntry(17, 53, 53, 1000, 2000),
        ServiceEntry(17, 8000, 8010, 1000, 2000),
        ServiceEntry(1, 8 << 8, 8 << 8),
        ServiceEntry(47),
    }
    assert found.groups["some"].members == ("one", "https")


@pytest.mark.parametrize(
    ("lines", "periods"),
    [
        (["period-range 08:00:00 to 18:00:00 working-day"], [("mon tue wed thu fri", "08:00", "18:00")]),
        (["period-range 8:00 to 23:59:59 Sat Sun"], [("sat sun", "08:00", "24:00")]),
        (
            ["period-range 20:00:00 to 24:00:00 Fri", "period-range 00:00:00 to 03:00:00 off-day"],
            [("fri", "20:00", "24:00"), ("sat sun", "00:00", "03:00")],
        ),
        (["absolute-range 00:00:00 2026/01/01 to 23:59:59 2026/06/30"], None),
        (["period-range 18:00:00 to 08:00:00 daily"], None),
        (["period-range 08:00:30 to 18:00:00 daily"], None),
        ([], None),
    ],
)
def test_time_ranges(lines: list[str], periods: list[tuple[str, str, str]] | None) -> None:
    """Weekly periods are read to the minute; absolute ranges leave a time range undecidable."""
    book = facts(" time-range x", *(f"  {line}" for line in lines)).schedules["x"]
    wanted = tuple(Period(tuple(days.split()), *ends) for days, *ends in periods or ())
    assert (book.periods if book.complete else None) == (None if periods is None else wanted)


def test_a_rule_that_says_everything() -> None:
    """Conditions, zones, a service of its own, logs, profiles, a description; nothing is left over."""
    (rule,) = facts(
        "security-policy",
        " default action deny",
        ' rule name "CHG 0001"',
        "  description for x",
        "  disable",
        "  policy logging",
        "  session logging",
        "  source-zone trust dmz",
        "  destination-zone untrust",
        "  source-address address-set a b",
        "  source-address 10.1.9.0 mask 255.255.255.0",
        "  destination-address range 192.0.2.1 192.0.2.9",
        "  service http",
        "  service protocol tcp destination-port 9000",
        "  time-range work",
        "  long-link enable",
        "  profile av default",
        "  action permit",
    ).rules
    assert (rule.name, rule.id, rule.action, rule.enabled, rule.unread) == (
        *("CHG 0001", "CHG 0001", "permit"),
        *(False, ()),
    )
    assert (rule.source_zones, rule.destination_zones) == (("trust", "dmz"), ("untrust",))
    assert (rule.source.books, rule.source.literals) == (("a", "b"), ("10.1.9.0/24",))
    assert (rule.destination.books, rule.destination.literals) == ((), ("192.0.2.1-192.0.2.9",))
    assert rule.services == ("http", "protocol tcp destination-port 9000")
    assert (rule.schedules, rule.logs, rule.description) == (("work",), ("deny", "end"), "for x")
    assert rule.profiles == (("av", "default"), ("long-link", "enable"))


@pytest.mark.parametrize(
    "line",
    [
        "application app WeChat",
        "user username x",
        "source-address domain-set x",
        "source-address-exclude 10.1.1.1 32",
        "destination-address 10.1.1.1",
        "service protocol tcp destination-port www",
        "action permit-some",
        "time-range other",
        "parent-group x",
        "foo",
    ],
)
def test_a_line_that_nobody_understands_makes_its_rule_undecidable(line: str) -> None:
    """It is kept word by word, so that a proof can name it."""
    said = ("source-zone trust", "time-range x", line, *(() if "action" in line else ("action permit",)))
    (rule,) = facts("security-policy", " rule name r", *(f"  {one}" for one in said)).rules
    assert any(line in one for one in rule.unread)


def test_a_rule_without_an_action_and_a_line_beside_the_rules_are_undecidable() -> None:
    """Neither can be taken for a permit or a deny, nor be passed over."""
    found = facts("security-policy", " foo bar", " rule name r", "  source-zone trust")
    assert [bool(rule.unread) for rule in found.rules] == [True, True]


def test_translations() -> None:
    """Servers with and without ports, one way or both; sources to a pool, an interface or as they are."""
    found = facts(
        "nat server a 0 zone untrust protocol tcp global 203.0.113.10 443 inside 10.1.1.10 8443 no-reverse",
        "nat server b protocol tcp global 203.0.113.11 www inside 10.1.1.11",
        "nat server c global 203.0.113.12 inside 10.1.1.12 no-reverse unr-route",
        "nat server d protocol udp global 203.0.113.13 1000 1010 inside 10.1.1.13 2000 2010",
        "nat server e protocol udp global 203.0.113.14 1000 1010 inside 10.1.1.13 2000",
        "nat server f global 203.0.113.15 203.0.113.16 inside 10.1.1.15 10.1.1.16",
        "nat address-group pool 0",
        " mode pat",
        " section 0 203.0.113.20 203.0.113.29",
        "nat-policy",
        " rule name keep",
        "  action no-nat",
        " rule name hide",
        "  source-zone trust",
        "  source-address 10.1.1.0 mask 24",
        "  action source-nat address-group pool",
        " rule name out",
        "  action source-nat easy-ip",
        " rule name odd",
        "  egress-interface GE1/0/1",
        "  action destination-nat static",
    )
    tcp, udp = (ServiceEntry(n, 443, 443) for n in (6, 17))
    assert udp.protocol == 17
    assert found.servers[:4] == (
        PublishedServer("a", "203.0.113.10", "10.1.1.10", tcp, 8443, "untrust"),
        PublishedServer("b", "203.0.113.11", "10.1.1.11", ServiceEntry(6, 80, 80), 80, one_way=False),
        PublishedServer("c", "203.0.113.12", "10.1.1.12", rest="unr-route"),
        PublishedServer("d", "203.0.113.13", "10.1.1.13", ServiceEntry(17, 1000, 1010), 2000, one_way=False),
    )
    assert [(one.address, bool(one.unread)) for one in found.servers[4:]] == [
        ("203.0.113.14", True),
        ("", True),
    ]
    keep, hide, out, odd = found.translations
    assert (keep.keeps, hide.to, out.to) == (True, ("203.0.113.20-203.0.113.29",), ())
    assert (hide.pool, {name: one.members for name, one in (found.pools or {}).items()}) == (
        "pool",
        {"pool": hide.to},
    )
    assert [bool(one.match.unread) for one in (keep, hide, out, odd)] == [False, False, False, True]


def test_virtual_systems_are_kept_apart() -> None:
    """Each has its own part of the root's export; one that is not there, or lost its end, is an error."""
    system = "#\nswitch vsys a\n#\nsecurity-policy\n rule name r\n  action deny\n#\n"
    text = f"{HEAD}vsys name a 1\n#\nreturn\n{system}"
    whole = f"{text}return\n"
    assert (firewall_facts(whole).rules, firewall_facts(whole, "a").rules[0].name) == ((), "r")
    for wrong, vsys in ((whole, "b"), (text, "a"), (text, ""), (whole.replace("return\n", "", 1), "")):
        with pytest.raises(SourceError):
            firewall_facts(wrong, vsys)


def test_what_a_pager_leaves_in_the_text_is_taken_out() -> None:
    """Page marks with their erasing are no part of the line that follows."""
    mark = "  ---- More ----\x1b[42D" + " " * 42 + "\x1b[42D"
    found = facts("security-policy", f"{mark} rule name r", f"{mark}  action permit")
    assert [(rule.name, rule.action) for rule in found.rules] == [("r", "permit")]


def test_lines_outside_the_rule_base_are_harmless_or_named() -> None:
    """What is no known noise is named; rules under another heading are refused."""
    found = facts(
        "interface GE1/0/1", " ip address 10.1.1.1 24", "#", "firewall packet-filter default permit all"
    )
    assert found.unread == ("firewall packet-filter default permit all",)
    assert facts("traffic-policy", " rule name x", "  action qos profile y").unread == ()
    with pytest.raises(SourceError, match="look like rules"):
        facts("securty-policy", " rule name x", "  action permit")


LINES = (
    *("security-policy", " rule name r", "  action permit", "ip address-set x type object", "return", "#"),
    *(
        " address 0 10.1.1.1 0",
        "switch vsys a",
        "nat server",
        "nat server x",
        "time-range",
        '"',
        " time-range t",
    ),
    *(
        "  period-range 1 to 2 3",
        "nat-policy",
        "nat address-group p",
        " section",
        "<FW>",
        "vsys name a",
        "\x1b[1",
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25), st.text(max_size=20))
def test_shuffled_lines_never_end_in_a_traceback(lines: list[str], noise: str) -> None:
    """Lines in any order, with anything between, are read or refused."""
    with contextlib.suppress(SourceError):
        firewall_facts("\n".join([*lines, noise, *lines[::-1], "return"]))
