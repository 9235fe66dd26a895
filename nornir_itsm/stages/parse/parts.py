"""Lines that share a name -> the rule that they are, where a device needs one for each combination."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from nornir_itsm.model.firewall import SecurityPolicy, Selector

ANYTHING = Selector()
"""A side that a line does not name."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one line says, each side as it stands there. ``old``: it is about open sessions only."""

    name: str
    id: str
    action: str
    source: Selector = ANYTHING
    destination: Selector = ANYTHING
    service: str = "Any"
    came: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    old: str = ""
    note: str = ""
    hits: int | None = None
    schedules: tuple[str, ...] = ()
    profiles: tuple[tuple[str, str], ...] = ()
    established: bool = False


def merged(parts: Sequence[Part]) -> Iterator[SecurityPolicy]:
    """Yield the one rule that these lines are, or each of them where together they are none."""
    sources, destinations = (
        list(dict.fromkeys(sides)) for sides in ([p.source for p in parts], [p.destination for p in parts])
    )
    services = list(dict.fromkeys(part.service for part in parts))
    first = parts[0]
    alike = {replace(p, id="", hits=None, source=ANYTHING, destination=ANYTHING, service="") for p in parts}
    said = {(part.source, part.destination, part.service) for part in parts}
    whole = len(said) == len(parts) == len(sources) * len(destinations) * len(services)
    # A side that is not named matches everything: joined to one that is, it would be lost.
    whole = whole and all(ANYTHING not in sides or len(sides) == 1 for sides in (sources, destinations))
    if len(alike) > 1 or not whole:
        yield from (one for part in parts for one in merged([part]))
        return
    hits = [part.hits for part in parts if part.hits is not None]
    yield SecurityPolicy(
        name=first.name,
        action=first.action,
        source=joined(sources),
        destination=joined(destinations),
        services=tuple(services),
        source_zones=first.came,
        destination_zones=first.goes,
        # A line about old sessions lets no new one through and stops none.
        schedules=first.schedules,
        enabled=not (first.old or first.established),
        logs=first.logs,
        profiles=first.profiles,
        description=first.old or first.note,
        unread=first.unread,
        established=first.established,
        id=first.id,
        hits=sum(hits) if hits else None,
    )


def joined(sides: Iterable[Selector]) -> Selector:
    """Return one side that names what several do."""
    listed_sides = list(sides)
    return Selector(
        tuple(book for side in listed_sides for book in side.books),
        tuple(text for side in listed_sides for text in side.literals),
    )
