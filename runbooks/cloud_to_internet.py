"""行业云 → 互联网: a tenant's hosts reach out, over the public addresses that the order names."""

from collections.abc import Iterator

from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.design import (
    Case,
    Wanted,
    bandwidth,
    close_in_groups,
    close_permits,
    join_source_nat,
    keep_source_nat,
    permit,
    permit_in_groups,
)
from nornir_itsm.stages.document import hosts


def intents(case: Case) -> Iterator[Wanted]:
    if case.resolved.demand.action == "delete":
        yield from close_permits(case)
        yield from close_in_groups(case)
        yield from keep_source_nat(case)
    else:
        yield from join_source_nat(case)
        yield from bandwidth(case)
        yield from permit(case, "outbound_rule")
        yield from permit_in_groups(case)


def checks(case: Case) -> tuple[str, ...]:
    private = "、".join(host.private for host in case.resolved.hosts)
    targets = hosts(case.resolved.demand.destinations)
    outcome = (
        "应失败" if case.resolved.demand.action == "delete" else "应成功，对端看到的源地址为申请的公网地址"
    )
    return (f"从 {private} 访问 {targets} 的申请端口：{outcome}",)


RUNBOOK = Runbook(scenario="cloud-to-internet", title="互联网接入（出向）", intents=intents, checks=checks)
