"""H3C Comware 7: switches and SecPath firewalls.

Sources: the vendor's command references as named in tests/stages/foretell/triples. What is so anyway is not
printed: defaults cannot be displayed (configuration file management guide).
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, summarize_address_range

from nornir_itsm.stages.foretell.grammar import Form, Grammar, Move, Numbering, View
from nornir_itsm.stages.foretell.tree import Layout
from nornir_itsm.stages.foretell.words import (
    Word,
    access_ports,
    interface,
    ipv4,
    name_quoted_at_need,
    number,
    prefix4,
    shaped,
    text,
    vlans,
    wild,
)


def _net(words: Sequence[Word], at: int, *, dotted: bool) -> tuple[str, int] | None:
    """Read an address and its mask, dotted or a length."""
    said = [word.text for word in words[at : at + 2]]
    net = prefix4(said[0], said[1]) if len(said) == 2 else None
    return (
        None if net is None else (f"{net.network_address} {net.netmask if dotted else net.prefixlen}", at + 2)
    )


def _route(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    return _net(words, at, dotted=False)


def _subnet(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    return _net(words, at, dotted=True)


def _own_address(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read an interface's address and mask; printed with a dotted mask."""
    said = [word.text for word in words[at : at + 2]]
    net = prefix4(said[0], said[1]) if len(said) == 2 else None
    return None if net is None else (f"{said[0]} {net.netmask}", at + 2)


def _network(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read what follows ``network``: one address or a span of addresses, printed in its simplest form.

    A mask of 32 bits and a span of one address are a host, the lower end of a span comes first. A span that
    is a subnet is not read: the reference says that it becomes one, not when.
    """
    said = [word.text for word in words[at:]]
    try:
        match [said[0].lower(), *said[1:]]:
            case ["host", "address", one]:
                return f"host address {IPv4Address(one)}", at + 3
            case ["subnet", first, mask] if net := prefix4(first, mask):
                said_net = f"subnet {net.network_address} {net.netmask}"
                return (f"host address {first}" if net.prefixlen == 32 else said_net), at + 3
            case ["range", one, other]:
                low, high = sorted((IPv4Address(one), IPv4Address(other)))
                if low == high:
                    return f"host address {low}", at + 3
                whole = len(list(summarize_address_range(low, high))) == 1
                return None if whole else (f"range {low} {high}", at + 3)
    except (ValueError, IndexError):
        return None
    return None


def _ports(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``eq 8080`` or ``range 8080 8090``."""
    said = [word.text.lower() for word in words[at : at + 3]]
    if said[:1] == ["eq"] and len(said) > 1 and said[1].isdigit():
        return f"eq {int(said[1])}", at + 2
    if said[:1] == ["range"] and len(said) == 3 and said[1].isdigit() and said[2].isdigit():
        return (f"range {int(said[1])} {int(said[2])}", at + 3) if int(said[1]) < int(said[2]) else None
    return None


def _virtual(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read the name of an interface that a line makes: ``Vlan-interface10``, ``LoopBack0``."""
    found = interface(words, at)
    for kind in ("Vlan-interface", "LoopBack"):
        if found and found[0].lower().startswith(kind.lower()):
            return kind + found[0][len(kind) :], found[1]
    return None


def _clock(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``8:0``, printed ``08:00``."""
    found = shaped(r"\d{1,2}:\d{1,2}")(words, at)
    return (":".join(part.zfill(2) for part in found[0].split(":")), at + 1) if found else None


_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def _days(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``working-day``, ``off-day``, ``daily`` or days from Monday on; where Sunday is printed varies."""
    said = [word.text.lower() for word in words[at:]]
    if len(said) == 1 and said[0] in ("working-day", "off-day", "daily"):
        return said[0], len(words)
    days = [day for day in _WEEK if day.lower() in said]
    in_order = [one.capitalize() for one in said] == days
    return (" ".join(days), len(words)) if days and in_order else None


_READERS = {
    "name": name_quoted_at_need,
    "group": name_quoted_at_need,
    "service": name_quoted_at_need,
    "vpn": name_quoted_at_need,
    "zone": name_quoted_at_need,
    "time-range": name_quoted_at_need,
    "text": text,
    "number": number,
    "acl": number,
    "vlan": number,
    "vlans": vlans,
    "interface": interface,
    "virtual": _virtual,
    "ipv4": ipv4,
    "route": _route,
    "subnet": _subnet,
    "own": _own_address,
    "network": _network,
    "ports": _ports,
    "wild": wild,
    "access": access_ports,
    "clock": _clock,
    "days": _days,
    "rd": shaped(r"[\d.]+:\d+"),
    "protocol": shaped(r"[a-z]+|\d+"),
}

_TEXT = Form("description = <text>")
_ABOUT = "= [preference <preference:number>] [tag <tag:number>] [description <about:text>]"
_USUAL = (("preference", "60"), ("tag", "0"))


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
            hushed=_USUAL,
            together=True,
            indent=1,
            beside=bool(at),
        )
        for at, (of, to) in enumerate(ways)
    )


_ITEM = Numbering("n", step=10, taken="replaced")
_ADDRESSES = (
    _TEXT,
    *(
        Form(
            f"<n:number> network {what}",
            typed=(f"network {what}",),
            undo=("<n:number>",),
            number=_ITEM,
            sorted="n",
            beside=beside,
        )
        for what, beside in (
            ("<what:network>", False),
            ("host name <host:name>", True),
            ("group-object <group:@group>", True),
        )
    ),
)
_SERVICES = (
    _TEXT,
    *(
        Form(
            f"<n:number> service {what}",
            typed=(f"service {what}",),
            undo=("<n:number>",),
            number=_ITEM,
            sorted="n",
            beside=beside,
        )
        for what, beside in (
            ("<protocol:tcp|udp> [source <source:ports>] destination <target:ports>", False),
            ("<protocol:tcp|udp>", True),
            ("icmp [<type:number> <code:number>]", True),
            ("group-object <group:@service>", True),
            ("<protocol:number>", True),
        )
    ),
)
_ACE = Numbering("n", step=5, step_line="step", taken="edited")


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


_TIME = "[time-range <time:@time-range>]"
_ACL = (
    _TEXT,
    Form("step = <step:number>", name="step", default="step 5", renumbers="rule", undo=("step",)),
    _ace(
        "<protocol:protocol> source <source:wild> [source-port <from:access>] [destination <target:wild>]"
        f" [destination-port <to:access>] {_TIME}"
    ),
    _ace(
        f"<protocol:protocol> [destination <target:wild>] [destination-port <to:access>] {_TIME}", beside=True
    ),
    _ace(f"[source <source:wild>] {_TIME}", beside=True),
)


def _side(side: str) -> tuple[Form, ...]:
    return (
        Form(f"{side}-ip <group:@group>"),
        Form(f"{side}-ip-host <host:ipv4>"),
        Form(f"{side}-ip-subnet <net:subnet>"),
        Form(f"{side}-ip-range <low:ipv4> <high:ipv4>"),
    )


_RULE = (
    _TEXT,
    Form("disable ="),
    # The reference says that drop is so anyway; samples show it in some rules.
    Form("action = <action:pass|drop>", unsettled="action drop", undo=("action pass", "action")),
    Form("time-range = <time:@time-range>"),
    Form("profile = <profile:name>"),
    Form("logging = <state:|enable>"),
    Form("counting = <state:|enable>"),
    Form("source-zone <zone:@zone>"),
    Form("destination-zone <zone:@zone>"),
    *_side("source"),
    *_side("destination"),
    Form("service <service:@service>"),
    Form("service-port <protocol:tcp|udp> [source <source:ports>] destination <target:ports>"),
)
_INTERFACE = (
    Form("port link-type = <type:access|trunk|hybrid>", default="port link-type access"),
    _TEXT,
    Form("ip binding vpn-instance = <vpn:@vpn>", clears=("address",)),
    Form("ip address = <own>", name="address", undo=("ip address [<own>]",)),
    Form("ip address <own> sub"),
    Form("port access vlan = <vlan:@vlan>", default="port access vlan 1"),
    Form(
        "port trunk permit vlan <vlans>",
        gathers="vlans",
        unmade="新的 Trunk 端口缺省允许的 VLAN 1 是否印出未知",
    ),
    Form("packet-filter <acl:@acl> <way:inbound|outbound>"),
    Form("shutdown ="),
)
_PHYSICAL = "物理接口应已在配置中"
_ROOT = (
    Form("ip vpn-instance <name>", name="vpn", opens="vpn"),
    Form("vlan <vlan:number>", name="vlan", opens="vlan", sorted="vlan", spans="vlan"),
    Form("object-group ip address <name>", name="group", opens="addresses"),
    Form("object-group service <name>", name="service", opens="services"),
    Form("interface <name:virtual>", name="interface", opens="interface"),
    Form("interface <name:interface>", opens="interface", unmade=_PHYSICAL, beside=True),
    Form("security-zone name <name>", name="zone", opens="zone"),
    *_routes(),
    Form(
        "acl <kind:basic|advanced> <number:number>",
        name="acl",
        opens="acl",
        undo=("acl [<kind:basic|advanced>] <number:number>",),
    ),
    Form(
        "acl number <number:number>", opens="acl", unmade="Comware 7 的新版本不再印 acl number", beside=True
    ),
    Form(
        "time-range <name> <from:clock> to <to:clock> <days>",
        undo=(
            "time-range <name>",
            "time-range <name> <from:clock> to <to:clock> <days>",
        ),
        name="time-range",
        together=True,
        indent=1,
    ),
    Form("security-policy ip", opens="security-policy"),
)
_POLICY = View(
    (
        Form(
            "rule <n:number> name <name>",
            typed=("rule name <name>", "rule <n:number>"),
            undo=("rule <n:number>", "rule name <name>"),
            name="rule",
            opens="rule",
            ordered=True,
            number=Numbering("n", "unknown"),
        ),
    ),
    moves=(
        Move("move rule <n:number> <where:top|bottom>", "rule"),
        Move("move rule <n:number> <where:before|after> <anchor-n:number>", "rule"),
        Move("move rule name <name> <where:top|bottom>", "rule"),
        Move("move rule name <name> <where:before|after> [name] <anchor-name:name>", "rule"),
    ),
    none=("accelerate enhanced enable",),
)

GRAMMAR = Grammar(
    views={
        "": View(_ROOT),
        "vpn": View(
            (
                _TEXT,
                Form("route-distinguisher = <rd>"),
                Form("vpn-target <rd> <way:import-extcommunity|export-extcommunity>"),
            )
        ),
        "vlan": View((Form("name = <text>"), _TEXT)),
        "addresses": View(_ADDRESSES),
        "services": View(_SERVICES),
        "interface": View(_INTERFACE),
        "zone": View((_TEXT, Form("import interface <interface>"))),
        "acl": View(_ACL),
        "security-policy": _POLICY,
        "rule": View(_RULE),
    },
    readers=_READERS,
    layout=Layout(step=1, parting="#", end="return"),
    negation="undo",
    leave=("quit",),
)
