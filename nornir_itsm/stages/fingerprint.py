"""What an approval is bound to: the effect of a plan, not the clock, ids or absolute positions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import Any

from nornir_itsm.model.change import Change, Json
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import DemandVerdict, Proof

_LEFT_OUT = {"id", "hits", "position", "scope", "file", "rows", "purpose"}
"""Given by a device, or saying where something came from and what for rather than what it does."""

_LATER = {"established": False}
"""Fields that came later, and what they say where they say nothing: approvals from before them stand."""


def plain(value: Any) -> Json:
    """Return a value of the model as tagged JSON, without what an effect does not depend on."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _LEFT_OUT}
        kept = {name: plain(held) for name, held in named.items() if _LATER.get(name, _LATER) != held}
        return {"type": type(value).__name__, **kept}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value  # type: ignore[no-any-return]


def canonical(
    order: Order,
    answers: Mapping[str, str],
    verdicts: Sequence[DemandVerdict],
    changes: Sequence[Change],
    proofs: Sequence[Proof],
) -> dict[str, Json]:
    """Return what the fingerprint is made of. A demand goes by what it asks for, not by its number."""
    said = {demand.id: words_of(demand) for demand in order.demands}

    def unnumbered(key: str) -> str:
        id, dot, field = key.partition(".")
        return f"{said[id]}{dot}{field}" if dot and id in said else key

    proved = sorted((replace(proof, demand=said[proof.demand]) for proof in proofs), key=lambda p: p.demand)
    return {
        "order": digest([order.organization, order.system, *sorted(digest(plain(d)) for d in order.demands)]),
        "answers": {unnumbered(key): value for key, value in sorted(answers.items())},
        "verdicts": {said[v.id]: v.verdict for v in sorted(verdicts, key=lambda v: said[v.id])},
        "changes": plain(changes),
        "proofs": plain(proved),
    }


def words_of(demand: Demand) -> str:
    """Say what a demand asks for in one line, the same wherever it stands in its form."""
    ports = "、".join(outer if outer == inner else f"{outer}→{inner}" for outer, inner in demand.port_pairs)
    parts = (
        demand.action,
        f"{demand.source_zone}→{demand.destination_zone}",
        f"{'、'.join(demand.sources)} → {'、'.join(demand.destinations)}",
        f"{demand.protocol or ''} {ports}".strip(),
        "、".join(demand.public),
        demand.schedule.text,
        demand.validity,
    )
    return " ".join(part for part in parts if part)


def digest(value: Json) -> str:
    """Return ``sha256:`` over canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + sha256(text.encode(errors="surrogatepass")).hexdigest()
