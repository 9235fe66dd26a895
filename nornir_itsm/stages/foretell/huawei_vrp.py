"""Huawei VRP with immediate effect: USG firewalls (V500, V600) and S switches (V200).

Sources: the vendor's command references and configuration guides as quoted in tests/stages/foretell/triples,
and public sample configurations; what none of them says cannot be predicted.
"""

from collections.abc import Sequence

from nornir_itsm.stages.foretell.grammar import Form, Grammar, Move, Numbering, View
from nornir_itsm.stages.foretell.tree import Layout
from nornir_itsm.stages.foretell.words import (
    Word,
    ends,
    ipv4,
    ipv6,
    name_quoted_at_need,
    number,
    number_ranges,
    prefix4,
    prefix6,
    shaped,
    text,
    wildcard,
)


def _net(words: Sequence[Word], at: int, *, dotted: bool) -> tuple[str, int] | None:
    """Read ``A mask M``, ``A LENGTH``, ``A WILDCARD`` or ``V6 LENGTH``."""
    said = [word.text for word in words[at : at + 3]]
    if len(said) > 1 and ":" in said[0] and (six := prefix6(said[0], said[1])):
        return f"{six.network_address} {six.prefixlen}", at + 2
    if len(said) > 2 and said[1].lower() == "mask":
        found, end = prefix4(said[0], said[2]), at + 3
    elif len(said) > 1:
        bare = said[1] if "." not in said[1] and said[1] != "0" else wildcard(said[1])
        found, end = (prefix4(said[0], bare), at + 2) if bare else (None, at)
    else:
        return None
    if found is None:
        return None
    return f"{found.network_address} mask {found.netmask if dotted else found.prefixlen}", end


def _in_set(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    return _net(words, at, dotted=False)


def _in_rule(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    return _net(words, at, dotted=True)


def _ports(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``8080 8443 to 8450``; the order stays as typed."""
    said: list[str] = []
    while at < len(words) and words[at].text.isdigit():
        low = str(int(words[at].text))
        if at + 2 < len(words) and words[at + 1].text.lower() == "to" and words[at + 2].text.isdigit():
            low, at = f"{low} to {int(words[at + 2].text)}", at + 2
        said.append(low)
        at += 1
    return (" ".join(said), at) if said else None


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _days(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``working-day``, ``off-day``, ``daily`` or days of the week."""
    said = [word.text.lower() for word in words[at:]]
    if len(said) == 1 and said[0] in ("working-day", "off-day", "daily"):
        return said[0], len(words)
    if said and all(one.capitalize() in _DAYS for one in said):
        return " ".join(one.capitalize() for one in said), len(words)
    return None


_READERS = {
    "name": name_quoted_at_need,
    "address-set": name_quoted_at_need,
    "service-set": name_quoted_at_need,
    "time-range": name_quoted_at_need,
    "zone": name_quoted_at_need,
    "text": text,
    "number": number,
    "numbers": number_ranges,
    "ipv4": ipv4,
    "ipv6": ipv6,
    "ends": ends,
    "in-set": _in_set,
    "in-rule": _in_rule,
    "ports": _ports,
    "days": _days,
    "clock": shaped(r"\d\d:\d\d:\d\d"),
    "date": shaped(r"\d{4}/\d{1,2}/\d{1,2}"),
}

_TEXT = Form("description = <text>")
_ITEM = Numbering("n", "one more", first=0)


def _member(word: str, what: str, *, beside: bool = True) -> Form:
    return Form(
        f"{word} <n:number> {what}",
        typed=(f"{word} {what}",),
        undo=(f"{word} <n:number>", f"{word} {what}"),
        number=_ITEM,
        sorted="n",
        beside=beside,
    )


_ADDRESSES = (
    _TEXT,
    _member("address", "<net:in-set>", beside=False),
    _member("address", "range <ends>"),
    _member("address", "address-set <set:@address-set>"),
)
_PORTS = "[source-port <source:ports>] [destination-port <target:ports>]"
_SERVICES = (
    _TEXT,
    _member("service", f"protocol <protocol:tcp|udp|sctp> {_PORTS}", beside=False),
    _member("service", "protocol icmp icmp-type <type:number> <code:number>"),
    _member("service", "protocol icmpv6 icmpv6-type <type:number> <code:number>"),
    _member("service", "protocol <protocol:number>"),
    _member("service", "service-set <set:@service-set>"),
)


def _side(side: str) -> tuple[Form, ...]:
    return (
        Form(f"{side}-address address-set <set:@address-set>"),
        Form(f"{side}-address range <ends>", beside=True),
        Form(f"{side}-address <net:in-rule>", beside=True),
    )


_RULE = (
    _TEXT,
    Form("disable =", off=("enable",)),
    Form("policy logging ="),
    Form("session logging ="),
    Form("source-zone <zone:@zone>"),
    Form("destination-zone <zone:@zone>"),
    *_side("source"),
    *_side("destination"),
    Form(f"service protocol <protocol:tcp|udp|sctp> {_PORTS}"),
    Form("service protocol icmp icmp-type <type:number> <code:number>", beside=True),
    Form("service protocol <protocol:number>", beside=True),
    Form("service <set:@service-set>", beside=True),
    Form("time-range = <time:@time-range>"),
    Form("profile <profile:name> = <named:name>"),
    Form("action = <action:permit|deny>"),
)
_MOVES = (
    Move("rule move <name> <where:top|bottom|up|down>", "rule"),
    Move("rule move <name> <where:before|after> <anchor-name:name>", "rule"),
)

_ROOT = (
    Form(
        "ip address-set <name> = type <type:object|group>",
        typed=("ip address-set <name>",),
        name="address-set",
        opens="address-set",
        undo=("ip address-set <name>",),
    ),
    Form(
        "ip service-set <name> = type <type:object|group>",
        typed=("ip service-set <name>",),
        name="service-set",
        opens="service-set",
        undo=("ip service-set <name>",),
    ),
    Form("time-range <name>", name="time-range", opens="time-range", indent=1),
    Form("security-policy", opens="security-policy", undo=("security-policy all",)),
)

GRAMMAR = Grammar(
    views={
        "": View(_ROOT),
        "address-set": View(_ADDRESSES),
        "service-set": View(_SERVICES),
        "time-range": View(
            (
                _TEXT,
                Form("period-range <from:clock> to <to:clock> <days>"),
                Form("absolute-range <from:clock> <first:date> to <to:clock> <last:date>", beside=True),
            )
        ),
        "security-policy": View(
            (Form("rule name <name>", name="rule", opens="rule", ordered=True),), moves=_MOVES
        ),
        "rule": View(_RULE),
    },
    readers=_READERS,
    layout=Layout(step=1, parting="#", end="return"),
    negation="undo",
    leave=("quit",),
)
