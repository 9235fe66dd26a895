"""客户区 → 远端网: a network behind a router: a static route there, which it tells the others of."""

from collections.abc import Iterator

from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.design import Case, Wanted, announce, route

NEXT_HOP = "10.50.4.10"
PREFIX_LIST = "TO-OSPF"


def intents(case: Case) -> Iterator[Wanted]:
    yield from route(case, next_hop=NEXT_HOP)
    yield from announce(case, PREFIX_LIST)


def checks(case: Case) -> tuple[str, ...]:
    return ("从申请的源 ping 申请的网段",)


RUNBOOK = Runbook(scenario="clients-to-remote", title="路由开通", intents=intents, checks=checks)
