"""Reaching networks over a router: a static route, and a place in the prefix list that lets it be told on."""

from collections.abc import Iterator

from nornir_itsm.model.intent import AddressSet, State, StaticRoute
from nornir_itsm.model.switch import SwitchRoute
from nornir_itsm.space.dimensions import ADDRESSES, addresses
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.parse.members import network


def route(case: Case, next_hop: str, instance: str = "") -> Iterator[Wanted]:
    """Yield a static route to each network that is asked for; deleting, its removal."""
    point = case.hop("router").point
    for prefix in _networks(case):
        if prefix is None:
            yield case.question("destination", "静态路由的目的须是 IPv4 网段（CIDR）")
        else:
            yield StaticRoute(point, SwitchRoute(instance, prefix, "", next_hop), state=_state(case))


def announce(case: Case, prefix_list: str) -> Iterator[Wanted]:
    """Yield the membership of each network that is asked for in a prefix list; deleting, its removal."""
    point = case.hop("router").point
    held = case.facts.switch(point).prefix_lists.get(prefix_list)
    found = tuple(prefix for prefix in _networks(case) if prefix)
    if held is not None and not held.complete:
        text = (
            f"{point} 的前缀列表 {prefix_list} 含有 deny、长度条件等内容，增减成员的效果无法判定：请人工处理"
        )
        yield case.question("prefix_list", text)
    elif found:
        yield AddressSet(point, prefix_list, found, state=_state(case))


def _state(case: Case) -> State:
    return "absent" if case.resolved.demand.action == "delete" else "ensure"


def _networks(case: Case) -> Iterator[str | None]:
    for text in case.resolved.demand.destinations:
        known = network(text) if addresses(text) <= ADDRESSES else None
        yield None if known is None or ":" in known else known
