"""Which schedule object stands for which text on a form, by the hours that both say."""

from collections.abc import Iterator, Mapping

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import ScheduleBook
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.stages.learn.eips import firewalls
from nornir_itsm.stages.learn.proposal import Ask, Confidence, Found, Proposal

_NAMED = {DAYS[:5]: "工作日", DAYS[5:]: "周末", DAYS: "每日"}


def schedules(facts: Facts, texts: Mapping[str, tuple[Period, ...]]) -> Iterator[Found]:
    """Yield form text -> object. *texts*: those of forms, with their hours; without forms they are made up.

    A text that no object has the hours of is asked about.
    """
    books = {b.name: (point, b) for point, wall in firewalls(facts) for b in wall.schedules.values()}
    matched: set[str] = set()
    for name, (point, book) in books.items():
        if not book.complete or not book.periods:
            continue
        same = hours(book.periods)
        same = hours(book.periods)
        on_forms = [text for text, periods in texts.items() if periods and hours(periods) == same]
        for text in on_forms or _written(book):
            matched.add(text)
            said = [f"{point} 的时间表“{name}”与“{text}”时段相同"]
            said += [] if on_forms else ["这个写法由时段推出，没有在申请单上见到"]
            sure: Confidence = "high" if on_forms else "medium"
            yield Proposal(("schedules", text), name, sure, tuple(said))
    for text, periods in texts.items():
        if periods and text not in matched:
            yield Ask(f"schedules.{text}", f"申请单有“{text}”，设备上没有同样时段的时间表：新建时叫什么？")
    if not texts:
        hint = "申请单模板的参数表，或 site learn --orders 申请单文件夹"
        yield Ask("schedules", "申请单上有哪些生效时间？", hint)


def hours(periods: tuple[Period, ...]) -> frozenset[tuple[str, str, str]]:
    """Return day by day what is covered; a device's 23:59 and 24:00 are one (it has no 24:00)."""
    ends = {"23:59": "24:00"}
    return frozenset((day, p.start, ends.get(p.end, p.end)) for p in periods for day in p.days)


def _written(book: ScheduleBook) -> Iterator[str]:
    """Yield how a form would say this: 工作日-早8晚6, 工作日-早8次3; nothing where it has no such words."""
    first = next((p for p in book.periods if p.start != "00:00"), None)
    if first is None or first.days not in _NAMED or len(book.periods) > 2:
        return
    rest = [p for p in book.periods if p is not first]
    start, end = _hour(first.start), _hour(first.end)
    if not rest and start is not None and end is not None and 12 < end < 24:
        yield f"{_NAMED[first.days]}-早{start}晚{end - 12}"
    elif rest and rest[0].start == "00:00" and first.end in ("24:00", "23:59") and start is not None:
        night = _hour(rest[0].end)
        if night is not None and len(rest[0].days) == len(first.days):
            yield f"{_NAMED[first.days]}-早{start}次{night}"


def _hour(text: str) -> int | None:
    hour, _, minute = text.partition(":")
    return int(hour) if minute == "00" else None
