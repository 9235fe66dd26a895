"""All papers of one plan, as files: what it is as JSON, the document in four formats, the ticket's fields."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, StrictUndefined, TemplateError

from nornir_itsm.errors import ConfigError
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Site
from nornir_itsm.papers.blocks import Block, blocks, chapter
from nornir_itsm.papers.docx import word
from nornir_itsm.papers.html import fragment, page
from nornir_itsm.papers.text import text
from nornir_itsm.papers.xlsx import workbook
from nornir_itsm.stages.document import Around, Draft, Texts, draft, written
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.picture import svg
from nornir_itsm.stages.document.ticket import RICH, Register, ticket_fields
from nornir_itsm.stages.plan_json import plan_json

DOCUMENT, PAGE, TICKET, WORDS = "change.md.j2", "page.html.j2", "ticket.txt.j2", "words.{lang}.toml"
FOLDER = "documents"


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a site writes its papers with: template texts by name, its ticket's habits, a language."""

    texts: Mapping[str, str]
    where: str
    register: Register
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Where a person logs in to each device."""
    lang: str = "zh"

    def text(self, name: str) -> str:
        """Return a template. Raises ConfigError where it is missing."""
        if name not in self.texts:
            raise ConfigError(f"{self.where}/{name}", "the template is missing", "restore the file")
        return self.texts[name]

    @property
    def say(self) -> Language:
        """Return the words of the language. Raises ConfigError."""
        name = WORDS.format(lang=self.lang)
        return Language.of(self.text(name), f"{self.where}/{name}")

    @property
    def document(self) -> Texts:
        """Return what the change document is said with."""
        return Texts(f"{self.where}/{DOCUMENT}", self.text(DOCUMENT), self.say)


@dataclass(frozen=True, slots=True)
class Paper:
    """One plan with its order, ready to be written."""

    order: Order
    plan: Plan
    site: Site
    stationery: Stationery
    number: str = ""

    @property
    def draft(self) -> Draft:
        """Return the document before it is said."""
        around = Around(self.stationery.register.services, self.stationery.addresses, self.number)
        return draft(self.order, self.plan, self.site, self.stationery.say, around)

    def markdown(self) -> str:
        """Return the change document in Markdown."""
        return written(self.draft, self.stationery.document)

    def page(self) -> str:
        """Return the change document as a page."""
        held = self.draft
        return self._page(held, blocks(written(held, self.stationery.document)))

    def ticket(self, now: str) -> dict[str, object]:
        """Return the fields of the ticket, those with formatted text as HTML too, and all as one text."""
        held = self.draft
        return self._ticket(held, blocks(written(held, self.stationery.document)), now)

    def files(self, now: str) -> dict[str, bytes]:
        """Return name -> content of everything but the annotated forms."""
        held, stationery = self.draft, self.stationery
        markdown = written(held, stationery.document)
        read = blocks(markdown)
        return {
            "change.json": _json(plan_json(self.plan, self.number or None)),
            "document.md": markdown.encode(),
            "document.html": self._page(held, read).encode(),
            "document.docx": word(read, held.pictures, stationery.say("page.made")),
            "document.xlsx": workbook(read, held.pictures),
            "itsm.json": _json(self._ticket(held, read, now)),
        }

    def _page(self, held: Draft, read: Sequence[Block]) -> str:
        pictures = {key: svg(picture) for key, picture in held.pictures.items()}
        footer = self.stationery.say("page.made")
        return page(read, self.stationery.text(PAGE), pictures, lang=self.stationery.lang, footer=footer)

    def _ticket(self, held: Draft, read: Sequence[Block], now: str) -> dict[str, object]:
        say, register = self.stationery.say, self.stationery.register
        reason, scheme = (chapter(read, say(f"head.{name}")) for name in ("reason", "scheme"))
        fields = ticket_fields(self.order, self.plan, held, register, say, now)
        fields |= {"变更原因": text(reason), "变更内容": text(scheme), "变更方案": text(scheme)}
        rich = dict(zip(RICH, (fragment(reason), fragment(scheme)), strict=True))
        said = _said(self.stationery.text(TICKET), f"{self.stationery.where}/{TICKET}", fields)
        return {"change": self.number or None, "fields": fields, "rich": rich, "text": said}


def _said(template: str, where: str, fields: Mapping[str, str]) -> str:
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    try:
        return made.from_string(template).render(fields=fields)
    except TemplateError as error:
        raise ConfigError(where, error.message or str(error), "template check finds such faults") from None


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode(errors="backslashreplace")  # half a character of a form: JSON can say it, UTF-8 cannot
