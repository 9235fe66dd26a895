"""``parse``, by command and from Python: rows in one notation, and never few of them in silence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import nornir_itsm
from nornir_itsm.cli.boundary import guarded
from nornir_itsm.stages.process import demanded, processed

from .conftest import CASES, TEMPLATES

ARP = CASES / "huawei_vrp" / "display_arp.txt"


def test_python_gives_rows() -> None:
    """One call, one list of dictionaries; the platform may have netmiko's name."""
    rows = nornir_itsm.parse("huawei", "display arp", ARP.read_text("utf-8"))
    assert rows[1]["mac"] == "00:e0:fc:12:34:57"
    assert rows[1]["interface"] == "GigabitEthernet0/0/1"


def test_python_refuses_what_it_cannot_read_whole() -> None:
    """A line that nobody understands is an error that quotes it, unless half a table is asked for."""
    text = ARP.read_text("utf-8").replace("Total:5", "Something new\nTotal:5")
    with pytest.raises(nornir_itsm.ChangeError, match="Something new"):
        nornir_itsm.parse("huawei_vrp", "display arp", text)
    assert len(nornir_itsm.parse("huawei_vrp", "display arp", text, strict=False)) == 5


def test_the_instance_that_was_asked_for_is_in_the_rows() -> None:
    """Comware prints routes of a VPN instance like public ones: the command says whose they are."""
    text = (CASES / "hp_comware" / "display_ip_routing_table.txt").read_text("utf-8")
    command = "display ip routing-table"
    assert {row["instance"] for row in nornir_itsm.parse("hp_comware", command, text)} == {None}
    rows = nornir_itsm.parse("hp_comware", f"{command} vpn-instance VPN-A", text)
    assert {row["instance"] for row in rows} == {"VPN-A"}


def test_importing_and_parsing_loads_nothing_heavy() -> None:
    """Not the import, and of the first parse TTP alone."""
    code = (
        "import sys, nornir_itsm, pathlib; a = set(sys.modules);"
        f"nornir_itsm.parse('huawei_vrp', 'display arp', pathlib.Path({str(ARP)!r}).read_text('utf-8'));"
        "heavy = {'pandas', 'nornir', 'netmiko', 'paramiko', 'openpyxl', 'deepdiff', 'pydantic'};"
        "sys.exit(bool(heavy & set(sys.modules)) or 'ttp' in a)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_command_prints_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output holds one JSON object: rows, anomalies, unread lines."""
    call = ["parse", "--platform", "huawei_vrp", "--command", "display arp", "--json", str(ARP)]
    assert guarded(call) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["table"], len(said["rows"]), said["unread"]) == ("arp", 5, [])


def test_the_command_tells_what_was_not_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit code 1, and the line with its number; bytes that are no UTF-8 are read as GB18030."""
    answer = tmp_path / "answer.txt"
    answer.write_bytes(ARP.read_text("utf-8").replace("Total:5", "新的一行\nTotal:5").encode("gb18030"))
    call = ["parse", "--platform", "huawei_vrp", "--command", "display arp", str(answer)]
    assert guarded(call) == 1
    assert "第 12 行：新的一行" in capsys.readouterr().err
    assert guarded(["parse", "--platform", "huawei_vrp", "--command", "display clock", str(answer)]) == 1
    assert "no template for this command" in capsys.readouterr().err
    assert (
        guarded(["parse", "--platform", "huawei_vrp", "--command", "display arp", str(tmp_path / "x")]) == 1
    )


def test_a_rule_base_that_was_not_read_whole_blocks() -> None:
    """Decisions get rules only where every line of them was understood."""
    template = (TEMPLATES / "hp_comware" / "display_security_policy_ip.ttp").read_text("utf-8")
    text = (CASES / "hp_comware" / "display_security_policy_ip.txt").read_text("utf-8")
    assert len(demanded(processed(template, "display security-policy ip", text), "FW-A")) == 2
    strange = text.replace("  action pass", "  application-group new\n  action pass")
    with pytest.raises(nornir_itsm.ChangeError, match="application-group new") as caught:
        demanded(processed(template, "display security-policy ip", strange), "FW-A")
    assert caught.value.exit_code == 4
