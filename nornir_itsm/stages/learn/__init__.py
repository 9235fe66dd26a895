"""``site learn``: what exports tell of a site, as lines to be confirmed, and the rest as questions.

Pure: facts in, proposals out. Nothing is taken silently: every line has its evidence and a confidence.
"""

from collections.abc import Iterator

from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.learn.customers import customers
from nornir_itsm.stages.learn.eips import between_vpcs
from nornir_itsm.stages.learn.interconnect import interconnect
from nornir_itsm.stages.learn.isps import isps
from nornir_itsm.stages.learn.naming import Known, naming
from nornir_itsm.stages.learn.paths import public_pools, zones_and_paths
from nornir_itsm.stages.learn.points import points
from nornir_itsm.stages.learn.pools import pools
from nornir_itsm.stages.learn.proposal import ITEM, Ask, Confidence, Exports, Found, Proposal, Words, shown
from nornir_itsm.stages.learn.schedules import schedules

__all__ = ["ITEM", "Ask", "Confidence", "Exports", "Found", "Proposal", "Words", "learn"]


def learn(exports: Exports) -> tuple[Found, ...]:
    """Return everything that these exports tell of their site, in the order of site.yaml."""
    facts, words = exports.facts, exports.words
    tenants, lines = tuple(customers(facts, words)), tuple(isps(facts))
    spellings = {s: p.at[1] for p in tenants if isinstance(p, Proposal) for s in _spellings(p)}
    providers = tuple(line.at[1] for line in lines if isinstance(line, Proposal))
    known = Known(spellings, providers, public_pools(facts))
    return (
        *_site(exports),
        *zones_and_paths(facts, words, spellings),
        *points(exports),
        *lines,
        *pools(facts),
        *tenants,
        *_public_services(facts),
        *interconnect(facts),
        *naming(facts, known),
        *schedules(facts, words.schedules),
        Ask(
            "assumed",
            "证明所依据的前提（地址转换的匹配顺序、公网地址从哪条线路到达）请逐条确认",
            "设备管理员",
        ),
        Ask("sources", "各来源最长多久算新、过期或不完整时阻断还是提示？", "变更管理要求"),
    )


def _spellings(line: Proposal) -> tuple[str, ...]:
    aliases = line.value if isinstance(line.value, list) else []
    return (line.at[1], *map(str, aliases))


def _site(exports: Exports) -> Iterator[Found]:
    if exports.site:
        yield Proposal(("site",), exports.site, "high", ("manifest.json 的 site",))
    else:
        yield Ask("site", "站点叫什么名字？")


def _public_services(facts: Facts) -> Iterator[Found]:
    """Yield tenants whose network the rules between VPCs open to several others."""
    owners: dict[str, set[str]] = {}
    by_prefix = {prefix: vpc.owner for vpc in facts.cloud.vpcs for prefix in vpc.prefixes}
    for _, rule in between_vpcs(facts):
        for text in rule.destination.literals:
            owner = by_prefix.get(text, "")
            others = {by_prefix.get(source, "") for source in rule.source.literals} - {owner, ""}
            if owner and others:
                owners.setdefault(owner, set()).update(others)
    for owner, others in owners.items():
        if len(others) > 1:
            said = (f"东西向规则已向 {len(others)} 个其他客户开放它的网段（{shown(sorted(others))}）",)
            yield Proposal(("public_services", ITEM), owner, "medium", said)
