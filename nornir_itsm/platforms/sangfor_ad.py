"""Sangfor AD (application delivery, 应用交付). Source: Sangfor AD 7.0 swagger (7.0.5 to 7.0.21)."""

from nornir_itsm.platforms.platform import Platform, RestPlatform

PLATFORM = Platform(
    name="sangfor_ad",
    port=443,
    rest=RestPlatform(
        base="/api/ad/v3",
        documents={
            "custom_addresses": "/rc/custom-address-group",
            "dnat": "/net/dnat",
            "snat": "/net/snat",
            "policy_routes": "/lc/policy-route",
        },
    ),
)
