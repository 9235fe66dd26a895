"""An answer as the JSON that scripts rely on."""

from collections.abc import Sequence

from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.stages.plan_json import plan_json
from nornir_itsm.stages.prove import not_covered
from nornir_itsm.stages.smallest import Smallest
from nornir_itsm.stages.why import Part, Step, Why


def why_json(words: Sequence[str], answer: Why, more: Smallest, site: Site, facts: Facts) -> dict[str, Json]:
    """Return an answer as ``why --json`` prints it; *words* is the question as typed."""
    return {
        **heading(words, answer.path),
        "verdict": answer.standing,
        "parts": [_part(part) for part in answer.parts],
        "smallest": [plan_json(plan, None) for plan in more.plans],
        "notes": list(more.notes),
        "scope": {"assumed": list(site.assumed), "unknown": [*not_covered(facts), *facts.gaps]},
        "snapshot": {"taken": dict(facts.taken), "oldest": min(facts.taken.values(), default=None)},
    }


def not_ours(words: Sequence[str], way: Path | tuple[str, str]) -> dict[str, Json]:
    """Return the answer about a path whose devices are not read: ``manual`` or ``unsupported``."""
    verdict = "manual" if isinstance(way, Path) else "unsupported"
    return {**heading(words, way), "verdict": verdict, "reason": reason(way), "parts": [], "smallest": []}


def reason(way: Path | tuple[str, str]) -> str:
    """Say why nothing is known of a path."""
    if isinstance(way, Path):
        return way.manual
    return f"站点没有登记 {way[0]} → {way[1]} 的路径"


def heading(words: Sequence[str], way: Path | tuple[str, str]) -> dict[str, Json]:
    """Return the question, and between which zones it lies."""
    zones = (way.source, way.destination) if isinstance(way, Path) else way
    asked: dict[str, Json] = dict(zip(("source", "destination", "service", "at"), words, strict=True))
    asked |= {"source_zone": zones[0], "destination_zone": zones[1]}
    return {"question": asked, "scenario": way.scenario if isinstance(way, Path) else ""}


def _part(part: Part) -> dict[str, Json]:
    return {
        "answer": part.answer,
        "flows": list(part.flows),
        "because": list(part.because),
        "hops": [_step(step) for step in part.steps],
    }


def _step(step: Step) -> dict[str, Json]:
    made_by = step.made_by or None
    return {
        "point": step.point,
        "rule": step.rule,
        "id": step.id or None,
        "effect": step.effect,
        "made_by": made_by,
    }
