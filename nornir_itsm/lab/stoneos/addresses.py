"""Address book: ``address NAME`` and the lines of that mode (StoneOS CLI manual 5.5R12)."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, NetmaskValueError

from nornir_itsm.lab.stoneos.configuration import Address, Member, demand_unused_address
from nornir_itsm.lab.stoneos.grammar import Context, Handler, Table, demand_own
from nornir_itsm.lab.stoneos.words import Cursor, LineError

MAX_MEMBERS = 3000
_HOST = re.compile(r"(\*\.)?([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_-]{1,63}")
_V4 = r"[0-9.]+"


def read_ip(cursor: Cursor, *, ipv6: bool = False) -> Member:
    """Read ``A/LEN`` or ``A MASK``; bits below the mask are dropped (assumed)."""
    first = cursor.word(r"[0-9A-Fa-f:.]+/[0-9]{1,3}" if ipv6 else _V4 + r"(/[0-9]{1,2})?")
    try:
        if ipv6:
            return "ip", str(IPv6Network(first, strict=False))
        if "/" not in first:
            IPv4Address(first)
            first = f"{first}/{cursor.word(_V4)}"
        return "ip", str(IPv4Network(first, strict=False))
    except (AddressValueError, NetmaskValueError, ValueError):
        raise cursor.refuse() from None


def read_range(cursor: Cursor, *, ipv6: bool = False) -> Member:
    """Read ``LOW HIGH``."""
    make: type[IPv6Address] | type[IPv4Address] = IPv6Address if ipv6 else IPv4Address
    ends = []
    for _ in range(2):
        try:
            ends.append(make(cursor.word(r"[0-9A-Fa-f:.]+")))
        except AddressValueError:
            raise cursor.refuse() from None
    if int(ends[1]) < int(ends[0]):
        raise LineError("Maximum is smaller than minimum")
    return "range", f"{ends[0]} {ends[1]}"


def read_host(cursor: Cursor) -> Member:
    """Read a domain name, which may begin with ``*.``."""
    name = cursor.name(255)
    if not _HOST.fullmatch(name):
        raise cursor.refuse()
    return "host", name


def _read_member(kind: str, context: Context, cursor: Cursor) -> Member:
    ipv6 = context.config.address(context.key).ipv6
    match kind:
        case "ip":
            return read_ip(cursor, ipv6=ipv6)
        case "range":
            return read_range(cursor, ipv6=ipv6)
        case "host":
            return read_host(cursor)
        case _:
            return "member", cursor.name()


def _address(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    ipv6 = cursor.option(("ipv6",)) is not None
    cursor.finish()
    book = context.config.addresses.get("Any" if name.lower() == "any" else name)
    if book is None:
        context.config.addresses[name] = Address(name, ipv6=ipv6)
    else:
        demand_own(book.predefined, name)
        if ipv6 and not book.ipv6:
            raise LineError("This entity already exists")
    context.enter("address", name)


def _no_address(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    demand_own(context.config.address(name).predefined, name)
    demand_unused_address(context.config, name)
    del context.config.addresses[name]


def _add(kind: str) -> Handler:
    def add(context: Context, cursor: Cursor) -> None:
        member = _read_member(kind, context, cursor)
        cursor.finish()
        book = context.config.address(context.key)
        if member in book.members:
            raise LineError("This entity already exists")
        if len(book.members) >= MAX_MEMBERS:
            raise LineError("Address members are full")  # assumed wording
        if kind == "member":
            _demand_no_loop(context, member[1])
        book.members.append(member)

    return add


def _remove(kind: str) -> Handler:
    def remove(context: Context, cursor: Cursor) -> None:
        member = _read_member(kind, context, cursor)
        cursor.finish()
        book = context.config.address(context.key)
        if member not in book.members:
            raise LineError(f"Address entry {book.name} has no member {member[1]}")
        book.members.remove(member)

    return remove


def _demand_no_loop(context: Context, name: str) -> None:
    below = [context.config.address(name)]
    while below:
        book = below.pop()
        if book.name == context.key:
            raise LineError(f"Address {name} contains this address")  # assumed wording
        below += [context.config.address(value) for kind, value in book.members if kind == "member"]


_KINDS = ("ip", "range", "host", "member")

GLOBAL: Table = {"address": _address}
GLOBAL_NO: Table = {"address": _no_address}
MODE: Table = {kind: _add(kind) for kind in _KINDS}
MODE_NO: Table = {kind: _remove(kind) for kind in _KINDS}
