"""Knowledge that is asked once: what many orders are decided from in one go is of one time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from nornir_itsm.model.facts import Facts
from nornir_itsm.ports import Knowledge


@dataclass(frozen=True, slots=True)
class Remembered:
    """Knowledge that is asked once for the same points."""

    knowledge: Knowledge
    held: dict[tuple[str, ...], Facts] = field(default_factory=dict)

    def facts(self, points: Iterable[str]) -> Facts:
        """Return what was known when these points were first asked about."""
        wanted = tuple(points)
        if wanted not in self.held:
            self.held[wanted] = self.knowledge.facts(wanted)
        return self.held[wanted]
