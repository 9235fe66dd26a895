"""Ports: the grammar of a port cell, and pairs of an arriving (public) port and a target port.

Notation: ``"443"``, ``"8000-8010"`` or ``"any"`` alone; lists are unique, coalesced and sorted by number.
"""

import re
from collections.abc import Iterable, Iterator

from nornir_itsm.forms.reading import ANY, Note, Reading, joined, plain, shorten, without_list

Span = tuple[int, int]
Pair = tuple[str, str]

MANY_TO_ONE = 16
"""So many public ports may lead to one target port in one row."""

_ITEM = re.compile(r"([0-9]{1,6})(?:\.0+)?(?:[-~]([0-9]{1,6})(?:\.0+)?)?")
_SPACED_RANGE = re.compile(r"\s*(?:[-~]|至|到)\s*")
_SEPARATORS = re.compile(r"[\s,;、/|]+")
_FAMILY = re.compile(r"(tcp|udp)[:/_-]?\d", re.IGNORECASE)


def text_of(span: Span) -> str:
    """Return ``"443"`` or ``"8000-8010"``."""
    low, high = span
    return str(low) if low == high else f"{low}-{high}"


def span_of(text: str) -> Span:
    """Return the span of a canonical port text; raises ValueError for ``any``."""
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def coalesced(spans: Iterable[Span]) -> list[Span]:
    """Return the same numbers as few spans, sorted."""
    joined: list[Span] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def written(raw: object) -> list[Span]:
    """Return the spans of a port cell in the order they were written; [] where it is not a list."""
    items = [_ITEM.fullmatch(token) for token in _split(plain(raw))]
    return [(int(m[1]), int(m[2] or m[1])) for m in items if m]


def _split(text: str) -> list[str]:
    return [token for token in _SEPARATORS.split(_SPACED_RANGE.sub("-", text)) if token]


def read_ports(raw: object) -> Reading[tuple[str, ...]]:
    """Read a port cell. ``0`` is any; several are parted by ``;`` or a new line, ranges written ``a-b``."""
    if early := without_list(raw):
        return early
    text = plain(raw)
    notes = [note for token in _split(text) if (note := _fault(token))]
    if notes:
        return Reading((), "bad", (joined(notes),))
    spans = written(text)
    if not spans:
        return Reading((), "bad", (Note("error", "没有可读的端口", "填写端口号，例如 443"),))
    return _list(spans)


def _list(spans: list[Span]) -> Reading[tuple[str, ...]]:
    zero = (0, 0) in spans
    if zero and len(set(spans)) > 1:
        return Reading((), "bad", (Note("error", "0（任意端口）与具体端口写在同一格", "只写 0，或只写端口"),))
    value = coalesced(spans)
    if value in ([(0, 65535)], [(1, 65535)]):
        return Reading(ANY, "any", (Note("info", "全部端口，按任意端口读取"),))
    if zero:
        return Reading(ANY, "any")
    size = sum(high - low + 1 for low, high in value)
    repeated = size < sum(high - low + 1 for low, high in spans)
    notes = (Note("info", "端口有重复，已合并"),) if repeated else ()
    return Reading(tuple(map(text_of, value)), "list", notes)


def _fault(token: str) -> Note | None:
    """Return what is wrong with one item of a port cell."""
    match, name = _ITEM.fullmatch(token), shorten(token)
    if match is None:
        hint = "协议另有一列，这里只写端口" if _FAMILY.match(token) else "填写端口号、a-b，多个用分号分隔"
        return Note("error", f"{name} 不是端口", hint)
    numbers = [number for number in match.groups() if number]
    if any(len(number) > 1 and number.startswith("0") for number in numbers):
        return Note("error", f"{token} 有前导零", "可能是千位分隔符把数字拆开了；多个端口请用分号分隔")
    if any(int(number) > 65535 for number in numbers):
        return Note("error", f"{token} 超出 0–65535", "填写 0–65535 之间的端口")
    if int(numbers[0]) > int(numbers[-1]):
        return Note("error", f"{token} 起始大于结束", "从小到大填写")
    return None


def pair_up(public: tuple[str, ...], target: tuple[str, ...]) -> tuple[Pair, ...] | None:
    """Pair public ports with target ports in the order of their numbers; None where they do not fit.

    Public ``any``: any port arrives. One target takes up to 16 public ports. No ports: no pairs.
    """
    if not target or not public:
        return ()
    if public == ANY:
        return join_pairs(("any", port) for port in target)
    if target == ANY:
        return join_pairs((port, "any") for port in public)
    left, right = [span_of(p) for p in public], [span_of(t) for t in target]
    ports = sum(high - low + 1 for low, high in left)
    if len(right) == 1 and right[0][0] == right[0][1] and ports <= MANY_TO_ONE:
        return join_pairs((str(port), target[0]) for low, high in left for port in range(low, high + 1))
    if ports != sum(high - low + 1 for low, high in right):
        return None
    return join_pairs(zip_spans(left, right))


def zip_spans(left: Iterable[Span], right: Iterable[Span]) -> Iterator[Pair]:
    """Yield pairs of equally long spans, port by port in the given order; both sides count the same."""
    targets = iter(right)
    low2, high2 = 1, 0
    for low, high in left:
        at = low
        while at <= high:
            if low2 > high2:
                low2, high2 = next(targets)
            step = min(high - at, high2 - low2)
            yield text_of((at, at + step)), text_of((low2, low2 + step))
            at, low2 = at + step + 1, low2 + step + 1


def join_pairs(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """Return the same pairs, contiguous ones with the same offset as one, sorted by number."""
    tracks: dict[tuple[str, int], list[Span]] = {}
    for public, target in pairs:
        if public == "any" or target == "any":
            free, port = ("public", target) if public == "any" else ("target", public)
            if port == "any":
                tracks.setdefault(("both", 0), []).append((0, 0))
                continue
            tracks.setdefault((free, 0), []).append(span_of(port))
            continue
        span, offset = span_of(public), span_of(target)[0] - span_of(public)[0]
        tracks.setdefault(("none", offset), []).append(span)
    found = [(free, span, offset) for (free, offset), spans in tracks.items() for span in coalesced(spans)]
    return tuple(pair for _, pair in sorted(map(_sortable, found)))


def _sortable(track: tuple[str, Span, int]) -> tuple[tuple[int, int, int, int], Pair]:
    free, (low, high), offset = track
    text = text_of((low, high))
    match free:
        case "both":
            return (-1, -1, -1, -1), ("any", "any")
        case "public":
            return (-1, -1, low, high), ("any", text)
        case "target":
            return (low, high, -1, -1), (text, "any")
    return (low, high, low + offset, high + offset), (text, text_of((low + offset, high + offset)))
