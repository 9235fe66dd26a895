"""The public command as a script runs it: arguments in, exit code and JSON out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.cli.boundary import guarded

PROJECT = Path(__file__).parents[2]

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration like the project's own, its state in a folder of the test."""
    text = (PROJECT / "config.yaml").read_text("utf-8")
    for key in ("site: inventory", "templates: t", "ttp_templates: t", "runbooks: r"):
        name, _, start = key.partition(": ")
        text = text.replace(f"    {name}: {start}", f"    {name}: {PROJECT}/{start}")
    text = text.replace("snapshot: inventory/", f"snapshot: {PROJECT}/inventory/")
    path = tmp_path / "config.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command with --json and return its exit code and what it printed."""

    def call(*arguments: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = guarded(["--config", str(config), "--json", *map(str, arguments)])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else {}

    return call


@pytest.fixture
def snapshot() -> Path:
    """The example exports."""
    return PROJECT / "inventory" / "snapshot"


@pytest.fixture
def orders() -> Path:
    """The example order forms."""
    return PROJECT / "orders"


@pytest.fixture
def samples() -> Path:
    """The eight sample forms."""
    return PROJECT / "tests" / "forms" / "samples"


@pytest.fixture
def made() -> Path:
    """The orders that have no form."""
    return PROJECT / "tests" / "orders"


def device(plan: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the only turn of a device."""
    (found,) = [d for d in plan["devices"] if d["name"] == name]
    return dict(found)


def lines(plan: dict[str, Any], name: str) -> list[str]:
    """Return the lines of a device, all its turns together, without indentation."""
    return [line.strip() for d in plan["devices"] if d["name"] == name for line in d["commands"]]


def intents(plan: dict[str, Any], name: str) -> set[tuple[str, str, bool]]:
    """Return what is meant on a device: kind, object, whether it is there already."""
    return {
        (i["kind"], i["object"], i["reuse"])
        for d in plan["devices"]
        if d["name"] == name
        for i in d["intents"]
    }


def verdicts(plan: dict[str, Any]) -> list[str]:
    """Return the verdicts of the demands in order."""
    return [demand["verdict"] for demand in plan["demands"]]


def to_send(plan: dict[str, Any]) -> list[str]:
    """Return the devices that are written to, in the order of their turns."""
    return [d["name"] for d in plan["devices"] if d["commands"] or d["calls"]]
