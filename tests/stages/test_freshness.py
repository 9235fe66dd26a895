"""Old and partial sources: said always, and in the way where the site says so."""

from dataclasses import replace

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.topology import Freshness, Site
from nornir_itsm.stages.freshness import judged, unsettled
from nornir_itsm.stages.plan import Known, make_plan

from .example_site import known, order, plan

NOW = "2026-03-02T12:00:00+08:00"
FORM = "05-白名单-公司全称-协议下拉.xlsx"
FILE = "firewall_edge/policy.json"
SHORT = f"{FILE} holds 22 of 106 records"


def site(**sources: Freshness) -> Site:
    names = {"wall": "DC1-ISP-FW01", "adc": "DC1-ISP-LB01"}
    return replace(known().site, sources={names.get(key, key): one for key, one in sources.items()})


@pytest.mark.parametrize(
    ("taken", "old"),
    [
        ("2026-03-02T11:00:00+08:00", False),
        ("2026-03-02T10:59:59+08:00", True),
        ("2026-03-02T03:00:00+00:00", False),
        ("2026-03-02T02:59:00Z", True),
        ("2026-03-02T11:30:00", False),
        ("2026-03-02T12:04:00+08:00", False),
        ("2026-03-02T12:06:00+08:00", True),
    ],
)
def test_age_is_counted_across_zones(taken: str, old: bool) -> None:
    """An hour is an hour wherever it was noted; a time to come is wrong; none has the zone of now."""
    found = judged(Facts(taken={FILE: taken}), site(points=Freshness(3600, "block")), NOW)
    assert bool(found.withheld) == old
    assert bool(found.gaps) == old


def test_the_oldest_file_of_a_source_counts_and_each_source_has_its_own_limit() -> None:
    """A point's own limit goes before that of all points; a source without a limit is never old."""
    old, new = "2026-01-01T00:00:00+08:00", "2026-03-02T11:59:00+08:00"
    facts = Facts(taken={FILE: new, "firewall_edge/addrbook.json": old, "adc/dnat.json": old, "cloud": old})
    limits = site(points=Freshness(3600, "block"), adc=Freshness(0), ipam=Freshness(60, "block"))
    found = judged(facts, limits, NOW)
    assert list(found.withheld) == ["DC1-ISP-FW01"]
    assert "2026-01-01 00:00" in found.withheld["DC1-ISP-FW01"]
    assert "1 小时" in found.withheld["DC1-ISP-FW01"]


@pytest.mark.parametrize(("verdict", "blocked"), [("warn", False), ("block", True)])
def test_partial_lists_are_said_once_and_block_where_the_site_says_so(verdict: str, blocked: bool) -> None:
    """The reader's own sentence, under the point whose folder it is."""
    limit = Freshness(partial="block" if blocked else "warn")
    found = judged(Facts(gaps=(SHORT,), partial=(SHORT,)), site(wall=limit), NOW)
    assert found.gaps == (SHORT,)
    assert found.withheld == ({"DC1-ISP-FW01": SHORT} if blocked else {})
    assert verdict == limit.partial


def test_a_blocked_source_blocks_every_demand_until_a_person_takes_it_on() -> None:
    """The question stands in the plan; answered with yes the plan is the one that fresh facts give."""
    held_back = judged(known().facts, site(cloud=Freshness(60, "block")), NOW)
    base = known()

    def planned(**answers: str) -> Known:
        given = {key.replace("_", "."): value for key, value in answers.items()}
        return Known(base.site, base.designers, held_back, base.templates, given)

    blocked = make_plan(order(FORM), planned())
    assert {v.verdict for v in blocked.demands} == {"blocked"}
    assert [q.key for q in blocked.questions] == ["source.cloud"]
    assert blocked.changes == ()
    for no in ("否", ""):
        assert make_plan(order(FORM), planned(source_cloud=no)).questions == blocked.questions
    taken_on = make_plan(order(FORM), planned(source_cloud="是"))
    assert taken_on.changes == plan(FORM).changes
    assert any("cloud 采集于" in words for words in taken_on.proofs[0].scope.unknown)
    assert unsettled(held_back, {"source.cloud": "yes"}) == ()


def test_a_warning_does_not_touch_the_fingerprint() -> None:
    """Times are evidence, not effect: what is approved today is the same plan tomorrow."""
    warned = judged(known().facts, site(cloud=Freshness(60), points=Freshness(60)), NOW)
    base = known()
    made = make_plan(order(FORM), Known(base.site, base.designers, warned, base.templates, {}))
    assert made.fingerprint == plan(FORM).fingerprint
    assert any("采集于" in words for words in made.proofs[0].scope.unknown)
