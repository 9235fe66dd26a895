"""What an approval is bound to: the effect of a plan, not the clock, ids or absolute positions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

from nornir_itsm.model.change import Change, Json
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import DemandVerdict, Proof

_LEFT_OUT = {"id", "hits", "position", "scope", "file"}
"""Given by a device, or saying where something came from rather than what it does."""


def plain(value: Any) -> Json:
    """Return a value of the model as tagged JSON, without what an effect does not depend on."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name not in _LEFT_OUT}
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
    """Return what the fingerprint is made of."""
    return {
        "order": digest([plain(order.organization), plain(order.system), plain(order.demands)]),
        "answers": plain(answers),
        "verdicts": {v.id: v.verdict for v in verdicts},
        "changes": plain(changes),
        "proofs": plain(proofs),
    }


def digest(value: Json) -> str:
    """Return ``sha256:`` over canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + sha256(text.encode(errors="surrogatepass")).hexdigest()
