"""From an order and its plan to the change document: what was asked, what it does, how it is done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nornir_itsm.model.change import Change
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import DemandVerdict, Plan, Proof
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.document.device import section
from nornir_itsm.stages.document.inert import hosts
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Asked, Draft, Field, Section
from nornir_itsm.stages.document.picture import picture
from nornir_itsm.stages.document.risk import risk
from nornir_itsm.stages.document.steps import period_words
from nornir_itsm.stages.words import proof_words


@dataclass(frozen=True, slots=True)
class Around:
    """What a document says and neither order nor plan know.

    ``services``: 变更类型 -> 影响服务, as the ticket system spells it. ``addresses``: device -> where a
    person logs in. ``number``: that of the change.
    """

    services: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    number: str = ""


def draft(order: Order, plan: Plan, site: Site, say: Language, around: Around) -> Draft:
    """Return the document of a plan."""
    made = [
        section(n, change, site, around.addresses.get(change.device, ""), say)
        for n, change in enumerate(plan.to_do, 1)
    ]
    asked = tuple(_asked(demand, order, plan, say) for demand in order.demands)
    demands = {demand.id for demand in order.demands}
    scopes = [proof.scope for proof in plan.proofs if proof.demand in demands]
    return Draft(
        title=title(order, plan, say),
        reason=say("reason.asked", organization=order.organization, system=order.system, count=len(asked)),
        remarks=order.remarks or "",
        basics=tuple(_basics(order, plan, say, around)),
        asked=asked,
        affected=tuple(_affected(plan, made, say)),
        service_affecting=plan.service_affecting,
        risk=risk(plan, say),
        sections=tuple(made),
        order=_way_back(made),
        whole=tuple(_whole(plan, say)),
        proved=_once(say.of_plan(line) for scope in scopes for line in scope.proved),
        assumed=_once(say.of_plan(say.half(line)) for scope in scopes for line in scope.assumed),
        unknown=_once(say.of_plan(line) for scope in scopes for line in scope.unknown),
        checks=_once(say.of_plan(line) for line in _checks(plan)),
        questions=tuple(_questions(plan, say)),
        findings=tuple(
            say("findings.one", point=f.point, object=f.object, problem=say.of_plan(f.problem))
            for f in plan.findings
        ),
        taken=_taken(plan, say),
    )


def title(order: Order, plan: Plan, say: Language) -> str:
    """Return the title of a change: Chinese as the plan has it, else said anew."""
    actions = {demand.action for demand in order.demands}
    what = "both" if len(actions) > 1 else next(iter(actions), "add")
    return say(f"titles.{what}", organization=order.organization, system=order.system, title=plan.title)


def service_titles(plan: Plan, services: Mapping[str, str]) -> tuple[str, ...]:
    """Return 影响服务 of each kind of the plan; a kind that nobody configured stands for itself."""
    return tuple(services.get(kind, kind) for kind in plan.kind.split("、") if kind)


def _basics(order: Order, plan: Plan, say: Language, around: Around) -> Iterator[Field]:
    if around.number:
        yield Field(say("basics.number"), around.number)
    yield Field(say("basics.kind"), plan.kind or say("basics.none"))
    yield Field(
        say("basics.services"),
        say("language.semicolon").join(service_titles(plan, around.services)) or say("basics.none"),
    )
    yield Field(say("basics.applicant"), f"{order.organization} / {order.system}")
    yield Field(say("basics.form"), order.file)
    yield Field(say("basics.affecting"), say("basics.yes" if plan.service_affecting else "basics.no"))
    yield Field(say("basics.risk"), risk(plan, say).word)
    yield Field(say("basics.devices"), _device_names(plan.to_do, say) or say("basics.nothing"))
    yield Field(say("basics.fingerprint"), plan.fingerprint)


def _device_names(changes: Sequence[Change], say: Language) -> str:
    return say.list(list(dict.fromkeys(change.device for change in changes)))


def _affected(plan: Plan, made: Sequence[Section], say: Language) -> Iterator[Field]:
    for one in made:
        yield Field(
            f"{one.number}. {one.device}", say("affected.changed", count=len(one.steps), role=one.role)
        )
    changed = {one.device for one in made}
    for change in plan.changes:
        if change.device not in changed:
            changed.add(change.device)
            yield Field(change.device, say("affected.same"))


def _way_back(made: Sequence[Section]) -> str:
    if len(made) < 2:
        return ""
    return " → ".join(f"{one.number}. {one.device}" for one in reversed(made))


def _asked(demand: Demand, order: Order, plan: Plan, say: Language) -> Asked:
    verdict = next((v for v in plan.demands if v.id == demand.id), None)
    proof = next((p for p in plan.proofs if p.demand == demand.id), None)
    parts = proof_words(proof) if proof else ()
    word = _verdict(demand, verdict, say) if verdict else ""
    return Asked(
        id=demand.id,
        title=say(f"asked.{demand.action}", source=demand.source_zone, destination=demand.destination_zone),
        verdict=word,
        fields=tuple(_demand_fields(demand, order, verdict, say)),
        evidence=tuple(say.of_plan(line) for line in verdict.evidence) if verdict else (),
        picture=picture(demand, verdict, proof, plan, say) if verdict and verdict.path else None,
        proved=_proved(proof, say),
        parts=tuple(
            (say(f"proof.{PARTS[name]}"), tuple(map(say.of_plan, said)))
            for name, said in parts
            if PARTS[name] not in _OF_ALL
        ),
        counterexample=say.flow(proof.counterexample) if proof and proof.counterexample else "",
    )


PARTS = {
    "新放行": "opened", "停止放行": "closed", "此前已放行": "already", "此前已不通过": "already_closed",
    "需求以外被放行": "beyond", "需求以外被放行（站点允许，批准时须接受）": "allowed",
    "需求以外被关闭": "wrongly_closed", "仍不通过": "shortfall", "仍然放行": "kept",
    "单点余量（不因此放行）": "residue", "处理方式改变": "treatment", "无法判定": "undecidable",
}  # fmt: skip
"""The parts of a proof as ``stages.words`` titles them -> their word."""


_OF_ALL = ("residue", "treatment")
"""Parts that are about the order as a whole: said once, not again with every demand."""


def _whole(plan: Plan, say: Language) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what the proofs say of the order as a whole."""
    for name in _OF_ALL:
        if said := _once(line for proof in plan.proofs for line in getattr(proof, name)):
            yield say(f"proof.{name}"), tuple(map(say.of_plan, said))


def _proved(proof: Proof | None, say: Language) -> str:
    if proof is None:
        return ""
    exact = "exact" if proof.action == "add" else "exact_delete"
    return say(f"proof.{exact if proof.exact else 'inexact'}")


def _demand_fields(
    demand: Demand, order: Order, verdict: DemandVerdict | None, say: Language
) -> Iterator[Field]:
    any_, comma = say("fields.any"), say("language.comma")
    open_ = say("demand.open")
    yield Field(say("demand.source"), hosts(demand.sources, any_, comma) or open_)
    yield Field(say("demand.destination"), hosts(demand.destinations, any_, comma) or open_)
    if demand.public:
        yield Field(say("demand.public"), hosts(demand.public, any_, comma))
    yield Field(say("demand.service"), service(demand, say))
    periods = say("language.semicolon").join(period_words(period, say) for period in demand.schedule.periods)
    brackets = say("language.brackets", text=periods) if periods else ""
    yield Field(say("demand.schedule"), demand.schedule.text + brackets)
    if demand.validity:
        yield Field(say("demand.validity"), say.of_plan(demand.validity))
    if demand.purpose:
        yield Field(say("demand.purpose"), demand.purpose)
    yield Field(say("demand.rows"), _rows(demand, order, say))
    if verdict:
        reason = say("language.colon") + say.of_plan(verdict.reason) if verdict.reason else ""
        yield Field(say("demand.verdict"), _verdict(demand, verdict, say) + reason)


def _verdict(demand: Demand, verdict: DemandVerdict, say: Language) -> str:
    word = say(f"verdicts.{verdict.verdict}")
    return (
        say.known("verdicts", f"delete_{verdict.verdict}")
        if (demand.action == "delete" and verdict.verdict in ("covered", "partial"))
        else word
    )


def _rows(demand: Demand, order: Order, say: Language) -> str:
    """Say where on the form a demand stands, as a reader of the form finds it."""
    sheets: dict[str, list[str]] = {}
    for request in (r for r in order.requests if r.id in demand.rows):
        sheets.setdefault(request.sheet, []).append(str(request.row))
    said = [say("demand.row", sheet=sheet, rows=say.list(_joined(rows))) for sheet, rows in sheets.items()]
    return say("language.semicolon").join(said) or say.list(demand.rows)


def service(demand: Demand, say: Language) -> str:
    """Say protocol and ports; of translated ones both: ``TCP 7429 → 7431、7432-7439``."""
    protocol = say("demand.unknown") if demand.protocol is None else demand.protocol.upper()
    any_ = say("fields.any")
    if demand.protocol == "icmp":
        return protocol
    pairs = [
        inner.replace("any", any_) if outer in (inner, "any") else f"{outer} → {inner}".replace("any", any_)
        for outer, inner in demand.port_pairs
    ]
    return f"{protocol if demand.protocol != 'any' else any_} {say.list(_joined(pairs))}".strip()


def _joined(pairs: Sequence[str]) -> list[str]:
    """Join single ports that follow one another: ``80、81、82`` is ``80-82``."""
    said: list[str] = []
    for text in pairs:
        low, _, high = (said[-1] if said else "").partition("-")
        last = high or low
        if text.isdecimal() and last.isdecimal() and int(text) == int(last) + 1:
            said[-1] = f"{low}-{text}"
        else:
            said.append(text)
    return said


def _checks(plan: Plan) -> Iterator[str]:
    """Yield what is tried at the end; of a service that moves only that it answers."""
    moved = {line.replace("应成功", "应失败") for line in plan.checks if "应成功" in line}
    yield from (line for line in plan.checks if line not in moved)


def _questions(plan: Plan, say: Language) -> Iterator[Field]:
    for question in plan.questions:
        proposal = say("questions.proposal", text=question.proposal) if question.proposal else ""
        yield Field(question.key, say.of_plan(question.text) + proposal)


def _taken(plan: Plan, say: Language) -> str:
    times = sorted(plan.taken.values())
    return say("taken.said", oldest=times[0], newest=times[-1], count=len(times)) if times else ""


def _once(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))
