"""nornir_itsm: from an order form to a closed ticket."""

from nornir_itsm.errors import ChangeError

__all__ = ["ChangeError"]
__version__ = "0.1.0"
