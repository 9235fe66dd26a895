"""A row of firewalls, each before a network of its own, and orders that need something of all of them.

Each is a strict device of the lab with a port of its own on loopback, all in this process; the cloud and the
IPAM are the example exports. (Of a path the tool configures one firewall; so there are as many paths.)
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from nornir_itsm.lab import overlay
from nornir_itsm.lab.overlay import Row, write, write_secret
from nornir_itsm.lab.stoneos.firewall import Firewall

PROJECT = Path(__file__).parents[2]
SNAPSHOT = PROJECT / "inventory" / "snapshot"
EXPORT = SNAPSHOT / "firewall_testnet"
ORDER = PROJECT / "tests" / "orders" / "AE-07.json"


@dataclass(frozen=True)
class FirewallRow:
    """The firewalls by name, and the files that point the tool at them."""

    directory: Path
    firewalls: dict[str, Firewall]

    @property
    def config(self) -> Path:
        return self.directory / "config.yaml"

    @property
    def token(self) -> Path:
        return self.directory / "approver.token"

    def order(self, port: str = "443") -> Path:
        """Write an order that needs a rule on each of them."""
        order = json.loads(ORDER.read_text("utf-8"))
        (row,) = order["requests"]
        there = {"addresses": ["172.22.24.0/24"], "ports": [port]}
        order["requests"] = [
            row | {"id": f"R{number}", "destination": {"zone": zone, **there}}
            for number, zone in enumerate(map(_zone, self.firewalls), start=1)
        ]
        path = self.directory / f"order-{port}.json"
        path.write_text(json.dumps(order), "utf-8")
        return path

    def reset(self) -> None:
        """Put all of them back, without faults and with empty logs."""
        for name, firewall in self.firewalls.items():
            firewall.reset(Firewall.from_snapshot(name, EXPORT).config)

    def states(self) -> dict[str, dict[str, object]]:
        """What each is configured to do."""
        return {name: firewall.state() for name, firewall in self.firewalls.items()}

    def received(self) -> int:
        """How many lines all of them got."""
        return sum(len(firewall.lines) for firewall in self.firewalls.values())


@contextmanager
def listening(directory: Path, count: int, state: str = "") -> Iterator[FirewallRow]:
    """Let *count* firewalls listen; *state*: where the store is, instead of a file in *directory*."""
    names = [f"ROW-FW{number:02}" for number in range(1, count + 1)]
    row = FirewallRow(directory, {name: Firewall.from_snapshot(name, EXPORT) for name in names})
    directory.mkdir(parents=True, exist_ok=True)
    secret = directory / "firewall.password"
    password = write_secret(secret)
    try:
        ports = {name: firewall.start(password) for name, firewall in row.firewalls.items()}
        keys = (f"[127.0.0.1]:{port} {row.firewalls[name].host_key}\n" for name, port in ports.items())
        write(directory / "known_hosts", "".join(keys).encode())
        rows = [Row(n, p, "hillstone_stoneos", f"file:{secret}", "firewall") for n, p in ports.items()]
        write(directory / "devices.xlsx", overlay.devices_workbook(rows))
        write(directory / "site.yaml", _site(names).encode())
        write(row.config, _config(row, write_secret(row.token), state))
        yield row
    finally:
        for firewall in row.firewalls.values():
            firewall.stop()


def _site(names: Sequence[str]) -> str:
    """The example site with as many exchange networks, each behind a point like the example's."""
    site = yaml.safe_load((PROJECT / "inventory" / "site.yaml").read_text("utf-8"))
    point = site["points"]["DC1-CDL-FW01-TESTNET"]
    path = next(one for one in site["paths"] if one["scenario"] == "cloud-to-test-network")
    del path["wide_source"]
    ends = {"source_zone": "Any", "destination_zone": "Any"}
    site["zones"] |= {_zone(name): [] for name in names}
    site["points"] = {name: point | {"snapshot": name} for name in names}
    site["paths"] = [path | {"destination": _zone(n), "hops": [{"point": n, **ends}]} for n in names]
    return json.dumps(site, ensure_ascii=False, indent=1)


def _zone(firewall: str) -> str:
    return f"证联网-{firewall}"


def _config(row: FirewallRow, token: str, state: str) -> bytes:
    """The lab's configuration, for this site."""
    places = overlay.Places(SNAPSHOT, PROJECT, {})
    config = json.loads(overlay.config(row.directory, places, token=token))
    config["user_defined"]["itsm"]["site"] = str(row.directory / "site.yaml")
    if state:
        config["user_defined"]["itsm"]["state"] = state
    return json.dumps(config, ensure_ascii=False).encode()
