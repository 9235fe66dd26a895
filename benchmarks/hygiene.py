"""CPU time of judging every rule of firewalls of 1,000 and 10,000 rules, and a peer's way.

Ours: which rules get nothing, and which do nothing that a later one would not do as well; exact.
Peer: what one writes first: each rule minus all earlier ones, in the same algebra, stopping where nothing
is left. It is asked about shadows only, and at 1,000 rules only: it grows with the square. Both must name
the same rules; PLANTED of them were made to be found.

Prints one JSON object. ``cpu`` is the peer's median over ours at 1,000 rules, so above 1 ours is better;
``growth`` is ours at 10,000 rules over ours at 1,000, over 10: 1 is linear. Figures are CPU seconds.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from decide import WALL, grown, known, timed

from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.hygiene.reach import Entry, Reach, reaches

ROUNDS = {1_000: 3, 10_000: 3}
PEER = 1_000
PLANTED = 10


def planted(wall: FirewallFacts) -> FirewallFacts:
    """The firewall with some of its rules once more, at the end of the permits."""
    at = next(i for i, rule in enumerate(wall.rules) if rule.name == "Default-Deny")
    again = [rule for rule in wall.rules[:at] if rule.name.startswith("rule ")][:: at // PLANTED][:PLANTED]
    copies = [replace(rule, name=f"copy of {rule.name}") for rule in again]
    return replace(wall, rules=(*wall.rules[:at], *copies, *wall.rules[at:]))


def entries(wall: FirewallFacts) -> list[Entry]:
    """The rules as entries of a list."""
    live = [rule for rule in wall.rules if rule.enabled is not False]
    compiled = zip(live, firewall_rules(wall), strict=True)
    return [
        Entry(one.label, one.match, (rule.action, rule.profiles, rule.logs), one.passes)
        for rule, one in compiled
    ]


def rule_by_rule(listed: Sequence[Entry]) -> list[str]:
    """Every rule minus every earlier one."""
    found = []
    for i, entry in enumerate(listed):
        left = entry.match
        if i == len(listed) - 3:  # the default deny: what is left of everything is not to be had this way
            continue
        for earlier in listed[:i]:
            left = left - earlier.match
            if not left:
                found.append(entry.label)
                break
    return found


def one_round(rules: int) -> Mapping[str, float]:
    """Measure once; everything that was planted must be found."""
    listed = entries(planted(grown(known().facts.firewall(WALL), rules)))
    ours, judged = timed(lambda: reaches(listed))
    shadowed = [entry.label for entry, reach in zip(listed, judged, strict=True) if reach.shadowed]
    if sum(label.startswith("copy of ") for label in shadowed) != PLANTED or Reach(undecided=True) in judged:
        sys.exit("a planted rule was not found")
    if rules > PEER:
        return {"ours": ours, "found": len(shadowed)}
    peer, theirs = timed(lambda: rule_by_rule(listed))
    if theirs != shadowed:
        sys.exit("the peer finds other rules")
    return {"ours": ours, "peer": peer, "found": len(shadowed)}


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
    figures = {f"ours_cpu_seconds_{n}": statistics.median(r["ours"] for r in took[n]) for n in ROUNDS}
    figures[f"peer_cpu_seconds_{PEER}"] = statistics.median(r["peer"] for r in took[PEER])
    figures["growth"] = figures["ours_cpu_seconds_10000"] / figures["ours_cpu_seconds_1000"] / 10
    figures["found"] = took[PEER][0]["found"]
    ratio = figures[f"peer_cpu_seconds_{PEER}"] / figures[f"ours_cpu_seconds_{PEER}"]
    result = {
        "name": "hygiene",
        "ratios": {"cpu": round(ratio, 3)},
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "peer": "each rule minus all earlier ones, same algebra, shadows only",
        "n": sum(ROUNDS.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
