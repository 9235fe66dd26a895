"""Addresses: the grammar of an address cell, and sets of addresses in the contract's notation.

Notation: a CIDR (a host is ``/32`` or ``/128``), a range ``a-b`` where no CIDR says it, a domain name
in lower case, or ``any`` alone. Lists are unique, free of overlap and sorted by number; neighbours stay
apart, so that a host stays a host.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from nornir_itsm.forms.reading import ANY, Note, Reading, is_any, joined, plain, shorten, without_list

LIMIT = 1000
"""More addresses than this in one cell are refused."""

_TOKEN = re.compile(r"([^\s,;、|()]+)\s*(?:\(([^()]*)\))?")
_JOINT = re.compile(r"[ \t]*(?:([-~])|至|到)[ \t]*")
_SLASHED = re.compile(r"(?<![\w./:-])\d+\.\d+\.\d+\.\d+(?:/\d+\.\d+\.\d+\.\d+)+(?![\w./:-])")
_ISP = re.compile(r"(电信|移动|联通)(?:线路)?:?")
_DOMAIN = re.compile(
    r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}\.?"
)
_URL = re.compile(r"[a-z]+://([^/:?#]+)(?:[:/?#].*)?", re.IGNORECASE)
_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+|[a-z0-9.*-]+\.[a-z]{2,}):(\d+)", re.IGNORECASE)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Interval(NamedTuple):
    """All addresses of one family from ``low`` to ``high``, both included."""

    version: int
    low: int
    high: int


def text_of(interval: Interval) -> str:
    """Return the notation of an interval: a CIDR where one says it, else ``a-b``."""
    version, low, high = interval
    bits = 32 if version == 4 else 128
    size = high - low + 1
    make = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    if size & (size - 1) == 0 and low % size == 0:
        return f"{make(low)}/{bits - size.bit_length() + 1}"
    return f"{make(low)}-{make(high)}"


@lru_cache(maxsize=4096)
def interval_of(text: str) -> Interval | None:
    """Return the interval of a canonical text; None for a domain name. Raises ValueError for ``any``."""
    if text == "any":
        raise ValueError(text)
    low, dash, high = text.partition("-")
    try:
        if dash:
            first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
            return Interval(first.version, int(first), int(last))
        network = ipaddress.ip_network(text)
    except ValueError:
        return None
    return Interval(network.version, int(network.network_address), int(network.broadcast_address))


def _swept(texts: Iterable[str], gap: int) -> tuple[list[Interval], list[str]]:
    """Join intervals that overlap (or lie up to *gap* apart); return them and the names, both sorted."""
    found: dict[str, Interval | None] = {text: interval_of(text) for text in texts}
    joined: list[Interval] = []
    for item in sorted(i for i in found.values() if i is not None):
        last = joined[-1] if joined else None
        if last and item.version == last.version and item.low <= last.high + gap:
            joined[-1] = last._replace(high=max(last.high, item.high))
        else:
            joined.append(item)
    return joined, sorted(text for text, interval in found.items() if interval is None)


def normalise(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the same set, unique, without overlap, sorted by number, names last."""
    texts = tuple(texts)
    if "any" in texts:
        return ANY
    intervals, names = _swept(texts, gap=0)
    return (*map(text_of, intervals), *names)


def same_set(texts: Iterable[str]) -> tuple[object, ...]:
    """Return a value that is equal for two lists exactly when they say the same set."""
    texts = tuple(texts)
    if "any" in texts:
        return ANY
    intervals, names = _swept(texts, gap=1)
    return (*intervals, *names)


def families(texts: Iterable[str]) -> set[int]:
    """Return the IP versions that occur; names and ``any`` fit both."""
    found: set[int] = set()
    for text in texts:
        interval = None if text == "any" else interval_of(text)
        found |= {interval.version} if interval else {4, 6}
    return found


def read_addresses(raw: object, isps: Mapping[str, str] | None = None) -> Reading[tuple[str, ...]]:
    """Read an address cell; *isps* maps a public prefix to its carrier, to check remarks like （电信）."""
    if early := without_list(raw):
        return early
    if isinstance(raw, int | float):
        return Reading((), "bad", (Note("error", "数字不是地址", "填写 IP 地址、网段或域名"),))
    found, notes = _tokens(plain(raw), isps or {})
    if errors := [note for note in notes if note.level == "error"]:
        return Reading((), "bad", (joined(errors),))
    if questions := [note for note in notes if note.level == "question"]:
        return Reading((), "bad", (joined(questions, proposal=";".join(found)),))
    if not found:
        return Reading((), "bad", (Note("error", "没有可读的地址", "每行填写一个 IP 地址"),))
    return _list(found, notes)


def _list(found: tuple[str, ...], notes: tuple[Note, ...]) -> Reading[tuple[str, ...]]:
    value = normalise(found)
    if value == ANY:
        problem = Note("error", "any 与具体地址写在同一格", "只写 any，或只写地址")
        return Reading((), "bad", (problem,)) if set(found) != set(ANY) else Reading(ANY, "any", notes)
    if len(value) < len(found):
        notes = (*notes, Note("info", "地址有重复或包含，已合并"))
    return Reading(value, "list", notes)


def _tokens(text: str, isps: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Return the addresses of a cell, or what is proposed in their place, and the notes."""
    aligned = re.sub(r"[ \t]*/[ \t]*(?=\d)", "/", _JOINT.sub(lambda m: m[1] or "-", text))
    tokens = _TOKEN.findall(_SLASHED.sub(_parted, aligned))
    if len(tokens) > LIMIT:
        return (), (Note("error", f"一格里有 {len(tokens)} 个地址", f"每格最多 {LIMIT} 个，请用网段"),)
    found: list[str] = []
    notes: list[Note] = []
    for token, remark in tokens:
        bare, carrier = _ISP.sub("", token), _ISP.search(token + remark)
        item, said = _one(bare) if bare else (None, ())
        proposals = (note.proposal for note in said if note.level == "question" and note.proposal)
        found += [item] if item else proposals
        notes += said
        if remark or carrier:
            notes.append(_remark(remark, carrier and carrier[1], found[-1] if found else "", isps))
    return tuple(found), tuple(notes)


def _parted(match: re.Match[str]) -> str:
    """Part addresses that are listed with a slash; behind a slash a mask is one."""
    try:
        ipaddress.ip_interface(match[0])
    except ValueError:
        return match[0].replace("/", " ")
    return match[0]


def _remark(remark: str, carrier: str | None, item: str, isps: Mapping[str, str]) -> Note:
    """Say what became of a remark behind an address."""
    interval = interval_of(item) if item not in ("", "any") else None
    if carrier and interval and isps:
        known = {name for prefix, name in isps.items() if _inside(interval, prefix)}
        if known and carrier not in known:
            real = "、".join(sorted(known))
            return Note("warning", f"{item} 标注为{carrier}，按网段属于{real}", "请核对公网地址与运营商")
    return Note("info", f"标注“{shorten(remark or carrier or '')}”只作提示，不是地址的一部分")


def _inside(interval: Interval, prefix: str) -> bool:
    outer = interval_of(prefix)
    return (
        outer is not None
        and outer.version == interval.version
        and outer.low <= interval.low <= interval.high <= outer.high
    )


def _one(token: str) -> tuple[str | None, tuple[Note, ...]]:
    """Read one address; the text is None where it cannot be read."""
    if is_any(token):
        return "any", ()
    for read in (_network, _range, _name):
        if (answer := read(token)) is not None:
            return answer
    if match := _URL.fullmatch(token) or _WITH_PORT.fullmatch(token):
        host, _ = _one(match[1])
        if host:
            note = Note("question", f"{shorten(token)} 不只是地址", "端口写在端口列；确认后按主机读取", host)
            return None, (note,)
    return None, (Note("error", f"{shorten(token)} 不是地址", "填写 IP 地址、网段、a-b 范围或域名"),)


def _network(token: str) -> tuple[str | None, tuple[Note, ...]] | None:
    if "%" in token:
        return None
    try:
        interface = ipaddress.ip_interface(token)
    except ValueError:
        return None
    network = interface.network
    if network.prefixlen == 0:
        note = Note("question", f"{token} 是未指定地址", "需要任意地址时请写 any", "any")
        return None, (note,)
    text = f"{network.network_address}/{network.prefixlen}"
    if fault := _unusable(network.network_address, network.prefixlen):
        if network.network_address.is_unspecified and network.num_addresses == 1:
            return None, (Note("question", f"{token} {fault}", "需要任意地址时请写 any", "any"),)
        return None, (Note("error", f"{token} {fault}", "填写可路由的地址"),)
    return text, tuple(_width_notes(token, interface, text))


def _width_notes(
    token: str, interface: ipaddress.IPv4Interface | ipaddress.IPv6Interface, text: str
) -> Iterator[Note]:
    network = interface.network
    if interface.ip != network.network_address:
        yield Note("warning", f"{token} 带主机位，按网段 {text} 读取", "若只要这一台主机，请去掉掩码", text)
    elif "." in token.partition("/")[2]:
        yield Note("info", f"{token} 按网段 {text} 读取")
    if network.prefixlen < (16 if network.version == 4 else 32):
        yield Note("warning", f"{text} 范围很大", "请确认是否需要整个网段")
    if network.network_address.is_multicast:
        yield Note("warning", f"{text} 是组播地址", "请确认")


def _unusable(address: Address, prefix: int) -> str:
    if address.is_unspecified and prefix >= 8:
        return "是未指定地址"
    if address.is_loopback:
        return "是环回地址"
    if address.is_link_local:
        return "是链路本地地址"
    if address.version == 4 and int(address) >= 0xF0000000:
        return "是保留地址"
    if address.version == 6 and address.ipv4_mapped:
        return "是 IPv4 映射地址"
    return ""


def _range(token: str) -> tuple[str | None, tuple[Note, ...]] | None:
    low, dash, high = token.replace("~", "-").partition("-")
    if not dash or "%" in token:
        return None
    notes: tuple[Note, ...] = ()
    if high.isascii() and high.isdigit() and low.count(".") == 3:
        high = low.rpartition(".")[0] + "." + high
        notes = (Note("info", f"{token} 按范围 {low}-{high} 读取"),)
    try:
        first, last = ipaddress.ip_interface(low), ipaddress.ip_interface(high)
    except ValueError:
        return None
    if first.network.num_addresses > 1 or last.network.num_addresses > 1:
        return None
    if first.version != last.version or int(first.ip) > int(last.ip):
        return None, (Note("error", f"{shorten(token)} 不是从小到大的地址范围", "写成 起始-结束"),)
    if fault := _unusable(first.ip, 128) or _unusable(last.ip, 128):
        return None, (Note("error", f"{token} {fault}", "填写可路由的地址"),)
    return text_of(Interval(first.version, int(first.ip), int(last.ip))), notes


def _name(token: str) -> tuple[str | None, tuple[Note, ...]] | None:
    name = token.lower()
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        return None
    if name.startswith("*."):
        return name.rstrip("."), (Note("warning", f"{name} 是通配域名", "请确认需要全部子域名"),)
    return name.rstrip("."), ()
