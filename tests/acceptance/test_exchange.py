"""行业云 ↔ 证联网测试: one vsys, the tenant's prefix. By the public command on the example exports."""

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Run, device, lines, to_send, verdicts

WALL = "DC1-CDL-FW01-TESTNET"
BOOK = 'src-addr "172.22.30.0/24-示例期货公司A"'


def test_six_rows_to_the_test_network(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-05: five demands, five rules above the deny, books by content; what the /24 opens is shown."""
    (form,) = samples.glob("02-*.xlsx")
    code, plan = run("plan", form, "--snapshot", snapshot)
    assert (code, verdicts(plan), to_send(plan)) == (10, ["change"] * 5, [WALL])
    assert [demand["path"][0]["source"] for demand in plan["demands"]] == [
        "10.60.134.171 ⇒ 172.22.30.171"
    ] * 5
    sent = lines(plan, WALL)
    assert sent.count('rule before name "Default-Deny"') == sent.count(BOOK) == 5
    destinations = [line for line in sent if line.startswith("dst-addr")]
    assert destinations == [
        'dst-addr "172.22.9.0_24"',
        'dst-addr "172.22.24.0/24甲所"',
        'dst-addr "172.22.25.0/24乙所"',
        'dst-addr "172.22.26.0/24丙所"',
        'dst-addr "172.22.27.0_24"',
    ]
    assert {'service "HTTP"', 'service "HTTPS"', 'service "TCP-22677-22679"', 'service "TCP-5685"'} <= {*sent}
    for proof in plan["proof"]:
        assert not proof["exact"]
        assert proof["excess"] == proof["allowed"] != []
        assert proof["wrongly_closed"] == proof["shortfall"] == []
    assert [(f["point"], f["object"]) for f in plan["findings"]] == [("IPAM", "172.22.9.0/24")]


def test_a_plan_that_is_wider_needs_a_word_of_the_approver(run: Run, samples: Path, snapshot: Path) -> None:
    """Excess that the site allows is not approved by the way."""
    (form,) = samples.glob("02-*.xlsx")
    _, plan = run("plan", form, "--snapshot", snapshot)
    code, _ = run("approve", plan["change"])
    assert code == 5


def test_the_zone_by_its_other_name(run: Run, made: Path, snapshot: Path, tmp_path: Path) -> None:
    """AE-06: the alias gives the same plan."""
    order = json.loads((made / "AE-07.json").read_text("utf-8"))
    (row,) = order["requests"]
    row["destination"]["addresses"] = ["172.22.24.0/24"]
    form = tmp_path / "order.json"
    devices = []
    for zone in ("证联网-测试", "证联网测试网"):
        row["destination"]["zone"] = zone
        form.write_text(json.dumps(order), "utf-8")
        code, plan = run("plan", form, "--snapshot", snapshot)
        assert (code, verdicts(plan)) == (10, ["change"])
        devices.append(plan["devices"])
    assert devices[0] == devices[1]


def test_any_destination_is_asked_about(run: Run, made: Path, snapshot: Path) -> None:
    """AE-07: never a rule to any exchange network."""
    code, plan = run("plan", made / "AE-07.json", "--snapshot", snapshot)
    assert (code, verdicts(plan), plan["devices"]) == (4, ["blocked"], [])


@pytest.mark.parametrize(("said", "code"), [("172.22.30.171/32", 10), ("172.22.30.172/32", 4)])
def test_the_public_address_is_the_eip(
    run: Run, made: Path, snapshot: Path, tmp_path: Path, said: str, code: int
) -> None:
    """R10: another one than the host's EIP on the form is asked about."""
    order = json.loads((made / "AE-07.json").read_text("utf-8"))
    row = order["requests"][0]
    row["destination"]["addresses"], row["public"]["addresses"] = ["172.22.24.0/24"], [said]
    form = tmp_path / "order.json"
    form.write_text(json.dumps(order), "utf-8")
    assert run("plan", form, "--snapshot", snapshot)[0] == code


def test_the_way_in(run: Run, made: Path, snapshot: Path, tmp_path: Path) -> None:
    """The mirror rule: exchange network to the host's EIP, exact."""
    order = json.loads((made / "AE-07.json").read_text("utf-8"))
    row = order["requests"][0]
    row["source"], row["destination"] = (
        {"zone": "证联网测试网", "addresses": ["172.22.25.0/24"], "ports": ["any"]},
        {"zone": "行业云", "addresses": ["10.60.134.171/32"], "ports": ["8443"]},
    )
    form = tmp_path / "order.json"
    form.write_text(json.dumps(order), "utf-8")
    code, plan = run("plan", form, "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["change"])
    assert {"dst-ip 172.22.30.171/32", 'src-addr "172.22.25.0/24乙所"'} <= {*lines(plan, WALL)}
    assert device(plan, WALL)["undo"]
    assert plan["proof"][0]["exact"]
