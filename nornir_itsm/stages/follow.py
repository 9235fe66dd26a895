"""Two states of a path held against each other: what a change can touch, and what becomes of it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nornir_itsm.space.dimensions import DESTINATION, LINK
from nornir_itsm.space.packets import EVERYTHING, NOTHING, Packets, together, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Outcome, Rule, RuleList, trace


@dataclass(frozen=True)
class Followed:
    """The same packets followed through both states; outcomes of one state are disjoint."""

    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]

    def within(self, asked: Packets) -> "Followed":
        """Return what happens to a part of the packets, whichever link they take."""
        cut = (
            tuple(replace(one, origin=part) for one in outcomes if (part := one.origin & asked))
            for outcomes in (self.before, self.after)
        )
        return Followed(*cut)

    @cached_property
    def opened(self) -> Packets:
        """What newly arrives, or newly arrives there, over whichever link; unknown predicates still named."""
        return _newly(self.after, self.before)

    @cached_property
    def closed(self) -> Packets:
        """What arrives no more, or no more there."""
        return _newly(self.before, self.after)


def _newly(these: Iterable[Outcome], those: Iterable[Outcome]) -> Packets:
    """Return what arrives in these outcomes at a place (address and port) where it does not in those."""
    found = NOTHING
    known = _arrivals(those)
    for (to, shift), packets in _arrivals(these).items():
        left = packets
        for (other, moved), arrived in known.items():
            if moved == shift:
                left = left - _at_one_place(to, other, arrived)
        found = found | left
    return found


def _arrivals(outcomes: Iterable[Outcome]) -> dict[tuple[int | None, int], Packets]:
    """Return what passes, by the translated address (None: as it set out) and the shift of the port."""
    found: dict[tuple[int | None, int], list[Packets]] = {}
    for one in outcomes:
        if one.passes:
            found.setdefault((one.translation.destination, one.translation.shift), []).append(one.origin)
    return {key: together(origins).without(LINK) for key, origins in found.items()}


def _at_one_place(to: int | None, other: int | None, arrived: Packets) -> Packets:
    """Return the part of what arrived at *other* that has the same address at *to*."""
    if to == other:
        return arrived
    if to is not None and other is not None:
        return NOTHING
    untranslated = to if other is None else other
    assert untranslated is not None
    return arrived.within(**{DESTINATION: Ranges.span(untranslated)})


def follow(old: Sequence[RuleList], new: Sequence[RuleList], asked: Packets) -> Followed:
    """Follow *asked*, and every packet that a changed rule of some point can touch, through both states.

    All other packets meet the same rules in the same order in both states, so nothing is left out.
    """
    region = asked
    for i, (was, becomes) in enumerate(zip(old, new, strict=True)):
        reached = becomes.forget(difference(was, becomes) & was.context)
        # What reaches it only in the new state is touched at an earlier point already.
        for hop in reversed(old[:i]):
            reached = hop.preimage(reached)
        region = region | reached.without(LINK)  # who arrived over another link arrives all the same
    return Followed(tuple(trace(old, region)), tuple(trace(new, region)))


def difference(old: RuleList, new: RuleList) -> Packets:
    """Return the packets on which two lists of one point can decide differently.

    Rules are paired by label; of those in another order, everything counts that the moved ones match, and
    everything at all where another thing holds for the rest.
    """
    if (old.otherwise.passes, old.otherwise.translation) != (new.otherwise.passes, new.otherwise.translation):
        return EVERYTHING
    mine, theirs = dict(_keyed(old.rules)), dict(_keyed(new.rules))
    differing = [_apart(mine.get(key), theirs.get(key)) for key in dict.fromkeys([*mine, *theirs])]
    differing += [mine[key].match | theirs[key].match for key in _moved(list(mine), list(theirs))]
    return union(differing)


def _moved[T](mine: Sequence[T], theirs: Sequence[T]) -> list[T]:
    """Return the fewest common entries without which the rest stands in the same order."""
    place = {key: i for i, key in enumerate(theirs)}
    common = [key for key in mine if key in place]
    ends: list[int] = []
    runs: list[int] = []
    before: list[int] = []
    for i, key in enumerate(common):
        at = bisect_left(ends, place[key])
        before.append(runs[at - 1] if at else -1)
        ends[at : at + 1], runs[at : at + 1] = [place[key]], [i]
    kept: set[int] = set()
    i = runs[-1] if runs else -1
    while i >= 0:
        kept.add(i)
        i = before[i]
    return [key for i, key in enumerate(common) if i not in kept]


def _keyed(rules: Sequence[Rule]) -> Iterator[tuple[tuple[str, int], Rule]]:
    seen: dict[str, int] = {}
    for rule in rules:
        seen[rule.label] = seen.get(rule.label, 0) + 1
        yield (rule.label, seen[rule.label]), rule


def _apart(a: Rule | None, b: Rule | None) -> Packets:
    if a is None or b is None:
        return union(rule.match for rule in (a, b) if rule)
    if (a.passes, a.translation) != (b.passes, b.translation):
        return a.match | b.match
    if a.match == b.match:
        return NOTHING
    return (a.match - b.match) | (b.match - a.match)


def opened_and_closed(old: RuleList, new: RuleList, outside: Packets) -> tuple[Packets, Packets]:
    """Return what one point alone newly passes and newly stops, but for packets in *outside*.

    The path's context is ignored: this is the check that no other zone pair is touched.
    """
    touched = difference(old, new) - outside
    was, becomes = (replace(one, context=EVERYTHING).passing(touched) for one in (old, new))
    return (becomes - was).may(), (was - becomes).may()
