"""Real machines in namespaces: they are started once for all tests, and end with what started this process.

``labs/private.sh`` gives this process namespaces of its own (``nox -s real`` runs the tests in it), so
nothing that is started here outlives it or is seen by anybody else.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

LABS = Path(__file__).parent / "labs"
PRIVATE = "NORNIR_ITSM_REAL"
"""Set by ``nox -s real`` where the tests run in namespaces of their own."""


def lacking(*programs: str) -> str:
    """Say why real machines cannot be started here; empty where they can."""
    if PRIVATE not in os.environ:
        return "start it with nox -s real, as root on Debian: it gives the tests namespaces of their own"
    missing = [name for name in programs if shutil.which(name) is None and not Path(name).exists()]
    return f"not installed: {' '.join(missing)}" if missing else ""


def started(script: str, folder: Path) -> str:
    """Start the machines of a script; return the password of their administrator."""
    password = secrets.token_urlsafe(12)
    done = subprocess.run(
        [str(LABS / script), str(folder), password, sys.executable],
        stdin=subprocess.DEVNULL,
        stdout=(folder / "out").open("w"),
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, (folder / "out").read_text("utf-8", "replace")[-2000:]
    return password


def within(space: str, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a network namespace."""
    line = ["ip", "netns", "exec", space, *command]
    return subprocess.run(line, input=text, capture_output=True, text=True, check=False)


_CONNECT = """
import select, socket, sys, time
address, seconds, *ports = sys.argv[1:]
waiting = {}
for port in ports:
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex((address, int(port)))
    waiting[one] = port
end = time.monotonic() + float(seconds)
while waiting and (left := end - time.monotonic()) > 0:
    for one in select.select([], [*waiting], [], left)[1]:
        port = waiting.pop(one)
        if not one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            print(port)
"""


def open_ports(space: str, address: str, ports: Iterable[int], seconds: float = 1.0) -> list[int]:
    """Return the ports to which a TCP connection from a namespace is made; one process tries all at once."""
    line = (sys.executable, "-S", "-c", _CONNECT, address, str(seconds), *map(str, ports))
    done = within(space, *line)
    assert done.returncode == 0, done.stderr
    return sorted(map(int, done.stdout.split()))


def pings(space: str, address: str) -> bool:
    """Tell whether an echo request from a namespace is answered."""
    return within(space, "ping", "-c1", "-W1", address).returncode == 0


def vtysh(router: str, *lines: str) -> str:
    """Type lines at a router's console; return what it said."""
    pid = Path(f"/run/frr-{router}/zebra.pid").read_text("ascii").strip()
    typed = [part for line in lines for part in ("-c", line)]
    done = within(router, "nsenter", "-t", pid, "-m", "vtysh", *typed)
    return done.stdout + done.stderr


def cut(listener: Path) -> None:
    """End every session of an SSH server, as a line that breaks does; *listener*: the file with its pid."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state parent ..."; a name may hold anything.
            parents[stat.parent.name] = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1]
    first = listener.read_text("ascii").strip()
    below = {pid for pid, parent in parents.items() if parent == first}
    for pid in below | {pid for pid, parent in parents.items() if parent in below}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def soon(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Wait until something is true; tell whether it became so."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
