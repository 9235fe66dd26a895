"""A plan as the JSON that scripts rely on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from urllib.parse import quote

from nornir_itsm.model.change import Call, Change, Json
from nornir_itsm.model.intent import kind_of, name_of
from nornir_itsm.model.plan import Plan, Proof


def plan_json(plan: Plan, change: str | None) -> dict[str, Json]:
    """Return the plan as ``plan --json`` prints it; *change* is its number in the store."""
    return {
        "change": change,
        "fingerprint": plan.fingerprint,
        "title": plan.title,
        "kind": plan.kind,
        "service_affecting": plan.service_affecting,
        "order": {"file": plan.order_file, "organization": plan.organization, "system": plan.system},
        "answers": dict(plan.answers),
        "questions": [_listed(asdict(q)) for q in plan.questions],
        "demands": [_listed(asdict(d)) for d in plan.demands],
        "devices": [_device(change) for change in plan.changes],
        "proof": [proof_json(proof) for proof in plan.proofs],
        "findings": [_listed(asdict(f)) for f in plan.findings],
        "snapshot": {"taken": dict(plan.taken), "oldest": min(plan.taken.values(), default=None)},
    }


def proof_json(proof: Proof) -> dict[str, Json]:
    """Return one proof."""
    return _listed(asdict(proof))


def _device(change: Change) -> dict[str, Json]:
    return {
        "name": change.device,
        "platform": change.platform,
        "intents": [
            {"kind": kind_of(i), "state": i.state, "object": name_of(i), "reuse": i.reuse}
            for i in change.intents
        ],
        "commands": list(change.commands),
        "calls": [{**call_json(call), "undo": _undo_of(call, change.undo_calls)} for call in change.calls],
        "undo": list(change.undo) or [f"{c.method} {c.path}" for c in change.undo_calls],
        "by_hand": list(change.by_hand),
    }


def call_json(call: Call) -> dict[str, Json]:
    """Return one API call; a position is given as an anchor."""
    anchor: Json = {"place": call.anchor.place, "name": call.anchor.name} if call.anchor else None
    return {"method": call.method, "path": call.path, "body": dict(call.body), "anchor": anchor}


def _undo_of(call: Call, undone: Sequence[Call]) -> Json:
    """Find the undo of a call: the one on the same object, whether it names it in the path or the body."""
    if "SecurityGroupId" in call.body:  # a rule of a cloud is all that it says
        return next((call_json(one) for one in undone if one.body == call.body), None)
    undo = {one.path: one for one in undone}
    name = str(call.body.get("name", ""))
    paths = (call.path, f"{call.path}/{quote(name, safe='')}", call.path.rpartition("/")[0])
    return next((call_json(undo[path]) for path in paths if path in undo), None)


def _listed(value: Mapping[str, object]) -> dict[str, Json]:
    return {key: _json(item) for key, item in value.items()}


def _json(value: object) -> Json:
    match value:
        case dict():
            return _listed(value)
        case tuple() | list():
            return [_json(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
