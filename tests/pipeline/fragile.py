"""An installation whose process dies in the middle: real devices, behind a fleet that does not come back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from nornir_itsm.app import App
from nornir_itsm.errors import StoreError
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.ports import Fleet, PushResult
from nornir_itsm.settings import Settings
from nornir_itsm.store import Database, Version


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

    def texts(self, points: Iterable[str]) -> Mapping[str, str]:
        return self.real.texts(points)

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


@dataclass
class FragileDatabase:
    """A store whose process dies before or after its transaction *at*, or that is lost there.

    A dead process writes nothing more; a lost store says so until it is there again.
    """

    real: Database
    at: int
    how: Literal["dies before", "dies after", "lost"]
    count: int = 0
    _inside: bool = False

    @property
    def name(self) -> str:
        return self.real.name

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._inside:
            yield
            return
        self.count += 1
        if self.at and (self.count > self.at or (self.count == self.at and self.how != "dies after")):
            raise StoreError(self.name, "disk full") if self.how == "lost" else Crash
        with self.real.transaction():
            self._inside = True
            try:
                yield
            finally:
                self._inside = False
        if self.count == self.at:
            raise Crash

    def rows(self, sql: str, *values: Any) -> Sequence[Mapping[str, Any]]:
        return self.real.rows(sql, *values)

    def write(self, sql: str, *values: Any) -> int:
        with self.transaction():
            return self.real.write(sql, *values)

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        with self.transaction():
            self.real.many(sql, values)

    def held(self, name: str) -> AbstractContextManager[bool]:
        return self.real.held(name)

    def clean(self, text: str) -> str:
        return self.real.clean(text)

    def prepare(self, room: str, versions: Sequence[Version]) -> None:
        self.real.prepare(room, versions)

    def close(self) -> None:
        self.real.close()


@dataclass
class FragileStoreApp(App):
    """An installation whose store, or whose process at a write to it, is gone from there on; 0: it counts."""

    at: int = 0
    how: Literal["dies before", "dies after", "lost"] = "dies after"

    @cached_property
    def database(self) -> FragileDatabase:
        return FragileDatabase(super().database, self.at, self.how)


def fragile(settings: Settings, at: int) -> FragileApp:
    return FragileApp(settings, at=at)
