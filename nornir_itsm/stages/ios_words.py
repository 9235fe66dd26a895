"""How addresses and services are said in an IOS access list: what one side writes the other side reads.

A service that a line says itself is named by its words, with numbers for names: ``tcp eq 443``, ``tcp from gt
1023 eq 80``, ``icmp 8``. A wildcard that is no network goes by its words, too: ``10.0.0.0 0.0.255.0``.
Port and message names: the command reference of IOS 15 and public samples.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise

from nornir_itsm.model.firewall import AddressBook, ServiceBook, ServiceEntry

ANY = "Any"
"""The name of every IPv4 address, and of every service."""
ANY_ADDRESS = AddressBook(ANY, ("0.0.0.0/0",), predefined=True)
ANY_SERVICE = ServiceBook(ANY, (ServiceEntry(None),), predefined=True)
LONGEST_NAME, LONGEST_REMARK = 64, 100
"""Characters of an object's name (inferred), bytes of a remark (the command reference says characters)."""
MOST_NETWORKS = 256
"""A wildcard that is so many networks is exact; one of more is not decided."""

PROTOCOLS: dict[str, int | None] = {
    **{"ip": None, "icmp": 1, "igmp": 2, "ipinip": 4, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ahp": 51},
    **{"eigrp": 88, "ospf": 89, "nos": 94, "pim": 103, "pcp": 108, "sctp": 132},
}
PORTED = {"tcp": 6, "udp": 17}
_TCP = {
    **{"bgp": 179, "chargen": 19, "cmd": 514, "daytime": 13, "discard": 9, "domain": 53, "echo": 7},
    **{"exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20, "gopher": 70, "hostname": 101, "ident": 113},
    **{"irc": 194, "klogin": 543, "kshell": 544, "login": 513, "lpd": 515, "msrpc": 135, "nntp": 119},
    **{"pim-auto-rp": 496, "pop2": 109, "pop3": 110, "smtp": 25, "sunrpc": 111, "syslog": 514, "tacacs": 49},
    **{"talk": 517, "telnet": 23, "time": 37, "uucp": 540, "whois": 43, "www": 80},
}
_UDP = {
    **{"biff": 512, "bootpc": 68, "bootps": 67, "discard": 9, "dnsix": 195, "domain": 53, "echo": 7},
    **{"isakmp": 500, "mobile-ip": 434, "nameserver": 42, "netbios-dgm": 138, "netbios-ns": 137},
    **{"netbios-ss": 139, "non500-isakmp": 4500, "ntp": 123, "pim-auto-rp": 496, "rip": 520, "snmp": 161},
    **{"snmptrap": 162, "sunrpc": 111, "syslog": 514, "tacacs": 49, "talk": 517, "tftp": 69, "time": 37},
    **{"who": 513, "xdmcp": 177},
}
PORT_NAMES = {"tcp": _TCP, "udp": _UDP}
ICMP_NAMES = {
    **{"echo-reply": "0", "unreachable": "3", "source-quench": "4", "redirect": "5", "echo": "8"},
    **{"time-exceeded": "11", "parameter-problem": "12", "timestamp-request": "13", "timestamp-reply": "14"},
    **{"information-request": "15", "information-reply": "16", "mask-request": "17", "mask-reply": "18"},
    **{"traceroute": "30", "net-unreachable": "3 0", "host-unreachable": "3 1", "port-unreachable": "3 3"},
    **{"protocol-unreachable": "3 2", "packet-too-big": "3 4", "administratively-prohibited": "3 13"},
    **{"ttl-exceeded": "11 0", "reassembly-timeout": "11 1"},
}

_OPERATOR = r"(?:(?:eq|neq)(?: \d{1,5}){1,10}|gt \d{1,5}|lt \d{1,5}|range \d{1,5} \d{1,5})"
_SERVICE = re.compile(rf"(?P<word>tcp|udp)(?: from (?P<source>{_OPERATOR}))?(?: (?P<to>{_OPERATOR}))?")
_ICMP = re.compile(r"icmp(?: (?P<type>\d{1,3})(?: (?P<code>\d{1,3}))?)?")
_OTHER = re.compile(r"\d{1,3}")
_WILDCARD = re.compile(r"([0-9.]{7,15}) ([0-9.]{7,15})")


def service_entries(name: str) -> tuple[ServiceEntry, ...]:
    """Return what a service is that a line says itself; nothing where *name* is that of an object."""
    if found := _SERVICE.fullmatch(name):
        sources, targets = (list(_spans(found[side] or "range 0 65535")) for side in ("source", "to"))
        word = PORTED[found["word"]]
        return tuple(ServiceEntry(word, *to, *source) for source in sources for to in targets)
    if found := _ICMP.fullmatch(name):
        if found["type"] is None:
            return (ServiceEntry(1),)
        kind, code = int(found["type"]) * 256, found["code"]
        low, high = (kind + int(code), kind + int(code)) if code else (kind, kind + 255)
        return (ServiceEntry(1, low, high),) if high <= 65535 and int(code or 0) < 256 else ()
    if name in PROTOCOLS:
        return (ServiceEntry(PROTOCOLS[name]),)
    return (ServiceEntry(int(name)),) if _OTHER.fullmatch(name) and int(name) < 256 else ()


def _spans(operator: str) -> Iterator[tuple[int, int]]:
    """Yield the port ranges of ``eq 80 443``, ``neq 25``, ``gt 1023`` ...; none where there are none."""
    word, *rest = operator.split()
    ports = sorted({int(text) for text in rest})
    if ports[-1] > 65535:
        return
    match word:
        case "eq":
            yield from ((port, port) for port in ports)
        case "neq":
            edges = [-1, *ports, 65536]
            gaps = ((low + 1, high - 1) for low, high in pairwise(edges))
            yield from (gap for gap in gaps if gap[0] <= gap[1])
        case "gt" if ports[0] < 65535:
            yield ports[0] + 1, 65535
        case "lt" if ports[0] > 0:
            yield 0, ports[0] - 1
        case "range":
            # Assumed: IOS turns a range that runs backwards round.
            yield ports[0], ports[-1]


def wildcard(text: str) -> tuple[str, ...] | None:
    """Return the networks of ``10.0.0.0 0.0.0.255``: exact, also where the wildcard has holes.

    None for no address with a wildcard; nothing where there would be more than MOST_NETWORKS.
    """
    found = _WILDCARD.fullmatch(text)
    try:
        base, free = (int(IPv4Address(part)) for part in found.groups()) if found else (0, -1)
    except ValueError:
        return None
    if free < 0:
        return None
    low = (free ^ (free + 1)).bit_length() - 1  # so many free bits at the end are one network
    holes = [bit for bit in range(low, 32) if free >> bit & 1]
    if 1 << len(holes) > MOST_NETWORKS:
        return ()
    start, made = base & ~free, []
    for number in range(1 << len(holes)):
        extra = sum(1 << bit for at, bit in enumerate(holes) if number >> at & 1)
        made.append(str(IPv4Network((start | extra, 32 - low))))
    return tuple(made)
