"""A Nornir processor that tells how far each device is."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nornir.core.inventory import Host
    from nornir.core.task import AggregatedResult, MultiResult, Task

Event = Literal["started", "done", "failed"]
Tell = Callable[[str, str, Event], None]
"""Called with task, device and event, from the threads of the devices."""


class Progress:
    """Calls back when a device starts and ends a task; subtasks are not told."""

    def __init__(self, tell: Tell) -> None:
        """Call *tell* from the threads of the devices."""
        self._tell = tell

    def task_started(self, task: "Task") -> None:
        """Do nothing: only devices are told."""

    def task_completed(self, task: "Task", result: "AggregatedResult") -> None:
        """Do nothing: only devices are told."""

    def task_instance_started(self, task: "Task", host: "Host") -> None:
        """Tell that a device has started."""
        self._tell(task.name, host.name, "started")

    def task_instance_completed(self, task: "Task", host: "Host", result: "MultiResult") -> None:
        """Tell that a device has ended."""
        self._tell(task.name, host.name, "failed" if result.failed else "done")

    def subtask_instance_started(self, task: "Task", host: "Host") -> None:
        """Do nothing: only whole tasks are told."""

    def subtask_instance_completed(self, task: "Task", host: "Host", result: "MultiResult") -> None:
        """Do nothing: only whole tasks are told."""
