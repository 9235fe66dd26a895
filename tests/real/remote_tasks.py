"""Nornir tasks that workers of the tests run."""

import time

from nornir.core.task import Result, Task


def nothing(task: Task) -> Result:
    """Do nothing."""
    return Result(task.host)


def note(task: Task, file: str, seconds: float) -> Result:
    """Work for a while, then write the host's name into a file."""
    time.sleep(seconds)
    with open(file, "a", encoding="utf-8") as noted:
        noted.write(f"{task.host.name}\n")
    return Result(task.host, {"site": task.host["site"]}, changed=True)


def failing(task: Task) -> Result:
    """Fail as a device may."""
    raise ConnectionRefusedError(f"{task.host.name} does not answer")
