"""Who may log in now: how many sessions at a time, how many logins a minute, never these two at once."""

import math
import threading
import time
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nornir_itsm.devices.until import SLICE, Until
from nornir_itsm.model.questions import Limit, Pace

if TYPE_CHECKING:
    from nornir.core.inventory import Host

_NONE = Limit()


def names_of(host: "Host") -> frozenset[str]:
    """Return the names by which limits may call *host*: its own and its groups', theirs included."""
    return frozenset((host.name, *(group.name for group in host.extended_groups())))


class Admission:
    """Lets sessions begin within a pace. Safe for threads; every process needs its share of the pace."""

    def __init__(self, pace: Pace) -> None:
        """Take the limits of *pace*."""
        self._pace = pace
        self._change = threading.Condition()
        self._sessions: Counter[Hashable] = Counter()
        self._next: dict[Hashable, float] = {}

    @contextmanager
    def session(self, name: str, names: frozenset[str], until: Until) -> Iterator[None]:
        """Wait until *name*, also called *names*, may log in; it counts until the end of the block.

        Raises Expired, Cancelled.
        """
        limits = {key: limit for key, limit in self._limits(name, names) if limit != _NONE}
        with self._change:
            while (due := self._due(limits)) > time.monotonic():
                self._change.wait(until.left(min(SLICE, due - time.monotonic())))
            self._begin(limits)
        try:
            yield
        finally:
            with self._change:
                for key in limits:
                    self._sessions[key] -= 1
                self._change.notify_all()

    def _limits(self, name: str, names: frozenset[str]) -> Iterator[tuple[Hashable, Limit]]:
        yield "everything", self._pace.everything
        yield ("device", name), self._pace.device
        yield from ((("group", one), limit) for one, limit in self._pace.groups.items() if one in names)
        for members in self._pace.never_together:
            if names & set(members):
                yield members, Limit(at_once=1)

    def _due(self, limits: Mapping[Hashable, Limit]) -> float:
        """Return when a login may be made; never, as long as a place must become free first."""
        if any(limit.at_once and self._sessions[key] >= limit.at_once for key, limit in limits.items()):
            return math.inf
        return max((self._next.get(key, 0.0) for key in limits), default=0.0)

    def _begin(self, limits: Mapping[Hashable, Limit]) -> None:
        now = time.monotonic()
        for key, limit in limits.items():
            self._sessions[key] += 1
            if limit.logins_per_minute:
                self._next[key] = now + 60 / limit.logins_per_minute


def shard_keys(names: Mapping[str, frozenset[str]], pace: Pace) -> Mapping[str, Hashable]:
    """Return host -> key such that hosts who share a limit share the key: they must share a process too."""
    leader: dict[str, str] = {}

    def led_by(word: str) -> str:
        while (other := leader.setdefault(word, word)) != word:
            word = other
        return word

    limited = [{group} for group in pace.groups] + [set(members) for members in pace.never_together]
    for words in limited:
        bound = [name for name, called in names.items() if called & words]
        for name in bound:
            leader[led_by(name)] = led_by(bound[0])
    return {name: led_by(name) for name in leader}


def spread(hosts: Sequence["Host"], pace: Pace) -> list["Host"]:
    """Return *hosts* with those of limited groups among the others, so that few wait for a place."""
    queues: dict[Hashable, list[Host]] = {}
    for host in hosts:
        called = names_of(host)
        key = next((group for group in pace.groups if group in called), None)
        queues.setdefault(key, []).append(host)
    placed = [((at + 0.5) / len(queue), host) for queue in queues.values() for at, host in enumerate(queue)]
    return [host for _, host in sorted(placed, key=lambda one: one[0])]


def share(pace: Pace, processes: int) -> Pace:
    """Return what one of so many processes may do, where a limit is on everything."""
    whole = pace.everything
    if processes == 1 or not (whole.at_once or whole.logins_per_minute):
        return pace
    part = Limit(
        at_once=max(1, whole.at_once // processes) if whole.at_once else 0,
        logins_per_minute=whole.logins_per_minute / processes,
    )
    return replace(pace, everything=part)
