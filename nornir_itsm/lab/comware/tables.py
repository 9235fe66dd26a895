"""What the device shows of its state: version, interfaces, VLANs, routes; nobody is connected to it.

Layouts: public samples of Comware 7.
"""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Interface

from nornir_itsm.lab.comware.configuration import Configuration

_VERSION = """\
H3C Comware Software, Version 7.1.070, Release 6710
Copyright (c) 2004-2023 New H3C Technologies Co., Ltd. All rights reserved.
H3C S6520X-54QC-EI uptime is 5 weeks, 3 days, 2 hours, 10 minutes
Last reboot reason : User reboot"""
_ARP = """\
  Type: S-Static   D-Dynamic   O-Openflow   R-Rule   M-Multiport  I-Invalid
IP address      MAC address    VLAN/VSI name Interface                Aging Type"""
_MAC = "MAC Address      VLAN ID    State            Port/Nickname            Aging"
_LLDP = """\
Chassis ID : * -- -- Nearest nontpmr bridge neighbor
             # -- -- Nearest customer bridge neighbor
             Default -- -- Nearest bridge neighbor
Local Interface Chassis ID      Port ID                    System Name"""


def _interfaces(config: Configuration) -> Iterator[str]:
    yield "Brief information on interfaces in route mode:"
    yield "Link: ADM - administratively down; Stby - standby"
    yield "Protocol: (s) - spoofing"
    yield "Interface            Link Protocol Primary IP         Description"
    yield "InLoop0              UP   UP(s)    --"
    for number, one in sorted(config.interfaces.items()):
        address = one.address.partition(" ")[0] or "--"
        yield f"{f'Vlan{number}':<21}UP   UP       {address:<19}{one.description}".rstrip()


def _vlans(config: Configuration) -> Iterator[str]:
    yield "Brief information about all VLANs:"
    yield "Supported Minimum VLAN ID: 1"
    yield "Supported Maximum VLAN ID: 4094"
    yield "Default VLAN ID: 1"
    yield "VLAN ID   Name                             Port"
    for number, one in sorted(config.vlans.items()):
        yield f"{number:<10}{one.lines.get('name', f'VLAN {number:04}'):<33}--"


def _routes(config: Configuration) -> Iterator[str]:
    """Yield the routing table of the public instance."""
    rows = [("127.0.0.0/8", "Direct", "0", "127.0.0.1", "InLoop0")]
    for number, one in config.interfaces.items():
        if one.address and not one.instance:
            own = IPv4Interface(one.address.replace(" ", "/"))
            rows.append((str(own.network), "Direct", "0", str(own.ip), f"Vlan{number}"))
    for route in config.routes:
        if not route.instance and not route.to:
            rows.append((route.prefix.replace(" ", "/"), "Static", "60", route.hop, "--"))
    yield ""
    yield f"Destinations : {len({row[0] for row in rows})}        Routes : {len(rows)}"
    yield ""
    yield "Destination/Mask   Proto   Pre Cost        NextHop         Interface"
    for prefix, proto, preference, hop, interface in sorted(rows):
        yield f"{prefix:<19}{proto:<8}{preference:<4}{'0':<12}{hop:<16}{interface}"


TABLES: Mapping[str, Callable[[Configuration], str]] = {
    "version": lambda _: _VERSION,
    "interface brief": lambda config: "\n".join(_interfaces(config)),
    "arp": lambda _: _ARP,
    "mac-address": lambda _: _MAC,
    "vlan brief": lambda config: "\n".join(_vlans(config)),
    "ip routing-table": lambda config: "\n".join(_routes(config)),
    "lldp neighbor-information list": lambda _: _LLDP,
}
"""``display`` WORDS -> what is printed."""
