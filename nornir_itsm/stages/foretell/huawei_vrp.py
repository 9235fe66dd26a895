"""Huawei VRP with immediate effect: USG firewalls (V500, V600) and S switches (V200).

Sources: the vendor's command references and configuration guides as quoted in tests/stages/foretell/triples,
and public sample configurations; what none of them says cannot be predicted.
"""

from collections.abc import Sequence

from nornir_itsm.stages.foretell.grammar import Form, Grammar, Move, Numbering, View
from nornir_itsm.stages.foretell.tree import Layout
from nornir_itsm.stages.foretell.words import (
    Word,
    access_ports,
    ends,
    interface,
    ipv4,
    ipv6,
    name_quoted_at_need,
    number,
    number_ranges,
    prefix4,
    prefix6,
    shaped,
    text,
    vlans,
    wild,
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


def _route(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read a destination and its mask; printed with a dotted mask."""
    said = [word.text for word in words[at : at + 2]]
    net = prefix4(said[0], said[1]) if len(said) == 2 else None
    return None if net is None else (f"{net.network_address} {net.netmask}", at + 2)


def _own_address(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read an interface's address and mask; printed with a dotted mask."""
    said = [word.text for word in words[at : at + 2]]
    net = prefix4(said[0], said[1]) if len(said) == 2 else None
    return None if net is None else (f"{said[0]} {net.netmask}", at + 2)


def _translation(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``no-nat``, ``source-nat easy-ip`` or ``source-nat address-group POOL``."""
    match [word.text for word in words[at:]]:
        case ["no-nat" | "source-nat", *_] as said if (
            len(said) == 1 or said[1:] == ["easy-ip"] or (said[1] == "address-group" and len(said) == 3)
        ):
            return " ".join(said), len(words)
    return None


def _span(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read a port, or the first and the last of several: ``8000 8010``."""
    said = [word.text for word in words[at : at + 2]]
    count = 2 if len(said) == 2 and all(one.isdigit() for one in said) else 1
    return (" ".join(said[:count]), at + count) if said and said[0].isdigit() else None


def _virtual(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read the name of an interface that a line makes: ``Vlanif10``, ``LoopBack0``."""
    found = interface(words, at)
    for kind in ("Vlanif", "LoopBack"):
        if found and found[0].lower().startswith(kind.lower()):
            return kind + found[0][len(kind) :], found[1]
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
    "vpn": name_quoted_at_need,
    "translation": _translation,
    "span": _span,
    "acl": number,
    "vlan": number,
    "vlans": vlans,
    "interface": interface,
    "virtual": _virtual,
    "route": _route,
    "own": _own_address,
    "wild": wild,
    "access": access_ports,
    "rd": shaped(r"[\d.]+:\d+"),
    "protocol": shaped(r"[a-z]+|\d+"),
    "hours": shaped(r"\d\d:\d\d"),
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

_ABOUT = "= [preference <preference:number>] [tag <tag:number>] [description <about:text>]"


def _routes() -> tuple[Form, ...]:
    ways = (
        ("<net:route>", "<hop:ipv4>"),
        ("<net:route>", "vpn-instance <to:@vpn> <hop:ipv4>"),
        ("vpn-instance <vpn:@vpn> <net:route>", "<hop:ipv4>"),
        ("vpn-instance <vpn:@vpn> <net:route>", "vpn-instance <to:@vpn> <hop:ipv4>"),
    )
    return tuple(
        Form(
            f"ip route-static {of} {to} {_ABOUT}",
            undo=(f"ip route-static {of}", f"ip route-static {of} {to} [preference <preference:number>]"),
            hushed=(("preference", "60"), ("tag", "0")),
            together=True,
            beside=bool(at),
        )
        for at, (of, to) in enumerate(ways)
    )


_ACE = Numbering("n", first=None, step=5, step_line="step", taken="edited")
_TIME = "[time-range <time:@time-range>]"


def _ace(what: str, *, beside: bool = False) -> Form:
    return Form(
        f"rule <n:number> <action:permit|deny> {what}",
        typed=(f"rule <action:permit|deny> {what}",),
        undo=("rule <n:number>",),
        name="" if beside else "rule",
        number=_ACE,
        sorted="n",
        ordered=True,
        beside=beside,
    )


_ACL = (
    _TEXT,
    Form("step = <step:number>", name="step", default="step 5", renumbers="rule"),
    _ace(
        "<protocol:protocol> source <source:wild> [source-port <from:access>] [destination <target:wild>]"
        f" [destination-port <to:access>] {_TIME}"
    ),
    _ace(
        f"<protocol:protocol> [destination <target:wild>] [destination-port <to:access>] {_TIME}",
        beside=True,
    ),
    _ace(f"[source <source:wild>] {_TIME}", beside=True),
)
_INTERFACE = (
    _TEXT,
    Form("ip binding vpn-instance = <vpn:@vpn>", clears=("address",)),
    Form("ip address = <own>", name="address", undo=("ip address [<own>]",)),
    Form("ip address <own> sub"),
    Form("port link-type = <type:access|trunk|hybrid|dot1q-tunnel>"),
    Form("port default vlan = <vlan:@vlan>", default="port default vlan 1"),
    Form("port trunk allow-pass vlan <vlans>", gathers="vlans"),
    Form("shutdown ="),
)
_NAT_RULE = (
    _TEXT,
    Form("disable =", off=("enable",)),
    Form("source-zone <zone:@zone>"),
    Form("destination-zone <zone:@zone>"),
    *_side("source"),
    *_side("destination"),
    Form("service <set:@service-set>"),
    Form("action = <what:translation>"),
)
_PHYSICAL = "物理接口应已在配置中"
_ROOT = (
    Form("vlan batch <vlans>", name="vlans", gathers="vlans"),
    Form("ip vpn-instance <name>", name="vpn", opens="vpn"),
    Form(
        "time-range <name> <from:hours> to <to:hours> <days>",
        undo=("time-range <name> <from:hours> to <to:hours> <days>",),
        together=True,
        indent=1,
    ),
    Form(
        "ip address-set <name> = type <type:object|group>",
        typed=("ip address-set <name>",),
        undo=("ip address-set <name>",),
        name="address-set",
        opens="address-set",
    ),
    Form(
        "ip service-set <name> = type <type:object|group>",
        typed=("ip service-set <name>",),
        undo=("ip service-set <name>",),
        name="service-set",
        opens="service-set",
    ),
    Form("time-range <name>", name="time-range", opens="time-range", indent=1),
    Form("acl number <acl:number>", typed=("acl <acl:number>",), name="acl", opens="acl"),
    Form("vlan <vlan:number>", name="vlan", opens="vlan", sorted="vlan", joins="vlans"),
    Form("interface <name:virtual>", name="interface", opens="interface"),
    Form("interface <name:interface>", opens="interface", unmade=_PHYSICAL, beside=True),
    Form("firewall zone <name:zone>", name="zone", opens="zone", unmade="安全区域应已在配置中"),
    *_routes(),
    Form("nat address-group <name>", name="pool", opens="pool"),
    Form(
        "nat server <name> = [zone <zone:@zone>] protocol <protocol:tcp|udp>"
        " global <global:ipv4> <port:span>"
        " inside <inside:ipv4> <to:span> [<back:|no-reverse>]",
        undo=("nat server name <name>",),
        together=True,
    ),
    Form("security-policy", opens="security-policy"),
    Form("nat-policy", opens="nat-policy"),
)

GRAMMAR = Grammar(
    views={
        "": View(_ROOT, none=("commit",)),
        "address-set": View(_ADDRESSES),
        "service-set": View(_SERVICES),
        "time-range": View(
            (
                _TEXT,
                Form("period-range <from:clock> to <to:clock> <days>"),
                Form("absolute-range <from:clock> <first:date> to <to:clock> <last:date>", beside=True),
            )
        ),
        "acl": View(_ACL),
        "vlan": View((Form("description = <text>"), Form("name = <text>"))),
        "vpn": View((_TEXT, Form("ipv4-family", opens="vpn4"))),
        "vpn4": View(
            (
                Form("route-distinguisher = <rd>"),
                Form("vpn-target <rd> <way:export-extcommunity|import-extcommunity>"),
            )
        ),
        "interface": View(_INTERFACE),
        "zone": View((_TEXT, Form("set priority = <priority:number>"), Form("add interface <interface>"))),
        "security-policy": View(
            (Form("rule name <name>", name="rule", opens="rule", ordered=True),), moves=_MOVES
        ),
        "rule": View(_RULE),
        "nat-policy": View(
            (Form("rule name <name>", name="rule", opens="nat-rule", ordered=True),), moves=_MOVES
        ),
        "nat-rule": View(_NAT_RULE),
        "pool": View((Form("mode = <mode:pat|no-pat>"), _member("section", "<ends>"))),
    },
    readers=_READERS,
    layout=Layout(step=1, parting="#", end="return"),
    negation="undo",
    leave=("quit",),
)
