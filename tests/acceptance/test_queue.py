"""Changes that wait for the same devices, by the public command."""

from pathlib import Path

from tests.acceptance.conftest import Run

F04, F05 = "04-双表-正表加Sheet1.xlsx", "05-白名单-公司全称-协议下拉.xlsx"


def test_plans_that_wait_are_put_in_order(
    run: Run, orders: Path, samples: Path, made: Path, snapshot: Path
) -> None:
    """Two tenants' orders do not disturb each other; two about one translation do, and it is said."""
    (move,) = samples.glob("08-*.xlsx")
    forms = (orders / F04, orders / F05, move, made / "AE-24.json")
    first, second, third, fourth = (run("plan", form, "--snapshot", snapshot)[1]["change"] for form in forms)
    code, held = run("queue", "--planned", "--snapshot", snapshot)
    assert (code, held["order"], held["stale"]) == (0, [first, second, third, fourth], [])
    assert {(r["change"], r["other"], r["relation"]) for r in held["relations"]} == {
        (third, fourth, "contradict"),
        (fourth, third, "contradict"),
    }


def test_nothing_waits(run: Run, snapshot: Path, orders: Path) -> None:
    """Only what was approved waits; a plan alone is nobody's turn."""
    _, plan = run("plan", orders / F04, "--snapshot", snapshot)
    assert plan["queue"] == []
    assert run("queue", "--snapshot", snapshot) == (0, {"order": [], "relations": [], "stale": []})
