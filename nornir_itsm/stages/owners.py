"""Whose addresses an order uses: the applicant's, or somebody else's (R22).

An owner is a department of the cloud or a name of the IPAM; the site's aliases say which customer that is.
A form's first row is the template's example and often stays in; a template's applicant does too. Neither can
be told by its content, so what belongs to another customer is asked about, in the words that fit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Demand, Order, Request
from nornir_itsm.model.plan import NO, YES, Question
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.hops import isp_ranges
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.vpcs import length, places

EXAMPLE_ROW = "R1"
SAMPLE = 50
"""So many rows tell whether an applicant fits his form."""

_NARROW = {4: 16, 6: 32}
"""A VPC's prefix wider than this is shared private space that no one owns (assumed: 10.0.0.0/8 occurs)."""


def tenant_of(address: str, site: Site, facts: Facts) -> str:
    """Return the customer of a tenant's address or network, or of an EIP; empty where nobody is known."""
    host, cloud = _host(address), facts.cloud
    known = cloud.hosts.get(host) or cloud.eips.get(host)
    owners = {known.owner} if known else _owners_of_vpc(address, facts)
    return _customer(owners.pop(), site) if len(owners) == 1 else ""


def holder_of(public: str, site: Site, facts: Facts) -> str:
    """Return the customer that the IPAM has a public address for; empty where nobody is known."""
    record = facts.ipam.records.get(_host(public))
    return _customer(record.hostname.removeprefix("行业云-"), site) if record else ""


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose addresses an order uses, and what a person has said of it."""

    order: Order
    site: Site
    facts: Facts
    answers: Mapping[str, str]

    @property
    def applicant(self) -> str:
        """The customer who asks; empty where the site does not know him."""
        return _customer(self.order.organization, self.site)

    def asked(self, demand: Demand, tenants: Iterable[str], public: Iterable[str]) -> Iterator[Question]:
        """Ask where an address of a demand belongs to somebody else than the applicant."""
        key = f"{demand.id}.owner"
        if self._told(key) in YES:
            return
        if not self.applicant:
            yield Question(key, f"申请组织 {self.order.organization} 不在客户表中，请确认身份", "是")
            return
        used = {text: tenant_of(text, self.site, self.facts) for text in tenants}
        used |= {text: holder_of(text, self.site, self.facts) for text in public}
        for address, owner in self._foreign(used):
            said = f"{_host(address)} 属于 {owner}，申请组织是 {self.applicant}"
            if self._strange(self.order.requests):
                said += "，而表中地址都属于别的客户：申请组织可能是模板里留下的"
            yield Question(key, f"{said}。请确认跨租户访问", "否")

    def holds(self, public: str) -> bool:
        """Tell whether the IPAM has a public address for the applicant."""
        return bool(self.applicant) and holder_of(public, self.site, self.facts) == self.applicant

    def registered(self) -> list[str]:
        """Return the public addresses that the IPAM has for the applicant."""
        known = isp_ranges(self.site).values()
        return [
            a for a in self.facts.ipam.records if any(single(a) in one for one in known) and self.holds(a)
        ]

    def example(self) -> Question | None:
        """Ask about a first row that uses another customer's addresses while the other rows do not."""
        first = [request for request in self.order.requests if request.id == EXAMPLE_ROW]
        rest = [request for request in self.order.requests if request.id != EXAMPLE_ROW]
        if not first or not rest or not self.applicant:
            return None
        sheet, row = first[0].sheet, first[0].row
        key = f"{sheet}!A{row}.example"
        foreign = self._foreign(self._used(first[0]))
        if not foreign or self._told(key) in NO:
            return None
        if self._strange(rest):
            return None  # then it is the applicant that does not fit
        said = "、".join(f"{_host(address)} 属于 {owner}" for address, owner in foreign)
        doubt = "可能是没有删除的示例行；是示例则这一行不采用"
        return Question(
            key, f"第 {row} 行（首行）的 {said}，申请组织是 {self.applicant}：{doubt}", "是", ("是", "否")
        )

    def _told(self, key: str) -> str:
        return self.answers.get(key, "").strip().lower()

    def _foreign(self, used: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(address, owner) for address, owner in used.items() if owner not in ("", self.applicant)]

    def _strange(self, requests: Sequence[Request]) -> bool:
        """Tell whether these rows use addresses of customers, and the applicant is none of them."""
        owners = {o for request in requests[:SAMPLE] for o in self._used(request).values() if o}
        return bool(owners) and self.applicant not in owners

    def _used(self, request: Request) -> dict[str, str]:
        """Return whose addresses a row uses: those of the first side in the cloud, and the public ones."""
        found: dict[str, str] = {}
        for side in (request.source, request.destination):
            found = {address: tenant_of(address, self.site, self.facts) for address in side.addresses}
            if any(found.values()):
                break
        public = request.public_addresses
        return found | {address: holder_of(address, self.site, self.facts) for address in public}


def _owners_of_vpc(address: str, facts: Facts) -> set[str]:
    """Return the departments of the VPCs with the longest prefix around an address or network."""
    held = places(address, facts.cloud)
    return {one.vpc.owner for one in held if length(one.prefix) >= _NARROW[6 if ":" in one.prefix else 4]}


def _host(address: str) -> str:
    return address.removesuffix("/32").removesuffix("/128")


def _customer(owner: str, site: Site) -> str:
    known = site.customer(owner) if owner else None
    return known.name if known else ""
