"""``python -m nornir_itsm.lab DIR``: run the lab in the foreground until it is told to end."""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.overlay import write
from nornir_itsm.lab.rig import Lab

STATUS = "lab.json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nornir_itsm.lab", description=__doc__)
    parser.add_argument("directory", type=Path, help="where config.yaml and the rest of the overlay go")
    parser.add_argument("--snapshot", type=Path, default=Path("inventory/snapshot"))
    parser.add_argument("--project", type=Path, default=Path())
    for fault, what in (
        ("refuse", "refuse line K"),
        ("drop", "drop the connection at line K, before it is executed"),
        ("drop-after", "drop the connection at line K, after it was executed"),
    ):
        parser.add_argument(f"--{fault}", metavar="DEVICE:K", action="append", default=[], help=what)
    parser.add_argument(
        "--slow", metavar="DEVICE:SECONDS", action="append", default=[], help="wait at each line"
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the lab; return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        lab = Lab(given.directory, snapshot=given.snapshot, project=given.project, consoles=True)
        _arm(lab, given)
        _serve(lab)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _arm(lab: Lab, given: argparse.Namespace) -> None:
    for name, k in _pairs(given.refuse, int):
        lab.device(name).faults.refuse(k)
    for name, k in _pairs(given.drop, int):
        lab.device(name).faults.drop(k)
    for name, k in _pairs(given.drop_after, int):
        lab.device(name).faults.drop(k, executed=True)
    for name, seconds in _pairs(given.slow, float):
        lab.device(name).faults.slow(seconds)


def _pairs[T](texts: Iterable[str], number: Callable[[str], T]) -> Iterable[tuple[str, T]]:
    for text in texts:
        name, _, value = text.rpartition(":")
        try:
            yield name, number(value)
        except ValueError:
            raise ConfigError("lab fault", f"{text!r} is not DEVICE:NUMBER", "e.g. DC1-ISP-FW01:5") from None


def _serve(lab: Lab) -> None:
    status = lab.directory / STATUS
    if _alive(status):
        raise ConfigError(str(status), "a lab is running here already", "stop it, or name another directory")
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with lab:
        content = json.dumps({"pid": os.getpid(), "ports": dict(lab.ports)}, indent=2)
        write(status, f"{content}\n".encode())
        try:
            over.wait()
        finally:
            status.unlink(missing_ok=True)


def _alive(status: Path) -> bool:
    """Say whether the lab of this file still answers; a file left by one that was killed does not count."""
    try:
        ports = json.loads(status.read_text(encoding="utf-8"))["ports"]
        return any(_answers(int(port)) for port in ports.values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
