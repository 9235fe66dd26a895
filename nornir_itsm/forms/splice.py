"""Changing an XML part without touching the rest of it: elements are found by their place in the bytes.

What is not changed stays as it was written, byte for byte: prefixes, extensions and declarations that no
library of ours knows. Parts were checked by :mod:`nornir_itsm.forms.bounds` before (no document types).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

_TAG = re.compile(rb"""<[^<>"']+(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """An element of a part: ``start`` to ``inner`` is its tag, ``close`` to ``end`` its end tag."""

    tag: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    close: int
    end: int
    parent: "Element | None" = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The name without a prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, or nothing."""
        return self.tag.removesuffix(self.name)

    @property
    def empty(self) -> bool:
        """True for ``<name/>``."""
        return self.close == self.end


Wanted = Callable[[str, Mapping[str, str], int], bool]


def elements(data: bytes, wanted: Wanted) -> list[Element]:
    """Return the elements for which ``wanted(local name, attributes, depth)`` holds, in their order.

    The root has depth 0. ``parent`` is the nearest wanted ancestor.
    """
    found: list[Element] = []
    path: list[Element | None] = []
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = None
        if wanted(tag.rpartition(":")[2], attributes, len(path)):
            at = parser.CurrentByteIndex
            match = _TAG.match(data, at)
            inner = match.end() if match else at
            parent = next((p for p in reversed(path) if p), None)
            element = Element(tag, attributes, at, inner, inner, inner, parent)
            found.append(element)
        path.append(element)

    def end(_: str) -> None:
        element = path.pop()
        if element is not None and data[element.inner - 2 : element.inner] != b"/>":
            element.close = parser.CurrentByteIndex
            element.end = data.index(b">", element.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, True)
    return found


def utf8(data: bytes) -> bytes:
    """Return a part in UTF-8; nearly every part is that already and comes back as it is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        declared = _ENCODING.match(data)
        encoding = declared[1].decode().lower() if declared else "utf-8"
        if encoding in ("utf-8", "utf8", "us-ascii", "ascii"):
            return data
    return _DECLARATION.sub("", data.decode(encoding)).encode()


class Splice:
    """Edits of one part, made all at once."""

    def __init__(self, data: bytes) -> None:
        """Edit these bytes."""
        self.data = data
        self.edits: list[tuple[int, int, bytes]] = []

    def replace(self, start: int, end: int, xml: str | bytes) -> None:
        """Put *xml* in the place of the bytes from *start* to *end*."""
        self.edits.append((start, end, xml.encode() if isinstance(xml, str) else xml))

    def insert(self, at: int, xml: str) -> None:
        """Put *xml* before the byte *at*; several at one place keep their order."""
        self.replace(at, at, xml)

    def append(self, parent: Element, xml: str) -> None:
        """Put *xml* behind the last child of *parent*."""
        if parent.empty:
            self.replace(parent.inner - 2, parent.inner, f">{xml}</{parent.tag}>")
        else:
            self.insert(parent.close, xml)

    def remove(self, element: Element) -> None:
        """Take an element out."""
        self.replace(element.start, element.end, b"")

    def set(self, element: Element, name: str, value: object) -> None:
        """Set one attribute of an element."""
        self.replace(*attribute_edit(self.data, element, name, value))

    def done(self) -> bytes:
        """Return the part with all edits."""
        parts, at = [], 0
        for start, end, xml in sorted(self.edits, key=lambda edit: edit[:2]):
            parts += [self.data[at:start], xml]
            at = end
        return b"".join([*parts, self.data[at:]])


def attribute_edit(data: bytes, element: Element, name: str, value: object) -> tuple[int, int, bytes]:
    """Return (start, end, bytes) that give an element an attribute."""
    said = quoteattr(printable(str(value))).encode()
    pattern = re.compile(rb"(?<=\s)" + re.escape(name.encode()) + rb"""\s*=\s*("[^"]*"|'[^']*')""")
    if match := pattern.search(data, element.start, element.inner):
        return match.start(1), match.end(1), said
    at = element.start + 1 + len(element.tag.encode())
    return at, at, b" " + name.encode() + b"=" + said


def with_attributes(xml: bytes, **values: object) -> bytes:
    """Return the XML of one element with these attributes set."""
    (root,) = elements(xml, lambda _n, _a, depth: depth == 0)
    splice = Splice(xml)
    for name, value in values.items():
        splice.set(root, name, value)
    return splice.done()


def printable(text: str) -> str:
    """Return *text* without characters that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)


def text_xml(tag: str, text: str) -> str:
    """Return an element that holds *text* as it is, blanks and all."""
    return f'<{tag} xml:space="preserve">{escape(printable(text))}</{tag}>'
