"""Hillstone StoneOS. Source: the vendor's command line manual 5.5R12, sample configurations.

Objects are printed twice, early and empty, then with what is in them; rules at top level although they are
typed in ``policy-global`` (three independent samples).
"""

from collections.abc import Sequence

from nornir_itsm.stages.foretell.grammar import Form, Grammar, Move, Numbering, View
from nornir_itsm.stages.foretell.tree import Layout
from nornir_itsm.stages.foretell.words import (
    Word,
    ends,
    interface,
    ipv4,
    name_quoted,
    number,
    prefix4,
    prefix6,
    shaped,
)


def _net(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``A/LEN``, ``A MASK`` or ``V6/LEN``, printed with a length."""
    if at >= len(words) or words[at].quoted:
        return None
    first, slash, length = words[at].text.partition("/")
    if slash:
        net = (
            prefix6(first, length) if ":" in first else prefix4(first, length) if "." not in length else None
        )
        return (str(net), at + 1) if net else None
    if at + 1 < len(words) and "." in words[at + 1].text and (found := prefix4(first, words[at + 1].text)):
        return str(found), at + 2
    return None


def _ports(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``8080`` or ``8080 8090``; a span of one port is printed as one."""
    said = [str(int(word.text)) for word in words[at : at + 2] if word.text.isdigit()]
    if not said or not words[at].text.isdigit():
        return None
    return " ".join(dict.fromkeys(said)), at + len(said)


_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _days(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read days of the week, printed in its order; all of them are ``daily``."""
    end = at
    while end < len(words) and words[end].text.lower() in _WEEK:
        end += 1
    said = {word.text.lower() for word in words[at:end]}
    if not said:
        return None
    return "daily" if len(said) == 7 else " ".join(day for day in _WEEK if day in said), end


def _clock(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    found = shaped(r"(?:[01]?\d|2[0-3]):[0-5]\d")(words, at)
    return (found[0].zfill(5), at + 1) if found else None


def _moment(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``06/01/2026 08:00[:00]``, printed with seconds."""
    said = " ".join(word.text for word in words[at : at + 2])
    if not shaped(r"\d\d/\d\d/\d{4}")(words, at) or not shaped(r"\d\d:\d\d(?::\d\d)?")(words, at + 1):
        return None
    return said if said.count(":") == 2 else f"{said}:00", at + 2


def _any(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read the name of an object; ``any`` is ``Any``."""
    found = name_quoted(words, at)
    return ('"Any"', found[1]) if found and found[0].lower() == '"any"' else found


def _said(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read all that is left as it is."""
    return (words[at].line[words[at].column :].rstrip(), len(words)) if at < len(words) else None


def _own_address(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``A/LEN`` or ``A MASK`` of an interface, printed with a dotted mask (sample configurations)."""
    first, _, length = words[at].text.partition("/") if at < len(words) else ("", "", "")
    if length and (net := prefix4(first, length)):
        return f"{first} {net.netmask}", at + 1
    if at + 1 < len(words) and "." in words[at + 1].text and prefix4(first, words[at + 1].text):
        return f"{first} {words[at + 1].text}", at + 2
    return None


_READERS = {
    "name": name_quoted,
    "text": name_quoted,
    "zone": _any,
    "address": _any,
    "service": _any,
    "servgroup": name_quoted,
    "schedule": name_quoted,
    "number": number,
    "ipv4": ipv4,
    "interface": interface,
    "net": _net,
    "ends": ends,
    "ports": _ports,
    "days": _days,
    "clock": _clock,
    "moment": _moment,
    "said": _said,
    "own": _own_address,
    "shaped": shaped(r"[a-z-]+"),
    "profile": shaped(r"av|ips|url-filter"),
}

_TEXT = Form("description = <text>", undo=("description",))

_ADDRESS = (
    Form("ip <net>"),
    Form("range <ends>", beside=True),
    Form("host <host:name>", beside=True),
    Form("member <book:@address>", beside=True),
)
_SERVICE = (
    Form("<protocol:tcp|udp> dst-port <target:ports> [src-port <source:ports>]"),
    Form("icmp type <type:number> [code <code:ports>]", beside=True),
    Form("icmp type any", beside=True),
    Form("protocol <protocol:number>", beside=True),
    _TEXT,
)
_DAY_NAMES = "weekdays 与 weekend 印成原词还是逐日未知"
_SCHEDULE = (
    Form("absolute = [start <start:moment>] [end <end:moment>]", undo=("absolute",)),
    Form("periodic <days> <from:clock> to <to:clock>"),
    Form("periodic <days> <from:clock> to <until:days> <to:clock>", beside=True),
    Form("periodic daily <from:clock> to <to:clock>", beside=True),
    # One sample configuration shows five days where "weekdays" was typed, another one the word.
    Form("periodic weekdays <from:clock> to <to:clock>", beside=True, unsure=_DAY_NAMES),
    Form("periodic weekend <from:clock> to <to:clock>", beside=True, unsure=_DAY_NAMES),
)


def _side(side: str) -> tuple[Form, ...]:
    return (
        Form(f"{side}-addr <book:@address>"),
        Form(f"{side}-ip <net>", beside=True),
        Form(f"{side}-range <ends>", beside=True),
        Form(f"{side}-host <host:name>", beside=True),
    )


_RULE = (
    Form("action = <action:permit|deny>", name="action"),
    Form("disable =", off=("enable",)),
    Form("log policy-deny ="),
    Form("log session-end ="),
    Form("log session-start ="),
    Form("src-zone = <zone:@zone>"),
    Form("dst-zone = <zone:@zone>"),
    *_side("src"),
    *_side("dst"),
    Form("service <service:@service>"),
    Form("schedule <schedule:@schedule>"),
    Form("<profile> = <named:name>"),
    _TEXT,
    Form("name = <name>"),
)
_NAT = "NAT 规则各部分的印法未知"
_VROUTER = (
    *(
        form
        for kind in ("snatrule", "dnatrule")
        for form in (
            Form(
                f"{kind} id <n:number> <rest:said>",
                undo=(f"{kind} id <n:number>",),
                name=kind,
                ordered=True,
                number=Numbering("n"),
                unmade=_NAT,
            ),
        )
    ),
    Form("ip route <net> <hop:ipv4> [<precedence:number>]", undo=("ip route <net> [<hop:ipv4>]",)),
)
_INTERFACE = (
    Form("zone = <zone:@zone>"),
    Form("ip address = <own>"),
    Form("manage <service:shaped>"),
    _TEXT,
    Form("shutdown ="),
)
_AT = (
    "[<where:|top>]",
    "<where:before|after> <anchor-id:number>",
    "<where:before|after> name <anchor-name:name>",
)
_ROOT = (
    Form("ip vrouter <name>", name="vrouter", opens="vrouter", declared=True),
    Form("zone <name:zone>", name="zone", opens="zone"),
    Form("interface <name:interface>", name="interface", opens="interface", unmade="接口应已在配置中"),
    Form(
        "address <name> = [<family:|ipv6>]",
        typed=("address <name>",),
        undo=("address <name>",),
        name="address",
        opens="address",
        declared=True,
    ),
    Form("service <name>", name="service", opens="service", declared=True),
    Form("servgroup <name>", name="servgroup", opens="servgroup", declared=True),
    Form("schedule <name>", name="schedule", opens="schedule"),
    Form("policy-global", name="policy", opens="policy", unprinted=True),
    Form(
        "rule id <id:number>",
        typed=tuple(f"rule [id <id:number>] {at}" for at in _AT),
        undo=("rule id <id:number>", "rule name <name>"),
        name="rule",
        opens="rule",
        ordered=True,
        needs="action",
        within="policy",
        number=Numbering("id", "unknown"),
    ),
)
GRAMMAR = Grammar(
    views={
        "": View(
            _ROOT,
            moves=tuple(
                Move(f"move {which} {to}", "rule", within="policy")
                for which in ("<id:number>", "name <name>")
                for to in ("<where:top|bottom>", *_AT[1:])
            ),
            printed=(
                "vrouter+",
                "zone",
                "interface",
                "address+",
                "service+",
                "servgroup+",
                "schedule",
                "service",
                "servgroup",
                "address",
                "vrouter",
                "policy",
                "rule",
            ),
        ),
        "vrouter": View(
            _VROUTER,
            moves=tuple(
                Move(f"{kind} move <n:number> {to}", kind)
                for kind in ("snatrule", "dnatrule")
                for to in ("<where:top|bottom>", "<where:before|after> <anchor-n:number>")
            ),
        ),
        "interface": View(_INTERFACE),
        "address": View(_ADDRESS),
        "service": View(_SERVICE),
        "servgroup": View((Form("service <service:@service>"), _TEXT)),
        "schedule": View(_SCHEDULE),
        "rule": View(_RULE),
    },
    readers=_READERS,
    layout=Layout(step=2, closing="exit", end="End"),
    negation="no",
    leave=("exit",),
    through=frozenset({"policy"}),
)
