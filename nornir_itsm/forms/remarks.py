"""Comments on cells: those that are there stay, ours are added with a box that Excel draws for them."""

import re
from collections.abc import Mapping

from nornir_itsm.forms.bounds import column_of
from nornir_itsm.forms.package import SPREADSHEET, Package
from nornir_itsm.forms.splice import Element, Splice, elements, text_xml

AUTHOR = "核对"
"""Comments of this author are ours, and are taken away when a form is annotated again."""

TEXT_LIMIT = 2000
_OFFICE = "application/vnd.openxmlformats-officedocument"
_COMMENTS = f'<comments xmlns="{SPREADSHEET}"><authors></authors><commentList></commentList></comments>'
_NAMESPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_DRAWING = f"""<xml {_NAMESPACES}>\
<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>\
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">\
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>"""
_SHAPE = """<v:shape {namespaces} id="{id}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;\
margin-top:2pt;width:240pt;height:{height}pt;z-index:{z};visibility:hidden" fillcolor="#fff2cc" \
o:insetmode="auto"><v:fill color2="#fff2cc"/><v:shadow on="t" color="black" obscured="t"/>\
<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>\
</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>\
<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"""
_BOX = re.compile(rb"<((?:\w+:)?shape)\b[^>]*(?<!/)>.*?</\1>", re.DOTALL)
_AT = (b"Row", b"Column")
_MARK = f"【{AUTHOR}】".encode()
_EMPTY_RUN = re.compile(
    rb"<((?:\w+:)?)r>(?:<\1rPr>(?:(?!</\1r>).)*?</\1rPr>)?<\1t(?:\s[^>]*)?></\1t></\1r>", re.DOTALL
)
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def write_comments(package: Package, sheet: str, texts: Mapping[str, str]) -> str | None:
    """Comment on cells of a sheet; *texts* maps a cell to what is said of it.

    Returns the relation id of a drawing that the sheet must name, or None where it names one already.
    """
    part = package.related(sheet, "comments")
    if part is None and not texts:
        return None
    if part is None:
        part = _new(package, sheet, "comments", "xl/commentsCheck{}.xml", _COMMENTS)
        package.declare(part, f"{_OFFICE}.spreadsheetml.comments+xml")
    taken = _write_texts(package, part, texts)
    drawing, relation = package.related(sheet, "vmlDrawing"), None
    if drawing is None:
        drawing = _new(package, sheet, "vmlDrawing", "xl/drawings/vmlDrawingCheck{}.vml", _DRAWING)
        relation = next(r.id for r in package.relations(sheet) if r.target == drawing)
        package.declare_extension("vml", f"{_OFFICE}.vmlDrawing")
    _draw(package, drawing, taken, texts)
    return relation


def _new(package: Package, sheet: str, kind: str, pattern: str, content: str) -> str:
    part = package.unused(pattern)
    package.write(part, content.encode())
    package.relate(sheet, kind, part)
    return part


def _write_texts(package: Package, part: str, texts: Mapping[str, str]) -> set[str]:
    """Put our comments in the place of earlier ones of ours; return the cells that had one of ours."""
    data = package.read(part)
    found = elements(data, lambda name, _a, depth: depth == 1 or name in ("author", "comment", "text"))
    by_name = {e.name: e for e in found if e.name in ("authors", "commentList")}
    authors = [e for e in found if e.name == "author"]
    names = [_plain(data, author) for author in authors]
    splice, prefix = Splice(data), by_name["commentList"].prefix
    if AUTHOR not in names:
        splice.append(by_name["authors"], f"<{prefix}author>{AUTHOR}</{prefix}author>")
        names.append(AUTHOR)
    ours: set[str] = set()
    theirs: set[str] = set()
    for comment in (e for e in found if e.name == "comment"):
        ref = comment.attributes.get("ref", "")
        text = next((e for e in found if e.name == "text" and e.parent is comment), None)
        if comment.attributes.get("authorId") == str(names.index(AUTHOR)):
            ours.add(ref)
            splice.remove(comment)
            continue
        theirs.add(ref)
        if text is not None and not text.empty:
            words = _run(prefix, f"\n【{AUTHOR}】{texts[ref]}").encode() if ref in texts else b""
            splice.replace(text.inner, text.close, _without_ours(data[text.inner : text.close]) + words)
    for ref, said in texts.items():
        if ref not in theirs:
            head = f'<{prefix}comment ref="{ref}" authorId="{names.index(AUTHOR)}" shapeId="0"><{prefix}text>'
            xml = f"{head}{_run(prefix, said)}</{prefix}text></{prefix}comment>"
            splice.append(by_name["commentList"], xml)
    package.write(part, splice.done())
    return ours


def _run(prefix: str, text: str) -> str:
    said = text_xml(f"{prefix}t", text[:TEXT_LIMIT])
    return f'<{prefix}r><{prefix}rPr><{prefix}sz val="9"/></{prefix}rPr>{said}</{prefix}r>'


def _without_ours(xml: bytes) -> bytes:
    """Return somebody else's comment without our earlier words, also where runs were joined since."""
    at = xml.find(_MARK)
    if at < 0:
        return xml
    kept = xml[:at].rstrip() + xml[xml.find(b"</", at) :]
    return _EMPTY_RUN.sub(b"", kept)


def _plain(data: bytes, element: Element) -> str:
    inside = data[element.inner : element.close].decode()
    return re.sub(r"<[^<>]*>", "", inside).strip()


def _draw(package: Package, part: str, gone: set[str], texts: Mapping[str, str]) -> None:
    """Draw a box for each comment of ours; Excel keeps such drawings in VML, which need not be XML."""
    data = package.read(part)
    boxes = _boxes(data)
    splice = Splice(data)
    for ref in gone - set(texts):
        if (box := boxes.get(_place(ref))) is not None:
            splice.replace(*box, b"")
    new = [ref for ref in texts if _place(ref) not in boxes]
    number = max((int(n) for n in re.findall(rb"_x0000_s([0-9]{1,9})", data)), default=1024)
    shapes = "".join(_shape(_place(ref), texts[ref], number + count) for count, ref in enumerate(new, 1))
    end = data.rfind(b"</xml>")
    if end < 0:
        raise ValueError("a drawing that does not end")
    splice.insert(end, shapes)
    package.write(part, splice.done())


def _boxes(data: bytes) -> dict[tuple[int, int], tuple[int, int]]:
    """Return where the box of a comment stands in the drawing, by (row, column) from 0."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for shape in _BOX.finditer(data):
        row, column = (re.search(rb"<(?:\w+:)?%s>\s*([0-9]{1,7})\s*<" % name, shape[0]) for name in _AT)
        if row and column:
            found[int(row[1]), int(column[1])] = shape.span()
    return found


def _place(ref: str) -> tuple[int, int]:
    match = _REF.fullmatch(ref)
    if match is None:
        raise ValueError(ref)
    return int(match[2]) - 1, column_of(match[1]) - 1


def _shape(place: tuple[int, int], text: str, number: int) -> str:
    row, column = place
    lines = sum(1 + len(line) // 22 for line in text[:TEXT_LIMIT].splitlines())
    height = min(20 + 14 * lines, 300)
    bottom = row + 1 + height // 20
    return _SHAPE.format(
        namespaces=_NAMESPACES, id=f"_x0000_s{number}", z=number % 1000, height=height,
        row=row, column=column,
        anchor=f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {bottom}, 4",
    )  # fmt: skip
