"""Golden files: what each answer gives, and what becomes of it when a line is lost or garbled."""

import json
import os
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.process import processed, template_for
from nornir_itsm.stages.process.program import program
from nornir_itsm.stages.process.tables import TABLES

from .conftest import TEMPLATES, Case, cases

UNCOUNTED = {
    "arp": "Comware and Cisco print no count",
    "macs": "Comware 7 and NX-OS print no count",
    "interfaces": "no vendor prints a count of interfaces",
    "neighbours": "brief lists print no count",
    "vlans": "Cisco and Comware print no count",
    "routes": "Cisco and Linux print no count",
    "aggregations": "the members that are up are counted, not the members",
    "ospf_peers": "display ospf peer prints no count",
    "bgp_peers": "Cisco prints no count",
    "rules": "a rule base in the form of a configuration prints no count",
}
"""Tables of which a row may consist of one line, in answers that do not say how many there are."""


def shown(rows: Any) -> list[dict[str, Any]]:
    """Rows as the golden files have them: without what is not said."""
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def test_an_answer_gives_its_rows(case: Case) -> None:
    """Every line is taken and the rows are those of the golden file (NORNIR_ITSM_ACCEPT=1 writes it anew)."""
    parsed = case.parsed()
    assert parsed.unread == ()
    assert parsed.anomalies == ()
    golden = case.path.with_suffix(".json")
    text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in shown(parsed.rows)) + "\n]\n"
    if os.environ.get("NORNIR_ITSM_ACCEPT"):
        golden.write_text(text, "utf-8")
    assert golden.read_text("utf-8") == text


def test_every_template_has_a_case() -> None:
    """A template that no answer was held against does not count as one."""
    own = {(case.path.parent.name, case.path.stem.partition(".")[0]) for case in cases()}
    there = {(file.parent.name, file.stem) for file in TEMPLATES.glob("*/*.ttp")}
    assert there - own == {("hillstone_stoneos", "show_configuration")}  # read by stages.parse


def changed(case: Case, lines: list[str]) -> tuple[int, int]:
    """How many rows a damaged answer lacks, and how many keys are no longer there; (0, 0) where it tells."""
    whole, parsed = case.parsed(), case.parsed("\n".join(lines))
    if not parsed.whole:
        return 0, 0
    key = TABLES[whole.table].key
    keys = [{tuple(row[name] for name in key) for row in one.rows} for one in (whole, parsed)]
    return len(whole.rows) - len(parsed.rows), len(keys[0] - keys[1])


def test_a_garbled_line_is_told(case: Case) -> None:
    """No line can be replaced by noise without being named as unread, or its row as an anomaly."""
    lines = case.text.splitlines()
    for number, line in enumerate(lines):
        if line.strip():
            text = "\n".join([*lines[:number], "\x1b[7m??" + line[::-1], *lines[number + 1 :]])
            parsed = case.parsed(text)
            assert number + 1 in {one.number for one in parsed.unread}, line


def test_a_half_line_is_told_or_shows_in_its_own_row(case: Case) -> None:
    """A line that is cut off in its middle takes no row away, and changes none but its own, in silence."""
    lines = case.text.splitlines()
    for number, line in enumerate(lines):
        half = line[: len(line) // 2]
        missing, different = changed(case, [*lines[:number], half, *lines[number + 1 :]])
        assert different <= 1, line
        assert not missing or not half.strip(), line


def test_a_deleted_line_is_told_or_costs_its_own_row_alone(case: Case) -> None:
    """A lost line is told, or changes the row it belonged to. A row of one line can go in silence only where
    the device does not say how many there are, and never takes another with it."""
    whole = case.parsed()
    lines = case.text.splitlines()
    for number, line in enumerate(lines):
        missing, different = changed(case, [*lines[:number], *lines[number + 1 :]])
        assert different <= 1, line
        assert not missing or whole.table in UNCOUNTED, line


def test_ttp_itself_reads_the_same(case: Case) -> None:
    """The templates are plain TTP: its own runner finds the rows that ours finds, before normalisation."""
    from ttp import ttp

    from nornir_itsm.stages.process.clean import clean
    from nornir_itsm.stages.process.run import run

    lines = clean(case.text, case.command)
    parser: Any = ttp(data="\n".join(lines), template="\n" + case.template, log_level="ERROR")
    parser.parse(one=True)
    found = parser.result(structure="flat_list")[0]
    compiled = program(case.template)
    ours = [record for record in run(compiled, lines).records if record.group == "rows"]
    theirs = found["rows"]
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert {name: mine.fields.get(name) for name in other} == other


LISTED = list(cases())
SCRAPS = st.sampled_from(
    ["9" * 400, "-1", "²", "0.0.0.0/99", "::", "{{ x }}", "=1+1", "\ud800", "中文", "(", "\x1b[K", "a:b:c"]
)


@given(st.sampled_from(LISTED), st.integers(0, 10**6), st.integers(0, 10**6), SCRAPS | st.text(max_size=8))
def test_no_answer_breaks_the_program(case: Case, line: int, word: int, scrap: str) -> None:
    """Whatever stands in the place of a word: rows of the declared fields, or told; never an exception."""
    lines = case.text.splitlines()
    words = lines[line % len(lines)].split(" ")
    words[word % len(words)] = scrap
    lines[line % len(lines)] = " ".join(words)
    parsed = case.parsed("\n".join(lines))
    fields = set(parsed.rows[0]) if parsed.rows else set()
    assert all(set(row) == fields for row in parsed.rows)
    json.dumps(parsed.rows)


def test_nothing_and_another_answer_are_told(case: Case) -> None:
    """An empty answer and a refusal never read as an empty table."""
    refusal = "            ^\nError: Unrecognized command found at '^' position.\n"
    assert not case.parsed(refusal).whole
    assert not case.parsed("\n\n").whole


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("display arp", "display_arp"),
        ("display arp vpn-instance VPN-A", "display_arp"),
        ("display interface brief", "display_interface_brief"),
        ("display interface GigabitEthernet0/0/1", "display_interface"),
        ("Display MAC-address dynamic", "display_mac_address"),
    ],
)
def test_a_command_finds_its_template(command: str, file: str) -> None:
    """The longest beginning of the command that has a template is its template."""
    folder = TEMPLATES / "huawei_vrp"
    texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.ttp")}
    assert template_for(command, texts) == texts[file]
    assert template_for("display clock", texts) is None


def test_processing_needs_no_schema() -> None:
    """A template that names no table gives what it found, as text."""
    template = '<group name="rows*">\n{{ name | _start_ }} is {{ size | DIGIT }}\n</group>\n'
    parsed = processed(template, "show x", "a is 1\nb is 2\nc was 3\n")
    assert list(parsed.rows) == [{"name": "a", "size": "1"}, {"name": "b", "size": "2"}]
    assert [line.text for line in parsed.unread] == ["c was 3"]


def test_a_line_without_end_is_unread_at_once(case: Case) -> None:
    """What no device prints is told and not searched: an answer cannot keep a worker busy."""
    line = case.text.splitlines()[-1] + " a" * 50_000
    began = time.process_time()
    assert not case.parsed(f"{case.text}\n{line}\n").whole
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ('<vars>\nTABLE = "arps"\n</vars>\n<group name="rows*">\nx {{ a }}\n</group>', "no table 'arps'"),
        ('<group name="rows*">\n{{ a }} {{ b | set("x") }}\n</group>', "set beside variables"),
        ('<group name="rows*">\nx {{ a | macro("m") }}\n</group>\n<macro>\nm = 1\n</macro>', "macro"),
        ('<group name="rows*">\nx {{ a | upper }}\n</group>', "upper"),
        ('<group name="others*">\nx {{ a }}\n</group>', "no group of rows"),
        ('<group name="rows*">\nx {{ a | re("a|b") }}\n</group>', "cannot be used"),
        ('<group name="rows*">\nx {{ a }}\n<group name="in*">\ny {{ b }}\n</group>\n</group>', "nests"),
    ],
)
def test_a_template_that_would_lose_something_is_refused(template: str, problem: str) -> None:
    """What TTP would skip, end the process for, or run as code is an error that says so."""
    with pytest.raises(SourceError, match=problem):
        processed(template, "show x", "x 1\n")
