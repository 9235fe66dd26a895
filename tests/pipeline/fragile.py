"""An installation whose process dies in the middle: real devices, behind a fleet that does not come back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nornir_itsm.app import App
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.ports import Fleet, PushResult
from nornir_itsm.settings import Settings


class Crash(BaseException):
    """The process ends here, as far as the code under test can tell."""


@dataclass
class FragileFleet:
    """A fleet whose process dies at its step *at*: at a line just intended, a push or a save just over."""

    real: Fleet
    at: int
    steps: int = 0

    def read(self, points: Iterable[str]) -> Mapping[str, PointFacts]:
        return self.real.read(points)

    def preflight(self, points: Iterable[str]) -> Mapping[str, str]:
        return self.real.preflight(points)

    def push(self, change: Change, before: Callable[[str], None]) -> PushResult:
        def intended(what: str) -> None:
            before(what)
            self._step()

        result = self.real.push(change, intended)
        self._step()
        return result

    def save(self, point: str) -> PushResult:
        self._step()
        result = self.real.save(point)
        self._step()
        return result

    def probe(self, host: str, targets: Sequence[Target]) -> Mapping[Target, Echo]:
        return self.real.probe(host, targets)

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Crash


@dataclass
class FragileApp(App):
    """An installation whose process dies at a step; 0: it lives, and counts them."""

    at: int = 0

    @cached_property
    def fleet(self) -> FragileFleet:
        return FragileFleet(super().fleet, self.at)


def fragile(settings: Settings, at: int) -> FragileApp:
    return FragileApp(settings, at=at)
