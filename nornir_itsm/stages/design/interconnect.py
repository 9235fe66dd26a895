"""Connecting VPCs over the interconnect switch (并网): VLAN, VPN instance, interface, routes both ways."""

from collections.abc import Iterator
from dataclasses import replace

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Interface, Reuse, StaticRoute, SwitchIntent, Vlan, VpnInstance
from nornir_itsm.model.plan import Finding
from nornir_itsm.model.switch import (
    SwitchFacts,
    SwitchInstance,
    SwitchInterface,
    SwitchRoute,
    SwitchVlan,
)
from nornir_itsm.model.topology import Allocation
from nornir_itsm.stages.attach import Attachment, registrations
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.permit import passes
from nornir_itsm.stages.design.registered import IPAM
from nornir_itsm.stages.predict import remaining
from nornir_itsm.stages.vlans import usable


def interconnect(case: Case) -> Iterator[Wanted]:
    """Yield what connects both VPCs of a demand, and what is to be registered in the IPAM.

    A switch that was not collected shows nothing: then all of it is wanted, for a person to skip what is
    there; but where the firewall lets the demand through already and the IPAM has both VPCs registered,
    the VPCs are taken to be connected and nothing is wanted.
    """
    law, point = case.site.allocation, case.point("switch").name
    assert law is not None
    switch, attachments = case.facts.switch(point), case.resolved.attachments
    for one in attachments:
        if one.new:
            for subnet in registrations(one):
                yield Finding(IPAM, subnet.prefix, f"待登记（本变更分配）：描述写 {subnet.description}")
            yield Finding(
                point, f"VLAN {one.vlan}", "新 VLAN：请确认到云侧的端口放行它（端口配置不在本方案内）"
            )
    known_there = not any(one.new for one in attachments) and passes(case)
    if not switch.known and known_there:
        for one in attachments:
            why = f"IPAM 登记的互连 {one.network}；策略已放行，视为已并网，交换机未采集"
            yield Reuse(point, "Vlan", str(one.vlan), why)
        return
    yield from _conflicts(case, point, switch, law)
    for one in attachments:
        for intent in connection(point, one, law):
            yield _as_held(intent, case.facts)


def connection(point: str, one: Attachment, law: Allocation) -> Iterator[SwitchIntent]:
    """Yield what connects one prefix of a VPC: a shared route per next hop, and the way back."""
    instance = _instance(one, law)
    distinguisher = law.route_distinguisher.format(vlan=one.vlan)
    yield Vlan(point, SwitchVlan(one.vlan))
    yield VpnInstance(point, SwitchInstance(instance, distinguisher))
    yield Interface(point, _interface(one, law))
    for hop in law.next_hops:
        yield StaticRoute(
            point, SwitchRoute(law.shared_instance, one.prefix, instance, usable(one.network, hop))
        )
    yield StaticRoute(point, SwitchRoute(instance, law.tenants, law.shared_instance, law.firewall))


def _instance(one: Attachment, law: Allocation) -> str:
    return law.instance.format(vlan=one.vlan)


def _interface(one: Attachment, law: Allocation) -> SwitchInterface:
    address = f"{usable(one.network, law.interface)}/{one.network.partition('/')[2]}"
    return SwitchInterface(one.vlan, _instance(one, law), address)


def _as_held(intent: SwitchIntent, facts: Facts) -> SwitchIntent:
    """Return an intent as a reuse where the switch shows all of it."""
    shown = facts.switch(intent.point).known and not remaining([intent], facts)
    return replace(intent, reuse=True) if shown else intent


def _conflicts(case: Case, point: str, switch: SwitchFacts, law: Allocation) -> Iterator[Wanted]:
    """Ask where the switch shows something else: an interface in use is never taken down to fit."""
    if not switch.known:
        return
    if law.shared_instance not in switch.instances:
        text = f"{point} 上没有共享 VPN 实例 {law.shared_instance}，请核对 site.yaml 与设备"
        yield case.question("shared", text)
    for one in case.resolved.attachments:
        wanted = _interface(one, law)
        there = switch.interfaces.get(wanted.name, wanted)
        if there != wanted:
            held = f"{there.address or '无地址'}，VPN 实例 {there.instance or '无'}"
            due = f"{wanted.address}，VPN 实例 {wanted.instance}"
            text = f"{point} 的 {there.name} 现为 {held}，与登记推得的 {due} 不同，请核对"
            yield case.question("interface", text)


def keep_interconnect(case: Case) -> Iterator[Wanted]:
    """Say that what connects VPCs stays when a permit goes: other traffic of theirs needs it."""
    point = case.point("switch").name
    for one in case.resolved.attachments:
        yield Finding(
            point, f"VLAN {one.vlan}", f"{one.vpc.name} 的并网 VLAN、VPN 实例和路由由其他访问共用，予以保留"
        )
