"""One turn of one device: what to look at first, what to do, how it is seen to be done, the way back."""

from collections.abc import Iterator, Sequence

from nornir_itsm.model.change import Change
from nornir_itsm.model.intent import AddressSet, Intent, SecurityRule, name_of
from nornir_itsm.model.topology import Point, Site
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.document.inert import hosts
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Section, Step
from nornir_itsm.stages.document.steps import done, kind_words, place_words, reused, steps, verb
from nornir_itsm.stages.render import SKIPPED, UNSEEN


def _framed(point: Point, lines: Sequence[str]) -> tuple[str, ...]:
    """Return lines as they are pasted, with what stands around them; nothing for none."""
    cli = PLATFORMS[point.platform].cli
    if not lines or cli is None:
        return ()
    way = (line.format(system=point.vsys) for line in cli.descend if point.vsys)
    stage = (cli.candidate.commit,) if cli.candidate else ()
    return (*way, cli.enter, *lines, *stage, cli.leave, *cli.commit, cli.save)


def section(number: int, change: Change, site: Site, address: str, say: Language) -> Section:
    """Return a device's part of the document."""
    point = site.points[change.device]
    doing = done(change)
    made = steps(doing, change.back, point.menus, say)
    return Section(
        number=number,
        device=change.device,
        address=address,
        role=say(f"roles.{point.role}"),
        platform=say.known("platforms", point.reads_as),
        why=say.of_plan(say.half(point.by_hand)),
        note=say.of_plan(UNSEEN) if UNSEEN in change.by_hand else "",
        reuse=tuple(reused(change.intents, say)),
        checks=tuple(_prechecks(change, made, point, say)),
        steps=made,
        lines=_framed(point, change.commands),
        saving=say.known("saving", change.platform, "saving.other") if change.commands else "",
        verification=tuple(_verification(change, doing, say)),
        undo_note=say.of_plan(SKIPPED) if UNSEEN in change.by_hand else "",
        undo_steps=steps(change.back, doing, point.menus, say),
        undo_lines=_framed(point, change.undo),
    )


def _prechecks(change: Change, made: Sequence[Step], point: Point, say: Language) -> Iterator[str]:
    yield say("checks.backup")
    if change.by_hand:
        said_elsewhere = (point.by_hand, UNSEEN, SKIPPED)
        yield from (say.of_plan(line) for line in change.by_hand if line not in said_elsewhere)
    else:
        yield from _objects(change, say)
        yield from (_current(step, say) for step in made if any(field.was for field in step.fields))
    if change.commands:
        yield say("checks.saved")


def _objects(change: Change, say: Language) -> Iterator[str]:
    """Say which objects are to be missing and which to be there, each in one line."""
    doing = [i for i in change.intents if not i.reuse]
    new = [i for i in doing if i in done(change) and verb(i, change.back) == "create"]
    there = [i for i in change.intents if i not in new]
    for said, listed in (("checks.missing", new), ("checks.there", there)):
        names = dict.fromkeys(f"{kind_words(i, say)} {say.quote(name_of(i))}" for i in listed)
        if names:
            yield say(said, names=say("language.semicolon").join(names))
    anchors = dict.fromkeys(i.anchor for i in new if isinstance(i, SecurityRule) and i.anchor.name)
    for anchor in anchors:
        yield say("checks.anchor", name=anchor.name, place=place_words(anchor, say))


def _current(step: Step, say: Language) -> str:
    now = say("language.semicolon").join(f"{field.label} {field.was}" for field in step.fields if field.was)
    return say("checks.current", title=step.title, now=now)


def _verification(change: Change, doing: Sequence[Intent], say: Language) -> Iterator[str]:
    for intent in (i for i in change.intents if not i.reuse):
        values = {"kind": kind_words(intent, say), "name": name_of(intent)}
        match intent:
            case AddressSet(state="absent", whole=False):
                yield say("seen.without", members=_hosts(intent, say), **values)
            case AddressSet(state="ensure"):
                yield say("seen.with", members=_hosts(intent, say), **values)
            case SecurityRule(state="ensure"):
                new = intent in doing and verb(intent, change.back) == "create"
                place = place_words(intent.anchor, say) if new else say("places.kept")
                yield say("seen.rule", place=place, **values)
            case _:
                yield say("seen.there" if intent.state == "ensure" else "seen.gone", **values)


def _hosts(intent: AddressSet, say: Language) -> str:
    return hosts(intent.members, say("fields.any"), say("language.comma"))
