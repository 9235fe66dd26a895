"""CPU time of planning and proving 100 demands against firewalls of 1k, 10k and 50k rules, and a peer's way.

Ours: from order and facts to a proved plan (in and out over firewall and ADC; every packet of both states).
Peer: what a script does instead: the firewall's rules parsed with ``ipaddress`` and asked one by one, first
match, whether SAMPLED packets pass before and after. It proves nothing about the packets it did not ask for.
Each round is a process of its own, so nothing is remembered from the last. Both must agree on every packet.

Prints one JSON object. ``cpu`` is the peer's median over ours for 10,000 rules, so above 1 ours is better;
``growth`` is ours at 50,000 rules over ours at 10,000, over 5: 1 is linear. Figures are CPU seconds, and
the peak of memory of ours in MB.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import util
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from nornir_itsm.cli import pace_collector
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    SecurityPolicy,
    Selector,
    ServiceBook,
    ServiceEntry,
)
from nornir_itsm.model.order import Demand, Order, Schedule
from nornir_itsm.settings import load_site
from nornir_itsm.sources.snapshot import read_snapshot
from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, OUT_ZONE, SERVICE, SOURCE, number, symbol
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.predict import after

PROJECT = Path(__file__).parents[1]
WALL = "DC1-ISP-FW01"
DEMANDS = 100
ROUNDS = {1_000: 3, 10_000: 3, 50_000: 1}
SAMPLED = 400


def known() -> Known:
    """The example site with its snapshot."""
    site = load_site(PROJECT / "inventory" / "site.yaml")
    folders = {name: (point.platform, point.snapshot) for name, point in site.points.items()}
    facts = read_snapshot(PROJECT / "inventory" / "snapshot", folders, "")
    texts = {path.name: path.read_text("utf-8") for path in PROJECT.glob("templates/hillstone_stoneos/*.j2")}
    designers = {}
    for path in PROJECT.glob("runbooks/*.py"):
        spec = util.spec_from_file_location(path.stem, path)
        if spec is not None and spec.loader is not None:
            module = util.module_from_spec(spec)
            spec.loader.exec_module(module)
            designers[path.stem] = module.RUNBOOK
    return Known(site, designers, facts, {"hillstone_stoneos": texts}, {})


def order() -> Order:
    """So many demands of one tenant, out and in by turns, each with a port of its own."""
    host, public = ("10.60.134.61/32",), ("198.51.100.53/32", "203.0.113.213/32")
    always = Schedule("全天24小时")

    def demand(n: int) -> Demand:
        port, rows = str(20_000 + n), (f"R{n}",)
        if n % 2:
            ends = ("行业云", "互联网", host, (f"192.0.2.{n}/32",), public)
            return Demand(f"D{n}", rows, "add", *ends, "tcp", (("any", port),), always)
        ends = ("互联网", "行业云", ("any",), host, public)
        return Demand(f"D{n}", rows, "add", *ends, "tcp", ((port, port),), always)

    return Order("order", "示例期货公司A", "示例系统", demands=tuple(map(demand, range(1, DEMANDS + 1))))


def grown(wall: FirewallFacts, rules: int) -> FirewallFacts:
    """The example firewall with so many more permits of tenants: books of sources, several services each."""
    chance = random.Random(1)
    ports = [
        ServiceBook(f"S{p}", (ServiceEntry(6, p, p + chance.choice((0, 3))),))
        for p in range(10000, 12000, 10)
    ]
    books = [AddressBook(f"B{n}", tuple(_hosts(chance))) for n in range(rules // 10)]
    more = tuple(_rule(n, chance, books, ports) for n in range(rules))
    return replace(
        wall,
        rules=(*wall.rules[:10], *more, *wall.rules[10:]),
        services={**wall.services, **{book.name: book for book in ports}},
        addresses={**wall.addresses, **{book.name: book for book in books}},
    )


def _hosts(chance: random.Random) -> Iterator[str]:
    for _ in range(chance.randrange(1, 12)):
        yield f"{IPv4Address(chance.randrange(0xC0000000, 0xC8000000))}/32"


def _rule(
    n: int, chance: random.Random, books: list[AddressBook], ports: list[ServiceBook]
) -> SecurityPolicy:
    eip = f"10.70.{chance.choice((8, 9, 10, 12, 13, 16, 17))}.{chance.randrange(1, 255)}/32"
    ours, theirs = Selector(literals=(eip,)), Selector(("Any" if n % 5 == 0 else chance.choice(books).name,))
    services = tuple(sorted({chance.choice(ports).name for _ in range(3)}))
    if n % 2:
        return SecurityPolicy(f"rule {n}", "permit", ours, theirs, services, ("trust",), ("untrust",))
    return SecurityPolicy(f"rule {n}", "permit", theirs, ours, services, ("untrust",), ("trust",))


@dataclass(frozen=True)
class Packet:
    """A TCP packet as the firewall sees it."""

    source: IPv4Address
    destination: IPv4Address
    port: int
    zones: tuple[str, str]


def sampled() -> list[Packet]:
    """Half of them are asked for by the order or near to it, half are anything."""
    chance = random.Random(2)
    eips = [
        IPv4Address(f"10.70.{chance.choice((16, 17, 18))}.{chance.randrange(256)}") for _ in range(SAMPLED)
    ]
    eips[: SAMPLED // 2] = [IPv4Address("10.70.18.48")] * (SAMPLED // 2)
    found: list[Packet] = []
    for n, eip in enumerate(eips):
        other = IPv4Address(
            chance.choice((0xC0000200 + chance.randrange(DEMANDS), chance.randrange(0xC0000000, 0xC8000000)))
        )
        port = chance.choice((20_000 + chance.randrange(1, DEMANDS), 443, chance.randrange(10000, 12000)))
        if n % 2:
            found.append(Packet(eip, other, port, ("trust", "untrust")))
        else:
            found.append(Packet(other, eip, port, ("untrust", "trust")))
    return found


class Peer:
    """Rule by rule: networks of ``ipaddress``, first match."""

    def __init__(self, facts: FirewallFacts) -> None:
        """Parse all rules, once."""
        self.rules = [
            (
                set(rule.source_zones),
                set(rule.destination_zones),
                self._networks(rule.source, facts),
                self._networks(rule.destination, facts),
                [e for name in rule.services for e in self._entries(name, facts)],
                rule.action == "permit",
            )
            for rule in facts.rules
            # what nobody can evaluate without a clock or the device's own codes is left out on both sides
            if rule.enabled is True and not rule.schedules
        ]

    @staticmethod
    def _networks(
        side: Selector, facts: FirewallFacts
    ) -> list[IPv4Network | tuple[IPv4Address, IPv4Address]]:
        members = [*side.literals, *(m for book in side.books for m in facts.addresses[book].members)]
        found: list[IPv4Network | tuple[IPv4Address, IPv4Address]] = []
        for member in members:
            low, dash, high = member.partition("-")
            if dash and low[:1].isdigit():
                found.append((IPv4Address(low), IPv4Address(high)))
            elif member[:1].isdigit():
                found.append(IPv4Network(member))
        return found

    @staticmethod
    def _entries(name: str, facts: FirewallFacts) -> tuple[ServiceEntry, ...]:
        if name in facts.services:
            return facts.services[name].entries
        return tuple(e for member in facts.groups[name].members for e in Peer._entries(member, facts))

    def passes(self, packet: Packet) -> bool:
        """Ask every rule until one matches."""
        for in_zones, out_zones, sources, destinations, entries, permit in self.rules:
            if in_zones and packet.zones[0] not in in_zones:
                continue
            if out_zones and packet.zones[1] not in out_zones:
                continue
            if not any(_holds(net, packet.source) for net in sources):
                continue
            if not any(_holds(net, packet.destination) for net in destinations):
                continue
            if any(e.protocol in (None, 6) and e.low <= packet.port <= e.high for e in entries):
                return permit
        return False


def _holds(net: IPv4Network | tuple[IPv4Address, IPv4Address], address: IPv4Address) -> bool:
    return address in net if isinstance(net, IPv4Network) else net[0] <= address <= net[1]


def agreed(facts: FirewallFacts, packets: list[Packet], peer: list[bool]) -> bool:
    """Tell whether the compiled rules decide the sampled packets as the peer does."""
    plain = replace(facts, rules=tuple(r for r in facts.rules if r.enabled is True and not r.schedules))
    hop = RuleList(WALL, firewall_rules(plain), Rule("rest", EVERYTHING, passes=False))
    for packet, verdict in zip(packets, peer, strict=True):
        place = {
            SOURCE: number(packet.source),
            DESTINATION: number(packet.destination),
            SERVICE: 6 << 16 | packet.port,
            IN_ZONE: symbol(packet.zones[0]).low,
            OUT_ZONE: symbol(packet.zones[1]).low,
        }
        one = Packets(({d: Ranges.span(n) for d, n in place.items()},))
        if bool(hop.passing(one).must()) != verdict:
            return False
    return True


def timed[T](work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds, and what came of it."""
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def one_round(rules: int) -> Mapping[str, float]:
    """Measure both ways once; they are made to agree on every sampled packet of both states."""
    base = known()
    wall = grown(base.facts.firewall(WALL), rules)
    facts: Facts = replace(base.facts, points={**base.facts.points, WALL: wall})
    asked = order()
    pace_collector()
    ours, plan = timed(lambda: make_plan(asked, replace(base, facts=facts)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if not plan.proofs or not all(proof.exact for proof in plan.proofs):
        sys.exit("the plan is not proved exact: there is nothing to compare")
    later = after([i for change in plan.changes for i in change.intents], facts).firewall(WALL)
    packets = sampled()

    def rule_by_rule() -> list[list[bool]]:
        return [[peer.passes(p) for p in packets] for peer in (Peer(wall), Peer(later))]

    peer, (before, then) = timed(rule_by_rule)
    if not (agreed(wall, packets, before) and agreed(later, packets, then)):
        sys.exit("the peer and the proof disagree on a packet")
    newly = sum(b < t for b, t in zip(before, then, strict=True))
    if not newly:
        sys.exit("no sampled packet was opened: the sample asks for nothing")
    return {"ours": ours, "peer": peer, "peak": peak, "opened_in_sample": newly}


def main() -> None:
    """Measure and print."""
    if len(sys.argv) == 2:
        print(json.dumps(one_round(int(sys.argv[1]))))
        return
    took = {
        rules: [
            json.loads(
                subprocess.run([sys.executable, __file__, str(rules)], check=True, capture_output=True).stdout
            )
            for _ in range(rounds)
        ]
        for rules, rounds in ROUNDS.items()
    }
    figures = {
        f"{side}_cpu_seconds_{rules}": statistics.median(each[side] for each in rounds)
        for rules, rounds in took.items()
        for side in ("ours", "peer")
    }
    figures |= {f"peak_mb_{rules}": max(one["peak"] for one in rounds) for rules, rounds in took.items()}
    ratios = {f"cpu_{n}": figures[f"peer_cpu_seconds_{n}"] / figures[f"ours_cpu_seconds_{n}"] for n in ROUNDS}
    ratios["cpu"] = ratios["cpu_10000"]
    figures["growth"] = figures["ours_cpu_seconds_50000"] / figures["ours_cpu_seconds_10000"] / 5
    result = {
        "name": "decide",
        "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()},
        "figures": {name: round(seconds, 3) for name, seconds in figures.items()}
        | {"packets_sampled": SAMPLED},
        "peer": f"first match rule by rule with ipaddress, {SAMPLED} sampled packets before and after",
        "n": sum(ROUNDS.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
