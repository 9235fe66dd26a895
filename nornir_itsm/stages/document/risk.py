"""How careful one has to be with a plan, derived from the plan alone."""

from collections.abc import Iterator

from nornir_itsm.model.intent import name_of
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Risk, RiskLevel
from nornir_itsm.stages.document.steps import done, kind_words, verb

_LEVELS: tuple[RiskLevel, ...] = ("low", "medium", "high")


def risk(plan: Plan, say: Language) -> Risk:
    """Return the worst of what a plan has against it, and all of it in words."""
    found = list(_reasons(plan, say))
    levels = {level for level, _ in found}
    level: RiskLevel = next((one for one in reversed(_LEVELS) if one in levels), "low")
    reasons = tuple(reason for _, reason in found) or (say("risks.none"),)
    return Risk(level, say(f"risks.{level}"), reasons)


def _reasons(plan: Plan, say: Language) -> Iterator[tuple[RiskLevel, str]]:
    proofs = plan.proofs
    if plan.service_affecting:
        yield "high", say("risks.affecting")
    if any(proof.beyond or proof.wrongly_closed for proof in proofs):
        yield "high", say("risks.excess")
    if touched := _touched(plan, say):
        yield "medium", say("risks.touches", names=say("language.semicolon").join(touched))
    if any(proof.allowed for proof in proofs):
        yield "medium", say("risks.allowed")
    if any(proof.treatment for proof in proofs):
        yield "medium", say("risks.treatment")
    if any(proof.undecidable for proof in proofs):
        yield "medium", say("risks.undecidable")
    if hands := dict.fromkeys(change.device for change in plan.to_do if change.by_hand):
        yield "medium", say("risks.hands", devices=say.list(list(hands)))
    if any(proof.shortfall and proof.action == "add" for proof in proofs):
        yield "low", say("risks.shortfall")
    if plan.questions:
        yield "low", say("risks.questions", count=len(plan.questions))


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
