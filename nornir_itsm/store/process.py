"""The process that something was begun by, so that another can tell whether it still lives."""

import os
import platform


def this_process() -> str:
    """Return this process as ``HOST NUMBER``."""
    return f"{platform.node()} {os.getpid()}"


def gone(process: str) -> bool:
    """Tell whether a process of this machine lives no more; of another machine nobody here knows."""
    node, _, number = process.rpartition(" ")
    if node != platform.node() or not number.isdigit() or os.name != "posix":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
