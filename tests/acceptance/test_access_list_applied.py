"""An order through an access list, carried out on the lab's router over SSH by the public command."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.lab import overlay
from nornir_itsm.lab.ios.router import Router

from .conftest import PROJECT, Run
from .test_access_lists import EXPORT, IN, OUT, order, router_site

__all__ = ["order", "router_site"]

PASSWORD = "PATH"  # whatever that variable holds is the password: no test sets one of its own
TOKEN = "the token of a test's second person"  # it opens nothing but the store in the test's own folder


@pytest.fixture
def router(config: Path, router_site: Path) -> Iterator[Router]:
    """A router that holds the export, and a configuration that leads to it."""
    for noisy in ("paramiko", "netmiko"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    device, home = Router.from_text(EXPORT), config.parent
    port = device.start(os.environ[PASSWORD])
    book = Workbook()
    book.worksheets[0].append(("name", "hostname", "port", "platform", "username", "password"))
    for name in (OUT, IN):
        book.worksheets[0].append((name, "127.0.0.1", port, "cisco_ios", "admin", f"env:{PASSWORD}"))
    book.save(home / "devices.xlsx")
    (home / "known_hosts").write_text(f"[127.0.0.1]:{port} {device.host_key}\n", "utf-8")
    made = json.loads(overlay.config(home, overlay.Places(router_site, PROJECT, {}), token=TOKEN))
    made["user_defined"]["itsm"]["site"] = str(home / "site.yaml")
    config.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    yield device
    device.stop()


def approved(run: Run, plan: dict[str, object]) -> int:
    """Have a plan approved by the second person; the token is there for this call alone."""
    os.environ[TOKEN_VARIABLE] = TOKEN
    try:
        return run("approve", plan["change"])[0]
    finally:
        del os.environ[TOKEN_VARIABLE]


def test_planned_approved_applied_verified_and_rolled_back(
    run: Run, router: Router, order: Callable[..., Path]
) -> None:
    """The entry stands above the deny, is saved, survives a restart, and is gone after the rollback."""
    baseline = router.state()
    code, plan = run("plan", order("172.22.24.0/24"))
    assert code == 10
    assert approved(run, plan) == 0
    assert run("apply", plan["change"])[0] == 0
    router.reboot()
    entries = router.config.lists["TENANT-OUT"].entries
    assert sorted(entries) == [10, 15, 20]
    assert "172.22.24.0 0.0.0.255" in entries[15]
    assert run("verify", plan["change"])[0] == 0
    assert run("plan", order("172.22.24.0/24"))[0] == 0
    assert run("rollback", plan["change"])[0] == 0
    assert router.state() == router.startup_state() == baseline


def test_a_refused_entry_leads_back(run: Run, router: Router, order: Callable[..., Path]) -> None:
    """Stopped at its second to last line: exit code 6, and the router is where it was."""
    baseline = router.state()
    _, plan = run("plan", order("172.22.24.0/24"))
    assert approved(run, plan) == 0
    (device,) = plan["devices"]
    router.faults.refuse(len(device["commands"]) - 1)
    assert run("apply", plan["change"])[0] == 6
    assert router.state() == router.startup_state() == baseline


def test_numbers_that_a_colleague_changed_do_not_void_a_plan(
    run: Run, router: Router, order: Callable[..., Path]
) -> None:
    """Other numbers and the same rules in the same order: the approved plan finds its place anew."""
    _, plan = run("plan", order("172.22.24.0/24"))
    assert approved(run, plan) == 0
    router.reset(EXPORT.replace(" 20 ", " 3000 "))
    assert run("apply", plan["change"])[0] == 0
    assert sorted(router.config.lists["TENANT-OUT"].entries) == [10, 20, 3000]
