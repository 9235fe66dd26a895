"""Small collections to keep."""

from nornir_itsm.model.collected import Anomaly, Collected, Line, Output, Parsed, Row

NOW, LATER = "2026-11-22T02:00:00+08:00", "2026-11-22T02:05:00+08:00"


def arp(*entries: tuple[str, str]) -> Parsed:
    """An ARP table of (address, MAC)."""
    rows: list[Row] = [
        {"instance": None, "address": address, "mac": mac, "interface": "Vlan10", "age": 60}
        for address, mac in entries
    ]
    return Parsed("arp", tuple(rows))


def collected(host: str, *entries: tuple[str, str], problem: str = "") -> Collected:
    """A host that was asked for its ARP table and its clock, for which there is no template."""
    outputs = (
        Output("display arp", f"表 of {host}\x00\udce4", NOW, LATER, arp(*entries)),
        Output("display clock", "2026-11-22 02:00:00", NOW, LATER),
    )
    return Collected(host, "huawei_vrp", outputs, problem)


def doubtful(host: str) -> Collected:
    """A host of whose answer a line and a row were not understood."""
    parsed = Parsed(
        "arp", (), (Anomaly("mac: 'x' is no MAC address", (Line(3, "10.1.1.1 x"),)),), (Line(4, "new"),)
    )
    return Collected(host, "huawei_vrp", (Output("display arp", "…", NOW, LATER, parsed),))
