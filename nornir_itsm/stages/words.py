"""Packets in the words that people on both sides of a change use."""

from collections.abc import Iterator
from ipaddress import summarize_address_range

from nornir_itsm.model.intent import Intent, kind_of, name_of
from nornir_itsm.model.order import DAYS
from nornir_itsm.model.plan import Proof
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    LINK,
    MINUTES,
    NAMES,
    OUT_ZONE,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    TIME,
    UNKNOWN,
    V4,
    V6,
    address_at,
    full,
    is_name,
    is_wildcard,
    name_above,
    name_at,
    spelled,
)
from nornir_itsm.space.packets import Box, Packets
from nornir_itsm.space.ranges import Ranges

ANY = "任意"
_KINDS = {
    "AddressSet": "地址集",
    "AddressPool": "转换地址池",
    "ServiceSet": "服务",
    "Schedule": "时间表",
    "SecurityRule": "策略",
    "DestinationNat": "目的地址转换",
    "SourceNat": "源地址转换",
    "PolicyRoute": "智能路由",
    "Vlan": "VLAN",
    "VpnInstance": "VPN 实例",
    "Interface": "VLAN 接口",
    "StaticRoute": "静态路由",
    "CloudRule": "安全组规则",
}
MORE = "……另有"
_MOST = 12
"""So many boxes or items are spelled out; the rest is counted. Nothing is left out silently."""
_SPELLED = 4
"""So many neighbouring hosts are named one by one."""
_LAST = 0xFFFF
_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
_DAY_WORDS = dict(zip(DAYS, "一二三四五六日", strict=True))


def kind_words(intent: Intent) -> str:
    """Say what kind of thing an intent is about."""
    kind = kind_of(intent)
    return _KINDS.get(kind, kind)


def intent_words(intent: Intent) -> str:
    """Say what an intent is about: ``VLAN 2617``."""
    return f"{kind_words(intent)} {name_of(intent)}"


def flows(packets: Packets) -> tuple[str, ...]:
    """Say a set of packets, one sentence a box: ``a → b TCP 443``. Equal sets are said alike."""
    said = sorted(_flow(box) for box in packets.merged())
    return (*said[:_MOST], f"{MORE} {len(said) - _MOST} 项") if len(said) > _MOST else tuple(said)


def proof_words(proof: Proof) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a proof has to say, part by part: its title and its flows. Empty parts are left out."""
    adding = proof.action == "add"
    parts = (
        ("新放行", proof.opened),
        ("停止放行", proof.closed),
        ("此前已放行" if adding else "此前已不通过", proof.already),
        ("需求以外被放行", proof.beyond),
        ("需求以外被放行（站点允许，批准时须接受）", proof.allowed),
        ("需求以外被关闭", proof.wrongly_closed),
        ("仍不通过" if adding else "仍然放行", proof.shortfall),
        ("单点余量（不因此放行）", proof.residue),
        ("处理方式改变", proof.treatment),
        ("无法判定", proof.undecidable),
    )
    yield from ((title, said) for title, said in parts if said)


def packet(packets: Packets) -> str | None:
    """Say one packet of the set, as a counterexample; None where the set is empty."""
    found = packets.merged().sample()
    return None if found is None else _flow({d: Ranges.span(n) for d, n in found.items()})


def _flow(box: Box) -> str:
    parts = [
        f"{address_words(box.get(SOURCE))} → {address_words(box.get(DESTINATION))}",
        service_words(box.get(SERVICE)),
    ]
    named = {d: r for d, r in box.items() if r != full(d)}
    if SOURCE_PORT in named:
        parts.append(f"源端口 {'、'.join(_port(0, low, high) for low, high in box[SOURCE_PORT])}")
    if TIME in named:
        parts.append(time_words(box[TIME]))
    if IN_ZONE in named or OUT_ZONE in named:
        parts.append(f"区域 {_symbols(box.get(IN_ZONE))} → {_symbols(box.get(OUT_ZONE))}")
    if LINK in named:
        parts.append(f"经 {_symbols(box[LINK])}")
    for words, holds in (("无法判定", 1), ("无法判定，且不成立", 0)):
        guesses = [d.removeprefix(UNKNOWN) for d in sorted(named) if d[:1] == UNKNOWN and holds in named[d]]
        parts += [f"（{words}：{'；'.join(guesses)}）"] if guesses else []
    return " ".join(parts)


def _symbols(ranges: Ranges | None) -> str:
    """Say zones or links: by name, or all but some."""
    if ranges is None:
        return ANY
    points = [low for low, high in ranges if low == high]
    if len(points) == len(ranges.spans):
        return "、".join(sorted(spelled(point) or "其他" for point in points))
    return f"除 {_symbols(full(LINK) - ranges)} 外的{ANY}"


def address_words(ranges: Ranges | None) -> str:
    """Say a set of addresses: hosts, prefixes, ranges, names; of a family the shorter of it and its rest.

    Where IPv4 is said as any, or any but some, IPv6 and names are said only if a part of them is missing.
    """
    if ranges is None:
        return ANY
    v4 = _family(ranges & V4, V4, ANY)
    wide = v4.endswith(ANY)
    others = ((V6, f"{ANY} IPv6"), (NAMES, f"{ANY}域名"))
    said = [
        v4,
        *(_family(ranges & whole, whole, word) for whole, word in others if not (wide and ranges >= whole)),
    ]
    return "、".join(word for word in said if word)


def _family(part: Ranges, whole: Ranges, word: str) -> str:
    missing = whole - part
    if not missing:
        return word
    if len(missing.spans) <= len(part.spans) and missing.size * 2 < whole.size:
        return f"除 {_list(missing)} 外的{word}"
    return _list(part)


def _list(ranges: Ranges) -> str:
    words = [word for low, high in ranges.spans[:_MOST] for word in _span(low, high)]
    more = len(ranges.spans) - _MOST
    return "、".join([*words, f"{MORE} {more} 段"] if more > 0 else words)


def _span(low: int, high: int) -> list[str]:
    if is_name(low):
        return [_name(low, high)]
    if high - low < _SPELLED:
        return [str(address_at(place)) for place in range(low, high + 1)]
    first, last = address_at(low), address_at(high)
    nets = [str(net) for net in summarize_address_range(first, last)]
    if len(nets) <= 2:
        return [net.removesuffix("/32" if first.version == 4 else "/128") for net in nets]
    return [f"{first}-{last}"]


def _name(low: int, high: int) -> str:
    if low == high:
        return name_at(low)
    above = name_above(low, high)
    if is_wildcard(low, high):
        return f"*.{above}"
    return f"*.{above} 的一部分" if above else "一部分域名"


def service_words(ranges: Ranges | None) -> str:
    """Say a set of services: ``TCP 80、443``, ``ICMP``, or any; the shorter of it and the rest."""
    if ranges is None or ranges == full(SERVICE):
        return f"{ANY}服务"
    missing = full(SERVICE) - ranges
    if len(missing.spans) <= len(ranges.spans) and missing.size * 2 < full(SERVICE).size:
        return f"除 {service_words(missing)} 外的{ANY}服务"
    by_protocol: dict[int, list[str]] = {}
    for low, high in ranges:
        for protocol in range(low >> 16, (high >> 16) + 1):
            ports = max(low, protocol << 16) & _LAST, min(high, protocol << 16 | _LAST) & _LAST
            plain = ports in ((0, _LAST), (0, 0) if protocol not in _PROTOCOLS else ())
            by_protocol.setdefault(protocol, []).append("" if plain else _port(protocol, *ports))
    whole = Ranges.of((p, p) for p, ports in by_protocol.items() if ports == [""] and p not in _PROTOCOLS)
    said = [
        f"{_PROTOCOLS.get(p, f'协议 {p}')} {'、'.join(ports)}".rstrip()
        for p, ports in by_protocol.items()
        if p not in whole
    ]
    return "，".join([*said, *(f"协议 {_port(0, low, high)}" for low, high in whole)])


def _port(protocol: int, low: int, high: int) -> str:
    if protocol not in (1, 58):
        return str(low) if low == high else f"{low}-{high}"
    types = f"{low >> 8}" if low >> 8 == high >> 8 else f"{low >> 8}-{high >> 8}"
    codes = f" 代码 {low & 255}-{high & 255}" if (low & 255, high & 255) != (0, 255) else ""
    return f"类型 {types}{codes}"


def time_words(ranges: Ranges) -> str:
    """Say a set of minutes of the week: ``周一 08:00-18:00；周二 …``."""
    if ranges == Ranges.span(0, MINUTES - 1):
        return "全天"
    by_span: dict[tuple[int, int], list[str]] = {}
    for low, high in ranges:
        for day in range(low // 1440, high // 1440 + 1):
            start, end = max(low, day * 1440) - day * 1440, min(high, day * 1440 + 1439) - day * 1440 + 1
            by_span.setdefault((start, end), []).append(_DAY_WORDS[DAYS[day]])
    return "；".join(f"周{''.join(days)} {_clock(a)}-{_clock(b)}" for (a, b), days in by_span.items())


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
