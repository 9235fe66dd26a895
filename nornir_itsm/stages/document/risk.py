"""How careful one has to be with a plan, derived from the plan alone."""

from collections.abc import Iterator

from nornir_itsm.model.intent import name_of
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.policy import RISKS, RiskLevel
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Risk
from nornir_itsm.stages.document.steps import done, kind_words, verb


def risk(plan: Plan, say: Language) -> Risk:
    """Return the worst of what a plan has against it, and all of it in words."""
    worst = level(plan)
    reasons = tuple(_words(key, plan, say) for _, key in _against(plan)) or (say("risks.none"),)
    return Risk(worst, say(f"risks.{worst}"), reasons)


def level(plan: Plan) -> RiskLevel:
    """Return the worst of what a plan has against it."""
    return max((found for found, _ in _against(plan)), key=RISKS.index, default="low")


def _against(plan: Plan) -> Iterator[tuple[RiskLevel, str]]:
    """Yield what a plan has against it, how much that is, and the key of its words."""
    proofs = plan.proofs
    if plan.service_affecting:
        yield "high", "affecting"
    if any(proof.beyond or proof.wrongly_closed for proof in proofs):
        yield "high", "excess"
    if any(verb(i, change.back) != "create" for change in plan.to_do for i in done(change)):
        yield "medium", "touches"
    if any(proof.allowed for proof in proofs):
        yield "medium", "allowed"
    if any(proof.treatment for proof in proofs):
        yield "medium", "treatment"
    if any(proof.undecidable for proof in proofs):
        yield "medium", "undecidable"
    if any(change.by_hand for change in plan.to_do):
        yield "medium", "hands"
    if any(proof.shortfall and proof.action == "add" for proof in proofs):
        yield "low", "shortfall"
    if plan.questions:
        yield "low", "questions"


def _words(key: str, plan: Plan, say: Language) -> str:
    match key:
        case "touches":
            return say("risks.touches", names=say("language.semicolon").join(_touched(plan, say)))
        case "hands":
            devices = dict.fromkeys(change.device for change in plan.to_do if change.by_hand)
            return say("risks.hands", devices=say.list(list(devices)))
        case "questions":
            return say("risks.questions", count=len(plan.questions))
    return say(f"risks.{key}")


def _touched(plan: Plan, say: Language) -> list[str]:
    """Name the objects that are there and are changed or removed."""
    return list(
        dict.fromkeys(
            f"{change.device} {kind_words(i, say)} {say.quote(name_of(i))}"
            for change in plan.to_do
            for i in done(change)
            if verb(i, change.back) != "create"
        )
    )
