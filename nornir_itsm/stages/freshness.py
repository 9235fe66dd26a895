"""How old facts are and whether they are whole, held against what the site allows.

What the site blocks is a question under ``source.<name>``; a person who answers it with yes takes it on, and
it stands in the proof's scope like everything else that is only warned of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.plan import YES, Question
from nornir_itsm.model.topology import Freshness, Site, Verdict

KEY = "source."
CONSOLES = ("cloud", "ipam")
CLOCKS_DIFFER = timedelta(minutes=5)
"""So much two clocks may lie apart before a time counts as wrong (assumed)."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    source: str
    words: str
    verdict: Verdict


def judged(facts: Facts, site: Site, now: str) -> Facts:
    """Return the facts with what is old or partial: under ``gaps`` all of it, ``withheld`` what blocks.

    *now*: ISO 8601 with zone; a time without a zone is taken to be of the same zone.
    """
    doubts = [*_old(facts, site, datetime.fromisoformat(now)), *_partial(facts, site)]
    withheld: dict[str, str] = {}
    for doubt in (one for one in doubts if one.verdict == "block"):
        before = withheld.get(doubt.source)
        withheld[doubt.source] = f"{before}；{doubt.words}" if before else doubt.words
    said = (doubt.words for doubt in doubts if doubt.words not in facts.gaps)
    return replace(facts, gaps=(*facts.gaps, *said), withheld=withheld)


def warned(facts: Facts, site: Site, now: str) -> Facts:
    """Return the facts for somebody who only looks: what is old or partial is said, nothing is in the way."""
    return replace(judged(facts, site, now), withheld={})


def unsettled(facts: Facts, answers: Mapping[str, str]) -> tuple[Question, ...]:
    """Return the questions about sources that nobody has taken on as they are."""
    return tuple(
        Question(f"{KEY}{source}", f"{words}。站点要求重新采集；确认仍按它决定？", "否", ("是", "否"))
        for source, words in facts.withheld.items()
        if answers.get(f"{KEY}{source}", "").strip().lower() not in YES
    )


def allowed(source: str, site: Site) -> Freshness:
    """Return what the site says of a source: of a point by its name, else of all points."""
    general = "" if source in CONSOLES else "points"
    return site.sources.get(source) or site.sources.get(general) or Freshness()


def _old(facts: Facts, site: Site, now: datetime) -> Iterator[_Doubt]:
    for source, when in _oldest(facts.taken, site, now).items():
        limit = allowed(source, site)
        if limit.max_age and when > now + CLOCKS_DIFFER:
            yield _Doubt(source, f"{source} 的采集时间 {_said(when)} 晚于现在：时钟不对", limit.stale)
        elif limit.max_age and now - when > timedelta(seconds=limit.max_age):
            words = f"{source} 采集于 {_said(when)}，超过站点允许的 {span(limit.max_age)}"
            yield _Doubt(source, words, limit.stale)


def _oldest(taken: Mapping[str, str], site: Site, now: datetime) -> Mapping[str, datetime]:
    """Return source -> its oldest time; of times still to come the last one counts, for they are wrong.

    A file of a folder of exports counts for the point of that folder.
    """
    found: dict[str, list[datetime]] = {}
    for key, time in taken.items():
        found.setdefault(source_of(key, site), []).append(_zoned(time, now))
    return {s: max(times) if max(times) > now + CLOCKS_DIFFER else min(times) for s, times in found.items()}


def _partial(facts: Facts, site: Site) -> Iterator[_Doubt]:
    for words in facts.partial:
        source = source_of(words, site)
        yield _Doubt(source, words, allowed(source, site).partial)


def source_of(key: str, site: Site) -> str:
    """Return the source that ``firewall_edge/policy.json`` belongs to: a point, ``cloud`` or ``ipam``."""
    folder = key.partition("/")[0]
    if folder in CONSOLES:  # security groups are a point, and read from the exports of the cloud
        return folder
    return next((name for name, point in site.points.items() if point.snapshot == folder), folder)


def span(seconds: int) -> str:
    """Return a length of time in words."""
    for unit, words in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds % unit == 0:
            return f"{seconds // unit} {words}"
    return f"{seconds} 秒"


def _zoned(text: str, now: datetime) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def _said(when: datetime) -> str:
    return when.isoformat(sep=" ", timespec="minutes")
