"""A live probe: one TCP connection that a host of ours tries, and what it met."""

from dataclasses import dataclass
from typing import Literal

Echo = Literal["open", "refused", "silent", "unreachable", "untried"]
"""``open``: a connection was made; ``refused``: somebody answered that there is none to be had; ``silent``:
nothing came back; ``unreachable``: a router or the host itself said so; ``untried``: nothing is known."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a connection is tried: a plain IPv4 or IPv6 address, and a TCP port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"
