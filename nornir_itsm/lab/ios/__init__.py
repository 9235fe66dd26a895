"""A simulated Cisco IOS XE router: its own grammar, refusals in the vendor's words."""
