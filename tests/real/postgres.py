"""A PostgreSQL of our own on loopback: in a folder, without the system's service."""

import os
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

USER = "postgres"
MISSING = "NOT RUN: it takes root and Debian's PostgreSQL (apt-get install postgresql)"


def programs() -> Path | None:
    """Return the folder of the newest server's programs, or None where there is none that we may start."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    ready = found and os.geteuid() == 0 and shutil.which("runuser")
    return found[-1].parent if ready else None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Postgres:
    """One server. ``url`` holds a password that lives as long as the server."""

    home: Path
    """A folder that is not there yet, where the server's own user may go."""
    port: int = field(default_factory=_free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Make the folder and start the server."""
        self.home.mkdir(mode=0o755)
        shutil.chown(self.home, USER)
        secret = self.home / "password"
        secret.write_text(self.password)
        shutil.chown(secret, USER)
        self._run("initdb", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.home} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-w", "-l", str(self.home / "log"), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it; *how* ``immediate``: as if it had been killed."""
        self._run("pg_ctl", "-w", "-m", how, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        folder = programs()
        assert folder is not None
        as_user = ["runuser", "-u", USER, "--", str(folder / program), "-D", str(self.home / "data")]
        done = subprocess.run(
            [*as_user, *arguments],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
