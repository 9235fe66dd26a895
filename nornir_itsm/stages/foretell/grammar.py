"""What a platform does with lines that are typed, as data.

A platform is a table of views, a view a table of forms: the lines that may stand in it, in the order in which
the device prints them. Everything that is not in a table cannot be predicted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nornir_itsm.stages.foretell.tree import Layout
from nornir_itsm.stages.foretell.words import Reader


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the device numbers a line that is typed without its number (slot ``slot``).

    ``highest``: the next multiple of *step* above the highest one; ``unknown``: it picks one of its own,
    which
    is then printed as ``?`` here and held against whatever the device shows.
    """

    slot: str
    pick: Literal["highest", "one more", "unknown"] = "highest"
    first: int | None = 0
    """The first number; None: it is the step."""
    step: int = 1
    per: str = ""
    """The slot of which every value has numbers of its own."""
    step_line: str = ""
    """The form of a line in the same view that says another step: its only slot is the step."""
    taken: Literal["refused", "replaced", "edited"] = "refused"
    """What typing another line with a number that is taken does; ``edited``: what it does not say stays."""


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of line of a view.

    ``says`` is the line as it is printed, a template; ``typed`` are other ways to type it. With `` = `` in it
    another line with the same words before that overwrites it; without, lines accumulate as members.
    ``undo``: what takes it away, without the negation, where that is not the line itself or its beginning;
    ``off``: lines that do so without a negation. A line that takes away may name any of its slots, and those
    of the lines below it: everything that agrees goes.
    """

    says: str
    typed: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    opens: str = ""
    """The view that the line opens."""
    name: str = ""
    """By which other forms, views and ``@name`` slots (of lines that refer to it) mean this form."""
    default: str = ""
    """The line that says what is so anyway: it is not printed."""
    number: Numbering | None = None
    gathers: str = ""
    """The slot in which one line holds all numbers that were ever typed."""
    joins: str = ""
    """The name of the form that gathers what the only slot of this line says; the line itself is printed
    only where something stands below it.
    """
    beside: bool = False
    """Printed mixed with the form before it; numbers are shared with it."""
    sorted: str = ""
    """The slot by whose number lines are printed in order."""
    ordered: bool = False
    """Their order says which of them counts first."""
    together: bool = False
    """Printed without a parting line between them."""
    indent: int = 0
    """Blanks by which such a part is indented as a whole."""
    declared: bool = False
    """Printed twice: early and empty, and with what is in it."""
    within: str = ""
    """Typed in this view, a view that is printed as nothing: see ``Grammar.through``."""
    unprinted: bool = False
    """Not printed where it is new and nothing stands below it."""
    needs: str = ""
    """The form of a line below it: without it, what the device says by itself in a new one is unknown."""
    clears: tuple[str, ...] = ()
    """Forms of the same view whose lines go when this one comes or changes."""
    repeated: Literal["", "kept", "refused"] = ""
    unsettled: str = ""
    """The line of which it is not known whether it is printed."""
    hushed: tuple[tuple[str, str], ...] = ()
    """Slots and the words in them that are not printed: what is so anyway."""
    spans: str = ""
    """The slot by whose number neighbours without anything below may be printed as one line."""
    renumbers: str = ""
    """The form whose lines are numbered anew, in steps of the only slot of this one."""
    unmade: str = ""
    """Why a new one cannot be predicted; one that is there can be worked on."""
    unsure: str = ""
    """Why it is known and its effect is not."""


@dataclass(frozen=True, slots=True)
class Move:
    """A line that moves a line of form *what*.

    Slot ``where`` is top, bottom, before, after, up or down; ``anchor-NAME`` says slot NAME of the line
    that it
    goes before or after; any other slot says which line is moved.
    """

    says: str
    what: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """The lines of one view.

    ``none``: lines that change nothing in the configuration. ``printed``: names of forms in the order in
    which
    they are printed, ``NAME+`` for an early declaration, where it is not that of ``forms``.
    """

    forms: tuple[Form, ...]
    moves: tuple[Move, ...] = ()
    none: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()

    def group(self, at: int) -> int:
        """Return the first of the forms that this one is printed mixed with."""
        while self.forms[at].beside:
            at -= 1
        return at


@dataclass(frozen=True, slots=True)
class Grammar:
    """One platform. ``views`` has at least ``""``, the outermost one."""

    views: Mapping[str, View]
    readers: Mapping[str, Reader]
    layout: Layout
    negation: str
    leave: tuple[str, ...]
    """Lines that leave the innermost view."""
    repeated: Literal["kept", "refused"] = "refused"
    """What typing a member does that is there."""
    through: frozenset[str] = field(default_factory=frozenset)
    """Views that are not printed as such: their lines stand in the view around them, as ``Form.within``
    says.
    """
