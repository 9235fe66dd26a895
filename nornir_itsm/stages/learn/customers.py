"""Tenants and their other names: departments of the cloud, names on devices, registrations of the IPAM."""

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.learn.isps import adcs
from nornir_itsm.stages.learn.proposal import Confidence, Found, Proposal, Words, shown
from nornir_itsm.stages.parse.members import address

_PARTS = re.compile(r"[\s\-_&()（）\[\]【】]+")
_NUMBERED = re.compile(r"(?P<name>.*[^\d\s])(?P<number>\d{1,2})")
_LEGAL = ("股份有限公司", "有限责任公司", "有限公司")
Names = dict[str, list[str]]


def customers(facts: Facts, words: Words) -> Iterator[Found]:
    """Yield one line per department of the cloud: its canonical name with all others, each with evidence."""
    departments = _departments(facts)
    for owner, why in departments.items():
        names: Names = {owner: [why]}
        _add(names, _registered(owner, facts))
        _add(names, _short(owner, names, facts, departments))
        _add(names, _legal(names, words))
        canonical = _canonical(names)
        aliases = sorted(name for name in names if name != canonical)
        evidence = tuple(f"{name}：{_said(why)}" for name, why in sorted(names.items()))
        sure: Confidence = "high" if _in_use(canonical, facts) else "medium"
        yield Proposal(("customers", canonical), list(aliases), sure, evidence)


def _said(evidence: list[str]) -> str:
    """Return the first of several reasons, and how many more there are."""
    listed = list(dict.fromkeys(evidence))
    return listed[0] + (f"；另有 {len(listed) - 1} 条同样的依据" if len(listed) > 1 else "")


def _departments(facts: Facts) -> Mapping[str, str]:
    held: dict[str, dict[str, int]] = {}
    eips, hosts = facts.cloud.eips.values(), facts.cloud.hosts.values()
    kinds = (("VPC", facts.cloud.vpcs), ("EIP", eips), ("主机", hosts))
    for kind, listed in kinds:
        for one in listed:
            if one.owner:
                counts = held.setdefault(one.owner, {})
                counts[kind] = counts.get(kind, 0) + 1
    return {
        owner: "云平台部门，" + "、".join(f"{count} 个 {kind}" for kind, count in counts.items())
        for owner, counts in held.items()
    }


def _add(names: Names, found: Iterable[tuple[str, str]]) -> None:
    for name, why in list(found):
        names.setdefault(name, []).append(why)


def _registered(owner: str, facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield host names that the IPAM has for public addresses which translate to EIPs of this owner."""
    for public, eips, rule in translations(facts):
        record = facts.ipam.records.get(public)
        owners = {facts.cloud.eips[eip].owner for eip in eips if eip in facts.cloud.eips}
        if record is None or not record.hostname or owners != {owner}:
            continue
        name = _PARTS.split(record.hostname)[-1]
        if _is_name(name, owner, facts):
            yield name, f"IPAM 把 {public} 登记给它，“{rule}”把该地址转换给 {owner} 的 EIP {shown(eips)}"


def _is_name(name: str, owner: str, facts: Facts) -> bool:
    """Tell a customer's name from a note such as 空闲: objects are named after it, or it has the owner's."""
    return bool(name) and (owner in name or name in owner or _in_use(name, facts) or _within(owner, name))


def translations(facts: Facts) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield (public address, EIPs, rule) of every enabled translation between single addresses."""
    for adc in adcs(facts).values():
        members = {
            name: tuple(a for m in g.members if (a := address(m.removesuffix("/32"))))
            for name, g in adc.groups.items()
        }
        for snat in (r for r in adc.snat if r.enabled and address(r.translated.value)):
            yield snat.translated.value, members.get(snat.source.value, ()), snat.name
        for dnat in (r for r in adc.dnat if r.enabled and address(r.target.value)):
            outside = members.get(dnat.destination.value) or (dnat.destination.value,)
            yield from ((public, (dnat.target.value,), dnat.name) for public in outside)


def _short(
    owner: str, names: Names, facts: Facts, departments: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield short forms in names of this owner's VPCs and their prefixes, and of nobody else's."""
    others = [part for one in departments if one != owner for part in _texts(one, facts)]
    said: dict[str, list[str]] = {}
    for text in _texts(owner, facts):
        for part in _PARTS.split(text):
            said.setdefault(part, []).append(text)
    elsewhere = {part for text in others for part in _PARTS.split(text)}
    for part, texts in said.items():
        known = part in names or len(part) < 2
        if not known and part not in elsewhere and any(_within(part, name) for name in names):
            yield part, f"VPC 或其网段的名字里这样简称（{shown(texts, 2)}）"


def _texts(owner: str, facts: Facts) -> list[str]:
    """Return the names of an owner's VPCs and the descriptions of their prefixes in the IPAM."""
    mine = [vpc for vpc in facts.cloud.vpcs if vpc.owner == owner]
    prefixes = {prefix for vpc in mine for prefix in vpc.prefixes if ip_network(prefix).prefixlen > 16}
    described = [s.description for s in facts.ipam.subnets if s.prefix in prefixes and s.description]
    return [vpc.name for vpc in mine if vpc.name] + described


def _within(short: str, long: str) -> bool:
    """Tell whether the signs of a short form stand in the long one in their order, the last one last."""
    signs = iter(long)
    return len(short) < len(long) and short[-1:] == long[-1:] and all(sign in signs for sign in short)


def _legal(names: Names, words: Words) -> Iterator[tuple[str, str]]:
    """Yield full names of companies on forms."""
    for text in words.organizations:
        bare = next((text.removesuffix(end) for end in _LEGAL if text.endswith(end)), text)
        if text not in names and bare in names:
            yield text, "申请单上的申请组织"


def _canonical(names: Names) -> str:
    """Return the name that the others are made from: the longest one without a number or a legal form."""
    plain = [n for n in names if not n.endswith(_LEGAL) and not _numbered_of(n, names)]
    return max(plain or list(names), key=lambda name: (len(name), name))


def _numbered_of(name: str, names: Names) -> bool:
    found = _NUMBERED.fullmatch(name)
    return bool(found) and found is not None and found["name"] in names


def _in_use(name: str, facts: Facts) -> bool:
    """Tell whether an object of a device is named after it."""
    groups = (one for adc in adcs(facts).values() for one in (*adc.groups, *(r.name for r in adc.snat)))
    return any(name in one for one in groups)
