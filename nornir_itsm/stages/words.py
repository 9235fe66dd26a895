"""Packets in the words that people on both sides of a change use."""

from ipaddress import summarize_address_range

from nornir_itsm.model.order import DAYS
from nornir_itsm.space.dimensions import (
    ADDRESSES,
    DESTINATION,
    LINK,
    MINUTES,
    SERVICE,
    SOURCE,
    TIME,
    UNKNOWN,
    V4,
    V6,
    address_at,
    full,
    is_name,
    name_at,
    spelled,
)
from nornir_itsm.space.packets import Box, Packets
from nornir_itsm.space.ranges import Ranges

ANY = "任意"
_MOST = 12
"""So many boxes or items are spelled out; the rest is counted. Nothing is left out silently."""
_SPELLED = 4
"""So many neighbouring hosts are named one by one."""
_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
_DAY_WORDS = dict(zip(DAYS, "一二三四五六日", strict=True))


def flows(packets: Packets) -> tuple[str, ...]:
    """Say a set of packets, one sentence a box: ``a → b TCP 443``."""
    boxes = packets.merged().boxes
    said = tuple(sorted(_flow(box) for box in boxes[:_MOST]))
    return (*said, f"……另有 {len(boxes) - _MOST} 项") if len(boxes) > _MOST else said


def packet(packets: Packets) -> str | None:
    """Say one packet of the set, as a counterexample; None where the set is empty."""
    found = packets.sample()
    return None if found is None else _flow({d: Ranges.span(n) for d, n in found.items()})


def _flow(box: Box) -> str:
    parts = [
        f"{address_words(box.get(SOURCE))} → {address_words(box.get(DESTINATION))}",
        service_words(box.get(SERVICE)),
    ]
    if TIME in box and box[TIME] != full(TIME):
        parts.append(time_words(box[TIME]))
    if LINK in box and box[LINK] != full(LINK):
        parts.append(f"经 {_links(box[LINK])}")
    guesses = [d.removeprefix(UNKNOWN) for d in sorted(box) if d.startswith(UNKNOWN) and box[d] != full(d)]
    if guesses:
        parts.append(f"（无法判定：{'；'.join(guesses)}）")
    return " ".join(parts)


def _links(ranges: Ranges) -> str:
    return "、".join(spelled(low) or "其他链路" if low == high else "其他链路" for low, high in ranges)


def address_words(ranges: Ranges | None) -> str:
    """Say a set of addresses: hosts, prefixes, ranges and names; the shorter of it and its complement."""
    if ranges is None:
        return ANY
    everything = next(
        (whole for whole in (full(SOURCE), ADDRESSES, V4, V6) if ranges <= whole and whole.size), V4
    )
    everything = V4 if ranges <= V4 else V6 if ranges <= V6 else everything
    missing = everything - ranges
    if not missing:
        return ANY
    if len(missing.spans) <= len(ranges.spans) and missing.size * 2 < everything.size:
        return f"除 {_list(missing)} 外的{ANY}"
    return _list(ranges)


def _list(ranges: Ranges) -> str:
    words = [word for low, high in ranges.spans[:_MOST] for word in _span(low, high)]
    more = len(ranges.spans) - _MOST
    return "、".join([*words, f"……另有 {more} 段"] if more > 0 else words)


def _span(low: int, high: int) -> list[str]:
    if is_name(low):
        return [name_at(low) if low == high else f"*.{name_at(low)}"]
    first, last = address_at(low), address_at(high)
    if high - low < _SPELLED:
        return [str(address_at(place)) for place in range(low, high + 1)]
    nets = [str(net) for net in summarize_address_range(first, last)]
    if len(nets) <= 2:
        return [net.removesuffix("/32").removesuffix("/128") for net in nets]
    return [f"{first}-{last}"]


def service_words(ranges: Ranges | None) -> str:
    """Say a set of services: ``TCP 80、443``, ``ICMP``, or any."""
    if ranges is None or ranges == full(SERVICE):
        return f"{ANY}服务"
    by_protocol: dict[int, list[str]] = {}
    whole: list[tuple[int, int]] = []
    for low, high in ranges:
        first, last = low >> 16, high >> 16
        if first != last:
            whole.append((first, last))
            continue
        ports = by_protocol.setdefault(first, [])
        if (low & 0xFFFF, high & 0xFFFF) != (0, 65535):
            ports.append(_port(first, low & 0xFFFF, high & 0xFFFF))
    said = [
        f"{_PROTOCOLS.get(p, f'协议{p}')} {'、'.join(ports)}".rstrip() for p, ports in by_protocol.items()
    ]
    said += [f"协议 {first}-{last}（部分端口）" for first, last in whole]
    return "，".join(said)


def _port(protocol: int, low: int, high: int) -> str:
    if protocol in (1, 58):
        return f"类型 {low >> 8}" if low >> 8 == high >> 8 else f"类型 {low >> 8}-{high >> 8}"
    return str(low) if low == high else f"{low}-{high}"


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
