"""The lab's devices and a fleet on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.fleet import NornirFleet, init_nornir
from nornir_itsm.lab import Lab

from .scripted import as_read

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(tmp_path / "lab", snapshot=ROOT / "inventory" / "snapshot", project=ROOT) as running:
        yield running


@pytest.fixture
def fleet(lab: Lab) -> NornirFleet:
    """A fleet whose parsers hand over what was read."""
    known = lab.directory / "known_hosts"
    parsers = {"hillstone_stoneos": as_read, "sangfor_ad": as_read}
    patience = Patience(connect=5, line=5, listing=5)
    return NornirFleet(init_nornir(lab.config, known), known, parsers, patience=patience)
