"""证联网测试 behind a router's access lists: the same orders, said to IOS and proved with their answers."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.ios_text import firewall_facts

from .conftest import PROJECT, Run, lines, verdicts

WALL, OUT, IN = "DC1-CDL-FW01-TESTNET", "DC1-CDL-R01-OUT", "DC1-CDL-R01-IN"
PAGE = (PROJECT / "docs" / "how-to" / "access-lists.md").read_text("utf-8")
POINTS = PAGE.partition("```yaml\n")[2].partition("```")[0]
"""The points as the page shows them."""
EXPORT = """hostname DC1-CDL-R01
!
interface GigabitEthernet0/0
 ip access-group TENANT-OUT in
!
interface GigabitEthernet0/1
 ip access-group TENANT-IN in
!
ip access-list extended TENANT-OUT
 10 remark Web
 10 permit tcp 172.22.30.0 0.0.0.255 172.22.25.0 0.0.0.255 eq www
 20 remark Default-Deny
 20 deny ip any any log
!
ip access-list extended TENANT-IN
 10 remark Answers
 10 permit tcp any any established
 20 remark Default-Deny
 20 deny ip any any log
!
end
"""


@pytest.fixture
def router_site(config: Path, tmp_path: Path, snapshot: Path) -> Path:
    """The example configuration with a router in the place of the vsys; returns the exports."""
    site = (PROJECT / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split(f"  {WALL}:", maxsplit=1)
    rest = rest[rest.index("\n  DC1-CORE-FW01:") + 1 :]
    rest = rest.replace("    wide_source: true", "    #", 1).replace(WALL, OUT, 1).replace(WALL, IN, 1)
    (tmp_path / "site.yaml").write_text(head + POINTS + rest, "utf-8")
    text = config.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.strip().startswith("site: "))
    config.write_text(text.replace(old, f"    site: {tmp_path}/site.yaml"), "utf-8")
    exports = Path(shutil.copytree(snapshot, tmp_path / "exports"))
    shutil.rmtree(exports / "firewall_testnet")
    (exports / "cdl_router").mkdir()
    (exports / "cdl_router" / "running.cfg").write_text(EXPORT, "utf-8")
    return exports


@pytest.fixture
def order(made: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write an order of one row to the test network."""

    def written(destination: str, protocol: str = "tcp", action: str = "add") -> Path:
        form = json.loads((made / "AE-07.json").read_text("utf-8"))
        (row,) = form["requests"]
        row["destination"]["addresses"] = [destination]
        row["protocol"], row["action"] = protocol, action
        path = tmp_path / "order.json"
        path.write_text(json.dumps(form), "utf-8")
        return path

    return written


def test_an_order_is_planned_for_an_access_list(
    run: Run, router_site: Path, order: Callable[..., Path]
) -> None:
    """One entry above the deny, exact: its answers pass by ``established``."""
    code, plan = run("plan", order("172.22.24.0/24"), "--snapshot", router_site)
    assert (code, verdicts(plan)) == (10, ["change"])
    (proof,) = plan["proof"]
    assert proof["exact"]
    assert proof["opened"]
    sent = lines(plan, OUT)
    assert "ip access-list extended TENANT-OUT" in sent
    (entry,) = [line for line in sent if line.startswith("<before")]
    assert entry.startswith('<before "Default-Deny"> "示例期货公司A-')
    assert "permit object-group" in entry
    assert "172.22.24.0 0.0.0.255 log" in entry


def test_udp_whose_answers_are_stopped_is_not_called_open(
    run: Run, router_site: Path, order: Callable[..., Path]
) -> None:
    """``established`` knows no UDP: the plan names the entry that stops the answers, and is not exact."""
    _, plan = run("plan", order("172.22.24.0/24", "udp"), "--snapshot", router_site)
    (proof,) = plan["proof"]
    assert not proof["exact"]
    assert proof["opened"] == []
    assert any(f"{OUT} 的“回程：Default-Deny”" in text for text in proof["shortfall"])


def test_where_nobody_says_what_answers_meet_nothing_is_certain(
    run: Run, router_site: Path, order: Callable[..., Path], tmp_path: Path
) -> None:
    """Without ``answers`` the proof calls it undecidable; with ``any`` it is an assumption in its scope."""
    site = tmp_path / "site.yaml"
    text = site.read_text("utf-8")
    site.write_text(re.sub(r"    answers: TENANT-IN .*\n", "", text), "utf-8")
    _, plan = run("plan", order("172.22.24.0/24"), "--snapshot", router_site)
    assert not plan["proof"][0]["exact"]
    assert plan["proof"][0]["undecidable"]
    site.write_text(text.replace("answers: TENANT-IN", "answers: any"), "utf-8")
    _, plan = run("plan", order("172.22.24.0/24"), "--snapshot", router_site)
    assert plan["proof"][0]["exact"]
    assert any(OUT in text for text in plan["proof"][0]["scope"]["assumed"])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (" ip access-group TENANT-OUT in\n", "", "binds the access list TENANT-OUT to no interface"),
        ("extended TENANT-OUT", "extended OTHER", "has no extended access list TENANT-OUT"),
        ("!\nend", "ip nat inside source list 1 interface Gi0 overload\n!\nend", "has 'ip nat inside source"),
        (
            " 20 deny ip any any log\n!\nend",
            " evaluate REFLEXIVE\n!\nend",
            "has the line 'evaluate REFLEXIVE'",
        ),
        ("!\nend\n", "!\n", "it is cut off"),
    ],
)
def test_what_cannot_be_proved_is_refused(old: str, new: str, problem: str) -> None:
    """A list bound nowhere or not there, a router that translates, a line that may let anything in."""
    assert old in EXPORT
    with pytest.raises(SourceError, match=problem):
        firewall_facts(EXPORT.replace(old, new), "TENANT-OUT", "TENANT-IN")


def test_a_banner_is_no_configuration_and_a_third_list_is_named() -> None:
    """Text that looks like entries changes nothing; a list that nobody declared may stop packets, too."""
    plain = firewall_facts(EXPORT, "TENANT-OUT", "TENANT-IN")
    banner = "banner motd ^C\nip access-list extended TENANT-OUT\n 5 permit ip any any\nend\n^C\n"
    assert firewall_facts(banner + EXPORT, "TENANT-OUT", "TENANT-IN") == plain
    assert plain.unread == ()
    third = EXPORT.replace("TENANT-IN in\n", "TENANT-IN in\n ip access-group THIRD out\n")
    (line,) = firewall_facts(third, "TENANT-OUT", "TENANT-IN").unread
    assert line == "interface GigabitEthernet0/1 / ip access-group THIRD out"


def test_why_names_the_entries_of_both_ways(run: Run, router_site: Path) -> None:
    """The way there and the answers are named one by one; both have to pass."""
    for port, rules in (("80", {"Web", "回程：Answers"}), ("81", {"Default-Deny"})):
        asked = ("why", "10.60.134.171", "172.22.25.7", f"tcp/{port}", "--to", "证联网-测试")
        _, said = run(*asked, "--snapshot", router_site)
        hops = [hop["rule"] for part in said["parts"] for hop in part["hops"] if hop["point"] == OUT]
        assert {*hops} == rules
    text = EXPORT.replace("permit tcp any any established", "permit gre any any")
    (router_site / "cdl_router" / "running.cfg").write_text(text, "utf-8")
    _, said = run(
        "why", "10.60.134.171", "172.22.25.7", "tcp/80", "--to", "证联网-测试", "--snapshot", router_site
    )
    assert any("先在回程的 ACL 中放行" in text for text in said["notes"])
