"""What has to be so on which point: building blocks that runbooks compose.

Each yields intents, questions and findings for one demand; none touches anything.
"""

from nornir_itsm.stages.design.case import Case, Designer, Wanted
from nornir_itsm.stages.design.nat import join_source_nat, publish
from nornir_itsm.stages.design.permit import bandwidth, permit
from nornir_itsm.stages.design.remove import close_permits, forget_unused, keep_source_nat, unpublish

__all__ = [
    "Case",
    "Designer",
    "Wanted",
    "bandwidth",
    "close_permits",
    "forget_unused",
    "join_source_nat",
    "keep_source_nat",
    "permit",
    "publish",
    "unpublish",
]
