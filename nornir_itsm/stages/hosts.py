"""Host names on a form held against the cloud's: shown and compared, never taken for addresses."""

import re
from collections.abc import Iterator

from nornir_itsm.model.cloud import Host
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Endpoint, Order
from nornir_itsm.model.plan import Finding

POINT = "云平台"
_PARTS = re.compile(r"[\s、,;/|()（），；]+")


def misnamed(order: Order, facts: Facts) -> Iterator[Finding]:
    """Yield the hosts that a row names and the cloud has at other addresses than the row does.

    Names in the cloud are not unique: one instance of the name at an address of the row is enough.
    """
    named: dict[str, list[Host]] = {}
    for host in facts.cloud.hosts.values():
        if host.name:
            named.setdefault(host.name.casefold(), []).append(host)
    for request in order.requests:
        for side in (request.source, request.destination):
            yield from _of_side(side, named, facts, request.row)


def _of_side(side: Endpoint, named: dict[str, list[Host]], facts: Facts, row: int) -> Iterator[Finding]:
    own = {address.partition("/")[0] for address in side.addresses}
    known = {facts.cloud.hosts[address].private for address in own if address in facts.cloud.hosts}
    if not known:  # a network, an EIP, somewhere else: nothing to compare with
        return
    for name in _PARTS.split(side.host):
        hosts = named.get(name.casefold(), [])
        if hosts and not own & {host.private for host in hosts}:
            there = "、".join(sorted({host.private for host in hosts})[:3])
            yield Finding(
                POINT, name, f"申请单第 {row} 行写在 {'、'.join(sorted(known))}，云平台中它是 {there}"
            )
