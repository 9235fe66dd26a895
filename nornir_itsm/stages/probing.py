"""Which connections a probing host tries after a change, and what comes of them in words.

What is expected of each follows from the rules as they were read back, so that a connection that fails is
told apart: stopped by a rule that is known, let through by all of them and lost elsewhere, or answered by
a host where no service listens. Only TCP is tried: silence of UDP says nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Literal

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Action
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.space.dimensions import (
    DESTINATION,
    SERVICE,
    SOURCE,
    TIME,
    address_at,
    addresses,
    is_name,
    services,
)
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.asked import Asked
from nornir_itsm.stages.requested import Resolved
from nornir_itsm.stages.why import Standing, Step, why

MOST = 8
"""Connections that one host tries for one demand, their neighbours not counted."""
_TCP = 6
Wanted = Literal["open", "closed", "beside"]
Finding = Literal["as expected", "not listening", "unclear", "failed"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One connection to try. ``expected``: what the rules make of it, the last of which is in *steps*.

    ``wanted``: the demand opens it, closes it, or is only beside it.
    """

    demand: str
    host: str
    target: Target
    wanted: Wanted
    expected: Standing
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one connection showed."""

    probe: Probe
    echo: Echo
    finding: Finding
    words: str


def probes(made: Iterable[Resolved], site: Site, facts: Facts, minute: int) -> Iterator[Probe]:
    """Yield what to try for resolved demands in a *minute* of the week, with *facts* as read back.

    From each probing host in the zone that a demand comes from whose address is among those asked for: the
    first and last address and port of each range, and the ports beside them, which the rules must stop.
    """
    for one in made:
        for host in (host for host in site.probe_hosts if host.zone == one.path.source):
            source = addresses(host.address)
            asked = one.requested.within(
                **{SOURCE: source, TIME: Ranges.span(minute), SERVICE: services(_TCP)}
            )
            wanted = [*islice(dict.fromkeys(_ends(asked)), MOST)]
            beside = [target for target in dict.fromkeys(_beside(wanted)) if not _holds(asked, target)]
            for target in (*wanted, *beside):
                question = Asked(source, *_sides(target), minute)
                standing, steps = _judged(question, one.path, site, facts)
                meant = _meant(one.demand.action) if target in wanted else "beside"
                if meant != "beside" or standing == "blocked":
                    yield Probe(one.demand.id, host.host, target, meant, standing, steps)


def _meant(action: Action) -> Wanted:
    return "open" if action == "add" else "closed"


def _ends(asked: Packets) -> Iterator[Target]:
    """Yield the ends of every range of addresses and ports. A name is no address: nobody tries it."""
    for box in asked:
        spans = box.get(DESTINATION, Ranges())
        places = [place for span in spans for place in span if not is_name(place)]
        for place, port in product(places, (port for span in box[SERVICE] for port in span)):
            yield Target(str(address_at(place)), port & 0xFFFF)


def _beside(wanted: Iterable[Target]) -> Iterator[Target]:
    for target in wanted:
        for port in (target.port - 1, target.port + 1):
            if 0 < port <= 0xFFFF:
                yield Target(target.address, port)


def _sides(target: Target) -> tuple[Ranges, Ranges]:
    return addresses(target.address), services(_TCP, target.port, target.port)


def _holds(asked: Packets, target: Target) -> bool:
    destination, service = _sides(target)
    return bool(asked.within(**{DESTINATION: destination, SERVICE: service}))


def _judged(question: Asked, path: Path, site: Site, facts: Facts) -> tuple[Standing, tuple[Step, ...]]:
    """Return what the rules make of one connection, and the rules of its first part."""
    found = why(question, path, site, facts, {})
    return found.standing, found.parts[0].steps if found.parts else ()


def verdict(probe: Probe, echo: Echo, why_not: str = "") -> Verdict:
    """Say what a connection showed, and where it ended; *why_not*: why it was not tried.

    Assumed: who refuses is the host where no service listens, if the rules let it through; a rule that
    rejects instead of dropping looks the same, so refused where a rule stops it counts as stopped.
    """
    where = f"{probe.demand} {probe.host} → {probe.target}"
    if why_not:
        return Verdict(probe, echo, "unclear", f"{where}：没有试成（{why_not}）")
    finding, words = _found(probe, echo)
    return Verdict(probe, echo, finding, f"{where}：{words}")


def _found(probe: Probe, echo: Echo) -> tuple[Finding, str]:
    if echo == "untried" or probe.expected not in ("passes", "blocked"):
        said = {"open": "通", "refused": "被拒绝", "untried": "没有试成"}.get(echo, "不通")
        return "unclear", f"{said}；按规则无法判定" if echo != "untried" else said
    return _let_through(probe, echo) if probe.expected == "passes" else _stopped(probe, echo)


def _let_through(probe: Probe, echo: Echo) -> tuple[Finding, str]:
    passed = "、".join(f"{step.point} {_rule(step)}" for step in probe.steps)
    match echo:
        case "open" if probe.wanted == "closed":
            return "failed", f"仍然通：{passed}"
        case "open":
            return "as expected", "通"
        case "refused":
            return "not listening", "已放行，但目的主机没有服务监听"
    if probe.wanted == "closed":
        return "unclear", f"不通，虽然规则放行（{passed}）"
    return "failed", f"不通，而各跳的规则都放行（{passed}）：查路由、主机防火墙和未采集的设备"


def _stopped(probe: Probe, echo: Echo) -> tuple[Finding, str]:
    where = f"{probe.steps[-1].point} {_rule(probe.steps[-1])}" if probe.steps else "途中"
    if echo == "open":
        return "failed", f"通，而 {where} 应阻断它：流量没有经过这条路径"
    return ("failed" if probe.wanted == "open" else "as expected"), f"不通，被 {where} 阻断"


def _rule(step: Step) -> str:
    return f"规则 {step.rule}（{step.id}）" if step.id else f"规则 {step.rule}"
