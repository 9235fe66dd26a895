"""``show configuration`` -> facts: what the text says, and that no line of it is lost on the way."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from stoneos_printer import TEMPLATE, documents, printed

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, Selector, ServiceEntry
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.stages.parse.stoneos_text import firewall_facts, unparsed

RULE = """rule id 5
  action permit
  log session-start
  src-zone "trust"
  src-addr "Any"
  dst-ip 192.0.2.1/32
  service "HTTP"
  name "R"
exit
"""
TRANSLATION = 'snatrule id 10 from "web" to any trans-to eif-ip mode dynamicport'
"""Stands in a virtual router."""
WHOLE = f"""Building configuration..
Running configuration:
!
Version 5.5R4

hostname "FW-A"
ip vrouter "trust-vr"
  {TRANSLATION}
exit
address "web"
exit
service "S"
  tcp dst-port 8080 8090
  udp dst-port 53 src-port 1024 65535
exit
servgroup "G"
  service "S"
  service "HTTP"
exit
schedule "W"
  periodic weekdays 08:00 to 18:00
exit
address "web"
  ip 10.1.1.0/24
  range 10.1.2.10 10.1.2.20
  host "www.example.com"
exit
{RULE}rule id 6
  action deny
  disable
  log policy-deny
  src-range 198.51.100.1 198.51.100.9
  src-addr "web"
  dst-host "www.example.com"
  dst-zone "untrust"
  service "G"
  schedule "W"
  av "predef_high"
  ips "predef_default"
  description "text"
  name "two  words"
exit
End
"""


def _facts(text: str) -> FirewallFacts:
    return firewall_facts(text, TEMPLATE)


def _book(*lines: str) -> str:
    return "\n".join(['address "B"', *(f"  {line}" for line in lines), "exit", "End"])


def test_a_rule_says_all_its_lines() -> None:
    """Every kind of line of a rule has its place in the facts."""
    rule = _facts(WHOLE).rules[1]
    assert (rule.id, rule.name, rule.action, rule.enabled) == ("6", "two  words", "deny", False)
    assert rule.source == Selector(("web",), ("198.51.100.1-198.51.100.9",))
    assert rule.destination == Selector((), ("www.example.com",))
    assert (rule.source_zones, rule.destination_zones) == ((), ("untrust",))
    assert (rule.services, rule.schedules, rule.logs) == (("G",), ("W",), ("deny",))
    assert rule.profiles == (("av", "predef_high"), ("ips", "predef_default"))
    assert (rule.description, rule.unread, rule.hits) == ("text", (), None)


def test_objects_say_all_their_lines() -> None:
    """Early empty declarations and later bodies are one object; what is predefined comes from the table."""
    facts = _facts(WHOLE)
    assert facts.addresses["web"].members == ("10.1.1.0/24", "10.1.2.10-10.1.2.20", "www.example.com")
    assert facts.services["S"].entries == (ServiceEntry(6, 8080, 8090), ServiceEntry(17, 53, 53, 1024, 65535))
    assert facts.groups["G"].members == ("S", "HTTP")
    assert facts.schedules["W"].periods == (Period(("mon", "tue", "wed", "thu", "fri"), "08:00", "18:00"),)
    assert facts.services["Any"].entries == (ServiceEntry(None),)
    assert facts.addresses["Any"].predefined


@pytest.mark.parametrize(
    ("lines", "members", "complete"),
    [
        (("ip 10.1.1.7 255.255.255.0",), ("10.1.1.0/24",), True),
        (("ip 10.1.1.7",), ("10.1.1.7/32",), True),
        (("ip 2001:db8::1/128",), ("2001:db8::1/128",), True),
        (('ip 10.1.1.7/32 description "ours"',), ("10.1.1.7/32",), True),
        (('host "WWW.Example.COM"',), ("www.example.com",), True),
        (('host "*.example.com"', "ip 10.0.0.0/8"), ("10.0.0.0/8", "*.example.com"), True),
        (('description "text"', "ip 10.0.0.0/8"), ("10.0.0.0/8",), True),
        (("range 10.0.0.9 10.0.0.1", "ip 10.0.0.0/8"), ("10.0.0.0/8",), False),
        (("ip 10.0.0.0/8", "exclude ip 10.1.0.0/16"), (), False),
        (("ip 10.0.0.0/8", "wildcard 10.0.0.1 255.0.0.255"), (), False),
        (("ip 10.0.0.0/8", "country CN"), (), False),
        (("ip 300.0.0.0/8",), (), False),
        (("ip www.example.com",), (), False),
        (("ip 10.0.0.0 0.0.0.255",), (), False),
        (("range a b.example",), (), False),
        ((), (), False),
    ],
)
def test_members_of_an_address_book(lines: tuple[str, ...], members: tuple[str, ...], complete: bool) -> None:
    """Members are normalised; one that cannot be read or may exclude others makes the book incomplete."""
    book = _facts(_book(*lines)).addresses["B"]
    assert (book.members, book.complete) == (members, complete)


def test_nested_books_are_resolved() -> None:
    """A member book's content counts as its own, over any depth, in any order, also in a circle."""
    text = 'address "A"\n  member "B"\n  ip 10.0.0.1/32\nexit\naddress "B"\n  member "C"\nexit\n'
    text += 'address "C"\n  ip 10.0.0.3/32\n  member "A"\nexit\naddress "D"\n  member "Any"\nexit\nEnd\n'
    books = _facts(text).addresses
    assert set(books["A"].members) == set(books["B"].members) == {"10.0.0.1/32", "10.0.0.3/32"}
    assert books["A"].complete
    assert books["B"].complete
    assert books["D"].members == ("0.0.0.0/0",)


@pytest.mark.parametrize("child", ['member "nobody"', 'member "empty"', 'member "strange"', 'member "a"b"'])
def test_a_nested_book_that_is_not_known_makes_its_parent_incomplete(child: str) -> None:
    """What a book takes from elsewhere must be known in full."""
    text = 'address "empty"\nexit\naddress "strange"\n  mac 0\n  ip 10.0.0.1/32\nexit\n'
    assert not _facts(text + _book("ip 10.0.0.2/32", child)).addresses["B"].complete


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("tcp dst-port 80", ServiceEntry(6, 80, 80)),
        ("tcp dst-port 80 timeout 1800", ServiceEntry(6, 80, 80)),
        ("tcp dst-port 80 90 src-port 5 timeout-day 3", ServiceEntry(6, 80, 90, 5, 5)),
        ("icmp type 8 code 0", ServiceEntry(1, 2048, 2048)),
        ("icmp type 8", ServiceEntry(1, 2048, 2303)),
        ("icmp type 3 code 0 5", ServiceEntry(1, 768, 773)),
        ("icmp type any", ServiceEntry(1)),
        ("icmpv6 type 128 code 0", ServiceEntry(58, 32768, 32768)),
        ("protocol 47", ServiceEntry(47)),
        ("protocol 0", ServiceEntry(None)),
        ("tcp dst-port 90 80", None),
        ("tcp dst-port 70000", None),
        ("protocol 256", None),
        ("icmp type 300", None),
        ("tcp dst-port http", None),
        ("sctp dst-port 5", None),
    ],
)
def test_lines_of_a_service(line: str, entry: ServiceEntry | None) -> None:
    """A line that cannot be read leaves its service without entries: half a service is never reused."""
    text = f'service "S"\n  udp dst-port 9\n  {line}\nexit\nEnd\n'
    entries = _facts(text).services["S"].entries
    assert set(entries) == ({entry, ServiceEntry(17, 9, 9)} if entry else set())


@pytest.mark.parametrize(
    ("line", "periods"),
    [
        ("daily 00:00 to 23:59", [("mon tue wed thu fri sat sun", "00:00", "24:00")]),
        ("weekend 08:00 to 20:00", [("sat sun", "08:00", "20:00")]),
        ("monday wednesday 20:00 to 22:00", [("mon wed", "20:00", "22:00")]),
        ("monday 22:00 to tuesday 06:00", [("mon", "22:00", "24:00"), ("tue", "00:00", "06:00")]),
        (
            "saturday 22:00 to monday 06:00",
            [("mon", "00:00", "06:00"), ("sat", "22:00", "24:00"), ("sun", "00:00", "24:00")],
        ),
        ("friday 08:00 to friday 09:00", [("fri", "08:00", "09:00")]),
        ("daily 21:00 to 06:00", [(" ".join(DAYS), "00:00", "06:00"), (" ".join(DAYS), "21:00", "24:00")]),
        (
            "weekdays 08:00 to 03:00",
            [("mon tue wed thu fri", "08:00", "24:00"), ("tue wed thu fri sat", "00:00", "03:00")],
        ),
    ],
)
def test_periods_of_a_schedule(line: str, periods: list[tuple[str, str, str]]) -> None:
    """Every weekly form becomes periods within one day; 次日 runs into the next day."""
    schedule = _facts(f'schedule "S"\n  periodic {line}\nexit\nEnd\n').schedules["S"]
    assert schedule.complete
    assert schedule.periods == tuple(Period(tuple(days.split()), a, b) for days, a, b in periods)


@pytest.mark.parametrize(
    "line",
    [
        "absolute start 06/01/2026 08:00 end 06/30/2026 18:00",
        "periodic day-in-month 3,6,9 08:00 to 09:00",
        "periodic day-range 15 08:00 to 20 18:00",
        "periodic someday 08:00 to 09:00",
        "periodic monday 08:00 to 08:00",
        "periodic monday 25:00 to 26:00",
        "whatever",
    ],
)
def test_a_schedule_that_is_not_weekly_is_incomplete(line: str) -> None:
    """Dates, days of the month and nonsense make a schedule undecidable, whatever else it says."""
    text = f'schedule "S"\n  periodic daily 00:00 to 23:59\n  {line}\nexit\nEnd\n'
    assert not _facts(text).schedules["S"].complete


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("application HTTP", "application HTTP"),
        ("service-rule tcp dst-port 8080", "service-rule tcp dst-port 8080"),
        ("src-ip 300.1.1.1/32", "src-ip 300.1.1.1/32"),
        ("src-ip www.example.com", "src-ip www.example.com"),
        ("dst-range a b.example", "dst-range a b.example"),
        ('src-addr "a"b"', 'src-addr "a"b"'),
        ("action tunnel", "action more than once: tunnel"),
        ('name "again"', 'name more than once: "again"'),
        ("log everything", "log everything"),
        ("disable now", "disable now"),
        ("exit", None),
    ],
)
def test_a_line_that_is_not_understood_makes_its_rule_undecidable(line: str, unread: str | None) -> None:
    """The line is kept with its rule, and the rule stays in its place."""
    text = WHOLE.replace("  log session-start\n", f"  log session-start\n  {line}\n")
    rules = _facts(text).rules
    assert [rule.id for rule in rules] == ["5", "6"]
    assert any(line in kept for kept in rules[0].unread) if unread is None else unread in rules[0].unread
    assert rules[1].unread == ()


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("  action permit\n", "no action"),
        ('  src-addr "Any"\n', "no source"),
        ("  dst-ip 192.0.2.1/32\n", "no destination"),
        ('  service "HTTP"\n', "no service"),
    ],
)
def test_a_rule_without_a_side_is_undecidable(lost: str, said: str) -> None:
    """Releases differ in what a missing line means, so nobody guesses."""
    assert said in _facts(RULE.replace(lost, "") + "End").rules[0].unread


def test_older_and_wrapped_layouts_are_the_same() -> None:
    """Ids on objects, policy-global, unquoted words, CRLF, the pager and a prompt change nothing."""
    expected = _facts(WHOLE)
    start = WHOLE.index("rule id 5")
    rules = WHOLE[start:].removesuffix("End\n")
    indented = "".join(f"  {line}\n" for line in rules.splitlines())
    wrapped = f"{WHOLE[:start]}policy-global\n{indented}exit\nEnd\n"
    flat = f"{WHOLE[:start]}policy-global\n{rules}exit\nEnd\n"
    paged = WHOLE.replace(
        "  src-zone", " --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b  src-zone"
    )
    for text in (
        wrapped,
        flat,
        paged,
        WHOLE.replace('address "web"', 'address id 3 "web"'),
        WHOLE.replace('"trust"', "trust"),
        WHOLE.replace("\n", "\r\n").removesuffix("\r\n"),
        f"show configuration\n{WHOLE}FW-A# ",
        "\ufeff" + WHOLE,
    ):
        assert _facts(text) == expected
        assert unparsed(text) == ()


def test_any_is_a_reference_and_not_a_name() -> None:
    """Rules refer to Any in every spelling; a rule may be called so."""
    rule = _facts(
        RULE.replace('"Any"', "any").replace('"HTTP"', '"ANY"').replace('"R"', '"any"') + "End"
    ).rules[0]
    assert (rule.source.books, rule.services, rule.name) == (("Any",), ("Any",), "any")


def test_a_configuration_that_was_cut_off_is_refused() -> None:
    """Without its last line nobody knows which rules are missing."""
    with pytest.raises(SourceError, match="cut off"):
        _facts(WHOLE.removesuffix("End\n"))


def test_a_rule_id_that_is_there_twice_is_refused() -> None:
    """Two rules of one id mean that the text is not one configuration."""
    with pytest.raises(SourceError, match="rule id 5 is there twice"):
        _facts(RULE + RULE + "End\n")


def test_lines_outside_the_rule_base_are_reported() -> None:
    """What is known to be harmless is silent; all else is said, also a default; a translation is a fact."""
    text = WHOLE.replace("End\n", "policy-global\n  default-action permit\nexit\nfoo bar\n  baz\nexit\nEnd\n")
    assert unparsed(text) == ("default-action permit", "foo bar", "baz")
    assert [nat.name for nat in _facts(text).translations] == ["snatrule 10"]


def _mutants(change: Callable[[str], str]) -> list[tuple[str, str]]:
    lines = WHOLE.splitlines()
    return [
        (line, "\n".join([*lines[:at], *([new] if (new := change(line)) else []), *lines[at + 1 :], ""]))
        for at, line in enumerate(lines)
    ]


def _undecidable(facts: FirewallFacts) -> set[str]:
    """Name everything that the facts say they do not know."""
    found = {line for rule in facts.rules for line in rule.unread}
    found |= {f"book {book.name}" for book in facts.addresses.values() if not book.complete}
    found |= {f"service {service.name}" for service in facts.services.values() if not service.entries}
    found |= {f"group {group.name}" for group in facts.groups.values() if not group.members}
    return found | {f"schedule {s.name}" for s in facts.schedules.values() if not s.complete}


HARMLESS = ("!", "Version", "Building", "Running", "hostname", "ip vrouter", "exit")


@pytest.mark.parametrize(
    ("line", "text"),
    [(line, text) for line, text in _mutants(lambda line: line.replace(line.strip(), f"xq{line.strip()}"))],
)
def test_a_garbled_line_is_noticed(line: str, text: str) -> None:
    """No line can be damaged in silence: it is refused, reported, or makes its object undecidable."""
    try:
        said = {*_undecidable(_facts(text)), *unparsed(text)}
    except SourceError:
        return
    assert said or not line or "snatrule" in line, "nobody noticed"


@pytest.mark.parametrize(("line", "text"), _mutants(lambda line: ""))
def test_a_lost_line_changes_the_facts(line: str, text: str) -> None:
    """Every line of the rule base counts: without it the facts differ, or the text is refused."""
    try:
        same = _facts(text) == _facts(WHOLE)
    except SourceError:
        return
    declared_twice = line.startswith("address")
    harmless = not line or line.startswith(HARMLESS) or "snatrule" in line
    assert not same or harmless or declared_twice


def test_a_template_that_loses_lines_is_refused() -> None:
    """Whatever an operator does to the template, no line disappears: it is unread, or the text is refused."""
    expected = _facts(WHOLE)
    for line in TEMPLATE.splitlines():
        if "joinmatches" not in line:
            continue
        without = TEMPLATE.replace(line + "\n", "", 1)
        once = TEMPLATE.replace(line, line.replace(" | to_list | joinmatches", ""), 1)
        for template in (without, once):
            try:
                facts = firewall_facts(WHOLE, template)
            except SourceError:
                continue
            assert facts == expected or _undecidable(facts), line


def test_the_template_needs_its_last_line() -> None:
    """A template that does not catch what it does not know is refused where something is not known."""
    deaf = "\n".join(line for line in TEMPLATE.splitlines() if "unread" not in line)
    with pytest.raises(SourceError, match="loses lines of 'rule id 5'"):
        firewall_facts(WHOLE.replace("  log session-start", "  application HTTP"), deaf)


def test_a_new_line_of_the_template_stays_undecidable_until_it_is_called_harmless() -> None:
    """Naming a line is not understanding it; only ``harmless`` says that it cannot matter."""
    text = WHOLE.replace("  log session-start", "  colour red")
    known = '  colour {{{{ {} | re("REST") | to_list | joinmatches }}}}\n  action {{{{ action'
    for name, unread in (("colour", ("red",)), ("harmless", ())):
        template = TEMPLATE.replace("  action {{ action", known.format(name))
        assert firewall_facts(text, template).rules[0].unread == unread


def test_threads_do_not_disturb_each_other() -> None:
    """Several devices are parsed at once, each thread with a compiled template of its own."""
    texts = [printed(documents("firewall_edge")), WHOLE] * 8
    expected = [_facts(text) for text in texts[:2]] * 8
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(_facts, texts)) == expected


def test_a_large_rule_base_is_read_in_seconds() -> None:
    """Two thousand rules take seconds at most."""
    text = "".join(RULE.replace("id 5", f"id {n}").replace('"R"', f'"R{n}"') for n in range(2000)) + "End\n"
    start = time.monotonic()
    assert len(_facts(text).rules) == 2000
    assert time.monotonic() - start < 10
