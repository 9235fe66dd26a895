"""A change that a person carries out by its document, proved from exports taken afterwards."""

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.cli.boundary import guarded
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import ADC, FIREWALL

from . import typist

F04, F05 = "04-双表-正表加Sheet1.xlsx", "05-白名单-公司全称-协议下拉.xlsx"
POLICY = "示例期货公司A-示例本地行情"
Call = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One lab for all of this module; each test begins on devices as they were."""
    project = Path(__file__).parents[2]
    home = tmp_path_factory.mktemp("hands") / "lab"
    with Lab(home, snapshot=project / "inventory" / "snapshot", project=project) as running:
        yield running


def caller(lab: Lab) -> Call:
    """Run commands as the author, or with the approver's token; gives exit code and JSON."""

    def call(*arguments: object, approver: bool = False) -> tuple[int, dict[str, Any]]:
        before = os.environ.pop(TOKEN_VARIABLE, None)
        if approver:
            os.environ[TOKEN_VARIABLE] = lab.token.read_text()
        try:
            with redirect_stdout(io.StringIO()) as out:
                code = guarded(["--config", str(lab.config), "--json", *map(str, arguments)])
        finally:
            os.environ.pop(TOKEN_VARIABLE, None)
            if before is not None:
                os.environ[TOKEN_VARIABLE] = before
        return code, json.loads(out.getvalue()) if out.getvalue() else {}

    return call


@pytest.fixture
def bench(shared: Lab) -> Call:
    """Devices as they were, and somebody at the keyboard."""
    shared.reset()
    return caller(shared)


def given(call: Call, folder: Path) -> tuple[str, str]:
    """Have the order 04 planned from exports, approved, handed over; return its number and its document."""
    project = Path(__file__).parents[2]
    exports = project / "inventory" / "snapshot"
    change = call("plan", project / "orders" / F04, "--snapshot", exports)[1]["change"]
    assert call("approve", change, approver=True)[0] == 0
    code, handed = call("hand-over", change, "--out", folder)
    assert (code, handed["state"]) == (0, "handed_over")
    return change, Path(handed["document"]).read_text("utf-8")


@pytest.fixture
def handed(bench: Call, shared: Lab, tmp_path: Path) -> tuple[str, str]:
    """A change of its own; nothing was sent anywhere."""
    change = given(bench, tmp_path / "handed")
    assert (shared.adc.lines, shared.firewall.lines) == ((), ())
    return change


@pytest.fixture(scope="module")
def attested(shared: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """One change for all that is done wrong: it says that it was done, and waits for exports."""
    call = caller(shared)
    change, document = given(call, tmp_path_factory.mktemp("given") / "handed")
    assert call("attest", change)[1]["state"] == "attested"
    return change, document


def verified(
    bench: Call, change: str, lab: Lab, snapshot: Path, tmp_path: Path
) -> tuple[int, dict[str, Any]]:
    """Say that it is done, take exports and have them proved."""
    assert bench("attest", change, "--note", "夜间窗口")[1]["state"] == "attested"
    return bench("verify", change, "--snapshot", typist.export(lab, snapshot, tmp_path / "after"))


def departed(found: dict[str, Any]) -> dict[tuple[str, str], tuple[str, list[str], list[str]]]:
    """Return (device, object) -> problem, lines short, lines beyond."""
    return {
        (one["device"], one["object"]): (one["problem"], one["short"], one["beyond"])
        for one in found["departures"]
    }


def test_what_a_person_carried_out_as_written_is_proved_and_closed(
    bench: Call, handed: tuple[str, str], shared: Lab, snapshot: Path, tmp_path: Path
) -> None:
    """Every line of both devices is there, nothing else; requested is what opened; the ticket is closed."""
    change, document = handed
    typist.carry_out(document, shared)
    code, found = verified(bench, change, shared, snapshot, tmp_path)
    assert (code, found["departures"], found["problems"], found["notes"]) == (0, [], [], [])
    assert (found["state"], found["as_planned"], {*found["devices"]}) == ("done", True, {ADC, FIREWALL})
    assert all(proof["exact"] and proof["opened"] for proof in found["proof"])
    shown = bench("show", change)[1]
    assert [(r["decision"], r["user"]) for r in shown["records"]] == [
        ("approve", "示例审批人"),
        ("hand-over", "示例工程师"),
        ("attest", "示例工程师"),
    ]
    assert "夜间窗口" in shown["records"][-1]["note"]
    ticket = json.loads(
        (shared.directory / "var/tickets" / shown["ticket"] / "ticket.json").read_text("utf-8")
    )
    assert (ticket["state"], ticket["fields"]["验证结论"]) == ("closed", "与方案一致")
    kept = shared.directory / "var/tickets" / shown["ticket"] / "attachments" / "verification.json"
    assert json.loads(kept.read_text("utf-8"))["as_planned"] is True


def without(line: str) -> typist.Lines:
    return lambda lines: [one for one in lines if one.strip() != line]


def twice(line: str, between: str) -> typist.Lines:
    """A line typed, something *between*, and typed again."""

    def typed(lines: list[str]) -> list[str]:
        at = [one.strip() for one in lines].index(line)
        return [*lines[: at + 1], between, *lines[at:]]

    return typed


def instead(old: str, new: str) -> typist.Lines:
    return lambda lines: [one.replace(old, new) for one in lines]


def besides(*more: str) -> typist.Lines:
    return lambda lines: [*lines[:-2], *more, *lines[-2:]]


EXTRA = (
    *("policy-global", "rule top", 'name "临时"'),
    *('src-addr "Any"', 'dst-addr "Any"', 'service "Any"', "action permit"),
)
WRONG: dict[str, tuple[typist.Lines, str, tuple[str, list[str], list[str]], str]] = {
    "one line missing": (
        without("dst-ip 10.70.18.48/32"),
        f"策略 {POLICY}",
        ("内容不同", ["dst-ip 10.70.18.48/32"], []),
        "需求以外被放行：",
    ),
    "one line typed twice": (
        twice('rule before name "Default-Deny"', "exit"),
        "策略 （未命名，id ",
        ("多出", [], [f'rule before name "{POLICY}"', "action deny", "enable"]),
        "仍不通过：",
    ),
    "one extra rule": (
        besides(*EXTRA),
        "策略 临时",
        ("多出", [], ['rule before name "Allow-Ping-All"', *EXTRA[2:], "enable"]),
        "需求以外被放行：",
    ),
    "one wrong port": (
        instead("37792 37794", "37793 37794"),
        "服务 TCP-37792-37794",
        ("内容不同", ["tcp dst-port 37792 37794"], ["tcp dst-port 37793 37794"]),
        "仍不通过：",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_was_typed_otherwise_is_named_line_by_line(
    bench: Call, attested: tuple[str, str], shared: Lab, snapshot: Path, tmp_path: Path, case: str
) -> None:
    """Device, object, each line that is short or beyond, and what that comes to; exit code 7; still open."""
    lines, name, wanted, problem = WRONG[case]
    change, document = attested
    typist.carry_out(document, shared, lines)
    code, found = bench("verify", change, "--snapshot", typist.export(shared, snapshot, tmp_path / "after"))
    assert (code, found["state"], found["as_planned"]) == (7, "differs", False)
    ((device, what),) = departed(found)
    assert (device, departed(found)[device, what]) == (FIREWALL, wanted)
    assert what.startswith(name)
    assert any(text.startswith(problem) for text in found["problems"])
    ticket = bench("show", change)[1]["ticket"]
    said = json.loads((shared.directory / "var/tickets" / ticket / "ticket.json").read_text("utf-8"))
    assert (said["state"], said["fields"]["验证结论"]) == ("implementing", "与方案不符")
    assert what in said["fields"]["变更结果"]


def test_a_field_filled_in_wrong_is_named_and_put_right(
    bench: Call, handed: tuple[str, str], shared: Lab, snapshot: Path, tmp_path: Path
) -> None:
    """What has no lines is said field by field; once it is right, the same change is proved and closed."""
    change, document = handed
    wrong = {"转换后端口": "37792-37795", "目的端口": "37792-37795"}

    def misread(filled: typist.Fields) -> typist.Fields:
        return {label: wrong.get(label, value) for label, value in filled.items()}

    typist.carry_out(document, shared, fields=misread)
    stale = bench("verify", change, "--snapshot", snapshot)[1]
    assert (stale["state"], all("早于" in note for note in stale["notes"])) == ("handed_over", True)
    assert stale["notes"]
    code, found = verified(bench, change, shared, snapshot, tmp_path)
    assert code == 7
    assert departed(found) == {
        (ADC, f"目的地址转换 {POLICY}"): (
            "内容不同",
            ["目的端口：37792-37794", "转换后端口：37792-37794"],
            ["目的端口：37792-37795", "转换后端口：37792-37795"],
        )
    }
    typist.correct(shared, f"/net/dnat/{POLICY}", "37792-37794")
    again = bench("verify", change, "--snapshot", typist.export(shared, snapshot, tmp_path / "again"))
    assert (again[0], again[1]["state"], again[1]["departures"]) == (0, "done", [])


def test_another_change_of_the_same_night_is_told_apart(
    bench: Call, handed: tuple[str, str], shared: Lab, snapshot: Path, orders: Path, tmp_path: Path
) -> None:
    """Both are carried out between the same exports: alone the other's lines are beyond, beside it none."""
    change, document = handed
    other = bench("plan", orders / F05, "--snapshot", snapshot)[1]["change"]
    bench("approve", other, approver=True)
    second = bench("hand-over", other, "--out", tmp_path / "second")[1]["document"]
    for text in (document, Path(second).read_text("utf-8")):
        typist.carry_out(text, shared)
    code, found = verified(bench, change, shared, snapshot, tmp_path)
    assert (code, {one["problem"] for one in found["departures"]}) == (7, {"多出"})
    code, found = bench("verify", change, "--snapshot", tmp_path / "after", "--beside", other)
    assert (code, found["state"], found["departures"], found["problems"]) == (0, "done", [], [])
