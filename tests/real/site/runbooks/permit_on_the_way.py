"""客户区 → 服务区: clients reach servers, through a Linux firewall, untranslated."""

from collections.abc import Iterator

from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.design import Case, Wanted, close_permits, permit


def intents(case: Case) -> Iterator[Wanted]:
    if case.resolved.demand.action == "delete":
        yield from close_permits(case)
    else:
        yield from permit(case, "exchange_rule")


def checks(case: Case) -> tuple[str, ...]:
    return ("从申请的源访问申请的端口",)


RUNBOOK = Runbook(scenario="clients-to-servers", title="防火墙放行", intents=intents, checks=checks)
