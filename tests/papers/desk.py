"""What an engineer at a desk has: forms, exports, a site folder; and the papers that come of them."""

from functools import cache
from pathlib import Path

from nornir_itsm.app import App
from nornir_itsm.papers.bundle import Paper
from nornir_itsm.pipeline import prepare

PROJECT = Path(__file__).parents[2]
FORMS = sorted((PROJECT / "tests/forms/samples").glob("*.xlsx"))
NOW = "2026-11-22T09:30:00+08:00"
LANGUAGES = ("zh", "en")


@cache
def installation() -> App:
    """Return the example site on its exports; nothing is stored and no device is asked."""
    return App.open(PROJECT / "config.yaml", snapshot=PROJECT / "inventory/snapshot")


@cache
def paper(form: Path, lang: str = "zh") -> Paper:
    """Return what is written about the plan of a form."""
    app = installation()
    read = app.read_form(form, {})
    return app.paper(read.order, prepare(read.order, app, read.answers), "C-20261122-0001", lang)


@cache
def files(form: Path, lang: str = "zh") -> dict[str, bytes]:
    """Return the papers as files."""
    return paper(form, lang).files(NOW)
