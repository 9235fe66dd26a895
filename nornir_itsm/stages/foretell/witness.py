"""What the text that was read back says of a change, beside the facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nornir_itsm.stages.foretell import GRAMMARS, foretell, told_apart
from nornir_itsm.stages.redaction import redact


@dataclass(frozen=True, slots=True)
class Witness:
    """``verdict`` in a few words, empty where a device has no such text; ``lines`` for the evidence.

    ``unforeseen``: the text is known to hold what nobody foretold, or to lack what was.
    """

    verdict: str
    lines: tuple[str, ...] = ()
    unforeseen: bool = False


def witness(platform: str, before: str, sessions: Iterable[Sequence[str]], held: str) -> Witness:
    """Hold the text that a device shows against the one foretold. *sessions*: the lines of each, in order.

    Where it cannot be foretold that is said, and every line that has changed goes into the evidence.
    """
    if not before and not held:
        return Witness("")
    if not before or not held:
        return Witness("配置文本未读全，未逐行核对")
    text = before
    for lines in sessions:
        told = foretell(platform, text, lines)
        if told.refusal:
            changed = told_apart(platform, before, held) if platform in GRAMMARS else ()
            return Witness(f"配置文本未逐行核对（{redact(told.refusal)}）", _lines(changed))
        text = told.text
    found = told_apart(platform, text, held)
    apart = sum(one.matters for one in found)
    if apart:
        first = redact(str(next(one for one in found if one.matters)))
        return Witness(f"配置文本有 {apart} 行不在预测之内（{first}），全部见证据", _lines(found), True)
    return Witness("配置文本逐行与预测一致" + ("，仅印出的次序不同" if found else ""), _lines(found))


def _lines(found: Iterable[object]) -> tuple[str, ...]:
    return tuple(redact(str(one)) for one in found)
