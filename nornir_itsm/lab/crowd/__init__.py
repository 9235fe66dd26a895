"""Many small devices of several vendors behind one loopback port; they answer ``show`` and change nothing.

The user name says which device a session is with. What a device prints follows from its number alone, so
that whoever reads it can be checked against ``printing``.
"""

from nornir_itsm.lab.crowd.server import Crowd
from nornir_itsm.lab.crowd.vendors import VENDORS, Device, Temper, Vendor

__all__ = ["VENDORS", "Crowd", "Device", "Temper", "Vendor"]
