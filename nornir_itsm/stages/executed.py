"""What was really done, from exports taken afterwards: held against the plan, and proved against the request.

What is expected is what the turns that were carried out make of the baseline. The proof is made over the
baseline and the exports, so that it says what was opened, whoever opened it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Proof
from nornir_itsm.stages.departures import Departure, completed, departures, undecided
from nornir_itsm.stages.held import unseen
from nornir_itsm.stages.plan import Known, points_needed, resolved
from nornir_itsm.stages.plan_json import proof_json
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.verify import forward

UNSEEN = "未采集：以执行人的声明为准"


@dataclass(frozen=True, slots=True)
class Work:
    """An order and the intents of its turns that were carried out."""

    order: Order
    answers: Mapping[str, str]
    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Executed:
    """The verdict. ``devices``: device -> what is to be said of it where nothing departs.

    ``problems``: what passes, stops or still does not pass otherwise than by the plan. ``notes``: what a
    reader should know of the exports.
    """

    devices: Mapping[str, str]
    departures: tuple[Departure, ...]
    proofs: tuple[Proof, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def as_planned(self) -> bool:
        """True where exactly the plan was carried out."""
        return not (self.departures or self.problems)

    def differs_on(self, device: str) -> bool:
        """Tell whether something departs on a device."""
        return any(one.device == device for one in self.departures)

    def said(self) -> tuple[str, ...]:
        """Return the verdict in sentences, device by device."""
        return (*self._devices(), *self.problems, *self.notes)

    def _devices(self) -> Iterator[str]:
        for device, words in self.devices.items():
            found = [one for one in self.departures if one.device == device]
            if not found:
                yield f"{device}：{words}"
            for one in found:
                short = [f"少 {line}" for line in one.short]
                lines = "；".join([*short, *(f"多 {line}" for line in one.beyond)])
                yield f"{device}：{one.object} {one.problem}{'：' + lines if lines else ''}"


def executed(work: Sequence[Work], baseline: Facts, held: Facts, known: Known) -> Executed:
    """Return the verdict on some work; the first one's proofs are reported. Of *known* no facts are used.

    What one of the two exports leaves open is taken to be as the other says, and named.
    """
    half = {p: undecided(f) for p, f in (*held.points.items(), *baseline.points.items())}
    baseline, held = _completed(baseline, held), _completed(held, baseline)
    intents = [intent for one in work for intent in one.intents]
    own = list(dict.fromkeys(point for point in baseline.points if point in held.points))
    expected = after([i for i in intents if i.point in own], baseline)
    found: list[Departure] = []
    words: dict[str, str] = {}
    for point in own:
        mine = [intent for intent in intents if intent.point == point]
        parts = expected.points[point], held.points[point]
        words[point], more = _point(point, mine, parts, (held, known))
        if open_ := half.get(point):
            words[point] += f"；一份导出没有写明、按另一份认定：{'、'.join(open_)}"
        found += more
    return Executed(words, tuple(found), *_proved(work, baseline, (expected, held), known))


def older(taken: Mapping[str, str], folders: Collection[str], begun: str) -> tuple[str, ...]:
    """Say which exports of devices, by their *folders*, were taken before a person's work *begun*."""
    since = datetime.fromisoformat(begun).astimezone()
    ours = {name: at for name, at in taken.items() if name.split("/")[0] in folders}
    old = {name: at for name, at in ours.items() if datetime.fromisoformat(at).astimezone() < since}
    words = f"早于交出方案的时间 {begun}：请确认是执行之后的导出"
    return tuple(f"{name} 的时间 {at} {words}" for name, at in old.items())


def _completed(facts: Facts, other: Facts) -> Facts:
    points = {p: completed(held, other.points.get(p, held)) for p, held in facts.points.items()}
    return replace(facts, points=points)


def _point(
    point: str, intents: Sequence[Intent], parts: tuple[PointFacts, PointFacts], known: tuple[Facts, Known]
) -> tuple[str, tuple[Departure, ...]]:
    """Return what is to be said of one point, and what departs on it."""
    expected, held = parts
    facts, more = known
    if unseen(held):
        return UNSEEN, ()
    if type(expected) is not type(held):
        raise ChangeError(point, "快照中是另一类设备", "核对快照目录和 site.yaml")
    if unseen(expected):
        left = [c for c in forward(intents, facts, more.site, more.templates) if not c.empty]
        lines = tuple(line.strip() for change in left for line in change.commands)
        words = "方案中的内容都在；执行前未采集，多出的内容无法判断"
        return words, ((Departure(point, "方案", "缺少", lines),) if lines else ())
    return "与方案一致", departures(point, expected, held, more.site, more.templates)


def _proved(
    work: Sequence[Work], baseline: Facts, states: tuple[Facts, Facts], known: Known
) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
    expected, held = states
    # Of another order only what lies on these points can be told; what it leaves there is expected anyway.
    near = [one for one in work if _points(one.order, known) <= baseline.points.keys()]
    of_each = [resolved(one.order, replace(known, facts=baseline, answers=one.answers)) for one in near]
    demands = [demand for listed in of_each for demand in listed]
    there = replace(baseline, points={p: held.points.get(p, f) for p, f in baseline.points.items()})
    as_planned = prove(demands, known.site, baseline, expected)
    as_done = prove(demands, known.site, baseline, there)
    pairs = zip(as_planned, as_done, strict=True)
    problems = dict.fromkeys(text for planned, done in pairs for text in _different(planned, done))
    return as_done[: len(of_each[0])], tuple(problems)


def _points(order: Order, known: Known) -> set[str]:
    return {*points_needed(order, known.site, known.designers)}


def _different(planned: Proof, done: Proof) -> Iterator[str]:
    for word, mine, theirs in (
        ("需求以外被放行", planned.excess, done.excess),
        ("需求以外被关闭", planned.wrongly_closed, done.wrongly_closed),
        ("仍不通过" if done.action == "add" else "仍然放行", planned.shortfall, done.shortfall),
    ):
        yield from (f"{word}：{text}" for text in theirs if text not in mine)


def executed_json(found: Executed) -> dict[str, object]:
    """Return a verdict as scripts and the evidence have it."""
    return {
        "as_planned": found.as_planned,
        "devices": dict(found.devices),
        "departures": [asdict(one) for one in found.departures],
        "problems": list(found.problems),
        "notes": list(found.notes),
        "proof": [proof_json(proof) for proof in found.proofs],
    }
