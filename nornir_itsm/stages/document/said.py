"""The document as Markdown: a template of ``templates/documents/`` over the draft."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, TemplateSyntaxError

from nornir_itsm.errors import ConfigError
from nornir_itsm.stages.document.inert import fenced, md
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Draft
from nornir_itsm.stages.document.picture import text as picture_text

_GAPS = re.compile(r"\n{3,}")
"""Templates leave gaps; code blocks have no empty lines."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a document is said with: the template, its name, and the words of a language."""

    name: str
    template: str
    say: Language


def written(draft: Draft, texts: Texts) -> str:
    """Return the change document in Markdown. Raises ConfigError that names the template."""
    try:
        said = _template(texts.template).render(**names(draft, texts.say))
    except TemplateError as error:
        line = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        hint = "template check finds such faults"
        raise ConfigError(f"{texts.name}{line}", error.message or str(error), hint) from None
    return _GAPS.sub("\n\n", said).strip() + "\n"


def names(draft: Draft, say: Language) -> Mapping[str, Any]:
    """Return what a document template is given."""
    return {"document": draft, "say": say}


def environment() -> Environment:
    """Return how document templates are read."""
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    made.filters |= {"md": md, "fenced": fenced, "picture": picture_text}
    return made


@cache
def _template(text: str) -> Template:
    return environment().from_string(text)
