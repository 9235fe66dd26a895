"""行业云 → 行业云（VPC 互访）: a VPC reaches another one, through the firewall between them, untranslated."""

from collections.abc import Iterator

from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.design import (
    Case,
    Wanted,
    close_in_groups,
    close_permits,
    interconnect,
    keep_interconnect,
    permit,
    permit_in_groups,
)
from nornir_itsm.stages.document import hosts


def intents(case: Case) -> Iterator[Wanted]:
    if case.resolved.demand.action == "delete":
        yield from close_permits(case)
        yield from close_in_groups(case)
        yield from keep_interconnect(case)
    else:
        yield from interconnect(case)
        yield from permit(case, "vpc_rule")
        yield from permit_in_groups(case)


def checks(case: Case) -> tuple[str, ...]:
    sources, targets = hosts(case.resolved.demand.sources), hosts(case.resolved.demand.destinations)
    outcome = "应失败" if case.resolved.demand.action == "delete" else "应成功（两端安全组须同时放行）"
    return (f"从 {sources} 访问 {targets} 的申请端口：{outcome}",)


RUNBOOK = Runbook(scenario="cloud-to-cloud", title="VPC 互访", intents=intents, checks=checks)
