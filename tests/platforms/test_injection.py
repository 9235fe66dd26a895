"""No text of an order makes a line that was not in a template: nftables, FRR, translations of a USG."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.firewall import (
    PublishedServer,
    SecurityPolicy,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressPool,
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    SecurityRule,
    ServiceSet,
    SourceNat,
    StaticRoute,
)
from nornir_itsm.model.switch import SwitchRoute
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.render import frr, nftables, stoneos, vrp

TEXTS = st.text(st.characters(), max_size=60)
HOSTILE = (
    'x" accept comment "',
    "x\nflush ruleset",
    "END-OF-CANDIDATE",
    "$(id)",
    "`id`",
    "a; b",
    "x\\",
    "}",
    "\u2028x",
)
WORD, NAME = r"[A-Za-z][A-Za-z0-9_-]*", r'"[^"\\\x00-\x1f\x7f-\x9f]+"'
IP = r"[0-9.]+(?:/[0-9]+|-[0-9.]+)?"
CHAIN = "inet filter forward"
SET = rf"set inet filter {WORD}"
TYPED = rf"\{{ type [a-z0-9_ .]+; flags interval;( comment {NAME};)? \}}"
RULE = (
    rf'iifname "[A-Za-z0-9_.-]+" ip saddr @{WORD} ip daddr {IP} meta l4proto \. th dport @{WORD} '
    rf"counter accept comment {NAME}"
)
NFT = re.compile(
    rf"add {SET} {TYPED}|delete {SET}"
    rf"|(add|delete) element inet filter {WORD} \{{ ({IP}|(tcp|udp) \. [0-9-]+) \}}"
    rf"|delete rule {CHAIN} named {NAME}|add rule {CHAIN}( before {NAME})? :: {RULE}"
    rf"|delete rule inet filter (pre|post)routing named {NAME}"
    rf'|add rule inet filter prerouting( before {NAME})? :: iifname "wan" ip daddr {IP} tcp dport 443 '
    rf"counter dnat ip to {IP}:8443 comment {NAME}"
    rf'|add rule inet filter postrouting( before {NAME})? :: iifname "wan" ip saddr @{WORD} counter '
    rf"snat ip to {IP} comment {NAME}"
)
DOTTED = r"[A-Za-z][A-Za-z0-9_.-]*"
FRR = re.compile(rf"(no )?ip (route {IP} [0-9.]+( vrf {DOTTED})?|prefix-list {DOTTED}( permit {IP})?)")


BARE = r"[^\s\x00-\x1f\x7f-\x9f\"?]+"
SAID = rf'(?:{BARE}|"[^\x00-\x1f\x7f-\x9f"?]+")'
USG_NAT = re.compile(
    rf"nat server {SAID} zone {SAID} protocol tcp global {IP} 443 inside {IP} 8443 no-reverse"
    rf"|(undo )?nat address-group {SAID}|mode pat|section {IP} {IP}|quit|nat-policy|(undo )?rule name {SAID}"
    rf"|source-zone {SAID}|source-address address-set {SAID}|action source-nat address-group {SAID}"
    rf"|rule move {SAID} before {SAID}|undo nat server name {SAID}"
)


def translating(name: str, text: str, pool: str = "") -> list[Intent]:
    """Every intent of a firewall's own translations."""
    zone = "wan" if not pool else text
    server = PublishedServer(text, "203.0.113.1", "10.0.0.1", ServiceEntry(6, 443, 443), 8443, zone)
    match = SecurityPolicy(text, "permit", Selector((name,)), source_zones=(zone,))
    nat = SourceTranslation(match, ("203.0.113.1",), pool=pool)
    return [
        DestinationNat("P", server, Anchor("before", name)),
        SourceNat("P", nat, Anchor("before", name)),
        SourceNat("P", nat, Anchor(), state="absent"),
        DestinationNat("P", server, Anchor(), state="absent"),
    ]


def usg(name: str, text: str) -> list[Intent]:
    """The same of a USG, with the pool."""
    made = AddressPool("P", name, ("203.0.113.1",))
    return [made, *translating(name, text, pool=name), replace(made, state="absent")]


STONEOS_NAT = re.compile(
    rf"ip vrouter trust-vr|exit|no [ds]natrule id 3"
    rf"|dnatrule id 3 before 7 from-zone {SAID} from any to ip {IP} service {SAID} trans-to ip {IP} port 8443"
    rf"( description {SAID})?|snatrule id 3 after 7 from-zone {SAID} to-zone {SAID}"
    rf" from address-book {SAID} to any service {SAID} trans-to ip {IP} mode dynamicport"
)


def stoneos_nat(name: str, text: str) -> list[Intent]:
    """Every intent of a StoneOS' translations, which go by numbers."""
    entry = ServiceEntry(6, 443, 443)
    server = PublishedServer("dnatrule 3", "203.0.113.1", "10.0.0.1", entry, 8443, text, book=name, id="3")
    zones = {"source_zones": (text,), "destination_zones": (name,)}
    match = SecurityPolicy("", "permit", Selector((name,)), Selector(("Any",)), (text,), **zones)
    nat = SourceTranslation(match, ("203.0.113.1",), id="3")
    return [
        DestinationNat("P", server, Anchor("before", "dnatrule 7")),
        DestinationNat("P", replace(server, rest=f'description "{text}"'), Anchor("before", "dnatrule 7")),
        SourceNat("P", nat, Anchor("after", "snatrule 7")),
        SourceNat("P", nat, Anchor(), state="absent"),
        DestinationNat("P", server, Anchor(), state="absent"),
    ]


def firewall(name: str, text: str) -> list[Intent]:
    """Every intent of a firewall, with texts in each place that takes one."""
    service = (ServiceEntry(6, 443, 443),)
    rule = SecurityPolicy(
        text, "permit", Selector((name,)), Selector((), ("10.0.0.1/32",)), (name,), source_zones=("inside",)
    )
    return [
        AddressSet("P", name, ("10.0.0.0/24", "10.0.1.1-10.0.1.9"), whole=True),
        AddressSet("P", name, ("10.0.0.0/24",), state="absent"),
        ServiceSet("P", name, service),
        SecurityRule("P", rule, Anchor("before", name)),
        SecurityRule("P", rule, Anchor("last"), was=rule),
        SecurityRule("P", rule, Anchor(), state="absent"),
        ServiceSet("P", name, service, state="absent"),
        AddressSet("P", name, (), whole=True, state="absent"),
        *translating(name, text),
    ]


def router(name: str, text: str) -> list[Intent]:
    """Every intent of a router, with texts in each place that takes one."""
    return [
        AddressSet("P", name, ("10.0.0.0/24",)),
        AddressSet("P", name, (), whole=True, state="absent"),
        StaticRoute("P", SwitchRoute("", "10.0.0.0/24", "", "10.0.0.1")),
        StaticRoute(
            "P", SwitchRoute(text if text != "" else "x", "10.0.0.0/24", "", "10.0.0.1"), state="absent"
        ),
    ]


Lines = Callable[[Sequence[Intent], dict[str, str]], tuple[str, ...]]
SPOKEN: dict[str, tuple[Lines, Callable[[str, str], list[Intent]], re.Pattern[str]]] = {
    "linux_nftables": (nftables.lines, firewall, NFT),
    "frr": (frr.lines, router, FRR),
    "huawei_vrp": (vrp.lines, usg, USG_NAT),
    "hillstone_stoneos": (stoneos.lines, stoneos_nat, STONEOS_NAT),
}


def templates(platform: str) -> dict[str, str]:
    folder = Path(__file__).parents[2] / "templates" / platform
    return {file.name: file.read_text("utf-8") for file in folder.glob("*.j2")}


@pytest.mark.parametrize("platform", SPOKEN)
@given(name=TEXTS, text=TEXTS)
@example(name="示例-白名单", text="示例公司-系统（白名单）")
@example(name=HOSTILE[0], text="x")
@example(name="x", text=HOSTILE[1])
def test_no_text_becomes_a_line(platform: str, name: str, text: str) -> None:
    """Either every line is one of the grammar, as many as for plain names, or it is refused."""
    lines, intents, grammar = SPOKEN[platform]
    plain = lines(intents("A", "B"), templates(platform))
    assert all(grammar.fullmatch(line.strip()) for line in plain), plain
    try:
        made = lines(intents(name, text), templates(platform))
    except ChangeError:
        return
    assert len(made) == len(plain)
    assert all(grammar.fullmatch(line.strip()) for line in made), made
    cli = PLATFORMS[platform].cli
    assert cli is not None
    assert not any(cli.unsendable.search(line.strip()) for line in made)


SERVER = PublishedServer("A", "203.0.113.1", "10.0.0.1", ServiceEntry(6, 443, 443), 8443, book="A", id="3")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("platform", SPOKEN)
def test_hostile_places(platform: str, hostile: str) -> None:
    """Addresses, next hops and interfaces are read as what they are: anything else is refused.

    A zone of a USG has a name, and is said as one.
    """
    lines = SPOKEN[platform][0]
    for intent in (
        AddressSet("P", "A", (hostile,), whole=True),
        DestinationNat("P", replace(SERVER, address=hostile), Anchor()),
        DestinationNat("P", replace(SERVER, target=hostile), Anchor()),
        DestinationNat("P", replace(SERVER, rest=hostile), Anchor()),
        SourceNat("P", SourceTranslation(SecurityPolicy("A", "permit"), (hostile,), id="3"), Anchor()),
        AddressPool("P", "A", (hostile,)),
        StaticRoute("P", SwitchRoute("", hostile, "", "10.0.0.1")),
        StaticRoute("P", SwitchRoute("", "10.0.0.0/24", "", hostile)),
        SecurityRule("P", SecurityPolicy("A", "permit", source_zones=(hostile,)), Anchor()),
        SecurityRule("P", SecurityPolicy("A", "permit", Selector((), (hostile,))), Anchor()),
    ):
        if platform == "hillstone_stoneos" and not isinstance(intent, DestinationNat | SourceNat):
            continue  # its address objects and rules take names of hosts and zones, quoted
        if platform == "huawei_vrp" and isinstance(intent, SecurityRule) and intent.rule.source_zones:
            continue
        with pytest.raises(ChangeError):
            lines([intent], templates(platform))
