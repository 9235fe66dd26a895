"""A small picture of a path: its ends, its points with the flow as each sees it, and what opens.

The SVG is self-contained, prints in black and white, and holds text only as escaped text.
"""

from collections.abc import Iterator, Sequence
from html import escape

from nornir_itsm.model.order import Demand
from nornir_itsm.model.plan import DemandVerdict, PathNode, Plan, Proof
from nornir_itsm.stages.document.inert import hosts, plain
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Mark, Picture, Station

_FEW = 3
"""So many addresses stand in a box; the rest is counted. The text of the document has them all."""
_CLOUD = "云"


def picture(
    demand: Demand, verdict: DemandVerdict, proof: Proof | None, plan: Plan, say: Language
) -> Picture:
    """Return the picture of a demand's path."""
    changed = {change.device for change in plan.to_do} if verdict.verdict in ("change", "partial") else set()
    known = {point for change in plan.changes for point in (change.device,)}
    ends = (
        _end(demand.source_zone, demand.sources, say),
        _end(demand.destination_zone, demand.public or demand.destinations, say),
    )
    if (
        demand.public and verdict.path and verdict.path[0].role != "adc"
    ):  # outbound: who is called is no public
        ends = ends[0], _end(demand.destination_zone, demand.destinations, say)
    middle = [_station(node, changed, known, say) for node in verdict.path]
    stations = (ends[0], *middle, ends[1])
    behind = [node.point for node in verdict.path if node.role != "security_group"]
    if behind and behind[-1] == _CLOUD:  # inbound: the tenant is behind the cloud
        stations = (ends[0], *middle, _end(demand.destination_zone, demand.destinations, say))
    return Picture(
        key=demand.id,
        title=say("picture.title", demand=demand.id),
        stations=stations,
        opens=tuple(map(say.of_plan, proof.opened)) if proof else (),
        closes=tuple(map(say.of_plan, proof.closed)) if proof else (),
        words=(say("proof.opened"), say("proof.closed")),
    )


def _end(zone: str, addresses: Sequence[str], say: Language) -> Station:
    lines = hosts(addresses[:_FEW], say("fields.any"), "\n").splitlines() or [say("demand.open")]
    more = [say("picture.more", count=len(addresses))] if len(addresses) > _FEW else []
    return Station(plain(zone), "", (*lines, *more), "end")


def _station(node: PathNode, changed: set[str], known: set[str], say: Language) -> Station:
    mark: Mark = "changed" if node.point in changed else "same"
    role = say(f"roles.{node.role}")
    state = say("picture.changed" if mark == "changed" else "picture.same") if node.point in known else ""
    lines = [
        *_seen(say("demand.source"), node.source, say),
        *_seen(say("demand.destination"), node.destination, say),
    ]
    name = say("roles.cloud_name") if node.point == _CLOUD else node.point
    service = " ⇒ ".join(dict.fromkeys(node.service.split(" ⇒ ")))
    return Station(name, " · ".join(filter(None, (role, state))), (*lines, say.flow(service)), mark)


def _seen(label: str, text: str, say: Language) -> Iterator[str]:
    """Yield an address field as it comes in, and as it goes out where it is translated."""
    for number, side in enumerate(text.split(" ⇒ ")):
        items = side.split("、")
        shown = "、".join(items[:1]) + (say("picture.more", count=len(items)) if len(items) > 1 else "")
        yield f"⇒ {say.flow(shown)}" if number else f"{label} {say.flow(shown)}"


def text(picture: Picture) -> tuple[str, ...]:
    """Return the path as lines of plain text, for formats without pictures."""
    lines = []
    for number, one in enumerate(picture.stations):
        said = "，".join(one.lines)
        lines.append(
            f"{'   └─▶ ' if number else ''}{one.name}{f'（{one.detail}）' if one.detail else ''}  {said}"
        )
    return tuple(plain(line) if not number else f"   {plain(line)}" for number, line in enumerate(lines))


_BOX, _GAP, _PAD, _LINE = 168, 34, 10, 17
_COLOURS: dict[Mark, tuple[str, str]] = {
    "end": ("#f3f4f6", "#6b7280"), "changed": ("#e8f1fd", "#1d5fbf"), "same": ("#ffffff", "#9ca3af"),
}  # fmt: skip


def svg(picture: Picture) -> str:
    """Draw the picture as SVG."""
    lines = [[piece for line in one.lines for piece in _folded(line, 25)] for one in picture.stations]
    details = [_folded(one.detail, 25) for one in picture.stations]
    tall = (
        max(len(above) + len(below) for above, below in zip(details, lines, strict=True)) * _LINE
        + 2 * _PAD
        + 26
    )
    wide = len(picture.stations) * (_BOX + _GAP) - _GAP + 4
    bands = list(_bands(picture, tall + 26, (wide - 20) / 7.2))
    height = bands[-1][0] + 10 if bands else tall + 8
    drawn = "".join(
        _box(number * (_BOX + _GAP) + 2, tall, one, [*detail, None, *said])
        for number, (one, detail, said) in enumerate(zip(picture.stations, details, lines, strict=True))
    )
    arrows = "".join(_arrow(n * (_BOX + _GAP) - _GAP + 2, tall / 2) for n in range(1, len(picture.stations)))
    below = "".join(
        f'<text x="4" y="{y:g}" fill="{colour}" font-weight="{weight}">{escape(said)}</text>'
        for y, said, colour, weight in bands
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height:g}" role="img" '
        f'style="max-width:{wide}px" font-family="inherit" font-size="12.5">'
        f"<title>{escape(plain(picture.title))}</title>{drawn}{arrows}{below}</svg>"
    )


def _box(x: float, tall: float, one: Station, lines: Sequence[str | None]) -> str:
    fill, line = _COLOURS[one.mark]
    width = 2 if one.mark == "changed" else 1
    name = "".join(_folded(one.name, 22)[:1])
    parts = [
        f'<rect x="{x}" y="2" width="{_BOX}" height="{tall:g}" rx="6" fill="{fill}" stroke="{line}" '
        f'stroke-width="{width}"/>',
        f'<text x="{x + _BOX / 2:g}" y="22" text-anchor="middle" font-weight="700">{escape(name)}</text>',
    ]
    y, colour = 22, "#4b5563"
    for said in lines:
        if said is None:
            y, colour = y + 6, "#111827"
            continue
        y += _LINE
        parts.append(
            f'<text x="{x + _BOX / 2:g}" y="{y}" text-anchor="middle" fill="{colour}">{escape(said)}</text>'
        )
    return "".join(parts)


def _arrow(x: float, y: float) -> str:
    end = x + _GAP - 4
    return (
        f'<path d="M{x + 4:g} {y:g}H{end:g}" stroke="#374151" stroke-width="1.6"/>'
        f'<path d="M{end:g} {y - 4:g}l5 4l-5 4z" fill="#374151"/>'
    )


def _bands(picture: Picture, y: float, columns: float) -> Iterator[tuple[float, str, str, int]]:
    """Yield what opens and what stops: place, text, colour, weight."""
    for word, flows, colour in (
        (picture.words[0], picture.opens, "#15703a"), (picture.words[1], picture.closes, "#b42318"),
    ):  # fmt: skip
        if not flows:
            continue
        yield y, word, colour, 700
        for flow in flows:
            for number, piece in enumerate(_folded(flow, int(columns) - 4)):
                y += _LINE
                yield y, ("　" if number else "● ") + piece, colour, 400
        y += _LINE + 7


def _folded(text: str, columns: int) -> list[str]:
    """Fold a text at blanks and commas; a wide letter takes two columns."""
    lines, line, width = [], "", 0
    for word in _words(plain(text)):
        size = sum(2 if ord(letter) > 0x2E7F else 1 for letter in word)
        if line and width + size > columns:
            lines.append(line.rstrip())
            line, width = "", 0
        line, width = line + word, width + size
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        word += letter
        if letter in " 、，；/·" or ord(letter) > 0x2E7F or len(word) > 22:
            yield word
            word = ""
    if word:
        yield word
