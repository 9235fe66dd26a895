"""Intents -> what is sent to one device, and its undo."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from nornir_itsm.errors import ConfigError
from nornir_itsm.model.change import Call, Change
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.predict import after, inverse, remaining
from nornir_itsm.stages.render import sangfor_ad, stoneos

Templates = Mapping[str, Mapping[str, str]]
"""platform -> template name -> Jinja2 text."""

_CLI: Mapping[str, Callable[[Sequence[Intent], Mapping[str, str]], tuple[str, ...]]] = {
    "hillstone_stoneos": stoneos.lines
}
_REST: Mapping[str, Callable[[Sequence[Intent], Facts], tuple[Call, ...]]] = {"sangfor_ad": sangfor_ad.calls}


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
    return replace(there, intents=tuple(intents), back=back, undo=again.commands, undo_calls=again.calls)


def one_way(point: str, todo: Sequence[Intent], facts: Facts, site: Site, templates: Templates) -> Change:
    """Return what is sent to one point for exactly these intents, without a way back."""
    platform = site.points[point].platform
    if platform in _CLI:
        lines = _CLI[platform](todo, templates.get(platform, {}))
        return Change(point, platform, tuple(todo), commands=lines)
    if platform in _REST:
        return Change(point, platform, tuple(todo), calls=_REST[platform](todo, facts))
    raise ConfigError(
        f"site.yaml points.{point}", f"no way to write to platform {platform}", "use a known platform"
    )
