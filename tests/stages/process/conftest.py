"""Cases: an answer ``cases/<platform>/<command>[.variant].txt`` and beside it the rows that it gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nornir_itsm.model.collected import Parsed
from nornir_itsm.stages.process import processed

CASES = Path(__file__).parent / "cases"
TEMPLATES = Path(__file__).parents[3] / "ttp_templates"


@dataclass(frozen=True)
class Case:
    """One answer and the template that reads it."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def command(self) -> str:
        return self.path.stem.partition(".")[0].replace("_", " ")

    @property
    def template(self) -> str:
        file = TEMPLATES / self.path.parent.name / f"{self.path.stem.partition('.')[0]}.ttp"
        return file.read_text("utf-8")

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def parsed(self, text: str | None = None) -> Parsed:
        return processed(self.template, self.command, self.text if text is None else text)


def cases() -> Iterator[Case]:
    """Every answer of the folder."""
    yield from (Case(path) for path in sorted(CASES.glob("*/*.txt")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``case`` is run for each."""
    if "case" in metafunc.fixturenames:
        listed = list(cases())
        metafunc.parametrize("case", listed, ids=[case.name for case in listed])
