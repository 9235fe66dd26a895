"""One file per device operating system: prompts, paging, refusals, save. No outside library."""

from nornir_itsm.platforms import (
    aliyun,
    cisco_ios,
    frr,
    hillstone_stoneos,
    hp_comware,
    huawei_vrp,
    huawei_vrpv8,
    linux_nftables,
    sangfor_ad,
)
from nornir_itsm.platforms.platform import (
    Candidate,
    CliPlatform,
    CloudPlatform,
    Mode,
    Platform,
    Prompt,
    RestPlatform,
)

PLATFORMS = {
    p.name: p
    for p in (
        hillstone_stoneos.PLATFORM,
        huawei_vrp.PLATFORM,
        huawei_vrpv8.PLATFORM,
        sangfor_ad.PLATFORM,
        linux_nftables.PLATFORM,
        frr.PLATFORM,
        hp_comware.PLATFORM,
        aliyun.PLATFORM,
        cisco_ios.PLATFORM,
    )
}

__all__ = [
    "PLATFORMS",
    "Candidate",
    "CliPlatform",
    "CloudPlatform",
    "Mode",
    "Platform",
    "Prompt",
    "RestPlatform",
]
