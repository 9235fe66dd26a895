"""An export of the monitoring system becomes the devices that can be managed."""

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from nornir import InitNornir

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.excel import ExcelInventory
from nornir_itsm.inventory.recognise import NETWORK, Recogniser

EXPORT = Path(__file__).parents[2] / "inventory" / "monitoring_export.xlsx"
EXPECTED = json.loads(Path(__file__).with_name("monitoring_export.json").read_text("utf-8"))


def test_the_right_devices_platforms_and_skipped_rows_with_reasons() -> None:
    """Devices, ports, platforms, what was left out and why, what told each platform: as expected."""
    plugin = ExcelInventory(str(EXPORT))
    hosts = plugin.load().hosts
    (report,) = plugin.reports
    told = {f"{r.platform} {r.by} {r.keyword}": count for r, count in report.recognised.items()}
    assert {name: [h.hostname, h.port, h.platform] for name, h in hosts.items()} == EXPECTED["devices"]
    assert [list(skip) for skip in report.skipped] == EXPECTED["skipped"]
    assert report.notes == EXPECTED["notes"]
    assert told == EXPECTED["recognised"]
    assert report.loaded == len(hosts)


def test_macros_and_descriptions_never_leave_the_parser() -> None:
    """Communities, passwords and login hints of the export are nowhere in what was loaded."""
    plugin = ExcelInventory(str(EXPORT))
    inventory = plugin.load()
    everything = f"{inventory.dict()} {[report.as_json() for report in plugin.reports]}"
    assert "TO-DROP" not in everything
    assert "关联模板" in everything


def test_it_works_in_a_plain_nornir() -> None:
    """No configuration but the plugin's name and the file."""
    inventory = {"plugin": "itsm-excel", "options": {"path": str(EXPORT)}}
    nornir = InitNornir(inventory=inventory, logging={"enabled": False})
    assert len(nornir.filter(platform="hp_comware").inventory.hosts) == 4


def test_keywords_match_whole_tokens() -> None:
    """The controller of a server is no switch, a vendor alone is no platform, and rows are told by order."""
    told = Recogniser().recognise
    assert told("HPE Server iLO SNMP", "x").platform == "server_bmc"
    assert told("HP ProLiant Gen10", "x").platform == "server_bmc"
    assert told("HP Comware SNMPv2", "x").platform == "hp_comware"
    assert told("", "DC1-HP-380").platform == "generic_termserver"
    assert told("", "ciscoworks-1").platform == "generic_termserver"
    assert told("", "SW-2960-1").platform == told("", "sw_C2960").platform == "cisco_ios"
    assert "generic_termserver" not in NETWORK
    assert "server_bmc" not in NETWORK


BYTES = EXPORT.read_bytes()
PLACES = st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 255))


@given(changes=st.lists(PLACES, min_size=1, max_size=20))
def test_a_damaged_file_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    """Whatever a transfer did to it: devices, or an error in words."""
    content = bytearray(BYTES)
    for at, byte in changes:
        content[at] = byte
    with TemporaryDirectory() as folder:
        path = Path(folder, "damaged.xlsx")
        path.write_bytes(content)
        with suppress(ConfigError):
            ExcelInventory(str(path)).load()
