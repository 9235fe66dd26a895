"""What a customer's file never says: rules, devices, names and addresses of other tenants."""

import re
import zipfile
from collections.abc import Iterator
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest

from nornir_itsm.forms.copies import copies_of
from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.order import Order
from nornir_itsm.pipeline import prepare
from tests.papers.desk import FORMS, PROJECT, installation

BOOKS = [*FORMS, *sorted((PROJECT / "orders").glob("*.xlsx"))]
RULE = re.compile(r"(?:policy|rule|策略|规则)\s*(?:id)?\s*\d+|sha256:|C-\d{8}-\d{4}", re.IGNORECASE)


@cache
def facts() -> Facts:
    app = installation()
    return app.knowledge.facts(tuple(app.site.points))


def text_of(data: bytes) -> str:
    """Return all text of a workbook: cells, comments, properties, names of sheets."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return "\n".join(unescape(re.sub(r"<[^>]*>", "\n", part)) + part for part in parts)


def devices() -> Iterator[str]:
    yield from installation().site.points
    yield from re.findall(
        r'"name": "([^"]+)"', (PROJECT / "inventory/snapshot/devices.json").read_text("utf-8")
    )


def objects() -> Iterator[str]:
    """Yield the names of everything on the devices that is long enough to be one."""
    for held in facts().points.values():
        if isinstance(held, FirewallFacts):
            yield from (rule.name for rule in held.rules)
            yield from (book.name for book in held.addresses.values() if not book.predefined)
        elif isinstance(held, AdcFacts):
            yield from held.groups
            yield from (rule.name for rules in (held.dnat, held.snat, held.routes) for rule in rules)


def tenants(order: Order) -> Iterator[str]:
    """Yield names and hosts of every tenant but the applicant."""
    app = installation()
    ours = app.site.customer(order.organization)
    for customer in app.site.customers:
        if ours is None or customer.name != ours.name:
            yield from (customer.name, *customer.aliases)
    names = {n for c in app.site.customers if ours and c.name == ours.name for n in (c.name, *c.aliases)}
    public = set(app.site.public_services)
    cloud = facts().cloud
    for one in (*cloud.hosts.values(), *cloud.bindings):
        if one.owner and one.owner not in names | public:
            yield from (one.private, one.name, getattr(one, "eip", ""))
    yield from (eip.address for eip in cloud.eips.values() if eip.owner and eip.owner not in names | public)
    yield from (vpc.name for vpc in cloud.vpcs if vpc.owner and vpc.owner not in names | public)


def leaks(text: str, order: Order, own: str) -> set[str]:
    """Return the words of others in a text that do not stand in the customer's own form."""
    words = {word for word in (*devices(), *objects(), *tenants(order)) if len(word) > 3 and word not in own}
    said = {word for word in words if word in text}
    return {word for word in said if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text)}


@pytest.mark.parametrize("form", BOOKS, ids=lambda form: f"{form.parent.name}-{form.stem[:2]}")
def test_a_customer_hears_of_his_own_only(form: Path) -> None:
    """Over every example, planned: his copy against all that the exports hold of others."""
    app = installation()
    read = app.read_form(form, {})
    made = prepare(read.order, app, read.answers)
    own = text_of(form.read_bytes())
    for copies in (copies_of(read), copies_of(read, made)):
        copy = text_of(copies["customer"])
        assert leaks(copy, read.order, own) == set()
        assert [hit for hit in RULE.findall(copy) if hit not in own] == []


def test_the_search_finds_what_the_engineer_is_told() -> None:
    """The engineer's copy of the same order does name devices and objects: the search is not blind."""
    app = installation()
    read = app.read_form(FORMS[3], {})
    copy = text_of(copies_of(read, prepare(read.order, app, read.answers))["engineer"])
    found = leaks(copy, read.order, text_of(FORMS[3].read_bytes()))
    assert {"DC1-ISP-FW01", "DC1-ISP-LB01", "示例封禁"} <= found
    assert len(set(tenants(read.order))) > 40
