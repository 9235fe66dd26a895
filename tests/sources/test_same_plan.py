"""One order, one state of the site: the same plan from JSON, from text and tables, and from the live lab."""

import os
from collections.abc import Iterator, Mapping

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.lab import Lab
from nornir_itsm.pipeline import prepare

from .same_state import ROOT, as_text_and_tables, sayable

ORDERS = ("05-白名单-公司全称-协议下拉.xlsx", "04-双表-正表加Sheet1.xlsx", "05-删除.xlsx")
SOURCES = ("JSON", "text and tables", "live")


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, App]]:
    """The installation of a lab in one state, as it is and over two folders of exports of that state."""
    home = tmp_path_factory.mktemp("same")
    documents = sayable(home / "json")
    tables = as_text_and_tables(documents, home / "tables")
    environ = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    with Lab(home / "lab", snapshot=documents, project=ROOT, consoles=True) as lab:
        folders = zip(SOURCES, (documents, tables, None), strict=True)
        yield {name: App.open(lab.config, snapshot=folder, environ=environ) for name, folder in folders}


def test_facts_are_equal(apps: Mapping[str, App]) -> None:
    """Every device, the cloud and the IPAM; the live ones were asked now, over SSH and HTTPS."""
    points = [name for name, point in apps["live"].site.points.items() if point.role != "switch"]
    found = {name: app.knowledge.facts(points) for name, app in apps.items()}
    assert found["text and tables"] == found["JSON"]
    assert found["live"] == found["JSON"]
    assert found["live"].taken["ipam"] > max(found["JSON"].taken.values())
    assert found["live"].taken["cloud"] > max(found["JSON"].taken.values())
    assert {"nat_gateways", "snat_entries"} <= set(found["live"].cloud.network.collected)
    assert len(found["live"].ipam.records) == 76


@pytest.mark.parametrize("form", ORDERS)
def test_plans_have_one_fingerprint(form: str, apps: Mapping[str, App]) -> None:
    """What is approved from a desk is what is carried out on devices."""
    plans = [prepare(app.read(ROOT / "orders" / form, {}), app, {}) for app in apps.values()]
    assert len({plan.fingerprint for plan in plans}) == 1
    assert plans[0].fingerprint.startswith("sha256:")
    assert {v.verdict for v in plans[0].demands} - {"manual", "unsupported"}
