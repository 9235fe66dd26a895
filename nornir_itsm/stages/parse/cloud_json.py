"""Cloud exports (Aliyun API shapes) -> who owns which private address, and which EIP it is translated to.

Source: sample exports of an on-premises cloud. The EIP list never names private addresses; the binding is
found through the network interface, the instance, the load balancer or the virtual address.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nornir_itsm.model.cloud import Binding, CloudFacts, Eip, Host, Vpc
from nornir_itsm.stages.parse.cloud_network import cloud_network
from nornir_itsm.stages.parse.document import Record, records
from nornir_itsm.stages.parse.members import address, network

CONTAINERS: dict[str, tuple[str, str]] = {
    "instances": ("Instances", "Instance"),
    "network_interfaces": ("NetworkInterfaceSets", "NetworkInterfaceSet"),
    "eips": ("EipAddresses", "EipAddress"),
    "vpcs": ("Vpcs", "Vpc"),
    "slbs": ("LoadBalancers", "LoadBalancer"),
    "havips": ("HaVips", "HaVip"),
}
"""Documents and where their records are."""

_DIRECTNESS = ("eni", "eni-secondary", "instance", "slb", "havip")


@dataclass(frozen=True, slots=True)
class _Holder:
    """A private address, what holds it, and the EIP (address or empty) that the same record names."""

    id: str
    private: str
    via: str
    owner: str
    name: str
    vpc: str
    eip: str = ""


def cloud_facts(documents: Mapping[str, object]) -> CloudFacts:
    """Return the facts of the cloud from its documents by name, see CONTAINERS here and in cloud_network.

    A document that is missing has no records. Raises SourceError that names the record.
    """
    listed = {name: records(documents, name, *keys) for name, keys in CONTAINERS.items()}
    eips = {eip.address: (eip, record) for record in listed["eips"] for eip in (_eip(record),)}
    names = {r.name("InstanceId"): r.text("InstanceName") for r in listed["instances"]}
    holders = (
        *_instances(listed["instances"]),
        *(holder for record in listed["network_interfaces"] for holder in _interface(record, names)),
        *_addressed(listed["slbs"], "slb", "LoadBalancerId", "LoadBalancerName", "Address"),
        *_addressed(listed["havips"], "havip", "HaVipId", "Name", "IpAddress"),
    )
    said = tuple((holder, holder.eip) for holder in holders if holder.eip)
    # An id says which interface has an EIP, not which of its addresses: only where nobody says more.
    certain = {eip for _, eip in said}
    joined = _joined(holders, eips.values(), listed["havips"])
    bindings = _bindings((*said, *((holder, eip) for holder, eip in joined if eip not in certain)), eips)
    known = {binding.eip: Eip(binding.eip, "", binding.owner) for binding in bindings}
    return CloudFacts(
        known | {name: eip for name, (eip, _) in eips.items()},
        bindings,
        _hosts(holders),
        tuple(map(_vpc, listed["vpcs"])),
        cloud_network(documents),
    )


def _ip(record: Record, key: str) -> str:
    """Return an address, or empty where the key is not set."""
    text = record.text(key)
    found = address(text) if text else ""
    if found is None:
        raise record.wrong(f"{key} {text[:60]!r} is no address")
    return found


def _eip(record: Record) -> Eip:
    found = _ip(record, "IpAddress")
    if not found:
        raise record.wrong("it has no IpAddress")
    said = (record.text(key) for key in ("ISP", "DepartmentName", "InstanceType", "InstanceId"))
    return Eip(found, *said)


def _instances(listed: Iterable[Record]) -> Iterator[_Holder]:
    for record in listed:
        network = record.inner("VpcAttributes")
        vpc, addresses = network.text("VpcId"), network.inner("PrivateIpAddress").texts("IpAddress")
        for index, text in enumerate(addresses):
            private = _ip(Record({"PrivateIpAddress": text}, record.where), "PrivateIpAddress")
            # The EIP of an instance is that of its first address.
            eip = "" if index else _ip(record.inner("EipAddress"), "IpAddress")
            owner, name = record.text("DepartmentName"), record.text("InstanceName")
            yield _Holder(record.name("InstanceId"), private, "instance", owner, name, vpc, eip)


def _interface(record: Record, names: Mapping[str, str]) -> Iterator[_Holder]:
    """Yield the primary address of an interface and its secondary ones, each with the EIP of its own."""
    primary = _ip(record, "PrivateIpAddress")
    name = names.get(record.text("InstanceId"), "") or record.text("NetworkInterfaceName")
    holder = _Holder(
        record.name("NetworkInterfaceId"),
        primary,
        "eni",
        record.text("DepartmentName"),
        name,
        record.text("VpcId"),
        _ip(record.inner("AssociatedPublicIp"), "PublicIpAddress"),
    )
    if primary:
        yield holder
    for item in record.inner("PrivateIpSets").records("PrivateIpSet"):
        private = _ip(item, "PrivateIpAddress")
        eip = _ip(item.inner("AssociatedPublicIp"), "PublicIpAddress")
        via = "eni" if item.is_set("Primary") else "eni-secondary"
        if private and (private != primary or eip):
            yield replace(holder, private=private, via=via if private != primary else "eni", eip=eip)


def _addressed(
    listed: Iterable[Record], via: str, id_key: str, name_key: str, address_key: str
) -> Iterator[_Holder]:
    for record in listed:
        if private := _ip(record, address_key):
            owner, name = record.text("DepartmentName"), record.text(name_key)
            yield _Holder(record.name(id_key), private, via, owner, name, record.text("VpcId"))


def _joined(
    holders: Iterable[_Holder], eips: Iterable[tuple[Eip, Record]], havips: Iterable[Record]
) -> Iterator[tuple[_Holder, str]]:
    """Yield what is known only from ids: an EIP names what it is bound to, a virtual address its EIPs."""
    first: dict[str, _Holder] = {}
    for holder in holders:
        first.setdefault(holder.id, holder)
    allocated: dict[str, str] = {}
    for eip, record in eips:
        allocated[record.text("AllocationId")] = eip.address
        if bound := first.get(record.text("InstanceId")):
            yield bound, eip.address
    for record in havips:
        virtual = first.get(record.text("HaVipId"))
        for allocation in record.inner("AssociatedEipAddresses").texts("associatedEipAddresse"):
            if virtual and (found := allocated.get(allocation)):
                yield virtual, found


def _bindings(
    pairs: Iterable[tuple[_Holder, str]], eips: Mapping[str, tuple[Eip, Record]]
) -> tuple[Binding, ...]:
    """Return one binding per pair of addresses, the one that was said most directly."""
    found: dict[tuple[str, str], Binding] = {}
    for holder, eip in sorted(pairs, key=lambda pair: _DIRECTNESS.index(pair[0].via)):
        entry = eips.get(eip)
        owner = holder.owner or (entry[0].owner if entry else "")
        name = holder.name or (entry[1].text("Name") if entry else "")
        binding = Binding(holder.private, eip, holder.via, holder.vpc, owner, name)
        found.setdefault((holder.private, eip), binding)
    return tuple(found.values())


def _hosts(holders: Iterable[_Holder]) -> dict[str, Host]:
    """Return the private addresses. What two networks say differently of the same address stays empty."""
    found: dict[str, Host] = {}
    for holder in holders:
        host = Host(holder.private, holder.owner, holder.name, holder.vpc)
        old = found.setdefault(host.private, host)
        if old.vpc != host.vpc:
            same = {
                key: getattr(old, key) for key in ("owner", "name") if getattr(old, key) == getattr(host, key)
            }
            found[host.private] = Host(host.private, **same)
    return found


def _vpc(record: Record) -> Vpc:
    """Return a VPC. The inner key of its NAT gateways repeats the outer one (so the API has it)."""
    prefixes: list[str] = []
    secondary = record.inner("SecondaryCidrBlocks").texts("SecondaryCidrBlock")
    for text in (record.text("CidrBlock"), *secondary, record.text("Ipv6CidrBlock")):
        prefix = network(text) if text else ""
        if prefix is None:
            raise record.wrong(f"{text[:60]!r} is no prefix")
        prefixes += [prefix] if prefix else []
    return Vpc(
        record.name("VpcId"),
        record.text("VpcName"),
        tuple(dict.fromkeys(prefixes)),
        record.text("DepartmentName"),
        record.inner("NatGatewayIds").texts("NatGatewayIds"),
    )
