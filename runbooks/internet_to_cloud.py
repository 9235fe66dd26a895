"""互联网 → 行业云: a tenant's host is published on public addresses and ports."""

from collections.abc import Iterator

from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.design import (
    Case,
    Wanted,
    close_in_groups,
    close_permits,
    others_use,
    permit,
    permit_in_groups,
    publish,
    unpublish,
)


def intents(case: Case) -> Iterator[Wanted]:
    if case.resolved.demand.action == "delete":
        # Where nobody else comes in by these ports, the translation closes them for whatever rule is left.
        yield from close_permits(case, narrow=bool(others_use(case)))
        yield from unpublish(case)
        if not others_use(case):
            yield from close_in_groups(case)
    else:
        open_to_all = "any" in case.resolved.demand.sources
        yield from publish(case)
        yield from permit(case, "inbound_rule" if open_to_all else "whitelist_rule")
        yield from permit_in_groups(case)


def checks(case: Case) -> tuple[str, ...]:
    public = "、".join(line.address for line in case.resolved.lines)
    ports = "、".join(outer for outer, _ in case.resolved.demand.port_pairs)
    outcome = "应失败" if case.resolved.demand.action == "delete" else "应成功"
    if case.resolved.demand.action == "add" and "any" not in case.resolved.demand.sources:
        outcome += "；名单以外的来源应失败"
    return (f"从申请的来源访问 {public} 端口 {ports}：{outcome}",)


RUNBOOK = Runbook(scenario="internet-to-cloud", title="互联网接入（入向）", intents=intents, checks=checks)
