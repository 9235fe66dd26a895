"""Fill a firewall from a snapshot folder: the JSON that the console gives for its books and rules."""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, ip_network
from pathlib import Path
from typing import Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.stoneos.configuration import (
    ANY,
    ANY_V6,
    Address,
    Configuration,
    Entry,
    Group,
    Member,
    Periodic,
    Rule,
    Schedule,
    Service,
    Side,
)
from nornir_itsm.lab.stoneos.schedules import WEEK

Record = dict[str, Any]

_SIDES: tuple[Side, ...] = ("src", "dst")
_LOGS = {"log_deny": "policy-deny", "log_start": "session-start", "log_end": "session-end"}
_NAMES = {"6": "tcp", "17": "udp"}


def read(folder: Path) -> Configuration:
    """Return the configuration of *folder*. Raises ConfigError where a file cannot be understood.

    What an export cut off (members with ``~`` or ``...``) is left out; what a rule names but no book holds
    is taken for predefined.
    """
    config = Configuration()
    for file, load in (
        ("addrbook", _addresses),
        ("servicebook", _services),
        ("servicegroup", _groups),
        ("schedule", _schedules),
        ("policy", _rules),
    ):
        path = folder / f"{file}.json"
        try:
            records = json.loads(path.read_text(encoding="utf-8"))["result"] if path.exists() else []
            load(config, [records] if isinstance(records, dict) else records)
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise ConfigError(
                str(path), f"cannot be read as a snapshot: {error!r}", "export it again"
            ) from error
    _predefine_missing(config)
    return config


def _addresses(config: Configuration, records: list[Record]) -> None:
    for record in records:
        name = record["name"]
        members = [m for text in record.get("member", ()) if (m := _member(text))]
        config.addresses[name] = Address(name, members, record.get("is_ipv6") == "1", predefined=name == ANY)


def _member(text: str) -> Member | None:
    if text.endswith(("~", "...")):
        return None
    try:
        return "ip", str(ip_network(text, strict=False))
    except ValueError:
        pass
    low, dash, high = text.partition("-")
    try:
        return "range", f"{IPv4Address(low)} {IPv4Address(high if dash else low)}"
    except ValueError:
        return "host", text


def _services(config: Configuration, records: list[Record]) -> None:
    for record in records:
        predefined = record["type"] == "2"
        description = "" if predefined else record.get("description", "")
        entries = list(_entries(record))
        config.services[record["name"]] = Service(record["name"], entries, description, predefined)


def _entries(record: Record) -> Iterator[Entry]:
    for row in record.get("row", ()):
        numbers = tuple(int(row[key]) for key in ("dp_low", "dp_high", "sp_low", "sp_high"))
        yield Entry(_NAMES[row["protocol"]], numbers)
    for row in record.get("other_protocol", ()):
        if row["protocol"] != "0":
            yield Entry("protocol", (int(row["protocol"]),))
    for row in record.get("icmp", ()):
        if row["icmpname"] == "any":
            yield Entry("icmp", (-1,))
        else:
            yield Entry("icmp", (int(row["icmpname"]), int(row["code_min"]), int(row["code_max"])))


def _groups(config: Configuration, records: list[Record]) -> None:
    for record in records:
        predefined = record["type"] == "2"
        description = "" if predefined else record.get("description", "")
        members = [member["name"] for member in record.get("service", ())]
        config.groups[record["name"]] = Group(record["name"], members, description, predefined)


def _schedules(config: Configuration, records: list[Record]) -> None:
    for record in records:
        spans = [
            Periodic(tuple(day for day in WEEK if day in span["days"]), span["start"], span["end"])
            for span in record.get("periodic", ())
        ]
        config.schedules[record["name"]] = Schedule(record["name"], spans)


def _rules(config: Configuration, records: list[Record]) -> None:
    for record in sorted(records, key=lambda r: int(r["seqno"])):
        rule = Rule(
            int(record["id"]),
            record.get("name", {}).get("name", ""),
            {"1": "deny", "2": "permit"}[record["action"]],
            services=[service["member"] for service in record.get("service", ())],
            schedules=[schedule["name"] for schedule in record.get("schedname", ())],
            logs={log for key, log in _LOGS.items() if record.get(key) == "1"},
            description=record.get("description", {}).get("content", ""),
            enabled=record["enable"] == "3",
        )
        for side in _SIDES:
            for zone in record.get(f"{side}_zone", ()):
                rule.zones[side] = zone["name"]
                if zone["name"] not in (ANY, *config.zones):
                    config.zones.append(zone["name"])
            rule.sides[side] = list(_side(record, side))
        for key, kind in (("av", "av"), ("idp", "ips")):
            if key in record:
                rule.profiles[kind] = record[key]["name"]
        config.rules.append(rule)


def _side(record: Record, side: Side) -> Iterator[Member]:
    for item in record.get(f"{side}_addr", ()):
        yield "addr", item["member"]
    for item in record.get(f"{side}_subnet", ()):
        ip = IPv4Address(int(item["ip"]) if item["ip"].isdigit() else item["ip"])
        yield "ip", str(IPv4Network(f"{ip}/{item['netmask']}", strict=False))
    for item in record.get(f"{side}_range", ()):
        yield "range", f"{IPv4Address(item['min'])} {IPv4Address(item['max'])}"
    for item in record.get(f"{side}_host", ()):
        yield "host", item["host"]


def _predefine_missing(config: Configuration) -> None:
    config.addresses.setdefault(ANY, Address(ANY, [("ip", "0.0.0.0/0")], predefined=True))
    config.addresses.setdefault(ANY_V6, Address(ANY_V6, [("ip", "::/0")], ipv6=True, predefined=True))
    config.services.setdefault(ANY, Service(ANY, predefined=True))
    for rule in config.rules:
        for kind, value in (*rule.sides["src"], *rule.sides["dst"]):
            if kind == "addr":
                config.addresses.setdefault(value, Address(value, predefined=True))
    named = [name for rule in config.rules for name in rule.services]
    named += [name for group in config.groups.values() for name in group.members]
    for name in named:
        if name not in config.groups:
            config.services.setdefault(name, Service(name, predefined=True))
