"""What an operator can put right: where it is, what is wrong, what to do, and the exit code.

One boundary in ``cli`` turns these into a message and an exit code. Anything else is a bug and keeps
its traceback.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(eq=False)
class ChangeError(Exception):
    """Something that an operator can put right."""

    where: str
    problem: str
    hint: str = ""

    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        remedy = f"\n  → {self.hint}" if self.hint else ""
        return f"{self.where}: {self.problem}{remedy}"


class ConfigError(ChangeError):
    """config.yaml, site.yaml or the inventory is wrong."""


class FormError(ChangeError):
    """An order form that cannot be read at all."""

    exit_code: ClassVar[int] = 3


class SourceError(ChangeError):
    """A device, console or export that did not give what was asked for."""


class Blocked(ChangeError):  # noqa: N818 - reads as what it is
    """Questions must be answered first."""

    exit_code: ClassVar[int] = 4


class Refused(ChangeError):  # noqa: N818
    """Not approved, approval void, drift, outside the window, device locked."""

    exit_code: ClassVar[int] = 5


@dataclass(eq=False)
class Locked(Refused):
    """Another change has the device; ``stale``: waiting for it is of no use."""

    stale: bool = False


class StoreError(ChangeError):
    """The store cannot be used now: the disk is full, the server is gone."""


class RolledBack(ChangeError):  # noqa: N818
    """The change failed and every touched device is back at its baseline."""

    exit_code: ClassVar[int] = 6


class NeedsPerson(ChangeError):  # noqa: N818
    """The change failed and a device needs a person."""

    exit_code: ClassVar[int] = 7


class PartlyDone(ChangeError):  # noqa: N818
    """Some devices are done, others are back where they were."""

    exit_code: ClassVar[int] = 8
