"""Lines of a command line as words, and the kinds of words that every platform has.

A reader of a kind takes the words of a line and where to begin; it returns the words as the device prints
them and where to go on, or None where they are nothing of that kind.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple


class Word(NamedTuple):
    """One word, without its quotes, and where it begins in its line."""

    text: str
    quoted: bool
    column: int
    line: str


Reader = Callable[[Sequence[Word], int], tuple[str, int] | None]

_WORD = re.compile(r'"([^"]*)"(?=\s|$)|(\S+)')


def split(line: str) -> tuple[Word, ...]:
    """Split a line at blanks outside double quotes."""
    return tuple(
        Word(m[1] if m[1] is not None else m[2], m[1] is not None, m.start(), line)
        for m in _WORD.finditer(line)
    )


def shaped(pattern: str) -> Reader:
    """Return the reader of one bare word of this regular shape, printed as it is typed."""
    shape = re.compile(pattern)

    def read(words: Sequence[Word], at: int) -> tuple[str, int] | None:
        if at < len(words) and not words[at].quoted and shape.fullmatch(words[at].text):
            return words[at].text, at + 1
        return None

    return read


def number(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read a decimal number; leading zeros are not printed. ``?`` stands for one that only the device
    knows.
    """
    found = shaped(r"[0-9]{1,10}|[?]+")(words, at)
    if found is None or found[0][0] == "?":
        return found
    return str(int(found[0])), at + 1


def name_quoted_at_need(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read a name; one with a blank is printed in quotes."""
    if at >= len(words) or '"' in words[at].text or not words[at].text:
        return None
    text = words[at].text
    return (f'"{text}"' if " " in text else text), at + 1


def name_quoted(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read a name; it is printed in quotes."""
    if at >= len(words) or '"' in words[at].text or not words[at].text:
        return None
    return f'"{words[at].text}"', at + 1


def text(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read all that is left, printed as it is typed. Text in quotes is not read: do they belong to it?"""
    if at >= len(words) or words[at].quoted or words[at].text.startswith('"'):
        return None
    return words[at].line[words[at].column :].rstrip(), len(words)


def ipv4(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read one IPv4 address."""
    return _one(IPv4Address, words, at)


def ipv6(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read one IPv6 address, printed in its short form."""
    return _one(IPv6Address, words, at)


def _one(
    kind: type[IPv4Address] | type[IPv6Address], words: Sequence[Word], at: int
) -> tuple[str, int] | None:
    if at >= len(words) or words[at].quoted:
        return None
    try:
        return str(kind(words[at].text)), at + 1
    except ValueError:
        return None


def ends(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read two addresses of one family, the lower one first."""
    try:
        low, high = (ip_address(word.text) for word in words[at : at + 2])
    except ValueError:
        return None
    if low.version != high.version or int(low) > int(high):
        return None
    return f"{low} {high}", at + 2


def prefix4(first: str, mask: str) -> IPv4Network | None:
    """Return the network of an address and its mask, dotted or a length; bits beyond it are dropped."""
    try:
        if "." in mask:
            bits = int(IPv4Address(mask))
            length = 32 - ((~bits) & 0xFFFFFFFF).bit_length()
            if bits != (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF:
                return None
        else:
            length = int(mask)
        return IPv4Network((first, length), strict=False)
    except ValueError:
        return None


def prefix6(first: str, length: str) -> IPv6Network | None:
    """Return an IPv6 network; bits beyond its length are dropped."""
    try:
        return IPv6Network((first, int(length)), strict=False)
    except ValueError:
        return None


def wildcard(mask: str) -> str | None:
    """Return the dotted mask of a wildcard without gaps (``0.0.0.255``, ``0``), or None."""
    try:
        bits = int(IPv4Address("0.0.0.0" if mask == "0" else mask))
    except ValueError:
        return None
    return str(IPv4Address(~bits & 0xFFFFFFFF)) if (bits & (bits + 1)) == 0 else None


def ranges(said: str) -> set[int]:
    """Return the numbers of ``10 20 to 22``."""
    found: set[int] = set()
    words = said.split()
    at = 0
    while at < len(words):
        low = high = int(words[at])
        if words[at + 1 : at + 2] == ["to"]:
            high, at = int(words[at + 2]), at + 2
        found |= set(range(low, high + 1))
        at += 1
    return found


def in_ranges(numbers: Iterable[int], pair: str = "to") -> str:
    """Return numbers as they are printed: neighbours joined, ``10 20 to 22``.

    Of two neighbours that are alone it is not known whether they are joined: *pair* is how.
    """
    spans: list[list[int]] = []
    for one in sorted(numbers):
        if spans and one == spans[-1][1] + 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    return " ".join(str(low) if low == high else f"{low} {pair} {high}" for low, high in spans)


def number_ranges(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``10 20 to 22``, printed with neighbours joined."""
    said = [word.text for word in words[at:]]
    if not re.fullmatch(r"\d{1,5}(?: to \d{1,5})?(?: \d{1,5}(?: to \d{1,5})?)*", " ".join(said)):
        return None
    return in_ranges(ranges(" ".join(said))), len(words)


def vlans(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read VLANs other than 1: whether that one is printed differs."""
    found = number_ranges(words, at)
    return None if found is None or 1 in ranges(found[0]) or 0 in ranges(found[0]) else found


def interface(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``Vlanif10``, ``Vlanif 10`` or ``GigabitEthernet 1/0/1``; printed in one word."""
    if (
        at >= len(words)
        or words[at].quoted
        or not re.fullmatch(r"[A-Za-z][A-Za-z-]*[\d/:.]*", words[at].text)
    ):
        return None
    first = words[at].text
    if first[-1].isdigit():
        return first, at + 1
    if at + 1 < len(words) and re.fullmatch(r"\d[\d/:.]*", words[at + 1].text):
        return first + words[at + 1].text, at + 2
    return None


def wild(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read an address and its wildcard; a host is printed with ``0``. None where bits of both are set."""
    said = [word.text for word in words[at : at + 2]]
    mask = wildcard(said[1]) if len(said) == 2 else None
    net = prefix4(said[0], mask) if mask else None
    if net is None or str(net.network_address) != said[0]:
        return None
    return f"{said[0]} {'0' if net.prefixlen == 32 else net.hostmask}", at + 2


_NAMED = frozenset(
    (
        *(
            7,
            9,
            13,
            19,
            20,
            21,
            23,
            25,
            37,
            42,
            43,
            49,
            53,
            65,
            67,
            68,
            69,
            70,
            79,
            80,
            90,
            101,
            109,
            110,
            111,
            117,
            119,
            123,
        ),
        *(137, 138, 139, 161, 162, 177, 179, 194, 434, 435, 496, 512, 513, 514, 515, 517, 520, 540, 543, 544),
    )
)
"""Ports that have names in an access list: which of both is printed differs between releases."""


def access_ports(words: Sequence[Word], at: int) -> tuple[str, int] | None:
    """Read ``eq 443``, ``range 8000 8010``, ``gt 1023`` or ``lt 1024``; None where a port has a name."""
    count = {"eq": 1, "gt": 1, "lt": 1, "range": 2}.get(words[at].text.lower(), 0) if at < len(words) else 0
    said = [word.text for word in words[at + 1 : at + 1 + count]]
    if not count or len(said) < count or not all(one.isdigit() and int(one) not in _NAMED for one in said):
        return None
    return " ".join((words[at].text.lower(), *(str(int(one)) for one in said))), at + 1 + count
