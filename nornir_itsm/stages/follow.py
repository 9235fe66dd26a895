"""Two states of a path held against each other: what a change can touch, and what becomes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nornir_itsm.space.dimensions import LINK
from nornir_itsm.space.packets import EVERYTHING, Packets, union
from nornir_itsm.space.rules import Outcome, Rule, RuleList, passing, trace


@dataclass(frozen=True, slots=True)
class Followed:
    """The same packets followed through both states; outcomes of one state are disjoint."""

    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]

    @property
    def opened(self) -> Packets:
        """What may newly pass, over whichever link; an unknown predicate counts as the worse of both."""
        return (passing(self.after).without(LINK) - passing(self.before).without(LINK)).may()

    @property
    def closed(self) -> Packets:
        """What may newly stop."""
        return (passing(self.before).without(LINK) - passing(self.after).without(LINK)).may()


def follow(old: Sequence[RuleList], new: Sequence[RuleList], asked: Packets) -> Followed:
    """Follow *asked*, and every packet that a changed rule of some point can touch, through both states.

    All other packets meet the same rules in the same order in both states, so nothing is left out.
    """
    region = asked
    for i, (was, becomes) in enumerate(zip(old, new, strict=True)):
        touched = becomes.forget(difference(was, becomes) & was.context)
        for earlier in (old[:i], new[:i]):
            reached = touched
            for hop in reversed(earlier):
                reached = hop.preimage(reached)
            region = region | reached
    return Followed(tuple(trace(old, region)), tuple(trace(new, region)))


def difference(old: RuleList, new: RuleList) -> Packets:
    """Return the packets on which two lists of one point can decide differently.

    Rules are paired by label; where their order differs, everything that the reordered ones match counts.
    """
    mine, theirs = dict(_keyed(old.rules)), dict(_keyed(new.rules))
    differing = [_apart(mine.get(key), theirs.get(key)) for key in dict.fromkeys([*mine, *theirs])]
    common = [key for key in mine if key in theirs]
    if common != [key for key in theirs if key in mine]:
        differing += [mine[key].match | theirs[key].match for key in common]
    return union(differing)


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
        return Packets()
    return (a.match - b.match) | (b.match - a.match)


def opened_and_closed(old: RuleList, new: RuleList, outside: Packets) -> tuple[Packets, Packets]:
    """Return what one point alone newly passes and newly stops, but for packets in *outside*.

    The path's context is ignored: this is the check that no other zone pair is touched.
    """
    touched = difference(old, new) - outside
    free = [RuleList(one.point, one.rules, one.otherwise, EVERYTHING) for one in (old, new)]
    was, becomes = (one.passing(touched) for one in free)
    return (becomes - was).may(), (was - becomes).may()
