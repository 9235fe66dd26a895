"""The eight sample forms, each with all its dirt, read as the domain says."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from nornir_itsm.forms import order_json, read_order
from nornir_itsm.model.order import Demand, Order, worst

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "samples").glob("*.xlsx"))
Zones = Mapping[str, str]


def _sample(number: str, zones: Zones, answers: Mapping[str, str] | None = None) -> Order:
    (path,) = (HERE / "samples").glob(f"{number}-*.xlsx")
    return read_order(path, zones=zones, answers=answers or {})


def _flow(demand: Demand) -> tuple[object, ...]:
    return (demand.sources, demand.destinations, demand.public, demand.protocol, demand.port_pairs)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_sample_form_reads_as_reviewed(path: Path, zones: Zones) -> None:
    """Every request, demand and issue of a sample form is as in the reviewed expectation."""
    expected = json.loads((HERE / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))
    assert order_json(read_order(path, zones=zones)) == expected


def test_all_eight_are_there() -> None:
    """The samples cover all eight layouts."""
    assert [path.name[:2] for path in SAMPLES] == [f"{n:02}" for n in range(1, 9)]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_form_reads_quickly(path: Path, zones: Zones) -> None:
    """A form takes less than half a second of processor time."""
    read_order(path, zones=zones)  # the first one pays for the import
    start = time.process_time()
    read_order(path, zones=zones)
    assert time.process_time() - start < 0.5


def test_ae01_ae02_ae03_two_sheets_give_two_demands(zones: Zones) -> None:
    """Form 04: five distinct rows of two sheets, two demands, a warning and nothing worse."""
    order = _sample("04", zones)
    public = ("198.51.100.53/32", "203.0.113.213/32")
    assert [(r.id, r.sheet, r.row) for r in order.requests] == [
        ("R1", "网络策略服务申请单", 10), ("R2", "网络策略服务申请单", 11),
        ("R3", "Sheet1", 11), ("R4", "Sheet1", 12), ("R5", "Sheet1", 13),
    ]  # fmt: skip
    assert [_flow(demand) for demand in order.demands] == [
        (("10.60.134.61/32",), ("192.0.2.131/32", "192.0.2.165/32"), public, "tcp", (("any", "37791"),)),
        (("any",), ("10.60.134.61/32",), public, "tcp", (("37792-37794", "37792-37794"),)),
    ]
    assert [(i.level, i.key) for i in order.issues] == [("warning", "Sheet1!A11.rows")]


def test_ae03_the_second_sheet_can_be_refused(zones: Zones) -> None:
    """Form 04: the answer 忽略 leaves the main sheet's rows alone."""
    order = _sample("04", zones, {"Sheet1!A11.rows": "忽略"})
    assert [request.id for request in order.requests] == ["R1", "R2"]
    assert worst(order.issues) == "info"


def test_ae04_shifted_values_become_ae01_when_confirmed(zones: Zones) -> None:
    """Form 03: three questions a row with proposals; answered with these it asks what form 04 asks."""
    asked = _sample("03", zones)
    row10 = [issue for issue in asked.issues if issue.cell.endswith("10")]
    assert [(i.level, i.key.rpartition("!")[2], i.proposal) for i in row10] == [
        ("question", "K10.destination.addresses", "192.0.2.131"),
        ("question", "L10.destination.ports", "37791"),
        ("question", "M10.protocol", "TCP"),
    ]
    assert all(demand.destinations == () and demand.port_pairs == () for demand in asked.demands)
    confirmed = _sample("03", zones, {i.key: i.proposal for i in asked.issues if i.proposal})
    assert worst(confirmed.issues) == "info"
    assert _flow(confirmed.demands[0]) == _flow(_sample("04", zones).demands[0])
    assert len(confirmed.demands) == 1


def test_ae04_an_answer_to_one_cell_settles_that_cell_alone(zones: Zones) -> None:
    """Form 03: what is not answered yet is still asked for."""
    sheet = "网络资源服务申请表单"
    order = _sample("03", zones, {f"{sheet}!K10.destination.addresses": "192.0.2.131"})
    assert order.requests[0].destination.addresses == ("192.0.2.131/32",)
    asked = {i.key for i in order.issues_of("question") if i.cell.endswith("10")}
    assert asked == {f"{sheet}!L10.destination.ports", f"{sheet}!M10.protocol"}


def test_ae05_no_cross_product(zones: Zones) -> None:
    """Form 02: rows 1 and 3 merge, the others stay apart."""
    demands = _sample("02", zones).demands
    assert [demand.rows for demand in demands] == [("R1", "R3"), ("R2",), ("R4",), ("R5",), ("R6",)]
    assert demands[0].port_pairs == (("any", "123"), ("any", "443"), ("any", "456"))


def test_ae08_ae09_host_bits_and_udp(zones: Zones) -> None:
    """Form 01: host bits become the network with a warning; two hosts stay two hosts; UDP stays UDP."""
    order = _sample("01", zones)
    assert order.demands[0].sources == ("10.60.128.192/26",)
    assert order.demands[1].destinations == ("10.60.2.10/32", "10.60.2.11/32")
    assert [demand.protocol for demand in order.demands] == ["tcp", "udp", "udp"]
    assert [issue.level for issue in order.issues] == ["warning"]


def test_ae14_white_list_keeps_its_sources(zones: Zones) -> None:
    """Form 05: five sources, an EIP as destination taken as it is, placeholders as hosts are nothing."""
    order = _sample("05", zones)
    (demand,) = order.demands
    assert len(demand.sources) == 5
    assert demand.destinations == ("10.70.18.77/32",)
    assert order.requests[0].source.host == ""
    assert order.issues == ()


def test_ae16_a_placeholder_is_asked_and_a_slash_is_not(zones: Zones) -> None:
    """Form 06: 请填写 as public address is a question; / means the addresses the customer has."""
    order = _sample("06", zones)
    assert [issue.key for issue in order.issues] == ["网络策略服务申请单!H12.public.addresses"]
    answered = _sample("06", zones, {"网络策略服务申请单!H12.public.addresses": "203.0.113.223"})
    assert answered.requests[2].public_addresses == ("203.0.113.223/32",)
    assert worst(answered.issues) == "info"


def test_ae17_ae18_any_and_white_list_stay_apart(zones: Zones) -> None:
    """Form 06: 9100 leads to 9090; the white list with its schedule past midnight is its own demand."""
    demands = _sample("06", zones).demands
    assert demands[2].port_pairs == (("9100", "9090"),)
    assert demands[3].sources[0] == "192.0.2.181/32"
    assert [(p.days[0], p.start, p.end) for p in demands[3].schedule.periods] == [
        ("mon", "08:00", "24:00"),
        ("tue", "00:00", "03:00"),
    ]


def test_ae19_ae20_ae21_no_public_port_and_a_domain(zones: Zones) -> None:
    """Form 07: without a 公网端口 column both rows read, and the domain stays a name."""
    order = _sample("07", zones)
    assert [demand.destinations for demand in order.demands] == [("any",), ("update.example.com",)]
    assert [demand.rows for demand in order.demands] == [("R1",), ("R2",)]
    assert order.issues == ()


def test_ae22_ae23_merged_cells_and_port_pairs(zones: Zones) -> None:
    """Form 08: the merged public addresses hold for every row; pairs, delete and add stay apart."""
    order = _sample("08", zones)
    assert {request.public_addresses for request in order.requests} == {
        ("198.51.100.53/32", "203.0.113.213/32")
    }
    pairs = (("7429", "7431"), ("7430", "7430"), ("7432-7439", "7432-7439"))
    assert [(d.action, d.port_pairs) for d in order.demands] == [("delete", pairs), ("add", pairs)]
    assert order.remarks == "取消原互联网访问的目标IP，目标IP改为WAF地址。"
    assert [issue.key for issue in order.issues if issue.sheet == "ECS申请表单"] == ["ECS申请表单!A1.sheet"]


def test_the_carrier_remark_is_checked_against_the_prefix(zones: Zones) -> None:
    """Form 08: （电信） behind an address of another carrier's prefix is a warning."""
    (path,) = (HERE / "samples").glob("08-*.xlsx")
    right = read_order(path, zones=zones, isps={"203.0.113.0/24": "电信", "198.51.100.0/25": "移动"})
    wrong = read_order(path, zones=zones, isps={"203.0.113.0/24": "移动", "198.51.100.0/25": "移动"})
    assert worst(right.issues) == "info"
    assert [i.cell for i in wrong.issues_of("warning")] == ["G10", "G20"]


@pytest.mark.parametrize("name", ["04", "05"])
def test_the_delete_examples_ask_to_delete_what_the_forms_add(name: str, zones: Zones) -> None:
    """orders/0x-删除.xlsx is the form with every row a delete."""
    orders = HERE.parents[1] / "orders"
    (form,) = (p for p in orders.glob(f"{name}-*.xlsx") if "删除" not in p.name)
    added, deleted = read_order(form, zones=zones), read_order(orders / f"{name}-删除.xlsx", zones=zones)
    assert {demand.action for demand in deleted.demands} == {"delete"}
    assert [_flow(d) for d in deleted.demands] == [_flow(d) for d in added.demands]
