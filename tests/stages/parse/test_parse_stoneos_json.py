"""StoneOS REST exports -> facts."""

from typing import Any

import pytest
from stoneos_printer import documents

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, Selector, ServiceEntry
from nornir_itsm.model.order import Period
from nornir_itsm.stages.parse.stoneos_json import firewall_facts

RULE = {
    "id": "21",
    "seqno": "3",
    "name": {"name": "R"},
    "src_zone": [{"name": "trust"}],
    "dst_zone": [{"name": "untrust"}],
    "src_addr": [{"member": "Any", "type": "0"}],
    "dst_subnet": [{"ip": "192.0.2.1", "netmask": "32"}],
    "service": [{"member": "HTTP", "type": "0"}],
    "action": "2",
    "enable": "3",
    "log_deny": "0",
    "log_start": "1",
    "log_end": "1",
    "family": "2",
    "hit_count": "1024",
}


def _rules(*rules: Any) -> FirewallFacts:
    return firewall_facts({"policy": {"success": True, "total": str(len(rules)), "result": list(rules)}})


def _books(**book: Any) -> FirewallFacts:
    return firewall_facts({"policy": [], "addrbook": {"result": [{"name": "B", **book}]}})


def _service(**service: Any) -> tuple[ServiceEntry, ...]:
    found = firewall_facts({"policy": [], "servicebook": {"result": [{"name": "S", "type": "0", **service}]}})
    return found.services["S"].entries


def test_the_sample_snapshot_is_read_whole() -> None:
    """As many rules, books, services, groups and schedules as the export has, beside predefined ones."""
    facts = firewall_facts(documents("firewall_edge"))
    assert [rule.id for rule in facts.rules][:4] == ["3", "7", "11", "21"]
    assert len(facts.rules) == 22
    assert set(facts.addresses) >= {"IPv6-any", "private_network", "Any", "All-IPv6"}
    assert len(facts.addresses) == 25 + 2
    assert (len(facts.services), len(facts.groups), len(facts.schedules)) == (41, 5, 4)
    assert not any(rule.unread for rule in facts.rules)
    assert [rule.name for rule in facts.rules if rule.enabled is None] == ["示例期货公司E-临时"]
    assert [book.name for book in facts.addresses.values() if not book.complete] == ["*.example.net"]
    assert [rule.name for rule in facts.rules if rule.action == "deny"] == ["示例封禁", "Default-Deny"]


def test_a_rule_says_all_its_keys() -> None:
    """Mixed address forms, profiles, schedules and logs have their place in the facts."""
    (rule,) = _rules(
        RULE
        | {"src_range": {"min": "10.0.0.1", "max": "10.0.0.9"}, "dst_host": [{"host": "WWW.Example.com"}]}
        | {"idp": {"name": "predef_default"}, "av": {"name": "predef_high"}, "schedname": {"name": "W"}}
        | {"description": {"content": "text"}}
    ).rules
    assert (rule.id, rule.name, rule.action, rule.enabled, rule.hits) == ("21", "R", "permit", True, 1024)
    assert rule.source == Selector(("Any",), ("10.0.0.1-10.0.0.9",))
    assert rule.destination == Selector((), ("192.0.2.1/32", "www.example.com"))
    assert (rule.services, rule.schedules, rule.logs) == (("HTTP",), ("W",), ("end", "start"))
    assert (rule.source_zones, rule.destination_zones) == (("trust",), ("untrust",))
    assert rule.profiles == (("av", "predef_high"), ("ips", "predef_default"))
    assert (rule.description, rule.unread) == ("text", ())


def test_rules_are_in_the_order_of_seqno() -> None:
    """The position is a number in text; ids say nothing of it."""
    rules = [RULE | {"id": str(n), "seqno": str(place)} for n, place in ((1, 10), (2, 9), (3, 100))]
    assert [rule.id for rule in _rules(*rules).rules] == ["2", "1", "3"]


@pytest.mark.parametrize(
    ("change", "unread"),
    [
        ({"action": "3"}, "action=3"),
        ({"application": [{"name": "QQ"}]}, "application=[{'name': 'QQ'}]"),
        ({"src_wildcard": "10.0.0.1/255.0.0.255"}, "src_wildcard=10.0.0.1/255.0.0.255"),
        ({"user": [{"name": "u"}]}, "user=[{'name': 'u'}]"),
        ({"service_row": [{"protocol": "6"}]}, "service_row=[{'protocol': '6'}]"),
        ({"family": "10"}, "family=10"),
        ({"dst_subnet": [{"ip": "192.0.2.300", "netmask": "32"}]}, "dst_subnet 192.0.2.300/32"),
        ({"src_range": [{"min": "10.0.0.9", "max": "10.0.0.1"}]}, "src_range 10.0.0.9-10.0.0.1"),
        ({"src_range": {"min": "a", "max": "b.example"}}, "src_range a-b.example"),
        ({"dst_subnet": [{"ip": "www.example.com"}]}, "dst_subnet www.example.com/"),
        ({"src_addr": [{"member": "x", "type": "7"}]}, "src_addr x of type 7"),
        ({"service": []}, "no service"),
        ({"dst_subnet": []}, "no destination"),
    ],
)
def test_what_is_not_understood_makes_its_rule_undecidable(change: dict[str, Any], unread: str) -> None:
    """Unknown keys and codes are kept with the rule."""
    assert unread in _rules(RULE | change).rules[0].unread


@pytest.mark.parametrize("empty", ["", [], {}, None, False, "0", 0])
def test_an_unknown_key_that_says_nothing_is_nothing(empty: object) -> None:
    """Empty values and a flag of 0 are how consoles write "not set"."""
    assert _rules(RULE | {"application": empty}).rules[0].unread == ()


@pytest.mark.parametrize("code", ["1", "2", "0", "", None])
def test_an_enable_code_that_nobody_explained_is_no_answer(code: str | None) -> None:
    """Only 3 is known to mean enabled."""
    assert _rules(RULE | {"enable": code}).rules[0].enabled is None


@pytest.mark.parametrize(
    ("member", "read"),
    [
        ("10.0.0.1/32", ("10.0.0.1/32",)),
        ("10.0.0.1", ("10.0.0.1/32",)),
        ("10.0.0.7/24", ("10.0.0.0/24",)),
        ("2001:db8::/32", ("2001:db8::/32",)),
        ("10.0.0.1-10.0.0.9", ("10.0.0.1-10.0.0.9",)),
        ("*.Example.COM", ("*.example.com",)),
        ("my-host.example.com.", ("my-host.example.com",)),
        ("123.example.com", ("123.example.com",)),
        ("longname.example.ne~", ()),
        ("...", ()),
        ("10.0.0.300", ()),
        ("10.0.0.9-10.0.0.1", ()),
        ("a b", ()),
        ("fe80::1%eth0", ()),
        ("www.*.com", ()),
    ],
)
def test_members_of_an_address_book(member: str, read: tuple[str, ...]) -> None:
    """A member that was cut off or cannot be read is dropped, and the book says so."""
    book = _books(member=["172.16.0.0/12", member]).addresses["B"]
    assert set(book.members) == {"172.16.0.0/12", *read}
    assert book.complete is bool(read)


def test_books_in_the_newer_shape_and_nested_ones() -> None:
    """``ip``, ``range``, ``host`` and ``entry`` say the same as ``member``."""
    ip = [{"ip_addr": "10.1.1.0", "netmask": 24, "flag": 0}]
    spans, hosts = {"min": "10.1.2.1", "max": "10.1.2.2"}, [{"host": "www.example.com"}]
    book = _books(type=0, ip=ip, range=spans, host=hosts, entry=[{"name": "Any"}], is_ipv6=0).addresses["B"]
    assert set(book.members) == {"10.1.1.0/24", "10.1.2.1-10.1.2.2", "www.example.com", "0.0.0.0/0"}
    assert book.complete


@pytest.mark.parametrize(
    "book", [{}, {"member": []}, {"member": ["10.0.0.1/32"], "country": [{"name": "CN"}]}]
)
def test_a_book_that_may_hold_something_else_is_incomplete(book: dict[str, Any]) -> None:
    """No member key, no members, or a key that is not understood: no member is certain."""
    found = _books(**book).addresses["B"]
    assert (found.members, found.complete) == ((), False)


@pytest.mark.parametrize(
    ("content", "entries"),
    [
        ({"other_protocol": [{"protocol": "50"}]}, (ServiceEntry(50),)),
        ({"other_protocol": {"protocol": "0"}}, (ServiceEntry(None),)),
        ({"icmp": [{"icmpname": "any", "code_min": "0", "code_max": "15"}]}, (ServiceEntry(1),)),
        ({"icmp": [{"icmpname": "8", "code_min": "0", "code_max": "0"}]}, (ServiceEntry(1, 2048, 2048),)),
        ({"icmp": [{"icmpname": "echo", "code_min": "0", "code_max": "0"}]}, ()),
        ({"row": [{"protocol": "6", "dp_low": "90", "dp_high": "80"}]}, ()),
        ({"row": [{"protocol": "6", "dp_low": "80", "dp_high": "80"}], "sctp": [{"x": "1"}]}, ()),
        ({}, ()),
    ],
)
def test_content_of_a_service(content: dict[str, Any], entries: tuple[ServiceEntry, ...]) -> None:
    """A service that cannot be read in full has no entries."""
    assert _service(**content) == entries


def test_the_predefined_any_needs_no_content() -> None:
    """One of the sample exports has Any without rows."""
    facts = firewall_facts({"policy": [], "servicebook": {"result": [{"name": "Any", "type": "2"}]}})
    assert facts.services["Any"].entries == (ServiceEntry(None),)


def test_a_schedule_that_runs_past_midnight() -> None:
    """23:59 is midnight, and an end before the start is on the next day."""
    days = ["monday", "friday"]
    periodic = [
        {"days": days, "start": "07:00", "end": "23:59"},
        {"days": days, "start": "22:00", "end": "03:30"},
    ]
    facts = firewall_facts({"policy": [], "schedule": {"result": {"name": "S", "periodic": periodic}}})
    assert facts.schedules["S"].complete
    assert facts.schedules["S"].periods == (
        Period(("mon", "fri"), "07:00", "24:00"),
        Period(("tue", "sat"), "00:00", "03:30"),
    )


def test_a_schedule_with_dates_is_incomplete() -> None:
    """Absolute bounds are no weekly periods."""
    assert not firewall_facts(documents("firewall_testnet")).schedules["开放至某日"].complete


def test_a_group_that_lacks_members_is_empty() -> None:
    """A list shorter than its own count was cut off: half a group is worse than none."""
    group = {"name": "G", "member_count": "2", "service": [{"name": "HTTP", "flag": "0"}]}
    assert firewall_facts({"policy": [], "servicegroup": {"result": [group]}}).groups["G"].members == ()


@pytest.mark.parametrize(
    ("policy", "where", "problem"),
    [
        ({"success": False, "exception": {"message": "no login"}}, "policy", "no login"),
        ({"success": True}, "policy", "no result"),
        ({"result": "x"}, "policy", "text where a list belongs"),
        ({"result": [RULE, "x"]}, r"policy\[1\]", "text where an object belongs"),
        ({"result": [RULE | {"name": "x"}]}, r"policy\[0\] x", "name is text, not an object"),
        ({"result": [RULE | {"name": {"name": "a\nb"}}]}, r"policy\[0\] ab", "control character"),
        ({"result": [RULE | {"src_addr": "x"}]}, r"policy\[0\] R", "src_addr is text, not a list"),
        ({"result": [RULE | {"service": [{"member": ["x"]}]}]}, r"policy\[0\] R", "member is a list"),
        ({"result": [RULE | {"service": [{}]}]}, r"policy\[0\] R", "no member"),
        ({"result": [RULE | {"seqno": "x"}]}, r"policy\[0\] R", "seqno is 'x', not a number"),
        ({"result": [RULE, RULE | {"id": "9"}]}, r"policy\[1\] R", "same seqno"),
        ({"result": [RULE, RULE | {"seqno": "9"}]}, r"policy\[1\] R", "same seqno or id"),
        ({"result": [RULE, RULE | {"seqno": ""}]}, "policy", "some have none"),
        (7, "policy", "a number where a list belongs"),
    ],
)
def test_what_is_no_export_is_refused_by_its_record(policy: Any, where: str, problem: str) -> None:
    """The error names the document, the record and what is wrong with it."""
    with pytest.raises(SourceError, match=f"^{where}.*{problem}"):
        firewall_facts({"policy": policy})


def test_overlapping_pages_are_refused() -> None:
    """Two objects of one name that differ cannot both be the device's."""
    books = [{"name": "B", "member": ["10.0.0.1/32"]}, {"name": "B", "member": ["10.0.0.2/32"]}]
    with pytest.raises(SourceError, match="same name"):
        firewall_facts({"policy": [], "addrbook": {"result": books}})
    assert firewall_facts({"policy": [], "addrbook": {"result": books[:1] * 2}}).addresses["B"].complete
