"""Case folders ``cases/PLATFORM/CASE``: intents, the lines that carry them out, and those that undo them.

PLATFORM is what a point is read as: with its role where that decides what it is, ``hp_comware.firewall``.
``cases/PLATFORM/before.cfg`` is what the device answers at first. ``pytest --accept`` writes the lines anew;
whoever reviews reads the difference.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nornir_itsm.journal.codec import load
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.topology import Point, Site
from nornir_itsm.stages.parse.live import parsers
from nornir_itsm.stages.render import Templates, one_point

CASES = Path(__file__).parent / "cases"
PROJECT = Path(__file__).parents[2]
POINT = "FW-1"
TEMPLATE = (PROJECT / "ttp_templates" / "hillstone_stoneos" / "show_configuration.ttp").read_text("utf-8")
PARSERS = {name: parse for name, parse in parsers(TEMPLATE).items() if (CASES / name).is_dir()}

SIMULATED = (
    "hillstone_stoneos",
    "huawei_vrp",
    "huawei_vrp.switch",
    "huawei_vrpv8",
    "hp_comware",
    "hp_comware.firewall",
)
"""Platforms of which the lab has a device. The others are proved on real ones, in tests/real."""


@dataclass(frozen=True)
class Case:
    """One folder."""

    platform: str
    name: str

    @property
    def folder(self) -> Path:
        return CASES / self.platform / self.name

    @property
    def intents(self) -> tuple[Intent, ...]:
        data = json.loads((self.folder / "intents.json").read_text("utf-8"))
        return tuple(load(Intent, {"point": POINT, **one}) for one in data)

    @property
    def before(self) -> str:
        return (CASES / self.platform / "before.cfg").read_text("utf-8")

    def change(self, held: PointFacts) -> Change:
        """Return what is sent to a device that holds this, and its undo."""
        return one_point(POINT, self.intents, Facts({POINT: held}), site(self.platform), templates())


def cases(platform: str) -> Iterator[Case]:
    for path in sorted((CASES / platform).iterdir()):
        if path.is_dir():
            yield Case(platform, path.name)


def point(platform: str, vsys: str = "") -> Point:
    """Return a point that is read as this."""
    name, _, role = platform.partition(".")
    switch = role == "switch" or (name == "hp_comware" and not role)
    found = Point(POINT, name, "switch" if switch else "firewall", "", vsys=vsys)
    assert found.reads_as == platform
    return found


def site(platform: str, vsys: str = "") -> Site:
    return Site("示例", "云", {}, {POINT: point(platform, vsys)}, (), (), (), (), {}, {})


@cache
def templates() -> Templates:
    folders = (PROJECT / "templates").iterdir()
    return {f.name: {t.name: t.read_text("utf-8") for t in f.glob("*.j2")} for f in folders if f.is_dir()}
