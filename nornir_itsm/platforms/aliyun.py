"""A region of an Aliyun cloud, public or private. Source: API pages of ECS 2014-05-26."""

from nornir_itsm.platforms.platform import CloudPlatform, Platform

PLATFORM = Platform(
    name="aliyun",
    port=443,
    cloud=CloudPlatform(("security_groups", "security_group_rules", "network_interfaces", "havips")),
)
