"""What is known when a decision is made, normalised: the same value whichever way it came."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.cloud import CloudFacts
from nornir_itsm.model.cloud_network import GroupFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.ipam import IpamFacts
from nornir_itsm.model.switch import SwitchFacts

PointFacts = FirewallFacts | AdcFacts | SwitchFacts | GroupFacts


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known when a decision is made, with the time of each source.

    ``taken``: source (a point, ``cloud``, ``ipam``, or a file of a folder of exports) -> ISO time. ``gaps``:
    sentences on what is missing, partial or old; ``partial``: those on lists that lack records.
    """

    points: Mapping[str, PointFacts] = field(default_factory=dict)
    cloud: CloudFacts = field(default_factory=CloudFacts)
    ipam: IpamFacts = field(default_factory=IpamFacts)
    taken: Mapping[str, str] = field(default_factory=dict, compare=False)
    gaps: tuple[str, ...] = field(default=(), compare=False)
    reserved: Mapping[str, str] = field(default_factory=dict, compare=False)
    """VLAN -> the VPC that another open change has taken it for."""
    named: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Names that other open changes give to new objects -> for whom; see ``stages.reserved``."""
    partial: tuple[str, ...] = field(default=(), compare=False)
    withheld: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Source -> why the site lets nothing be decided from it as it is."""

    def firewall(self, point: str) -> FirewallFacts:
        """Return the facts of a firewall."""
        found = self.points[point]
        assert isinstance(found, FirewallFacts), point
        return found

    def adc(self, point: str) -> AdcFacts:
        """Return the facts of an ADC."""
        found = self.points[point]
        assert isinstance(found, AdcFacts), point
        return found

    def switch(self, point: str) -> SwitchFacts:
        """Return the facts of a switch."""
        found = self.points[point]
        assert isinstance(found, SwitchFacts), point
        return found

    def security_groups(self, point: str) -> GroupFacts:
        """Return the facts of a region's security groups."""
        found = self.points[point]
        assert isinstance(found, GroupFacts), point
        return found
