"""Which VPC an address belongs to: the longest prefix, primary or secondary, that holds all of it."""

from dataclasses import dataclass

from nornir_itsm.model.cloud import CloudFacts, Vpc
from nornir_itsm.space.dimensions import ADDRESSES, addresses


@dataclass(frozen=True, slots=True)
class Place:
    """An address or network of a demand, and the VPC's prefix that holds it."""

    text: str
    vpc: Vpc
    prefix: str

    @property
    def why(self) -> str:
        """Say where the address is."""
        return f"{self.text} 属于 {self.vpc.name or self.vpc.id}（{self.prefix}）"


def places(text: str, cloud: CloudFacts) -> tuple[Place, ...]:
    """Return every VPC that holds *text* by the longest prefix: one, none, or several that cannot be told."""
    asked, found = addresses(text), dict[int, list[Place]]()
    if text == "any" or not asked <= ADDRESSES:
        return ()
    for vpc in cloud.vpcs:
        held = [prefix for prefix in vpc.prefixes if asked <= addresses(prefix)]
        if held:
            best = max(held, key=length)
            found.setdefault(length(best), []).append(Place(text, vpc, best))
    return tuple(found[max(found)]) if found else ()


def length(prefix: str) -> int:
    """Return how many bits a prefix has; those of a whole address where it says none."""
    return int(prefix.partition("/")[2] or (128 if ":" in prefix else 32))
