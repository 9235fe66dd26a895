"""Simulated devices on loopback, stateful and strict, with faults on demand.

The lab has its own idea of each vendor's grammar, so that it cannot mirror the tool's own mistakes.
"""

from nornir_itsm.lab.faults import Faults, Received
from nornir_itsm.lab.rig import Lab

__all__ = ["Faults", "Lab", "Received"]
