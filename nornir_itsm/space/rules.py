"""First-match rule lists and what they do to packets: pass, block, translate; composed along a path."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE
from nornir_itsm.space.index import Index
from nornir_itsm.space.packets import EVERYTHING, NOTHING, Box, Packets, together
from nornir_itsm.space.ranges import Ranges


@dataclass(frozen=True, slots=True)
class Translation:
    """What becomes of a packet's addresses and port. None and 0 leave things as they are.

    ``shift`` moves the destination port by so many; the protocol stays.
    """

    source: int | None = None
    destination: int | None = None
    shift: int = 0

    def then(self, later: "Translation") -> "Translation":
        """Return the translation that does this one first and *later* second."""
        return Translation(
            self.source if later.source is None else later.source,
            self.destination if later.destination is None else later.destination,
            self.shift + later.shift,
        )

    def image(self, packets: Packets) -> Packets:
        """Return what the packets look like afterwards."""
        if self == IDENTITY:
            return packets
        return Packets.of(*(self._forward(box) for box in packets))

    def preimage(self, packets: Packets) -> Packets:
        """Return the packets that look like one of these afterwards."""
        if self == IDENTITY:
            return packets
        return Packets.of(*(before for box in packets if (before := self._backward(box)) is not None))

    def _forward(self, box: Box) -> Box:
        after = dict(box)
        if self.source is not None:
            after[SOURCE] = Ranges.span(self.source)
        if self.destination is not None:
            after[DESTINATION] = Ranges.span(self.destination)
        if self.shift and SERVICE in after:
            after[SERVICE] = after[SERVICE].shift(self.shift)
        return after

    def _backward(self, box: Box) -> Box | None:
        before = dict(box)
        for dimension, fixed in ((SOURCE, self.source), (DESTINATION, self.destination)):
            if fixed is not None and fixed not in before.pop(dimension, Ranges.span(fixed)):
                return None
        if self.shift and SERVICE in before:
            before[SERVICE] = before[SERVICE].shift(-self.shift)
        return before


IDENTITY = Translation()


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a list: which packets, whether they go on, and as what. ``label`` names it to people."""

    label: str
    match: Packets
    passes: bool = True
    translation: Translation = IDENTITY


_FEW = 64
"""A list of so many rules is asked one by one."""
_STRANGERS = 256
"""So many rules may be new to an index before another one is made."""


class Rules(tuple[Rule, ...]):
    """Many rules in order, none of which translates, with an index of what they can match.

    A list that differs in a few rules shares the index of the one that it was made from.
    """

    _base: "Rules | None" = None
    _strangers: frozenset[int] = frozenset()
    """The rules that the index of the base does not know."""

    def spliced(self, start: int, stop: int, new: Iterable[Rule]) -> "Rules":
        """Return the list with other rules in the place of those from *start* to before *stop*."""
        added = tuple(new)
        made = Rules((*self[:start], *added, *self[stop:]))
        strangers = self._strangers.union(map(id, added))
        if len(strangers) <= _STRANGERS:
            made._base, made._strangers = self._base or self, strangers
        return made

    def near(self, packets: Packets) -> Sequence[Rule]:
        """Return, in order, the rules that can match some of the packets, and maybe others."""
        if len(self) <= _FEW:
            return self
        found = (self._base or self)._index.owners(packets)
        places = sorted(self._places[owner] for owner in (found | self._strangers) if owner in self._places)
        return [self[place] for place in places]

    @cached_property
    def _index(self) -> Index:
        return Index((id(rule), box) for rule in self for box in rule.match)

    @cached_property
    def _places(self) -> dict[int, int]:
        return dict(zip(map(id, self), range(len(self)), strict=True))


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of one point for one purpose, first match; ``otherwise`` is what holds for the rest.

    ``context`` is what the path says of packets at this point (their zones, the link they come on).
    """

    point: str
    rules: tuple[Rule, ...]
    otherwise: Rule
    context: Packets = EVERYTHING

    def shares(self, packets: Packets) -> Iterator[tuple[Rule, Packets]]:
        """Yield each rule that decides some of the packets, with its share."""
        left = packets & self.context
        for rule in self.near(left):
            share = left & rule.match
            if share:
                yield rule, share
                left = left - rule.match
                if not left:
                    return
        yield self.otherwise, left

    def near(self, packets: Packets) -> Sequence[Rule]:
        """Return, in order, every rule that can match some of the packets."""
        return self.rules.near(packets) if isinstance(self.rules, Rules) else self.rules

    def forget(self, packets: Packets) -> Packets:
        """Drop what only this point's context says: it tells nothing about the packet elsewhere."""
        local = {d for box in self.context for d in box} - {SOURCE, DESTINATION, SERVICE}
        return packets.without(*local) if local else packets

    def passing(self, packets: Packets) -> Packets:
        """Return the part of the packets that goes on, as it was when it came."""
        return together(share for rule, share in self.shares(packets) if rule.passes)

    def preimage(self, packets: Packets) -> Packets:
        """Return the packets that come out of this point as one of these."""
        found = NOTHING
        earlier: list[Packets] = []
        for rule in (*self.near(packets), self.otherwise):
            candidate = (
                rule.translation.preimage(packets) & rule.match & self.context if rule.passes else NOTHING
            )
            for taken in earlier:
                if not candidate:
                    break
                candidate = candidate - taken
            found = found | candidate
            earlier.append(rule.match)
        return self.forget(found)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens to some packets on their way. ``origin`` is how they set out.

    ``labels`` name the deciding rule at each point that they reached; the last one is the
    one that blocked them where ``passes`` is False. ``rules`` are these rules themselves.
    """

    origin: Packets
    passes: bool
    translation: Translation = IDENTITY
    labels: tuple[tuple[str, str], ...] = field(default=())
    rules: tuple[Rule, ...] = field(default=(), compare=False)


def trace(path: Sequence[RuleList], packets: Packets) -> Iterator[Outcome]:
    """Follow packets along a path and yield disjoint outcomes that together hold all of them.

    A dimension that a point's context fixes (its zones) is fixed at that point only.
    """
    waiting: list[tuple[Packets, Packets, Translation, tuple[Rule, ...]]]
    waiting = [(packets, packets, IDENTITY, ())]
    while waiting:
        origin, now, done, met = waiting.pop()
        if len(met) == len(path):
            yield Outcome(origin, True, done, _labels(path, met), met)
            continue
        hop = path[len(met)]
        for rule, there in hop.shares(now):
            if not there:
                continue
            share = hop.forget(there)
            came_from = done.preimage(share) & origin
            if not rule.passes:
                yield Outcome(came_from, False, done, _labels(path, (*met, rule)), (*met, rule))
                continue
            after = rule.translation.image(share)
            waiting.append((came_from, after, done.then(rule.translation), (*met, rule)))


def _labels(path: Sequence[RuleList], met: Sequence[Rule]) -> tuple[tuple[str, str], ...]:
    return tuple((hop.point, rule.label) for hop, rule in zip(path, met, strict=False))


def passing(outcomes: Iterable[Outcome]) -> Packets:
    """Return the packets that arrive."""
    return together(outcome.origin for outcome in outcomes if outcome.passes)
