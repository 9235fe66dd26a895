"""When a change may be worked on, against a clock on the wall that is read minute by minute."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nornir_itsm.model.order import DAYS
from nornir_itsm.model.policy import Freeze, Hours, HoursRule, Policy, Subject, When, Window
from nornir_itsm.stages.window import left, opening, read_time

SUBJECT = Subject(kinds=frozenset({"互联网接入"}))
MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo("Asia/Shanghai"))
HOURS = st.sampled_from(["00:00", "01:30", "06:00", "12:00", "22:00", "23:59"])
SPAN = st.builds(
    Hours, st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple), HOURS,
    HOURS | st.just("24:00"),
)  # fmt: skip
MINUTES = st.integers(-600, 3 * 1440)
DAY = st.integers(0, 4).map(lambda n: (MONDAY.date() + timedelta(days=n)).isoformat())


def at(minute: int) -> datetime:
    return MONDAY + timedelta(minutes=minute)


def is_open(policy: Policy, own: Window, moment: datetime) -> bool:
    """Look at the wall."""
    local = moment.astimezone(ZoneInfo(policy.time_zone))
    today, hour = DAYS[local.weekday()], local.strftime("%H:%M")
    before = DAYS[local.weekday() - 1]

    def within(one: Hours) -> bool:
        if one.start < one.end:
            return today in one.days and one.start <= hour < one.end
        return (today in one.days and hour >= one.start) or (before in one.days and hour < one.end)

    frozen = any(f.first <= local.date().isoformat() <= f.last for f in policy.freezes)
    mine = (not own.start or own.start <= iso(moment)) and (not own.end or iso(moment) < own.end)
    return mine and not frozen and all(any(within(one) for one in rule.open) for rule in policy.hours)


def iso(moment: datetime) -> str:
    return moment.astimezone(MONDAY.tzinfo).isoformat(timespec="seconds")


@given(
    st.lists(st.lists(SPAN, min_size=1, max_size=2), max_size=2),
    st.lists(st.tuples(DAY, DAY).map(sorted), max_size=1),
    st.tuples(MINUTES | st.none(), MINUTES | st.none()),
    st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kolkata"]),
    MINUTES,
)
def test_it_is_open_when_the_wall_clock_says_so(
    hours: list[list[Hours]],
    freezes: list[list[str]],
    own: tuple[int | None, int | None],
    zone: str,
    now: int,
) -> None:
    """Open exactly then; ``before`` names the first open minute, ``open`` the first closed one."""
    window = Window(*("" if minute is None else iso(at(minute)) for minute in own))
    assume(not (window.start and window.end) or window.start < window.end)
    policy = Policy(
        time_zone=zone,
        hours=tuple(HoursRule(When(), tuple(spans)) for spans in hours),
        freezes=tuple(Freeze(first, last, "演练") for first, last in freezes),
    )
    found = opening(policy, SUBJECT, window, iso(at(now)))
    assert (found.state == "open") == is_open(policy, window, at(now))
    if found.state == "open" and found.end and left(found, iso(at(now))) < 3 * 86400:
        end = datetime.fromisoformat(found.end)
        assert not is_open(policy, window, end)
        assert is_open(policy, window, end - timedelta(minutes=1))
    if found.state == "before":
        start = datetime.fromisoformat(found.start)
        assert is_open(policy, window, start)
        steps = min(int((start - at(now)).total_seconds()) // 60, 1440)
        assert not any(is_open(policy, window, start - timedelta(minutes=n)) for n in range(1, steps + 1))
    if found.state in ("late", "never"):
        assert not any(is_open(policy, window, at(now + n)) for n in range(0, 3 * 1440, 7))


NIGHT = Policy(
    time_zone="Asia/Shanghai",
    hours=(HoursRule(When(), (Hours(("sat",), "22:00", "06:00"),)),),
    freezes=(Freeze("2026-12-05", "2026-12-06", "年终封网", exempt=("专线接入",)),),
)
"""Saturdays over midnight; 2026-11-28 is one, so is 2026-12-05."""


@pytest.mark.parametrize(
    ("now", "state", "words"),
    [
        ("2026-11-28T21:59:59+08:00", "before", "2026-11-28 22:00 +08:00 开始（维护时间 sat 22:00-06:00）"),
        ("2026-11-28T22:00:00+08:00", "open", "到 2026-11-29 06:00 +08:00 为止"),
        ("2026-11-28T21:59:59+00:00", "open", "到 2026-11-29 06:00 +08:00 为止"),
        ("2026-11-29T06:00:00+08:00", "before", "2026-12-12 22:00 +08:00 开始"),
        ("2026-12-05T23:00:00+08:00", "before", "封网：年终封网"),
    ],
)
def test_a_night_over_midnight(now: str, state: str, words: str) -> None:
    """Saturday's hours end on Sunday; a frozen Saturday is skipped, and its reason is said."""
    found = opening(NIGHT, SUBJECT, Window(), now)
    assert (found.state, words in str(found)) == (state, True), str(found)


def test_an_exempt_kind_is_not_frozen() -> None:
    """What the calendar exempts goes on in the hours of every week."""
    exempt = Subject(kinds=frozenset({"专线接入"}))
    assert opening(NIGHT, exempt, Window(), "2026-12-05T23:00:00+08:00").state == "open"


def test_a_late_order_is_late_and_one_without_a_chance_says_so() -> None:
    """Its own window is over; or it never met the site's hours."""
    past = Window("2026-11-28T20:00:00+08:00", "2026-11-28T23:00:00+08:00")
    assert opening(NIGHT, SUBJECT, past, "2026-11-28T23:00:00+08:00").state == "late"
    rest = Window("2026-11-28T22:00:00+08:00", "2026-11-29T12:00:00+08:00")
    found = opening(NIGHT, SUBJECT, rest, "2026-11-29T07:00:00+08:00")
    assert (found.state, found.end) == ("late", "2026-11-29T06:00:00+08:00")
    noon = Window("2026-11-30T11:00:00+08:00", "2026-11-30T12:00:00+08:00")
    assert opening(NIGHT, SUBJECT, noon, "2026-11-29T12:00:00+08:00").state == "never"


def test_a_night_in_which_the_clocks_change_has_its_real_length() -> None:
    """From wall clock to wall clock: an hour shorter in March, an hour longer in October."""
    policy = Policy(
        time_zone="Europe/Berlin", hours=(HoursRule(When(), (Hours(("sat",), "22:00", "06:00"),)),)
    )
    for now, hours in (("2026-03-28T22:00:00+01:00", 7), ("2026-10-24T22:00:00+02:00", 9)):
        found = opening(policy, SUBJECT, Window(), now)
        assert left(found, now) == hours * 3600


def test_a_time_without_zone_is_the_sites() -> None:
    """And a window survives being written down."""
    now = "2026-11-22T10:00:00+00:00"
    start = read_time("2026-11-22T22:00", NIGHT, now)
    assert start == "2026-11-22T22:00:00+08:00"
    assert read_time("2026-11-22 22:00", Policy(), now) == "2026-11-22T22:00:00+00:00"
    for window in (Window(start), Window(end=start), Window(start, start), Window()):
        assert Window.read(f"{window} 客户约定") == window
    with pytest.raises(ValueError, match="Invalid"):
        read_time("今晚", NIGHT, now)
    assert date.fromisoformat(start[:10])
