"""What is learned from a folder of exports, as the command learns it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from nornir_itsm.model.change import Json
from nornir_itsm.sources.discover import discover, site_name, unseen
from nornir_itsm.sources.snapshot import read_snapshot
from nornir_itsm.stages.learn import Ask, Exports, Found, Proposal, Words, learn

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "inventory" / "snapshot"
TEMPLATE = (ROOT / "ttp_templates/hillstone_stoneos/show_configuration.ttp").read_text("utf-8")


def exports(folder: Path, words: Words = Words()) -> Exports:  # noqa: B008 - frozen
    """Read a folder of which nobody has said what is in it."""
    found = discover(folder)
    facts = read_snapshot(folder, {one.name: (one.platform, one.folder) for one in found}, TEMPLATE)
    platforms = {one.name: one.platform for one in found}
    folders = {one.name: one.folder for one in found}
    return Exports(facts, platforms, folders, site_name(folder), (), unseen(folder, found), words)


@cache
def sample() -> tuple[Found, ...]:
    """What the example exports tell."""
    return learn(exports(SAMPLE))


def lines(found: tuple[Found, ...]) -> dict[str, Proposal]:
    """The proposals by their keys, which are unique."""
    listed = [one for one in found if isinstance(one, Proposal)]
    assert len({one.key for one in listed}) == len(listed)
    return {one.key: one for one in listed}


def asked(found: tuple[Found, ...]) -> set[str]:
    """The keys of the questions."""
    return {one.key for one in found if isinstance(one, Ask)}


def section(found: tuple[Found, ...], name: str) -> dict[str, Json]:
    """One section of site.yaml as proposed: key -> value, or the list of its items."""
    made: dict[str, Any] = {}
    for line in lines(found).values():
        if line.at[0] == name:
            key = line.at[1]
            if line.at[-1] == "-":
                made.setdefault(key, []).append(line.value)
            else:
                made[key] = line.value
    return made


def parsed(text: str) -> Mapping[str, Any]:
    """Read YAML as site.yaml is read."""
    return YAML(typ="safe").load(text)  # type: ignore[no-any-return]
