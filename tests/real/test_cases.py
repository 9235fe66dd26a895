"""The case folders of both platforms on the real thing: running -> change -> undo -> running."""

import re
from pathlib import Path

import pytest

from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.platforms.linux_nftables import TABLE, located
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import one_way
from nornir_itsm.stages.verify import differences
from tests.platforms.case_folders import CASES, PARSERS, POINT, Case, cases, site, templates
from tests.real.machines import vtysh, within

NFT, FRR = "linux_nftables", "frr"


def held(case: Case, answer: str) -> PointFacts:
    return PARSERS[case.platform](answer)


def predicted(case: Case) -> PointFacts:
    return after(case.intents, Facts({POINT: held(case, case.before)})).points[POINT]


def undo(case: Case, change: Change, answer: str) -> tuple[str, ...]:
    """Return what leads back from a device that answers like this."""
    facts = Facts({POINT: held(case, answer)})
    return one_way(POINT, change.back, facts, site(case.platform), templates()).commands


def transaction(lines: tuple[str, ...]) -> str:
    """Put lines in force at once, as the push does; return what was said against it."""
    listing = within("fw", "nft", "-a", "list", "table", *TABLE.split()).stdout
    return within("fw", "nft", "-f", "-", text="\n".join(located(lines, listing))).stderr


def ruleset(*options: str) -> str:
    return within("fw", "nft", *options, "list", "ruleset").stdout


@pytest.mark.parametrize("case", list(cases(NFT)), ids=lambda case: case.name)
def test_nftables_goes_there_and_back(firewall: Path, case: Case) -> None:
    """The rule set is as predicted after the change; after the undo the chain is as before, to the letter.

    A set that was removed comes back as the last one: their order is not compared.
    """
    before = (CASES / NFT / "before.nft").read_text("utf-8")
    loaded = within("fw", "nft", "-f", "-", text=f"flush ruleset\n{before}")
    assert loaded.returncode == 0, loaded.stderr
    then = held(case, ruleset("-j"))
    assert differences(held(case, case.before), then) == ()
    change = case.change(then)
    assert transaction(change.commands) == ""
    answer = ruleset("-j")
    assert differences(predicted(case), held(case, answer)) == ()
    assert transaction(undo(case, change, answer)) == ""
    again = ruleset("-s")
    assert again.partition("\tchain")[2] == before.partition("\tchain")[2]
    assert sorted(again.splitlines()) == sorted(before.splitlines())


def configured(*lines: str) -> str:
    """Type lines at the second router; return what was said against them."""
    return vtysh("r2", "configure terminal", *lines)


def running() -> str:
    return vtysh("r2", "show running-config")


@pytest.mark.parametrize("case", list(cases(FRR)), ids=lambda case: case.name)
def test_a_router_goes_there_and_back(routers: Path, case: Case) -> None:
    """It shows what was predicted after the change, and what it showed before after the undo.

    A member that comes back to a prefix list gets the next number: numbers are not compared.
    """
    baseline = running()
    first = [line for line in case.before.splitlines() if line.startswith(("ip route", "ip prefix-list"))]
    try:
        assert configured(*first) == ""
        before = running()
        assert differences(held(case, case.before), held(case, before)) == ()
        change = case.change(held(case, before))
        assert configured(*change.commands) == ""
        answer = running()
        assert differences(predicted(case), held(case, answer)) == ()
        assert configured(*undo(case, change, answer)) == ""
        assert unnumbered(running()) == unnumbered(before)
    finally:
        configured(*(f"no {line}" for line in first if line.startswith("ip route")))
        configured(*(f"no ip prefix-list {name}" for name in ("EXISTING", "ONE", "NEW")))
    assert running() == baseline


def unnumbered(text: str) -> list[str]:
    return sorted(re.sub(r" seq \d+", "", text).splitlines())
