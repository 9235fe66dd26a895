"""Translations of a StoneOS, line by line: what is understood, and what makes a rule undecidable."""

import pytest

from nornir_itsm.model.firewall import (
    FirewallFacts,
    PublishedServer,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.stages.parse.stoneos_text import firewall_facts, unparsed
from tests.platforms.case_folders import TEMPLATE

OBJECTS = """interface ethernet0/1
  zone  "untrust"
exit
interface ethernet0/2
  zone  "trust"
exit
interface ethernet0/3
  zone  "trust"
exit
service "web"
  tcp dst-port 8080
exit
service "range"
  tcp dst-port 8000 8010
exit
service "two"
  tcp dst-port 80
  tcp dst-port 81
exit
address "host"
  ip 203.0.113.7/32
exit
address "hosts"
  ip 10.1.1.0/24
exit
address "203.0.113.8"
  ip 203.0.113.0/29
exit
"""


def read(*lines: str, router: str = 'ip vrouter "trust-vr"') -> FirewallFacts:
    inner = "".join(f"  {line}\n" for line in lines)
    return firewall_facts(f"{OBJECTS}{router}\n{inner}exit\nEnd\n", TEMPLATE)


def server(line: str) -> PublishedServer:
    (found,) = read(line).servers
    return found


def source(line: str) -> SourceTranslation:
    (found,) = read(line).translations
    return found


@pytest.mark.parametrize(
    ("said", "address", "port", "zone"),
    [
        ('from "Any" to "203.0.113.9" service "web" trans-to "10.1.1.9"', "203.0.113.9", 8080, ""),
        ("from any to ip 203.0.113.9 service web trans-to ip 10.1.1.9/32 port 80", "203.0.113.9", 80, ""),
        ('from-zone "untrust" from any to ip 203.0.113.9/32 service "web" trans-to 10.1.1.9 log', *(
            "203.0.113.9", 8080, "untrust")),
        ('ingress-interface ethernet0/1 from any to "host" service "web" trans-to 10.1.1.9', *(
            "203.0.113.7", 8080, "untrust")),
        ('from any to address-book "host" service "web" trans-to 10.1.1.9 description "a b"', *(
            "203.0.113.7", 8080, "")),
    ],
)  # fmt: skip
def test_a_server_is_read(said: str, address: str, port: int, zone: str) -> None:
    """Every way to say one address, one service and one target; its words are kept for the way back."""
    found = server(f"dnatrule id 20 {said}")
    assert (found.name, found.id, found.unread, found.said) == ("dnatrule 20", "20", (), said)
    assert (found.address, found.port, found.zone) == (address, port, zone)
    assert (found.target, found.service, found.book) == ("10.1.1.9", ServiceEntry(6, 8080, 8080), "web")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ('from "hosts" to "203.0.113.9" service "web" trans-to "10.1.1.9"', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "two" trans-to "10.1.1.9"', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "range" trans-to "10.1.1.9" port 80', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "nobody" trans-to "10.1.1.9"', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "web" no-trans', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "web" trans-to "hosts" load-balance', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "web" trans-to "10.1.1.9" group 1', "203.0.113.9/32"),
        ('from any to "203.0.113.9" service "web" trans-to "10.1.1.9" schedule "x"', "203.0.113.9/32"),
        ('ingress-interface ethernet0/2 from any to "203.0.113.9" service "web" trans-to "10.1.1.9"', *(
            "203.0.113.9/32",)),
        ('from any to "203.0.113.8" service "web" trans-to "10.1.1.9"', "203.0.113.0/29"),
        ("from any to any service any trans-to 10.1.1.9 redirect", "0.0.0.0/0"),
        ('from ipv6-any to 2001:db8::1 service any trans-to "10.1.1.9"', "2001:db8::1/128"),
        ("xq", ""),
    ],
)  # fmt: skip
def test_what_no_server_can_say_is_undecidable(said: str, address: str) -> None:
    """The whole line stands for the doubt, for the one address that is certain if one is."""
    found = server(f"dnatrule id 20 {said}")
    assert found.unread == (f"dnatrule id 20 {said}",)
    assert found.address == address


def test_a_source_translation_is_read() -> None:
    """Zones, sides, mode and what else is said; an interface counts as its zone where it is alone in it."""
    plain = source(
        'snatrule id 1 from-zone "trust" from "hosts" to any trans-to ip 203.0.113.5 mode dynamicport'
    )
    assert (plain.name, plain.id, plain.to, plain.rest) == ("snatrule 1", "1", ("203.0.113.5",), "")
    assert (plain.match.source, plain.match.services) == (Selector(("hosts",)), ("Any",))
    assert (plain.match.source_zones, plain.match.destination_zones) == (("trust",), ())
    own = source("snatrule id 1 from any to any eif ethernet0/1 trans-to eif-ip mode dynamicport log")
    assert (own.to, own.keeps, own.rest) == ((), False, "log")
    assert (own.match.destination_zones, own.match.unread) == (("untrust",), ())
    assert source('snatrule id 1 from "hosts" to 192.0.2.0/24 no-trans').keeps
    pool = source('snatrule id 1 from any to any trans-to address-book "hosts" mode dynamicport sticky')
    assert (pool.to, pool.rest) == (("10.1.1.0/24",), "mode dynamicport sticky")


@pytest.mark.parametrize(
    "said",
    [
        "from any to any eif ethernet0/2 trans-to eif-ip mode dynamicport",
        "ingress-interface ethernet0/9 from any to any trans-to eif-ip mode dynamicport",
        'from any to any trans-to address-book "nobody" mode dynamicport',
        "from any to any evr other-vr trans-to eif-ip mode dynamicport",
        "from any to any trans-to eif-ip mode dynamicport track t1",
        "xq",
    ],
)
def test_what_no_source_translation_can_say_is_undecidable(said: str) -> None:
    """An interface that shares its zone, an object that is not there, words that nobody knows."""
    assert source(f"snatrule id 1 {said}").match.unread


def test_a_doubt_is_no_wider_than_its_line() -> None:
    """Of a line that nobody understands both ends count where it says them once; IPv6 is its own family."""
    match = source(
        "snatrule id 1 from ipv6-any to 2001:db8::1 service any trans-to eif-ipv6 mode nptv6"
    ).match
    assert (match.source, match.destination) == (
        Selector(("IPv6-any",)),
        Selector(literals=("2001:db8::1/128",)),
    )
    vague = source('snatrule id 1 from any to any xq description "from a to b"').match
    assert (vague.source, bool(vague.unread)) == (Selector(), True)


def test_words_of_a_description_switch_nothing() -> None:
    """``disable`` counts where it stands by itself."""
    line = 'dnatrule id 20 from any to "203.0.113.9" service "web" trans-to "10.1.1.9"'
    noted = server(f'{line} description "do not disable"')
    assert (noted.enabled, noted.rest) == (True, 'description "do not disable"')
    off = server(f'{line} log disable description "x disable"')
    assert (off.enabled, off.rest) == (False, 'log description "x disable"')


def test_a_rule_may_be_off() -> None:
    """By a word in its line, or in a line of its own."""
    line = 'dnatrule id 20 from any to "203.0.113.9" service "web" trans-to "10.1.1.9"'
    assert not server(f"{line} disable").enabled
    assert not read(line, "dnatrule id 20 disable").servers[0].enabled
    assert read(line, "dnatrule id 20 enable").servers[0].enabled
    off = "snatrule id 1 from any to any trans-to eif-ip mode dynamicport disable"
    assert source(off).match.enabled is False


def test_two_way_rules_come_first() -> None:
    """A ``bnatrule`` goes before the others, for both of its addresses, and cannot be evaluated."""
    facts = read(
        "snatrule id 1 from any to any trans-to eif-ip mode dynamicport",
        'dnatrule id 2 from any to "203.0.113.9" service "web" trans-to "10.1.1.9"',
        "bnatrule id 3 virtual ip 203.0.113.6/32 real ip 10.1.1.6/32",
    )
    assert [one.name for one in facts.servers] == ["bnatrule 3", "dnatrule 2"]
    assert facts.servers[0].address == "203.0.113.6/32"
    assert facts.translations[0].match.source == Selector(literals=("10.1.1.6/32",))
    assert facts.servers[0].unread
    assert facts.translations[0].match.unread


def test_rules_of_other_routers_and_wrapped_lines_are_undecidable() -> None:
    """Whose traffic they are for, or what their rest says, nobody can tell; ``nat`` is the usual router."""
    line = 'dnatrule id 20 from any to "203.0.113.9" service "web" trans-to "10.1.1.9"'
    (other,) = read(line, router='ip vrouter "vr2"').servers
    assert (other.name, other.id, bool(other.unread)) == ("vr2 dnatrule 20", "", True)
    assert read(line, "port 80").servers[0].unread
    assert not read(line, "ip route 0.0.0.0/0 192.0.2.1").servers[0].unread
    assert not read(line, router="nat").servers[0].unread
    assert unparsed(f"nat\n  {line}\nexit\nEnd\n") == ()


def test_which_address_rules_see() -> None:
    """As it arrives, unless a line of the policy says otherwise."""
    assert read().filters_first
    switched = firewall_facts("policy-global\n  match-after-dnat\nexit\nEnd\n", TEMPLATE)
    assert (switched.filters_first, switched.unread) == (False, ())
