"""One file per device operating system: prompts, paging, refusals, save. No outside library."""

from nornir_itsm.platforms import hillstone_stoneos, huawei_vrp, sangfor_ad
from nornir_itsm.platforms.platform import CliPlatform, Mode, Platform, Prompt, RestPlatform

PLATFORMS = {p.name: p for p in (hillstone_stoneos.PLATFORM, huawei_vrp.PLATFORM, sangfor_ad.PLATFORM)}

__all__ = ["PLATFORMS", "CliPlatform", "Mode", "Platform", "Prompt", "RestPlatform"]
