"""Networks of an order that the IPAM does not know: worth a word, no reason to stop."""

from collections.abc import Iterator

from nornir_itsm.model.plan import Finding
from nornir_itsm.space.dimensions import ADDRESSES, addresses
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.rulebase import covering

IPAM = "IPAM"


def unregistered(case: Case, texts: tuple[str, ...]) -> Iterator[Wanted]:
    """Yield a finding for each address or network that no subnet of the IPAM holds."""
    known = covering(
        [subnet.prefix for subnet in case.facts.ipam.subnets if not subnet.prefix.endswith("/0")]
    )
    for text in texts:
        place = addresses(text)
        if text != "any" and place <= ADDRESSES and not place <= known:
            yield Finding(IPAM, text, "没有登记，请确认网段并补登")
