"""A workbook file as its parts: read, changed, added; what is not named here is copied as it is."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from nornir_itsm.forms.splice import Element, Splice, elements, utf8

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "[Content_Types].xml"
_RELATIONS = f'<Relationships xmlns="{_PACKAGE}/relationships"></Relationships>'.encode()


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of one part to another. ``target`` is the other part's name."""

    id: str
    kind: str
    target: str


class Package:
    """The parts of a workbook. Raises KeyError where a part is missing."""

    def __init__(self, data: bytes) -> None:
        """Open a workbook file that was checked before."""
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._names = {info.filename for info in self._archive.infolist()}
        self._changed: dict[str, bytes] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._names or name in self._changed

    def read(self, name: str) -> bytes:
        """Return an XML part, in UTF-8."""
        return self._changed[name] if name in self._changed else utf8(self._archive.read(name))

    def write(self, name: str, data: bytes) -> None:
        """Change or add a part."""
        self._changed[name] = data

    def unused(self, pattern: str) -> str:
        """Return the first name of the pattern that no part has, e.g. ``xl/comments{}.xml``."""
        taken = {name.lower() for name in (*self._names, *self._changed)}
        number = 1
        while pattern.format(number).lower() in taken:
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> Iterator[Relation]:
        """Yield the relations of a part to other parts; links that lead outside are left out."""
        name = _relations_of(part)
        if name not in self:
            return
        for element in elements(self.read(name), lambda tag, _a, _d: tag == "Relationship"):
            given = element.attributes
            if given.get("TargetMode") != "External" and {"Id", "Target"} <= set(given):
                target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), given["Target"]))
                kind = given.get("Type", "").rpartition("/")[2]
                yield Relation(given["Id"], kind, target.removeprefix("/"))

    def related(self, part: str, kind: str) -> str | None:
        """Return the part of this kind that a part is related to, where there is one."""
        return next((r.target for r in self.relations(part) if r.kind == kind and r.target in self), None)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Relate a part to another one and return the relation's id."""
        name = _relations_of(part)
        data = self.read(name) if name in self else _RELATIONS
        found = elements(data, lambda tag, _a, depth: depth == 0 or tag == "Relationship")
        root, taken = found[0], {element.attributes.get("Id") for element in found}
        number = next(n for n in range(1, len(found) + 2) if f"rIdCheck{n}" not in taken)
        splice = Splice(data)
        splice.append(
            root,
            f'<{root.prefix}Relationship Id="rIdCheck{number}" Type="{RELATIONSHIPS}/{kind}" '
            f"Target={quoteattr('/' + target)}/>",
        )
        self.write(name, splice.done())
        return f"rIdCheck{number}"

    def declare(self, part: str, content_type: str) -> None:
        """Say of what type a new part is."""
        self._type("Override", "PartName", f"/{part}", content_type)

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Say of what type parts with a file extension are, where nobody has said it."""
        self._type("Default", "Extension", extension, content_type)

    def _type(self, tag: str, attribute: str, value: str, content_type: str) -> None:
        data = self.read(_TYPES)
        found = elements(data, lambda name, _a, depth: depth == 0 or name == tag)
        if any(element.attributes.get(attribute, "").lower() == value.lower() for element in found):
            return
        splice = Splice(data)
        said = (
            f"<{found[0].prefix}{tag} {attribute}={quoteattr(value)} ContentType={quoteattr(content_type)}/>"
        )
        splice.insert(_before(found), said)
        self.write(_TYPES, splice.done())

    def packed(self) -> bytes:
        """Return the workbook with its changes; every part in its old place, new ones at the end."""
        for name, data in self._changed.items():
            if not name.endswith(".vml"):  # Excel's own need not be XML
                elements(data, lambda *_: False)  # raises ExpatError: what we wrote must be well formed
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for info in self._archive.infolist():
                changed = self._changed.get(info.filename)
                archive.writestr(copy(info), self._archive.read(info) if changed is None else changed)
            for name in (name for name in self._changed if name not in self._names):
                archive.writestr(zipfile.ZipInfo(name), self._changed[name], zipfile.ZIP_DEFLATED)
        return out.getvalue()


def workbook_part(package: Package) -> str:
    """Return the name of the part that lists the sheets. Raises KeyError where there is none."""
    found = package.related("", "officeDocument")
    if found is None:
        raise KeyError("officeDocument")
    return found


def sheet_parts(package: Package) -> dict[str, str]:
    """Return sheet title -> the name of its part."""
    workbook = workbook_part(package)
    relations = {relation.id: relation.target for relation in package.relations(workbook)}
    found: dict[str, str] = {}
    for sheet in elements(package.read(workbook), lambda name, _a, _d: name == "sheet"):
        id = next((v for k, v in sheet.attributes.items() if k.rpartition(":")[2] == "id"), "")
        found[sheet.attributes["name"]] = relations[id]
    return found


def _before(found: list[Element]) -> int:
    """Return where one more element of a kind goes: before the first of them, or at the root's end."""
    root = found[0]
    return found[1].start if len(found) > 1 else root.close


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
