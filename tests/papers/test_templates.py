"""template list, show, check, render: versions, own texts of a site, faults found before they cost a plan."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.stages.document import Draft
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.said import environment
from nornir_itsm.stages.template_check import faults, version
from tests.papers.desk import FORMS, PROJECT

NEEDED = ("inventory", "runbooks", "templates", "ttp_templates")
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A site folder whose own templates stand in ``own/``."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(PROJECT / name)
    text = (PROJECT / "config.yaml").read_text("utf-8")
    (tmp_path / "config.yaml").write_text(
        text.replace("# own_templates: inventory/templates", "own_templates: own"), "utf-8"
    )
    (tmp_path / "own/documents").mkdir(parents=True)
    return tmp_path / "own/documents"


@pytest.fixture
def run(own: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> tuple[int, Any, str]:
        capfd.readouterr()
        code = guarded(["--config", str(own.parents[1] / "config.yaml"), "--json", *map(str, words)])
        out, err = capfd.readouterr()
        return code, json.loads(out) if out else None, err

    return command


def test_every_shipped_template_is_without_fault(run: Run) -> None:
    """Nothing undefined, nothing unused, in documents, words of both languages, and device lines."""
    code, said, _ = run("template", "check")
    assert (code, said["faults"], said["behind"]) == (0, [], [])
    assert said["templates"] > 10


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{ document.titel }}", ("undefined", "Draft.titel")),
        ("{{ titel }}", ("undefined", "titel")),
        ("{% for s in document.sections if 0 %}{{ s.lnes }}{% endfor %}", ("undefined", "Section.lnes")),
        ("{% for a in document.asked %}{{ a.picture.box }}{% endfor %}", ("undefined", "Picture.box")),
        ("{% set x = document.risk %}{{ x.wort }}", ("undefined", "Risk.wort")),
        ("{% set x = 1 %}{{ document.title }}", ("unused", "x")),
        ("{% macro m(a) %}a{% endmacro %}{{ m(1) }}", ("unused", "a")),
        ("{{ say('head.reason') }}", ("unused", "document")),
        ("{{ document.title }}", ("unused", "document.sections")),
        ("{{ document.title | mdd }}", ("syntax", "No filter named 'mdd'.")),
        ("{% if %}", ("syntax", "Expected an expression, got 'end of statement block'")),
    ],
)  # fmt: skip
def test_a_fault_is_found_in_a_branch_that_nothing_takes(text: str, wanted: tuple[str, str]) -> None:
    """Names are followed through loops and assignments by the types of what a template is given."""
    found = faults(text, {"document": Draft, "say": Language}, environment())
    assert wanted in {(fault.kind, fault.what) for fault in found}


def test_a_site_replaces_single_templates(run: Run, own: Path) -> None:
    """Its words count, the other templates stay; an older version than the shipped one is named."""
    words = (PROJECT / "templates/documents/words.zh.toml").read_text("utf-8")
    changed = words.replace("# version: 2", "# version: 1", 1).replace(
        'reason = "变更原因"', 'reason = "为什么变更"'
    )
    (own / "words.zh.toml").write_text(changed, "utf-8")
    out = own.parents[1] / "out"
    assert run("plan", FORMS[4], "--snapshot", PROJECT / "inventory/snapshot", "--out", out)[0] == 10
    assert "\n## 为什么变更\n" in (out / "document.md").read_text("utf-8")
    _, said, _ = run("template", "list")
    held = {one["name"]: one for one in said["templates"]}
    assert held["documents/words.zh.toml"] | {"path": ""} == {
        "name": "documents/words.zh.toml", "version": 1, "shipped": 2, "own": True, "path": "",
    }  # fmt: skip
    assert not held["documents/change.md.j2"]["own"]
    assert run("template", "check")[1]["behind"] == ["documents/words.zh.toml"]
    assert run("template", "show", "words.zh.toml")[1]["text"] == changed


def test_a_broken_own_template_is_named_before_and_when_it_is_used(run: Run, own: Path) -> None:
    """``check`` exits with 1 and the line; ``plan`` names the template's place and writes no folder."""
    shutil.copy(PROJECT / "templates/documents/change.md.j2", own)
    file = own / "change.md.j2"
    file.write_text(file.read_text("utf-8") + "{{ document.nobody }}\n", "utf-8")
    code, said, _ = run("template", "check")
    assert code == 1
    assert [(f["kind"], f["what"]) for f in said["faults"]] == [("undefined", "Draft.nobody")]
    out = own.parents[1] / "out"
    code, _, err = run("plan", FORMS[4], "--snapshot", PROJECT / "inventory/snapshot", "--out", out)
    assert code == 1
    assert "change.md.j2" in err
    assert not out.exists()


def test_a_text_that_replaces_nothing_is_named(run: Run, own: Path) -> None:
    """A misspelt file of the site would never be used: check says so."""
    (own / "chnage.md.j2").write_text("x", "utf-8")
    code, said, _ = run("template", "check")
    assert code == 0
    assert [fault["name"] for fault in said["faults"]] == ["documents/chnage.md.j2"]


def test_a_missing_word_is_named(run: Run, own: Path) -> None:
    """A word that templates say and a words file lacks is undefined; one that nobody says is unused."""
    words = (PROJECT / "templates/documents/words.en.toml").read_text("utf-8")
    (own / "words.en.toml").write_text(words.replace("\nreason = ", "\nraison = ", 1), "utf-8")
    code, said, _ = run("template", "check")
    assert code == 1
    assert {("undefined", "head.reason"), ("unused", "head.raison")} <= {
        (f["kind"], f["what"]) for f in said["faults"]
    }


def test_a_template_can_be_tried_on_a_stored_change(run: Run, own: Path) -> None:
    """Document, ticket and device lines of a change, in both languages, to standard output."""
    _, made, _ = run("plan", FORMS[4], "--snapshot", PROJECT / "inventory/snapshot")
    change = made["change"]
    assert run("template", "render", "change.md.j2", change)[1]["text"].startswith("# 新增示例期货公司C")
    assert (
        "==== 变更标题 ===="
        in run("template", "render", "documents/ticket.txt.j2", change, "--lang", "en")[1]["text"]
    )
    lines = run("template", "render", "hillstone_stoneos/address_set.j2", change)[1]["text"].splitlines()
    wall = next(d for d in made["devices"] if d["platform"] == "hillstone_stoneos")
    assert set(lines) <= set(wall["commands"])
    assert len(lines) > 5
    code, _, err = run("template", "render", "nothing.j2", change)
    assert code == 1
    assert "template list" in err


def test_a_version_is_the_number_of_the_first_line() -> None:
    """A template without one is the first version."""
    assert [version(t) for t in ("{# version: 7 x #}", "# version: 3", "a {# version: 9 #}", "")] == [
        7,
        3,
        1,
        1,
    ]
