"""The text of a configuration after some lines are typed, foretold from the text before.

It is the second witness beside ``stages.predict``: that one reasons on facts, as far as parsers read them;
this
one on every line that a device prints. What it does not know it does not guess: ``Foretold.why`` says which
line cannot be predicted, and why. Knowledge of platforms is data: see ``grammar`` and the file of a platform.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nornir_itsm.stages.foretell import frr, hillstone_stoneos, hp_comware, huawei_vrp
from nornir_itsm.stages.foretell.compare import Deviation, deviations
from nornir_itsm.stages.foretell.grammar import Grammar
from nornir_itsm.stages.foretell.tree import UnforeseenError, printed, read
from nornir_itsm.stages.foretell.typist import Typist

GRAMMARS: Mapping[str, Grammar] = {
    "hillstone_stoneos": hillstone_stoneos.GRAMMAR,
    "hp_comware": hp_comware.GRAMMAR,
    "huawei_vrp": huawei_vrp.GRAMMAR,
    "huawei_vrpv8": huawei_vrp.GRAMMAR,
    "frr": frr.GRAMMAR,
}


@dataclass(frozen=True, slots=True)
class Foretold:
    """The text afterwards; or, where ``why`` says so, that it cannot be predicted, and which line is the
    reason.
    """

    text: str = ""
    why: str = ""
    line: str = ""

    @property
    def refusal(self) -> str:
        """Say which line cannot be predicted and why, in one sentence; empty where all could."""
        return (
            f"无法预测“{self.line}”：{self.why}" if self.line else f"无法预测：{self.why}" if self.why else ""
        )


def foretell(platform: str, text: str, lines: Iterable[str]) -> Foretold:
    """Return the running configuration's *text* after *lines* are typed in configuration mode."""
    grammar = GRAMMARS.get(platform)
    if grammar is None:
        return Foretold(why=f"平台 {platform} 没有配置文本的预测规则")
    line = ""
    try:
        root, tail = read(text, grammar.layout)
        typist = Typist(grammar, root)
        for line in lines:
            typist.type(line)
        line = ""
        typist.finish()
    except UnforeseenError as reason:
        return Foretold(why=str(reason), line=line.strip())
    return Foretold(printed(root, grammar.layout, tail))


def told_apart(platform: str, foretold: str, held: str) -> tuple[Deviation, ...]:
    """Return every line in which what a device holds differs from what was foretold, both as text.

    A text that cannot be read differs as a whole.
    """
    try:
        return deviations(platform, GRAMMARS[platform], foretold, held)
    except UnforeseenError as reason:
        return (Deviation("extra", str(reason)),)


__all__ = ["GRAMMARS", "Deviation", "Foretold", "foretell", "told_apart"]
