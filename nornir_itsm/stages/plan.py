"""From an order and facts to a plan: every demand designed, all of them proved together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Intent, kind_of, name_of
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import (
    DemandVerdict,
    Finding,
    Plan,
    Proof,
    Question,
    Reservation,
    Verdict,
)
from nornir_itsm.model.topology import Site
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.stages.attach import registered
from nornir_itsm.stages.design import Case, Designer
from nornir_itsm.stages.fingerprint import canonical, digest, words_of
from nornir_itsm.stages.freshness import unsettled
from nornir_itsm.stages.hosts import misnamed
from nornir_itsm.stages.owners import EXAMPLE_ROW, Owners
from nornir_itsm.stages.predict import after, remaining
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.render import Templates, render
from nornir_itsm.stages.requested import Resolved
from nornir_itsm.stages.reserved import names, near
from nornir_itsm.stages.resolve import resolve
from nornir_itsm.stages.sequence import in_order


@dataclass(frozen=True, slots=True)
class Known:
    """What a decision is made from: the site, how each path is designed, facts, texts, a person's answers."""

    site: Site
    designers: Mapping[str, Designer]
    """By the name of the runbook."""
    facts: Facts
    templates: Templates
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Designed:
    """One demand with its intents, and what they leave open."""

    resolved: Resolved
    intents: tuple[Intent, ...] = ()
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    checks: tuple[str, ...] = ()


def make_plan(order: Order, known: Known) -> Plan:
    """Plan an order. Everything that cannot be decided is a verdict or a question; nothing is guessed."""
    designed: dict[str, Designed] = {}
    facts = known.facts
    asked = _with_stale(_with_example(_proposed(asked_of(order), order, known), order, known), order, known)
    ours = [demand for demand in _on_our_paths(order, known.site) if demand.id not in asked]
    for demand in sorted(ours, key=_turn):
        made = _design(demand, order, known, facts)
        designed[demand.id] = made
        if not made.questions:
            facts = registered(made.resolved.attachments, after(made.intents, facts))
    in_form_order = (designed[demand.id] for demand in order.demands if demand.id in designed)
    ready = [one for one in in_form_order if not one.questions and not one.resolved.aside]
    proofs = {p.demand: p for p in prove([one.resolved for one in ready], known.site, known.facts, facts)}
    verdicts = tuple(
        _unread(demand, asked[demand.id], known.site)
        if demand.id in asked
        else _verdict(demand, known, designed.get(demand.id), proofs)
        for demand in order.demands
    )
    return _assembled(order, known, designed, proofs, verdicts, asked)


def resolved(order: Order, known: Known) -> tuple[Resolved, ...]:
    """Return the demands of an order that are ours and leave nothing open, as a plan resolves them."""
    found: dict[str, Resolved] = {}
    facts = known.facts
    for demand in sorted(_on_our_paths(order, known.site), key=_turn):
        one = resolve(demand, order, known.site, facts, known.answers)
        if not (one.questions or one.aside):
            found[demand.id] = one
            facts = registered(one.attachments, facts)
    return tuple(found[demand.id] for demand in order.demands if demand.id in found)


def _turn(demand: Demand) -> tuple[bool, list[tuple[int, int]], str]:
    """Say when a demand is designed, whatever its number.

    What is taken away first makes room for what is given, and nothing given relies on what goes.
    """
    ends = (*demand.destinations, *demand.sources)
    places = [span for text in ends for span in addresses(text)]
    return demand.action == "add", places, words_of(demand)


def asked_of(order: Order) -> dict[str, tuple[Question, ...]]:
    """Return what the form itself leaves open, by demand; what belongs to no demand stands under "".

    A question about a cell blocks every demand that has one of its rows.
    """
    demand_of = {row: demand.id for demand in order.demands for row in demand.rows}
    found: dict[str, list[Question]] = {}
    for issue in order.issues_of("question"):
        demands = dict.fromkeys(demand_of[row] for row in issue.rows if row in demand_of) or [""]
        question = Question(issue.key, issue.problem, issue.proposal or "")
        for demand in demands:
            found.setdefault(demand, []).append(question)
    return {demand: tuple(questions) for demand, questions in found.items()}


def _proposed(
    asked: Mapping[str, tuple[Question, ...]], order: Order, known: Known
) -> dict[str, tuple[Question, ...]]:
    """Return the questions of the form; one about missing public addresses with those that are in use now."""
    proposals: dict[str, Question] = {}
    for demand in _on_our_paths(order, known.site):
        for question in asked.get(demand.id, ()):
            if not question.key.endswith(".public.addresses") or demand.public:
                continue
            found = resolve(demand, order, known.site, known.facts, known.answers)
            public = ",".join(line.address for line in found.lines)
            if public:
                text = "；".join((question.text, *found.evidence))
                proposals[question.key] = replace(question, text=text, proposal=public)
    return {id: tuple(proposals.get(q.key, q) for q in listed) for id, listed in asked.items()}


def _with_example(
    asked: Mapping[str, tuple[Question, ...]], order: Order, known: Known
) -> Mapping[str, tuple[Question, ...]]:
    """Return the questions, and whether the first row is meant at all."""
    first = next((demand.id for demand in order.demands if EXAMPLE_ROW in demand.rows), None)
    example = Owners(order, known.site, known.facts, known.answers).example() if first else None
    if first is None or example is None:
        return asked
    return {**asked, first: (*asked.get(first, ()), example)}


def _with_stale(
    asked: Mapping[str, tuple[Question, ...]], order: Order, known: Known
) -> Mapping[str, tuple[Question, ...]]:
    """Return the questions, and for every demand of ours those about sources that the site holds back."""
    held_back = unsettled(known.facts, known.answers)
    ours = [demand.id for demand in _on_our_paths(order, known.site)] if held_back else []
    return {**asked, **{id: (*asked.get(id, ()), *held_back) for id in ours}}


def _unread(demand: Demand, questions: tuple[Question, ...], site: Site) -> DemandVerdict:
    path = site.path(demand.source_zone, demand.destination_zone)
    reason = "；".join(q.text for q in questions)
    scenario = path.scenario if path else ""
    return DemandVerdict(demand.id, demand.rows, demand.action, scenario, "blocked", reason=reason)


def _on_our_paths(order: Order, site: Site) -> Iterator[Demand]:
    for demand in order.demands:
        path = site.path(demand.source_zone, demand.destination_zone)
        if path is not None and not path.manual:
            yield demand


def _design(demand: Demand, order: Order, known: Known, facts: Facts) -> Designed:
    """Design one demand on the facts as the demands before it leave them."""
    resolved = resolve(demand, order, known.site, facts, known.answers)
    if resolved.questions or resolved.aside:
        return Designed(resolved, questions=resolved.questions)
    runbook = known.designers[resolved.path.runbook]
    case = Case(resolved, known.site, facts, known.facts)
    wanted = list(runbook.intents(case))
    return Designed(
        resolved,
        tuple(w for w in wanted if not isinstance(w, (Question, Finding))),
        tuple(w for w in wanted if isinstance(w, Question)),
        tuple(w for w in wanted if isinstance(w, Finding)),
        runbook.checks(case),
    )


def _verdict(
    demand: Demand, known: Known, made: Designed | None, proofs: Mapping[str, Proof]
) -> DemandVerdict:
    path = known.site.path(demand.source_zone, demand.destination_zone)
    if made is None or path is None:
        pair = f"{demand.source_zone} → {demand.destination_zone}"
        verdict: Verdict = "manual" if path else "unsupported"
        reason = path.manual if path else f"站点没有登记 {pair} 的路径，转工程师处理"
        return DemandVerdict(
            demand.id, demand.rows, demand.action, path.scenario if path else "", verdict, reason=reason
        )
    if aside := made.resolved.aside:
        asked = (demand.id, demand.rows, demand.action, path.scenario)
        return DemandVerdict(*asked, "manual", evidence=made.resolved.evidence, reason=aside)
    proof = proofs.get(demand.id)
    verdict, reason = _judged(made, proof, known.facts)
    evidence = (*made.resolved.evidence, *(_evidence(i) for i in made.intents if getattr(i, "reuse", False)))
    return DemandVerdict(
        demand.id, demand.rows, demand.action, path.scenario, verdict, made.resolved.nodes, evidence, reason
    )


def _judged(made: Designed, proof: Proof | None, facts: Facts) -> tuple[Verdict, str]:
    if made.questions or proof is None:
        return "blocked", "；".join(q.text for q in made.questions)
    if refused := (*proof.beyond, *proof.wrongly_closed):
        what = "；".join(refused)
        return "blocked", f"方案会影响需求以外的流量：{what}"
    if not remaining(made.intents, facts):
        if proof.action == "delete" and (kept := (*proof.shortfall, *proof.undecidable)):
            return "blocked", f"没有可以单独删除的内容：{'；'.join(kept)}"
        return "covered", ""
    if proof.already:
        return "partial", ""
    return "change", ""


def _evidence(intent: Intent) -> str:
    why = getattr(intent, "why", "")
    return f"{intent.point} 已有 {kind_of(intent)} {name_of(intent)}" + (f"（{why}）" if why else "")


def _assembled(
    order: Order,
    known: Known,
    designed: Mapping[str, Designed],
    proofs: Mapping[str, Proof],
    verdicts: tuple[DemandVerdict, ...],
    asked: Mapping[str, tuple[Question, ...]],
) -> Plan:
    blocked = {v.id for v in verdicts if v.verdict == "blocked"}
    intents = [i for key, one in designed.items() if key not in blocked for i in one.intents]
    actions = {d.action for d in order.demands}
    done = {one.resolved.demand.action for one in designed.values()}
    ordered = in_order(intents, done, known.site, known.facts)
    changes = render(ordered, known.facts, known.site, known.templates)
    effect = canonical(order, known.answers, verdicts, changes, tuple(proofs.values()))
    own = tuple(dict.fromkeys(names(changes, order)))
    found = (f for one in designed.values() for f in one.findings)
    findings = dict.fromkeys((*found, *misnamed(order, known.facts)))
    word = "调整" if len(actions) > 1 else "删除" if "delete" in actions else "新增"
    return Plan(
        order_file=order.file,
        organization=order.organization,
        system=order.system,
        title=f"{word}{order.organization}-{order.system}-访问策略变更",
        kind="、".join(dict.fromkeys(one.resolved.path.kind for one in designed.values())),
        fingerprint=digest(effect),
        demands=verdicts,
        changes=changes,
        proofs=tuple(proofs.values()),
        questions=(
            *dict.fromkeys(q for listed in asked.values() for q in listed),
            *(q for demand in order.demands if demand.id in designed for q in designed[demand.id].questions),
        ),
        findings=tuple(findings),
        checks=tuple(c for one in designed.values() for c in one.checks) + tuple(_last_days(order)),
        service_affecting=any(v.action == "delete" and v.verdict in ("change", "partial") for v in verdicts),
        reserved=(*_reserved(one for key, one in designed.items() if key not in blocked), *own),
        avoided=near(known.facts.named, own),
        answers=known.answers,
        taken=known.facts.taken,
        canonical=effect,
    )


def _last_days(order: Order) -> Iterator[str]:
    """Yield what is to be done on the last day of a demand: no rule ends by itself."""
    for demand in order.demands:
        if demand.valid_until:
            yield f"需求 {demand.id} 有效至 {demand.valid_until}：到期前提交删除申请单"


def _reserved(designed: Iterable[Designed]) -> tuple[Reservation, ...]:
    """Return the numbers that these demands allocate."""
    new = (one for each in designed for one in each.resolved.attachments if one.new)
    return tuple(dict.fromkeys(Reservation("VLAN", str(one.vlan), one.vpc.id) for one in new))


def points_needed(order: Order, site: Site, designers: Mapping[str, Designer]) -> tuple[str, ...]:
    """Return the points whose facts the demands of an order need."""
    paths = [site.path(d.source_zone, d.destination_zone) for d in order.demands]
    ours = [path for path in paths if path is not None and not path.manual]
    return tuple(dict.fromkeys(point for path in ours for point in designers[path.runbook].needs(path)))
