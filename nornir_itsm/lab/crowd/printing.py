"""What a device of the crowd prints: tables made from its number, and the same tables as rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

PORTS = 28
NEIGHBOURS = 24


@dataclass(frozen=True, slots=True)
class Port:
    """An interface; ``up`` is both its line and its protocol."""

    name: str
    address: str
    up: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An ARP entry: address, MAC as twelve hex digits, minutes to live, interface."""

    address: str
    mac: str
    minutes: int
    port: str


def ports(number: int, kind: str) -> Iterator[Port]:
    """The interfaces of device *number*, of that *kind* of name."""
    for n in range(1, PORTS + 1):
        address = f"10.{number >> 8}.{number & 255}.{4 * n + 1}"
        yield Port(f"{kind}{n}", address, (number * 7 + n * 3) % 5 != 0)


def neighbours(number: int, kind: str) -> Iterator[Neighbour]:
    """What device *number* has learnt, one entry behind each interface."""
    for n in range(1, NEIGHBOURS + 1):
        mac = f"00e0fc{number & 0xFFFF:04x}{n:02x}"
        yield Neighbour(
            f"10.{number >> 8}.{number & 255}.{4 * n + 2}", mac, (number + n) % 20 + 1, f"{kind}{n}"
        )


def release(number: int) -> int:
    """The last digits of the software's version."""
    return 100 + number % 900


def printed(vendor: str, number: int) -> Mapping[str, Callable[[], str]]:
    """Command -> what prints its answer, lines separated by a line feed."""
    return {command: lambda say=say: say(number) for command, say in _COMMANDS[vendor].items()}  # type: ignore[misc]


def _dashed(mac: str) -> str:
    return f"{mac[:4]}-{mac[4:8]}-{mac[8:]}"


def _dotted(mac: str) -> str:
    return f"{mac[:4]}.{mac[4:8]}.{mac[8:]}"


def _vrp_version(number: int) -> str:
    return (
        "Huawei Versatile Routing Platform Software\n"
        f"VRP (R) software, Version 5.170 (S5720 V200R011C10SPC{release(number)})\n"
        "Copyright (C) 2000-2018 HUAWEI TECH CO., LTD\n"
        f"HUAWEI S5720-52X-LI-AC Routing Switch uptime is {number % 52} weeks, 3 days, 4 hours, 5 minutes\n"
    )


def _vrp_brief(number: int) -> str:
    head = (
        "PHY: Physical\n*down: administratively down\n(l): loopback\n(s): spoofing\n"
        "InUti/OutUti: input utility/output utility\n"
        "Interface                   PHY   Protocol InUti OutUti   inErrors  outErrors\n"
    )
    rows = (
        f"{port.name:<28}{'up' if port.up else 'down':<6}{'up' if port.up else 'down':<9}"
        "0.01%  0.02%          0          0\n"
        for port in ports(number, "GigabitEthernet0/0/")
    )
    return head + "".join(rows)


def _vrp_arp(number: int) -> str:
    rule = "-" * 78 + "\n"
    head = "IP ADDRESS      MAC ADDRESS     EXPIRE(M) TYPE        INTERFACE   VPN-INSTANCE\n"
    entries = list(neighbours(number, "GE0/0/"))
    rows = (f"{e.address:<16}{_dashed(e.mac):<16}{e.minutes:<10}D-0         {e.port}\n" for e in entries)
    total = f"Total:{len(entries):<10}Dynamic:{len(entries):<8}Static:0     Interface:0\n"
    return head + rule + "".join(rows) + rule + total


def _comware_version(number: int) -> str:
    return (
        f"H3C Comware Software, Version 7.1.070, Release {release(number)}\n"
        "Copyright (c) 2004-2018 New H3C Technologies Co., Ltd. All rights reserved.\n"
        f"H3C S6800-54QF uptime is {number % 52} weeks, 3 days, 4 hours, 5 minutes\n"
    )


def _comware_brief(number: int) -> str:
    head = (
        "Brief information on interfaces in route mode:\n"
        "Link: ADM - administratively down; Stby - standby\nProtocol: (s) - spoofing\n"
        "Interface            Link Protocol Primary IP      Description\n"
    )
    rows = (
        f"{port.name:<21}{'UP' if port.up else 'DOWN':<5}{'UP' if port.up else 'DOWN':<9}{port.address:<16}\n"
        for port in ports(number, "XGE1/0/")
    )
    return head + "".join(rows)


def _comware_arp(number: int) -> str:
    head = (
        "  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid\n"
        "IP address      MAC address    VLAN/VSI name Interface                Aging Type\n"
    )
    entries = neighbours(number, "XGE1/0/")
    rows = (f"{e.address:<16}{_dashed(e.mac):<15}{'--':<14}{e.port:<25}{e.minutes:<6}D\n" for e in entries)
    return head + "".join(rows)


def _stoneos_version(number: int) -> str:
    return (
        "Hillstone Networks StoneOS software, Version 5.5\n"
        "Copyright (c) 2009-2018 by Hillstone Networks\n\n"
        f"Product name: SG-6000-E5760 S/N: 25040{number:08}\n"
        f"Boot file is SG6000-M-3-5.5R4P{release(number)} from flash\n"
        f"Uptime is {number % 52} weeks 3 days 4 hours 5 minutes 6 seconds\n"
    )


def _stoneos_interface(number: int) -> str:
    head = (
        "H:physical state;A:admin state;L:link state;P:protocol state;U:up;D:down;K:ha keep up\n"
        + "=" * 98
        + "\nInterface name     IP address/mask    Zone name          H A L P MAC address    Description\n"
        + "-" * 98
        + "\n"
    )
    rows = (
        f"{port.name:<19}{port.address + '/30':<19}{'trust':<19}{('U ' if port.up else 'D ') * 4}"
        "001c.5400.0001\n"
        for port in ports(number, "ethernet0/")
    )
    return head + "".join(rows) + "=" * 98 + "\n"


def _stoneos_arp(number: int) -> str:
    head = "Protocol  Address         Age(min)  Hardware Addr   Interface\n"
    entries = neighbours(number, "ethernet0/")
    rows = (f"{'Internet':<10}{e.address:<16}{e.minutes:<10}{_dotted(e.mac):<16}{e.port}\n" for e in entries)
    return head + "".join(rows)


def _ios_version(number: int) -> str:
    return (
        f"Cisco IOS Software, C3750E Software (C3750E-UNIVERSALK9-M), Version 15.0(2)SE{release(number)}, "
        "RELEASE SOFTWARE (fc1)\nCopyright (c) 1986-2018 by Cisco Systems, Inc.\n\n"
        f"LAB-{number:04} uptime is {number % 52} weeks, 3 days, 4 hours, 5 minutes\n"
    )


def _ios_brief(number: int) -> str:
    head = "Interface              IP-Address      OK? Method Status                Protocol\n"
    rows = (
        f"{port.name:<23}{port.address:<16}YES manual {'up' if port.up else 'down':<22}"
        f"{'up' if port.up else 'down'}\n"
        for port in ports(number, "GigabitEthernet1/0/")
    )
    return head + "".join(rows)


def _ios_arp(number: int) -> str:
    head = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n"
    entries = neighbours(number, "GigabitEthernet1/0/")
    rows = (
        f"Internet  {e.address:<17}{e.minutes:>8}   {_dotted(e.mac):<16}ARPA   {e.port}\n" for e in entries
    )
    return head + "".join(rows)


_COMMANDS: Mapping[str, Mapping[str, Callable[[int], str]]] = {
    "huawei_vrp": {
        "display version": _vrp_version,
        "display interface brief": _vrp_brief,
        "display arp": _vrp_arp,
    },
    "hp_comware": {
        "display version": _comware_version,
        "display interface brief": _comware_brief,
        "display arp": _comware_arp,
    },
    "hillstone_stoneos": {
        "show version": _stoneos_version,
        "show interface": _stoneos_interface,
        "show arp": _stoneos_arp,
    },
    "cisco_ios": {
        "show version": _ios_version,
        "show ip interface brief": _ios_brief,
        "show ip arp": _ios_arp,
    },
}
