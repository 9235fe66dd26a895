"""StoneOS REST documents -> the text of ``show configuration``, written without a look at the parser.

Also random documents for hypothesis, and the paths that the tests of this folder share.
"""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
SNAPSHOT = ROOT / "inventory" / "snapshot"
TEMPLATE = (ROOT / "ttp_templates" / "hillstone_stoneos" / "show_configuration.ttp").read_text(
    encoding="utf-8"
)

Documents = dict[str, Any]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def documents(folder: str) -> Documents:
    return {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in (SNAPSHOT / folder).glob("*.json")}


def printed(docs: Documents, *, wrapped: bool = False) -> str:
    """Print what the documents say; cut-off members and codes cannot be printed and are left out."""
    lines = ["Building configuration..", "Running configuration:", "!", "Version 5.5R4", ""]
    lines += ['ip vrouter "trust-vr"', "exit", 'zone "trust"', "exit"]
    books = [b for b in docs["addrbook"]["result"] if b["name"] != "Any"]
    services = [s for s in docs["servicebook"]["result"] if s["type"] != "2"]
    groups = [g for g in docs["servicegroup"]["result"] if g["type"] != "2"]
    for book in books:
        lines += [_book_head(book), "exit"]
    for service in services:
        lines += [f'service "{service["name"]}"', *_in(_service(service)), "exit"]
    for group in groups:
        lines += [
            f'servgroup "{group["name"]}"',
            *_in(f'service "{s["name"]}"' for s in group["service"]),
            "exit",
        ]
    for schedule in docs["schedule"]["result"]:
        lines += [f'schedule "{schedule["name"]}"', *_in(_schedule(schedule)), "exit"]
    for book in books:
        lines += [_book_head(book), *_in(_book(book)), "exit"]
    rules: list[str] = []
    for rule in sorted(docs["policy"]["result"], key=lambda r: int(r["seqno"])):
        rules += [f"rule id {rule['id']}", *_in(_rule(rule)), "exit"]
    lines += ["policy-global", *_in(rules), "exit"] if wrapped else rules
    return "\n".join([*lines, "End", ""])


def _in(lines: Any) -> list[str]:
    return [f"  {line}" for line in lines]


def _book_head(book: Documents) -> str:
    return f'address "{book["name"]}"' + (" ipv6" if book.get("is_ipv6") == "1" else "")


def _book(book: Documents) -> Iterator[str]:
    for member in book.get("member", []):
        if member.endswith(("~", "...")):
            continue
        low, dash, high = member.partition("-")
        if "/" in member:
            yield f"ip {member}"
        elif dash and set(low + high) <= set("0123456789."):
            yield f"range {low} {high}"
        else:
            yield f'host "{member}"'


def _service(service: Documents) -> Iterator[str]:
    for row in service.get("row", []):
        source = "" if (row["sp_low"], row["sp_high"]) == ("0", "65535") else " src-port " + _ports(row, "sp")
        yield f"{ {'6': 'tcp', '17': 'udp'}[row['protocol']] } dst-port {_ports(row, 'dp')}{source}"
    for other in service.get("other_protocol", []):
        yield f"protocol {other['protocol']}"
    for icmp in service.get("icmp", []):
        yield f"icmp type {icmp['icmpname']} code {icmp['code_min']} {icmp['code_max']}"


def _ports(row: Documents, side: str) -> str:
    low, high = row[f"{side}_low"], row[f"{side}_high"]
    return low if low == high else f"{low} {high}"


def _schedule(schedule: Documents) -> Iterator[str]:
    for item in schedule.get("periodic", []):
        named = {tuple(DAYS): "daily", tuple(DAYS[:5]): "weekdays", tuple(DAYS[5:]): "weekend"}
        days = named.get(tuple(item["days"]), " ".join(item["days"]))
        yield f"periodic {days} {item['start']} to {item['end']}"
    if schedule.get("absolute"):
        yield "absolute start 01/01/2026 00:00 end 06/30/2026 23:59"


def _rule(rule: Documents) -> Iterator[str]:
    yield "action " + {"1": "deny", "2": "permit"}[rule["action"]]
    if rule["enable"] != "3":
        yield "disable"
    for key, word in (
        ("log_deny", "policy-deny"),
        ("log_start", "session-start"),
        ("log_end", "session-end"),
    ):
        if rule[key] == "1":
            yield f"log {word}"
    for side in ("src", "dst"):
        yield from (f'{side}-zone "{zone["name"]}"' for zone in rule.get(f"{side}_zone", []))
        yield from (f'{side}-addr "{a["member"]}"' for a in rule.get(f"{side}_addr", []))
        yield from (f"{side}-ip {a['ip']}/{a['netmask']}" for a in rule.get(f"{side}_subnet", []))
        yield from (f"{side}-range {a['min']} {a['max']}" for a in rule.get(f"{side}_range", []))
        yield from (f'{side}-host "{a["host"]}"' for a in rule.get(f"{side}_host", []))
    yield from (f'service "{s["member"]}"' for s in rule.get("service", []))
    yield from (f'schedule "{s["name"]}"' for s in rule.get("schedname", []))
    for key, word in (("av", "av"), ("idp", "ips")):
        if key in rule:
            yield f'{word} "{rule[key]["name"]}"'
    if "description" in rule:
        yield f'description "{rule["description"]["content"]}"'
    yield f'name "{rule["name"]["name"]}"'


NAMES = st.text("abzXYZ09 _-./:;()（）、网段例*&#|{}<>'\\", min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and text.lower() != "any"
)
_ADDRESS = st.integers(0, 2**32 - 1).map(IPv4Address)
_NETWORK = st.tuples(_ADDRESS, st.integers(0, 32)).map(lambda pair: str(IPv4Network(pair, strict=False)))
_RANGE = st.tuples(_ADDRESS, _ADDRESS).map(sorted)
_HOST = st.from_regex(r"(\*\.)?[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.(example|test)", fullmatch=True)
_MEMBER = st.one_of(_NETWORK, _RANGE.map(lambda ends: f"{ends[0]}-{ends[1]}"), _HOST)
_SPAN = st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(sorted)
_CLOCK = st.integers(0, 1439).map(lambda at: f"{at // 60:02d}:{at % 60:02d}")
_PROFILE = st.sampled_from(["predef_low", "predef_high"])


def _row(protocol: str, target: list[int], source: list[int]) -> Documents:
    ports = zip(("dp_low", "dp_high", "sp_low", "sp_high"), (*target, *source), strict=True)
    return {"protocol": protocol, **{key: str(port) for key, port in ports}, "timeout": "0"}


_ROW = st.builds(_row, st.sampled_from(["6", "17"]), _SPAN, st.one_of(st.just([0, 65535]), _SPAN))
_ICMP = st.builds(
    lambda kind, codes: {"icmpname": str(kind), "code_min": str(codes[0]), "code_max": str(codes[1])},
    st.integers(0, 255),
    st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted),
)
_PERIOD = st.builds(
    lambda days, ends: {"days": sorted(days, key=DAYS.index), "start": ends[0], "end": ends[1]},
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.tuples(_CLOCK, _CLOCK).filter(lambda ends: ends[0] != ends[1] and ends[1] != "00:00"),
)


def _some(items: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=1, max_size=most, unique_by=str)


@st.composite
def rule_bases(draw: st.DrawFn) -> Documents:
    """Random documents of one firewall, of the kind that text and REST can both say in full."""
    books = draw(st.lists(NAMES, unique=True, max_size=4))
    names = draw(st.lists(NAMES, unique=True, max_size=4))
    services, groups, schedules = names[::2], names[1::2], draw(st.lists(NAMES, unique=True, max_size=3))
    docs: Documents = {
        "addrbook": [{"name": name, "member": draw(_some(_MEMBER)), "is_ipv6": "0"} for name in books],
        "servicebook": [{"name": n, "type": "0", **_content(draw)} for n in services],
        "servicegroup": [
            {
                "name": n,
                "type": "0",
                "service": [{"name": s} for s in draw(_some(st.sampled_from(["HTTP", *names])))],
            }
            for n in groups
        ],
        "schedule": [{"name": name, "periodic": draw(_some(_PERIOD))} for name in schedules],
        "policy": [
            _random_rule(draw, at, name, books, names, schedules)
            for at, name in enumerate(draw(st.lists(NAMES, unique=True, max_size=4)))
        ],
    }
    return {name: {"success": True, "total": str(len(r)), "result": r} for name, r in docs.items()}


def _content(draw: st.DrawFn) -> Documents:
    kind = draw(st.sampled_from(["row", "other_protocol", "icmp", "all"]))
    content = {
        "row": draw(_some(_ROW)),
        "other_protocol": [
            {"protocol": str(n)}
            for n in draw(_some(st.integers(2, 255).filter(lambda n: n not in (6, 17, 58))))
        ],
        "icmp": draw(_some(_ICMP)),
    }
    return content if kind == "all" else {kind: content[kind]}


def _random_rule(
    draw: st.DrawFn, at: int, name: str, books: list[str], services: list[str], schedules: list[str]
) -> Documents:
    rule: Documents = {"id": str(at + 7), "seqno": str(at), "name": {"name": name}, "enable": "3"}
    rule["action"] = draw(st.sampled_from(["1", "2"]))
    rule |= {key: draw(st.sampled_from("01")) for key in ("log_deny", "log_start", "log_end")}
    for side in ("src", "dst"):
        rule[f"{side}_zone"] = [{"name": draw(st.sampled_from(["trust", "untrust", "Any"]))}]
        rule[f"{side}_addr"] = [
            {"member": b, "type": "0"} for b in draw(_some(st.sampled_from(["Any", *books])))
        ]
        networks = draw(st.lists(_NETWORK, max_size=2, unique=True))
        rule[f"{side}_subnet"] = [dict(zip(("ip", "netmask"), n.split("/"), strict=True)) for n in networks]
        ranges = draw(st.lists(_RANGE, max_size=2, unique_by=str))
        rule[f"{side}_range"] = [{"min": str(low), "max": str(high)} for low, high in ranges]
        hosts = draw(st.lists(_HOST, max_size=2, unique=True))
        rule[f"{side}_host"] = [{"host": host, "is_ipv6": "0"} for host in hosts]
    rule["service"] = [
        {"member": s, "type": "0"} for s in draw(_some(st.sampled_from(["HTTP", "Any", *services])))
    ]
    if schedules:
        rule["schedname"] = [{"name": s} for s in draw(_some(st.sampled_from(schedules)))]
    if draw(st.booleans()):
        rule |= {"av": {"name": draw(_PROFILE)}, "idp": {"name": draw(_PROFILE)}}
        rule["description"] = {"content": draw(NAMES)}
    return rule
