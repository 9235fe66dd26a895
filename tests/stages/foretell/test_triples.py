"""Before, change, after: written by hand from the vendors' manuals, not from our own code.

``triples/VENDOR-TOPIC.txt``: a ``# source:`` per topic, then per triple ``=== title``, the configuration,
``>>>``, the lines that are typed, ``===>``, the configuration afterwards; or ``===> ?`` where the manual does
not settle it and nothing may be predicted. The text must be the same line by line.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from nornir_itsm.stages.foretell import foretell

FOLDER = Path(__file__).parent / "triples"
PLATFORMS = {"vrp": "huawei_vrp", "comware": "hp_comware", "stoneos": "hillstone_stoneos"}
UNSETTLED = "?"


class Triple(NamedTuple):
    vendor: str
    topic: str
    title: str
    before: str
    lines: tuple[str, ...]
    after: str


def triples() -> Iterator[Triple]:
    for file in sorted(FOLDER.glob("*.txt")):
        vendor, _, topic = file.stem.partition("-")
        for block in re.split(r"^=== ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, rest = block.partition("\n")
            before, change, after = re.split(r"^(?:>>>|===>)[ \n]", rest.rstrip() + "\n", flags=re.MULTILINE)
            yield Triple(vendor, topic, title, before, tuple(change.splitlines()), after)


EVERY = list(triples())


def outcome(one: Triple) -> str:
    """Return ``predicted``, ``refused``, ``wrong``, or ``lost``: refused although the manual settles it."""
    told = foretell(PLATFORMS[one.vendor], one.before, one.lines)
    if told.refusal:
        return "refused" if one.after.strip() == UNSETTLED else "lost"
    return "predicted" if told.text == one.after else "wrong"


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.vendor}-{one.topic}-{one.title}")
def test_a_triple(one: Triple) -> None:
    """The text afterwards is what the manual says, or it is said that it cannot be predicted."""
    told = foretell(PLATFORMS[one.vendor], one.before, one.lines)
    if one.after.strip() == UNSETTLED:
        assert told.refusal, told.text
    else:
        assert (told.refusal, told.text) == ("", one.after)


def test_shares(capsys: pytest.CaptureFixture[str]) -> None:
    """At least 150 triples of three vendors; the shares are printed, and nothing is wrong."""
    counts = {vendor: Counter(outcome(one) for one in EVERY if one.vendor == vendor) for vendor in PLATFORMS}
    with capsys.disabled():
        for vendor, count in counts.items():
            shares = ", ".join(f"{count[k]} {k}" for k in ("predicted", "refused", "wrong"))
            print(f"\n{PLATFORMS[vendor]}: {count.total()} triples: {shares}", end="")
    assert sum(count.total() for count in counts.values()) >= 150
    assert all(count.total() >= 40 for count in counts.values())
    assert all(count["wrong"] + count["lost"] == 0 for count in counts.values())


def test_every_topic_names_its_source() -> None:
    """Whoever doubts a triple can look it up; titles are their names."""
    assert all(file.read_text("utf-8").startswith("# source: ") for file in FOLDER.glob("*.txt"))
    assert len({one[:3] for one in EVERY}) == len(EVERY)
