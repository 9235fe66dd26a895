"""Intents -> what is sent to one device, and its undo."""

from collections.abc import Callable, Mapping, Sequence

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
    """Return one change per point, in the order in which the points first appear among the intents.

    Only what *facts* do not show yet is rendered, so rendering the same intents after they were
    carried out gives empty changes.
    """
    points = dict.fromkeys(intent.point for intent in intents)
    return tuple(
        one_point(point, [i for i in intents if i.point == point], facts, site, templates) for point in points
    )


def one_point(
    point: str, intents: Sequence[Intent], facts: Facts, site: Site, templates: Templates
) -> Change:
    """Return the change of one point for its intents, given what it holds now."""
    platform = site.points[point].platform
    todo = remaining(intents, facts)
    then = after(todo, facts)
    back = remaining(inverse(todo, facts), then)
    if platform in _CLI:
        texts = templates.get(platform, {})
        lines, undo = (_CLI[platform](some, texts) for some in (todo, back))
        return Change(point, platform, tuple(intents), back, commands=lines, undo=undo)
    if platform in _REST:
        calls = _REST[platform](todo, facts)
        undo_calls = _REST[platform](back, then)
        return Change(point, platform, tuple(intents), back, calls=calls, undo_calls=undo_calls)
    raise ConfigError(
        f"site.yaml points.{point}", f"no way to write to platform {platform}", "use a known platform"
    )
