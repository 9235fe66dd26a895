"""Intents -> what is sent to one device, and its undo."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from nornir_itsm.errors import ConfigError
from nornir_itsm.model.change import Call, Change
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.hanging import demand_free
from nornir_itsm.stages.predict import after, inverse, remaining
from nornir_itsm.stages.render import (
    aliyun,
    comware,
    frr,
    ios,
    nftables,
    sangfor_ad,
    stoneos,
    vrp,
    vrp_switch,
)
from nornir_itsm.stages.render.cli import Language
from nornir_itsm.stages.words import intent_words

Templates = Mapping[str, Mapping[str, str]]
"""platform -> template name -> Jinja2 text."""

_CLI: Mapping[str, Callable[[Sequence[Intent], Mapping[str, str]], tuple[str, ...]]] = {
    "hillstone_stoneos": stoneos.lines,
    "huawei_vrp": vrp.lines,
    "huawei_vrpv8": vrp.lines,
    "hp_comware": comware.lines,
    "linux_nftables": nftables.lines,
    "frr": frr.lines,
}
_PARTS: Mapping[str, Callable[[Sequence[Intent], Mapping[str, str], str], tuple[str, ...]]] = {
    "cisco_ios": ios.lines,
}
"""Those of which a point is one access list, whose name the lines say."""
LANGUAGES: Mapping[str, Language] = {
    one.platform: one
    for one in (
        stoneos.LANGUAGE,
        vrp.LANGUAGE,
        comware.LANGUAGE,
        nftables.LANGUAGE,
        frr.LANGUAGE,
        ios.LANGUAGE,
    )
}
"""How command lines are written, by platform: what its templates are given and may use."""
_VRP = ("huawei_vrp", "huawei_vrpv8")
_FOLDERS = {"huawei_vrpv8": "huawei_vrp"}
"""Platforms that are spoken to in another one's language: its templates serve both."""
_DISPLAY: Mapping[str, Callable[[Intent], str]] = {
    "hp_comware": comware.display,
    **dict.fromkeys(_VRP, vrp_switch.display),
}
_REST: Mapping[str, Callable[[Sequence[Intent], Facts], tuple[Call, ...]]] = {
    "sangfor_ad": sangfor_ad.calls,
    "aliyun": aliyun.calls,
}


UNSEEN = "没有采集该设备：逐项先检查是否已存在，一致则跳过对应命令，不一致则停止并联系方案编写人"
SKIPPED = "回退只撤销本次新建的内容；因已存在而跳过的不得撤销"


def render(intents: Sequence[Intent], facts: Facts, site: Site, templates: Templates) -> tuple[Change, ...]:
    """Return one change per run of intents about one point: a point may have its turn more than once.

    Only what *facts*, and the changes before it, do not show yet is rendered, so rendering the same
    intents after they were carried out gives empty changes.
    """
    made: list[Change] = []
    for point, run in groupby(intents, key=lambda intent: intent.point):
        wanted = list(run)
        made.append(one_point(point, wanted, facts, site, templates))
        facts = after(wanted, facts)
    return tuple(made)


def one_point(
    point: str, intents: Sequence[Intent], facts: Facts, site: Site, templates: Templates
) -> Change:
    """Return the change of one point for its intents, given what it holds now."""
    todo = remaining(intents, facts)
    then = after(todo, facts)
    back = remaining(inverse(todo, facts), then)
    there, again = (one_way(point, *way, site, templates) for way in ((todo, facts), (back, then)))
    hands = tuple(_by_hand(point, todo, facts, site)) if todo else ()
    return replace(
        there, intents=tuple(intents), back=back, undo=again.commands, undo_calls=again.calls, by_hand=hands
    )


def _by_hand(point: str, todo: Sequence[Intent], facts: Facts, site: Site) -> Iterator[str]:
    """Say why a person carries this out, and what he looks up of a device that was not collected."""
    place, held = site.points[point], facts.points[point]
    if place.by_hand:
        yield place.by_hand
    if isinstance(held, SwitchFacts) and not held.known:
        yield UNSEEN
        if site.allocation:
            yield f"VPN 实例 {site.allocation.shared_instance} 应已存在，不由本变更新建"
        show, looked_up = _DISPLAY[place.platform], dict[str, list[str]]()
        for one in todo:
            looked_up.setdefault(show(one), []).append(intent_words(one))
        yield from (f"{command}：{'；'.join(words)}" for command, words in looked_up.items())
        yield SKIPPED


def one_way(point: str, todo: Sequence[Intent], facts: Facts, site: Site, templates: Templates) -> Change:
    """Return what is sent to one point for exactly these intents, without a way back."""
    platform = site.points[point].platform
    if platform in _CLI:
        if platform == "hp_comware":
            comware.demand_own_names(todo, facts.points[point])
        if platform in _VRP:
            demand_free(todo, facts)
        lines = _CLI[platform](todo, templates.get(_FOLDERS.get(platform, platform), {}))
        return Change(point, platform, tuple(todo), commands=lines)
    if platform in _PARTS:
        lines = _PARTS[platform](todo, templates.get(platform, {}), site.points[point].acl)
        return Change(point, platform, tuple(todo), commands=lines)
    if platform in _REST:
        return Change(point, platform, tuple(todo), calls=_REST[platform](todo, facts))
    raise ConfigError(
        f"site.yaml points.{point}", f"no way to write to platform {platform}", "use a known platform"
    )
