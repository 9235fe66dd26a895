"""What a SecPath firewall prints -> facts: every form of a line, and lines that nobody understands."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.order import Period
from nornir_itsm.stages.parse.comware_firewall import firewall_facts

HEAD = "<FW-A>display current-configuration\n#\n version 7.1.064, Release 9660P31\n#\n sysname FW-A\n#\n"


def facts(*lines: str) -> FirewallFacts:
    return firewall_facts(HEAD + "\n".join(lines) + "\n#\nreturn\n<FW-A>\n")


def rule(*lines: str) -> SecurityPolicy:
    (found,) = facts("security-policy ip", " rule 3 name x", *(f"  {line}" for line in lines)).rules
    return found


@pytest.mark.parametrize(
    ("line", "members"),
    [
        ("0 network subnet 10.1.1.0 255.255.255.0", ("10.1.1.0/24",)),
        ("0 network subnet 10.1.1.0 24", ("10.1.1.0/24",)),
        ("10 network range 10.1.2.10 10.1.2.20", ("10.1.2.10-10.1.2.20",)),
        ("20 network host address 10.1.1.5", ("10.1.1.5/32",)),
        ("30 network host name www.example.com", ("www.example.com",)),
    ],
)
def test_members_of_an_address_group(line: str, members: tuple[str, ...]) -> None:
    """Subnets with mask or length, ranges, hosts and names."""
    book = facts(
        "object-group ip address x", " description 示例", f" {line}", " 20 description it"
    ).addresses["x"]
    assert (book.members, book.complete) == (members, True)


@pytest.mark.parametrize(
    "line",
    [
        "0 network subnet 0.0.0.0 wildcard 255.255.255.0",
        "0 network range 10.1.2.20 10.1.2.10",
        "0 network host address 10.1.1.300",
        "0 network user group",
        "security-zone Untrust",
        "0 network exclude 10.1.1.1",
        "0 network group-object missing",
    ],
)
def test_a_member_that_nobody_reads_leaves_its_group_undecidable(line: str) -> None:
    """Wildcards, what is no address, and groups that are not there."""
    assert (
        not facts("object-group ip address x", " 5 network host address 10.9.9.9", f" {line}")
        .addresses["x"]
        .complete
    )


def test_groups_of_groups_and_services() -> None:
    """Names with blanks are quoted; a service of ports and of groups at once is undecidable."""
    found = facts(
        'object-group ip address "web servers"',
        " 0 network host address 10.1.1.1",
        "#",
        "object-group ip address all",
        ' 0 network group-object "web servers"',
        " 10 network host address 10.1.1.2",
        "#",
        "object-group service one",
        " 0 service udp source range 1000 2000 destination eq 53",
        " 10 service tcp destination gt 1023",
        " 20 service tcp destination lt 10",
        " 30 service icmp 8 0",
        " 40 service 47",
        "#",
        "object-group service some",
        " 0 service group-object one",
        "#",
        "object-group service mixed",
        " 0 service group-object one",
        " 10 service tcp",
    )
    assert set(found.addresses["all"].members) == {"10.1.1.1/32", "10.1.1.2/32"}
    assert set(found.services["one"].entries) == {
        ServiceEntry(17, 53, 53, 1000, 2000),
        ServiceEntry(6, 1024, 65535),
        ServiceEntry(6, 0, 9),
        ServiceEntry(1, 8 << 8, 8 << 8),
        ServiceEntry(47),
    }
    assert found.groups["some"].members == ("one",)
    assert found.services["mixed"].entries == ()


@pytest.mark.parametrize(
    ("said", "periods"),
    [
        (["08:00 to 18:00 working-day"], [("mon tue wed thu fri", "08:00", "18:00")]),
        (["8:00 to 24:00 Sat Sun"], [("sat sun", "08:00", "24:00")]),
        (
            ["20:00 to 24:00 Fri", "00:00 to 03:00 off-day"],
            [("fri", "20:00", "24:00"), ("sat sun", "00:00", "03:00")],
        ),
        (["from 08:00 1/1/2026 to 18:00 6/30/2026"], None),
        (["08:00 to 18:00 daily", "from 08:00 1/1/2026"], None),
        (["18:00 to 08:00 daily"], None),
    ],
)
def test_time_ranges(said: list[str], periods: list[tuple[str, str, str]] | None) -> None:
    """Weekly statements add up; dates leave a time range undecidable."""
    book = facts(*(f" time-range x {one}" for one in said)).schedules["x"]
    wanted = tuple(Period(tuple(days.split()), *ends) for days, *ends in periods or ())
    assert (book.periods if book.complete else None) == (None if periods is None else wanted)


def test_a_rule_that_says_everything() -> None:
    """Conditions, zones, a service of its own, logs, counting, a profile; nothing is left over."""
    found = rule(
        *("description for x", "disable", "action pass", "time-range work", "profile p1"),
        *("logging enable", "counting enable", "source-zone Trust", "source-zone DMZ"),
        *("destination-zone any", "source-ip web", "source-ip-host 10.1.1.1"),
        *("destination-ip-subnet 10.2.0.0 255.255.0.0", "destination-ip-range 10.3.0.1 10.3.0.9"),
        *("service https", "service-port tcp destination eq 9000", "session aging-time 60"),
    )
    assert found == SecurityPolicy(
        "x",
        "permit",
        Selector(("web",), ("10.1.1.1/32",)),
        Selector((), ("10.2.0.0/16", "10.3.0.1-10.3.0.9")),
        ("https", "service-port tcp destination eq 9000"),
        ("Trust", "DMZ"),
        (),
        ("work",),
        enabled=False,
        logs=("deny",),
        profiles=(("counting", "enable"), ("profile", "p1"), ("session aging-time", "60")),
        description="for x",
    )
    assert found.id == "3"


def test_a_rule_that_says_nothing_drops_every_address_of_ipv4() -> None:
    """The default action is drop; a side without a condition is any."""
    assert rule() == SecurityPolicy("x", "deny", Selector(("Any",)), Selector(("Any",)), ("Any",))
    assert facts().addresses["Any"].members == ("0.0.0.0/0",)


@pytest.mark.parametrize(
    "line",
    [
        *("application WeChat", "user-group staff", "vrf A", "track negative 1", "url-category x"),
        *(
            "source-location CN",
            "source-mac m",
            "action permit",
            "service-port sctp",
            "counting enable period 5",
        ),
        *("source-ip-host 10.1.1.300", "disable x", "app-group x", "action"),
    ],
)
def test_a_word_in_a_rule_that_nobody_understands_makes_it_undecidable(line: str) -> None:
    """Never read as if it were not there."""
    assert rule(line).unread != ()


def test_ipv6_rules_are_undecidable_for_ipv6_alone() -> None:
    """They have a tree of their own, which nobody here reads."""
    found = facts("security-policy ipv6", " rule 0 name six", "  action pass")
    (six,) = found.rules
    assert six.unread == ("security-policy ipv6 rule 0 name six",)
    assert found.addresses[six.source.books[0]].members == ("::/0",)


def test_what_else_touches_packets_is_named() -> None:
    """Translations, filters on interfaces, zone pairs; a policy that is switched off decides nothing."""
    found = facts(
        "interface GigabitEthernet1/0/1",
        " ip address 10.0.0.1 255.255.255.0",
        " nat outbound",
        " packet-filter 3000 inbound",
        "#",
        "nat global-policy",
        " rule name a",
        "#",
        "zone-pair security source Trust destination Untrust",
        "#",
        "security-zone intra-zone default permit",
        "#",
        "security-policy disable",
        "#",
        "security-zone name Trust",
        " import interface GigabitEthernet1/0/1",
    )
    assert not found.filters_within
    assert {"nat outbound", "packet-filter 3000 inbound", "nat global-policy", "rule name a"} <= {
        *found.unread
    }
    assert any("zone-pair" in line for line in found.unread)
    assert not any("ip address" in line or "import" in line for line in found.unread)
    assert found.rules[0].unread == ("security-policy disable",)


@pytest.mark.parametrize("cut", ["", "#\nsecurity-policy ip\n rule 3 name x", "#\nreturn\nrule 3 name x"])
def test_a_text_that_was_cut_off_is_refused(cut: str) -> None:
    """Without its last line nobody knows what else is there."""
    with pytest.raises(SourceError, match="cut off"):
        firewall_facts(cut)


def test_pagers_prompts_and_log_messages_of_a_terminal_are_left_out() -> None:
    """A capture of a session says the same as the clean text."""
    log = "%Nov 22 16:00:00:123 2026 FW-A SHELL/6/SHELL_LOGIN: admin logged in from 10.0.0.5."
    noisy = facts(
        "security-policy ip", "---- More ----\r              \r rule 3 name x", log, "  action pass"
    )
    assert noisy == facts("security-policy ip", " rule 3 name x", "  action pass")
    assert noisy.unread == ()


def test_names_that_differ_in_case_only_are_one() -> None:
    """A text with both is no configuration of a device."""
    with pytest.raises(SourceError, match="twice"):
        facts("object-group ip address A", "#", "object-group ip address a")


LINES = [
    "security-policy ip",
    " rule 3 name x",
    " rule 4 name x",
    "  action pass",
    "  source-ip y",
    "object-group ip address y",
    " 0 network host address 10.0.0.1",
    "#",
    "time-range t 08:00 to 09:00 daily",
    "return",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=12))
def test_shuffled_lines_never_end_in_a_traceback(lines: list[str]) -> None:
    """Facts, or an error that says where."""
    with contextlib.suppress(SourceError):
        assert isinstance(firewall_facts("\n".join([*lines, "return"])), FirewallFacts)
