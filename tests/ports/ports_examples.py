"""Small orders and plans to put into a store."""

from dataclasses import replace
from typing import Any

from nornir_itsm.model.change import Call, Change
from nornir_itsm.model.firewall import SecurityPolicy
from nornir_itsm.model.intent import Anchor, SecurityRule
from nornir_itsm.model.order import Demand, Endpoint, Order, Request, Schedule
from nornir_itsm.model.plan import DemandVerdict, Plan, Proof

NOW = "2026-11-22T10:00:00+08:00"
LATER = "2026-11-22T10:05:00+08:00"

_ENDS = (
    Endpoint("行业云", addresses=("10.60.134.61/32",)),
    Endpoint("互联网", addresses=("192.0.2.131/32",), ports=("443",)),
)
ORDER = Order(
    file="示例.xlsx",
    organization="示例期货公司A",
    system="示例系统",
    requests=(Request("R1", "网络策略服务申请单", 10, "add", *_ENDS, (), (), "tcp", Schedule()),),
    demands=(
        Demand(
            "D1",
            ("R1",),
            "add",
            "行业云",
            "互联网",
            ("10.60.134.61/32",),
            ("192.0.2.131/32",),
            (),
            "tcp",
            (),
            Schedule(),
        ),
    ),
)
_RULE = SecurityRule(
    "FW01", SecurityPolicy("示例期货公司A-示例系统上网", "permit"), Anchor("before", "Default-Deny")
)
PLAN = Plan(
    order_file="示例.xlsx",
    organization="示例期货公司A",
    system="示例系统",
    title="新增示例期货公司A-示例系统-访问策略变更",
    kind="互联网接入",
    fingerprint="sha256:" + "a" * 64,
    demands=(DemandVerdict("D1", ("R1",), "add", "cloud-to-internet", "change"),),
    changes=(
        Change("FW01", "hillstone_stoneos", (_RULE,), commands=("policy-global", "exit")),
        Change("LB01", "sangfor_ad", (), calls=(Call("POST", "/net/dnat", {"type": "ALL", "n": [1, None]}),)),
    ),
    proofs=(Proof("D1", exact=True),),
)


def plan(**changed: Any) -> Plan:
    """Return the example plan, with something else about it."""
    return replace(PLAN, **changed)
