"""交易所一侧的网络（证联网测试等）→ 行业云: exchange networks reach a tenant's host at its EIP."""

from collections.abc import Iterator

from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.design import (
    Case,
    Wanted,
    close_in_groups,
    close_permits,
    permit,
    permit_in_groups,
    unregistered,
)
from nornir_itsm.stages.document import hosts


def intents(case: Case) -> Iterator[Wanted]:
    if case.resolved.demand.action == "delete":
        yield from close_permits(case)
        yield from close_in_groups(case)
    else:
        yield from unregistered(case, case.resolved.demand.sources)
        yield from permit(case, "exchange_rule")
        yield from permit_in_groups(case)


def checks(case: Case) -> tuple[str, ...]:
    eips = hosts([host.eip for host in case.resolved.hosts])
    outcome = "应失败" if case.resolved.demand.action == "delete" else "应成功"
    return (f"从 {hosts(case.resolved.demand.sources)} 访问 {eips} 的申请端口：{outcome}",)


RUNBOOK = Runbook(
    scenario="exchange-to-cloud", title="交易所网络接入（入向）", intents=intents, checks=checks
)
