"""A JSON document read with care: every wrong type or missing key is a SourceError that names the record."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from unicodedata import category

from nornir_itsm.errors import SourceError

LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON object and where it stands: ``policy[3] 示例封禁``."""

    data: Mapping[str, object]
    where: str

    def wrong(self, problem: str, hint: str = "take the export again") -> SourceError:
        """Return the error to raise for this record."""
        return SourceError(self.where, problem, hint)

    def is_set(self, key: str) -> bool:
        """Tell whether the key is there and says anything: ``""``, ``[]``, ``{}``, null and false do not."""
        value = self.data.get(key)
        return not (value is None or value is False or value in ("", [], {}))

    def strange(self, known: Set[str]) -> tuple[str, ...]:
        """Return keys that are not *known* and say something; a flag or count of 0 says nothing (assumed)."""
        return tuple(
            key
            for key in sorted(self.data)
            if key not in known and self.is_set(key) and self.data[key] not in ("0", 0)
        )

    def text(self, key: str, default: str = "") -> str:
        """Return text or a whole number as text, without blanks around it; *default* where it is not set."""
        return self._raw(key).strip() or default

    def name(self, key: str = "name") -> str:
        """Return a name that must be there, as it is written: on one line, for names end up in commands."""
        found = self._raw(key)
        if not found.strip():
            raise self.wrong(f"it has no {key}")
        if not one_line(found):
            raise self.wrong(f"{key} {found[:LONGEST_LABEL]!r} holds a control character")
        return found

    def _raw(self, key: str) -> str:
        value = self.data.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.wrong(f"{key} is {_kind(value)}, not text")
        if isinstance(value, int):
            if abs(value) >= 10**18:
                raise self.wrong(f"{key} is a number that no device knows")
            return f"{value:d}"
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise self.wrong(f"{key} is no Unicode text")
        return value

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number, which may be written as text. Without *default* it must be there."""
        text = self.text(key)
        if not text and default is not None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise self.wrong(f"{key} is {text[:LONGEST_LABEL]!r}, not a number")
        return int(text)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one."""
        value = self.data.get(key)
        listed = value if isinstance(value, list) else [value]
        pairs = [Record({key: item}, self.where).text(key) for item in listed]
        return tuple(text for text in pairs if text)

    def inner(self, key: str) -> "Record":
        """Return the object under *key*; an empty one where it is not set."""
        value = self.data.get(key)
        if not self.is_set(key):
            return Record({}, self.where)
        if not isinstance(value, dict):
            raise self.wrong(f"{key} is {_kind(value)}, not an object")
        return Record(value, self.where)

    def records(self, key: str) -> tuple["Record", ...]:
        """Return the objects under *key*; StoneOS gives one object where a list has one element."""
        if not self.is_set(key):
            return ()
        value = self.data[key]
        listed = [value] if isinstance(value, dict) else value
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            raise self.wrong(f"{key} is {_kind(value)}, not a list of objects")
        return tuple(Record(item, self.where) for item in listed)


def one_line(text: str) -> bool:
    """Tell whether nothing in the text could end a line or act on a terminal."""
    return all(category(character) not in ("Cc", "Cs", "Zl", "Zp") for character in text)


def records(documents: Mapping[str, object], name: str, *container: str) -> tuple[Record, ...]:
    """Return the records of document *name*: a plain list, or below the keys *container*.

    A document that is not there has no records. Raises SourceError where it says itself that it failed.
    """
    document = documents.get(name)
    if isinstance(document, dict):
        _demand_success(document, name)
        for key in container:
            if not isinstance(document, dict) or key not in document:
                raise SourceError(name, f"there is no {'.'.join(container)} in it", "take the export again")
            document = document[key]
    if document is None:
        return ()
    listed = [document] if isinstance(document, dict) and document else document or []
    if not isinstance(listed, list):
        raise SourceError(name, f"{_kind(listed)} where a list belongs", "take the export again")
    return tuple(_numbered(listed, name))


def _numbered(listed: list[object], name: str) -> Iterator[Record]:
    for index, item in enumerate(listed):
        if not isinstance(item, dict):
            raise SourceError(f"{name}[{index}]", f"{_kind(item)} where an object belongs", "take it again")
        yield Record(item, f"{name}[{index}] {_label(item)}".rstrip())


def _label(item: Mapping[str, object]) -> str:
    for key in ("name", "id", "ip", "subnet", *(key for key in item if key.endswith("Id"))):
        value = item.get(key)
        value = value.get("name") if isinstance(value, dict) else value
        if isinstance(value, str | int) and value:
            return "".join(c for c in str(value)[:LONGEST_LABEL] if one_line(c))
    return ""


def _demand_success(document: Mapping[str, object], name: str) -> None:
    """StoneOS: ``success`` and ``exception``; Sangfor: ``err_code`` and ``msg``; cloud: ``asapiSuccess``."""
    failed = document.get("success") is False or document.get("asapiSuccess") is False
    if not failed and not document.get("err_code"):
        return
    exception = document.get("exception")
    said = exception.get("message") if isinstance(exception, dict) else None
    said = said or document.get("msg") or document.get("message") or document.get("err_code") or "no reason"
    text = " ".join(str(said).split())[:300]
    raise SourceError(name, f"the export holds an error instead of data: {text}", "take the export again")


def _kind(value: object) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case _:
            return "nothing"
