"""Live evidence that a change does what it says: connections that were tried, and rules that were hit."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.intent import Intent, SecurityRule
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import StoredChange
from nornir_itsm.stages.asked import minute_of
from nornir_itsm.stages.plan import Known, resolved
from nornir_itsm.stages.probing import Probe, Verdict, probes, verdict

NAME = "probes.json"


def tried(stored: StoredChange, tools: Tools, facts: Facts) -> tuple[Verdict, ...]:
    """Let the site's probing hosts try what a change opens, closes and must not touch; keep what came of it.

    *facts*: as read back. Nothing is tried where the site has no such host. The minute is that of our clock;
    devices are taken to have the same.
    """
    if not tools.site.probe_hosts:
        return ()
    known = Known(tools.site, tools.runbooks, facts, tools.templates, stored.plan.answers)
    minute = minute_of(datetime.fromisoformat(tools.clock.now()))
    listed = tuple(probes(resolved(stored.order, known), tools.site, facts, minute))
    heard = {host: _heard(host, listed, tools) for host in dict.fromkeys(one.host for one in listed)}
    found = tuple(verdict(one, *heard[one.host](one.target)) for one in listed)
    if found:
        content = json.dumps([_record(one) for one in found], ensure_ascii=False, indent=1) + "\n"
        tools.changes.keep_evidence(stored.id, NAME, content.encode(), tools.clock.now())
    return found


def _heard(host: str, listed: Iterable[Probe], tools: Tools) -> Callable[[Target], tuple[Echo, str]]:
    """Ask a host once; return how to learn what a target said, or why the host could not be asked.

    A host that cannot be asked proves nothing and stops nothing.
    """
    targets = tuple(dict.fromkeys(one.target for one in listed if one.host == host))
    tools.tell(f"{host}：探测 {len(targets)} 个连接")
    try:
        echoes, why = tools.fleet.probe(host, targets), ""
    except ChangeError as error:
        echoes, why = {}, error.problem
    return lambda target: (echoes.get(target, "untried"), why)


def _record(one: Verdict) -> dict[str, str]:
    probe = one.probe
    told = {"demand": probe.demand, "host": probe.host, "target": str(probe.target), "wanted": probe.wanted}
    return {**told, "expected": probe.expected, "echo": one.echo, "finding": one.finding, "words": one.words}


def must_go_back(stored: StoredChange, tools: Tools, found: tuple[Verdict, ...]) -> tuple[str, ...]:
    """Return what failed in demands whose runbook says that the change is taken back for it."""
    strict = {
        demand.id
        for demand in stored.order.demands
        if (path := tools.site.path(demand.source_zone, demand.destination_zone))
        and path.runbook in tools.runbooks
        and tools.runbooks[path.runbook].failed_probe == "back"
    }
    return tuple(one.words for one in found if one.finding == "failed" and one.probe.demand in strict)


def doubts(found: Iterable[Verdict]) -> tuple[str, ...]:
    """Return in words what did not go as it must."""
    return tuple(one.words for one in found if one.finding == "failed")


def hit(
    intents: tuple[Intent, ...], before: Mapping[str, PointFacts], now: Mapping[str, PointFacts]
) -> Iterator[str]:
    """Say how often the rules of a change were hit, where the device counts."""
    for intent in intents:
        if isinstance(intent, SecurityRule) and intent.state == "ensure":
            then, there = (_hits(held.get(intent.point), intent.rule.name) for held in (before, now))
            if there is not None:
                yield f"{intent.point} 规则 {intent.rule.name} 命中 {then or 0} → {there}"


def _hits(held: PointFacts | None, name: str) -> int | None:
    rule = held.rule(name) if isinstance(held, FirewallFacts) else None
    return rule.hits if rule else None
