"""Intents as lines of a command line: one template per kind of intent, filters that guard every value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, StrictUndefined, Template

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.intent import Intent
from nornir_itsm.stages.parse.members import address


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
