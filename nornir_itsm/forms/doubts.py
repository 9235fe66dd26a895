"""What a row's cells leave in doubt when they are seen together."""

from collections.abc import Iterator, Mapping

from nornir_itsm.forms.addresses import interval_of, read_addresses
from nornir_itsm.forms.cells import Cell
from nornir_itsm.forms.ports import Pair, join_pairs, pair_up, read_ports, written, zip_spans
from nornir_itsm.forms.reading import ANY, Kind, Note, Reading, plain


def has_name(texts: tuple[str, ...]) -> bool:
    """Tell whether a domain name is among the addresses."""
    return any(text != "any" and interval_of(text) is None for text in texts)


def open_side(side: str, zone: str, kind: Kind) -> Note | None:
    """Return what an address cell with ``any``, ``/`` or nothing needs; None where it may mean any."""
    said = {"any": "写的是 any", "na": "写的是 /"}.get(kind, "没有填写")
    if zone == "internet":
        if kind == "any" or (kind == "na" and side == "source"):
            return None
        return Note("question", f"互联网侧地址{said}", "填写地址；任意地址请写 any", "any")
    if zone == "cloud" or kind == "blank":
        return Note("error", f"地址{said}", "填写具体的 IP 地址或网段")
    return Note("question", f"互联网以外的一侧地址{said}", "写明网段；确实要任意地址时以 any 作答")


def shifted(cells: Mapping[str, Cell]) -> dict[str, Note]:
    """Recognise values that slipped one column to the right from the destination address on."""
    address, port, protocol = (
        cells[name].value for name in ("destination.addresses", "destination.ports", "protocol")
    )
    if read_addresses(address).kind not in ("blank", "na"):
        return {}
    moved_address, moved_port = read_addresses(port), read_ports(protocol)
    if moved_address.kind != "list" or moved_port.kind != "list":
        return {}
    problem = "疑似从目的 IP 起整体右移一列"
    hint = "确认或更正后作答"
    return {
        "destination.addresses": Note("question", f"{problem}：地址在目的端口列", hint, plain(port)),
        "destination.ports": Note("question", f"{problem}：端口在协议列", hint, plain(protocol)),
        "protocol": Note("question", f"{problem}：协议没有写，假定 TCP", hint, "TCP"),
    }


def crossed(public: object, target: object, pairs: tuple[Pair, ...]) -> bool:
    """Tell whether pairing in the order of writing differs from pairing in the order of numbers."""
    left, right = written(public), written(target)
    if sum(b - a for a, b in left) + len(left) != sum(b - a for a, b in right) + len(right):
        return False
    return join_pairs(zip_spans(left, right)) != pairs


def unpaired(
    public: Cell, destination: Cell, reading: Reading[tuple[str, ...]], target: tuple[str, ...]
) -> Iterator[tuple[str, Note]]:
    """Yield, by field, what keeps the public ports of an inbound row from being mapped to target ports."""
    name, wanted = "public.ports", ";".join(target) if target not in ((), ANY) else None
    if reading.kind in ("blank", "na"):
        yield name, Note("question", "没有填写公网端口", "填写对外发布的端口", wanted)
    elif reading.kind == "any":
        if not public.confirmed:
            yield (
                name,
                Note("question", "公网端口 0：发布全部端口", "写明端口；确实要全部发布时以 0 作答", wanted),
            )
    elif target == ANY:
        if not destination.confirmed:
            note = Note(
                "question", "目的端口 0：公网端口要转到哪个端口", "写明目的端口", ";".join(reading.value)
            )
            yield "destination.ports", note
    elif reading.kind == "list" and target:
        pairs = pair_up(reading.value, target)
        if pairs is None:
            yield name, Note("error", "公网端口与目的端口数量不一致", "每对端口写一行")
        elif crossed(public.read_as, destination.read_as, pairs):
            yield name, Note("error", "公网端口与目的端口的书写顺序交叉，无法确定对应关系", "每对端口写一行")
