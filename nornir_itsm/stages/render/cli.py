"""Intents as lines of a command line: one template per kind of intent, filters that guard every value."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, StrictUndefined, Template

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.intent import Intent
from nornir_itsm.stages.parse.members import address

FORBIDDEN = re.compile(
    r'[\x00-\x1f\x7f-\x9f"\\?\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]'
)
"""What no name or text holds: quotes, controls, ends of lines, marks that turn the direction of text; and,
assumed, ``\\`` (it may escape a closing quote) and ``?`` (it asks for help wherever it is typed)."""
_LONGEST_TEXT = 127
"""Characters of a description, by the message of a USG; of a SecPath assumed."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """How one platform is spoken to. ``files``: kind of intent -> template of its folder."""

    platform: str
    files: Mapping[type, str]
    filters: Mapping[str, Callable[..., object]]


def lines(intents: Sequence[Intent], templates: Mapping[str, str], language: Language) -> tuple[str, ...]:
    """Return the lines for these intents, as typed in configuration mode."""
    made: list[str] = []
    for intent in intents:
        name = language.files.get(type(intent))
        if name is None:
            problem = f"{type(intent).__name__} cannot be said to {language.platform}"
            raise ChangeError(intent.point, problem, "do it by hand")
        if name not in templates:
            where = f"templates/{language.platform}/{name}"
            raise ChangeError(where, "the template is missing", "restore the file")
        text = _template(templates[name], language).render(intent=intent)
        made += [line.rstrip() for line in text.splitlines() if line.strip()]
    return tuple(made)


def named(name: str, longest: int, keywords: Collection[str]) -> str:
    """Say a name, quoted where it has a blank. Raises ChangeError for what no name can be.

    *keywords*: words in small letters that would not be taken for a name where one is expected.
    """
    plain = name.strip() == name and not re.search(r"[^\S ]", name)
    if not (plain and 0 < len(name) <= longest) or FORBIDDEN.search(name) or name.lower() in keywords:
        hint = f"use 1-{longest} characters without quotes, \\, ? and controls, and none of its own words"
        raise ChangeError(f"name {name!r}", "no device name", hint)
    return f'"{name}"' if " " in name else name


def text(said: str) -> str:
    """Say a description, which ends with its line."""
    if not 0 < len(said.strip()) <= _LONGEST_TEXT or FORBIDDEN.search(said) or re.search(r"[^\S ]", said):
        hint = f"use 1-{_LONGEST_TEXT} characters without quotes, \\, ? and controls"
        raise ChangeError(f"description {said!r}", "no device text", hint)
    return said.strip()


def apart(old: Sequence[str], new: Sequence[str], negation: str) -> tuple[str, ...]:
    """Say in what the lines of a rule change: what is added first, so that no side is ever empty (any)."""
    added = (line for line in new if line not in old)
    return (*added, *(f"{negation} {line}" for line in old if line not in new))


def host(text: str) -> str:
    """Say one IPv4 address, as what and to what is translated. Raises ChangeError for anything else."""
    found = address(text)
    if found is None or ":" in found:
        raise ChangeError(f"address {text!r}", "is no IPv4 address", "translate from and to one host")
    return found


@cache
def _template(text: str, language: Language) -> Template:
    return read_with(language).from_string(text)


@cache
def read_with(language: Language) -> Environment:
    """Return how the templates of a platform are read."""
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    made.filters |= language.filters
    return made
