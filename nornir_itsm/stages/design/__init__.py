"""What has to be so on which point: building blocks that runbooks compose.

Each yields intents, questions and findings for one demand; none touches anything.
"""

from nornir_itsm.stages.design.case import Case, Designer, Wanted
from nornir_itsm.stages.design.cloud_group import close_in_groups, permit_in_groups
from nornir_itsm.stages.design.destination_nat import others_use, publish, unpublish
from nornir_itsm.stages.design.interconnect import interconnect, keep_interconnect
from nornir_itsm.stages.design.permit import bandwidth, permit
from nornir_itsm.stages.design.registered import unregistered
from nornir_itsm.stages.design.remove import close_permits
from nornir_itsm.stages.design.routing import announce, route
from nornir_itsm.stages.design.source_nat import join_source_nat, keep_source_nat

__all__ = [
    "Case",
    "Designer",
    "Wanted",
    "announce",
    "bandwidth",
    "close_in_groups",
    "close_permits",
    "interconnect",
    "join_source_nat",
    "keep_interconnect",
    "keep_source_nat",
    "others_use",
    "permit",
    "permit_in_groups",
    "publish",
    "route",
    "unpublish",
    "unregistered",
]
