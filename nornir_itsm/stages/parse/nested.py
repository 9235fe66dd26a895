"""Address books that name others: what becomes of them when one of those changes."""

from collections.abc import Mapping
from dataclasses import replace

from nornir_itsm.model.firewall import AddressBook
from nornir_itsm.stages.parse.members import ordered


def rebuilt(books: Mapping[str, AddressBook], changed: str) -> Mapping[str, AddressBook]:
    """Return the books with the members of every one that names *changed*, directly or by others, set anew.

    One that names a book that is not there, or is not known in full, is undecidable.
    """
    holders = {book.name: book.nested for book in books.values() if book.nested}
    touched = _above(holders, changed)
    return {**books, **{name: _whole(books, name) for name in touched}} if touched else books


def _above(holders: Mapping[str, tuple[str, ...]], changed: str) -> set[str]:
    found = {changed} & holders.keys()
    below = {changed}
    while new := {name for name, named in holders.items() if below & {*named}} - found:
        found |= new
        below = new
    return found


def _whole(books: Mapping[str, AddressBook], name: str) -> AddressBook:
    members: list[str] = []
    seen, waiting, complete = {name}, [name], True
    while waiting:
        book = books.get(waiting.pop(0))
        if book is None:
            complete = False
            continue
        members += book.own if book.nested else book.members
        complete = complete and bool(book.nested or (book.complete and book.members))
        new = [child for child in book.nested if child not in seen]
        seen.update(new)
        waiting += new
    return replace(books[name], members=ordered(members), complete=complete and bool(members))
