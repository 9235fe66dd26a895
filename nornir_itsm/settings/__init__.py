"""config.yaml and site.yaml, checked and closed to unknown keys; every error names file, line and key."""

from nornir_itsm.settings.config import Desk, Settings, Ticket, User, load_settings
from nornir_itsm.settings.questions import load_questions
from nornir_itsm.settings.site import load_site
from nornir_itsm.settings.sources import AliyunShape, NetBoxShape, PhpIpamShape, Sources, StoneosRestShape

__all__ = [
    "AliyunShape",
    "Desk",
    "NetBoxShape",
    "PhpIpamShape",
    "Settings",
    "Sources",
    "StoneosRestShape",
    "Ticket",
    "User",
    "load_questions",
    "load_settings",
    "load_site",
]
