"""Case folders ``cases/PLATFORM/CASE``: intents, the lines or calls that carry them out, and their undo.

PLATFORM is what a point is read as: with its role where that decides what it is, ``hp_comware.firewall``.
``cases/PLATFORM/before.cfg`` is what the device answers at first, ``before.json`` the documents of one that
is called. ``pytest --accept`` writes the lines anew; whoever reviews reads the difference.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nornir_itsm.journal.codec import load
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.topology import Point, Role, Site
from nornir_itsm.stages.parse.live import access_lists, parsers
from nornir_itsm.stages.plan_json import call_json
from nornir_itsm.stages.render import Templates, one_point

CASES = Path(__file__).parent / "cases"
PROJECT = Path(__file__).parents[2]
POINT = "FW-1"
ROUTER = "R-1"
"""The routes of a device whose access list is POINT."""
TEMPLATE = (PROJECT / "ttp_templates" / "hillstone_stoneos" / "show_configuration.ttp").read_text("utf-8")
PARSERS = {name: parse for name, parse in parsers(TEMPLATE).items() if (CASES / name).is_dir()}
LISTS = {"cisco_ios": ("EDGE-IN", "EDGE-OUT")}
"""Platforms of which a point is one access list: its name, and that of the list that answers meet."""

CALLED = ("sangfor_ad", "aliyun")
"""Platforms that calls are made to: their cases hold ``calls.json`` and ``undo.json``."""
ROLES: dict[str, Role] = {
    "sangfor_ad": "adc",
    "aliyun": "security_group",
    "hp_comware": "switch",
    "huawei_vrp.switch": "switch",
}
SIMULATED = (
    "hillstone_stoneos",
    "huawei_vrp",
    "huawei_vrp.switch",
    "huawei_vrpv8",
    "hp_comware",
    "hp_comware.firewall",
    "cisco_ios",
    *CALLED,
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
    def before(self) -> Any:
        return before(self.platform)

    @property
    def held(self) -> PointFacts:
        return self.read(self.before)

    @property
    def size(self) -> int:
        """How many lines or calls the folder says."""
        if self.platform in CALLED:
            return len(json.loads((self.folder / "calls.json").read_text("utf-8")))
        return (self.folder / "commands.txt").read_text("utf-8").count("\n")

    def written(self, change: Change) -> Iterator[tuple[str, str]]:
        """Yield the files that a change is written into, and what stands in them."""
        if self.platform in CALLED:
            for name, calls in (("calls.json", change.calls), ("undo.json", change.undo_calls)):
                said = [{k: v for k, v in call_json(call).items() if v} for call in calls]
                yield name, json.dumps(said, ensure_ascii=False, indent=1) + "\n"
            return
        for name, lines in (("commands.txt", change.commands), ("undo.txt", change.undo)):
            yield name, "".join(f"{line}\n" for line in lines)

    @property
    def point(self) -> str:
        return self.intents[0].point

    def read(self, text: Any) -> PointFacts:
        """Return the facts of the case's point in what the device prints."""
        return readers(self.platform).get(self.point, PARSERS[self.platform])(text)

    def change(self, held: PointFacts) -> Change:
        """Return what is sent to a device that holds this, and its undo."""
        point = self.point
        return one_point(point, self.intents, Facts({point: held}), site(self.platform), templates())


def before(platform: str) -> Any:
    """Return what a device of the platform answers at first: a configuration, or documents by name."""
    if platform in CALLED:
        return json.loads((CASES / platform / "before.json").read_text("utf-8"))
    return (CASES / platform / "before.cfg").read_text("utf-8")


def cases(platform: str) -> Iterator[Case]:
    for path in sorted((CASES / platform).iterdir()):
        if path.is_dir():
            yield Case(platform, path.name)


def point(platform: str, vsys: str = "") -> Point:
    """Return a point that is read as this."""
    acl, answers = LISTS.get(platform, ("", ""))
    name, role = platform.partition(".")[0], ROLES.get(platform, "firewall")
    found = Point(POINT, name, role, "", vsys=vsys, acl=acl, answers=answers)
    assert found.reads_as == platform
    return found


def points(own: Point) -> dict[str, Point]:
    """Return the points of one device: what is tried, and the routes beside an access list."""
    return {POINT: own, ROUTER: Point(ROUTER, own.platform, "router", "")}


def site(platform: str, vsys: str = "") -> Site:
    return Site("示例", "云", {}, points(point(platform, vsys)), (), (), (), (), {}, {})


def readers(platform: str) -> Mapping[str, Callable[[Any], PointFacts]]:
    """Return the parsers of a fleet on one device of a platform."""
    return {**PARSERS, **access_lists([point(platform)])}


@cache
def templates() -> Templates:
    folders = (PROJECT / "templates").iterdir()
    return {f.name: {t.name: t.read_text("utf-8") for t in f.glob("*.j2")} for f in folders if f.is_dir()}
