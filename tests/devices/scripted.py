"""A device on a real SSH port whose every word a test decides: for what the lab is too well-behaved to do."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncssh
import openpyxl

from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.fleet import NornirFleet, init_nornir

NAME = "FW-1"
USER, PASSWORD_VARIABLE = "netops", "PATH"
"""Whatever PATH holds is the password: no test sets a variable of its own."""
PATIENCE = Patience(connect=5, line=1.5, listing=2)


def as_read(what: Any) -> Any:
    """Stand in for a parser: hand over what was read."""
    return what


class ScriptedDevice:
    """Answers *script*[line] to a line, or nothing; then prompts. Bytes as they are, dripped one by one.

    ``configure`` and ``end`` change the mode. A script's value ending in b"<stay>" is not followed by a
    prompt. ``heard`` holds every line received.
    """

    def __init__(self, script: Mapping[str, bytes], prompt: str = "FW-1", drip: bool = False) -> None:
        self.script = dict(script)
        self.prompt = prompt
        self.heard: list[str] = []
        self._drip = drip
        self._mode = ""
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(self._listen())
        self.port = int(self._server.get_port())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def fleet(self, folder: Path) -> NornirFleet:
        """Return a fleet of this one device; its parser hands the text back."""
        book = openpyxl.Workbook()
        book.worksheets[0].append(("name", "hostname", "port", "platform", "username", "password"))
        row = (NAME, "127.0.0.1", self.port, "hillstone_stoneos", USER, f"env:{PASSWORD_VARIABLE}")
        book.worksheets[0].append(row)
        book.save(folder / "devices.xlsx")
        config = "inventory: {plugin: itsm-excel, options: {path: devices.xlsx}}\n"
        (folder / "config.yaml").write_text(config, encoding="utf-8")
        kind, key = self._key.export_public_key().decode().split()[:2]
        known = folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n", encoding="utf-8")
        nornir = init_nornir(folder / "config.yaml", known)
        return NornirFleet(nornir, known, {"hillstone_stoneos": as_read}, patience=PATIENCE)

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=_AnyPassword,
            server_host_keys=[self._key],
            process_factory=self._session,
            encoding=None,
            line_editor=False,
        )

    async def _shut(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _session(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        self._mode = ""
        try:
            await self._say(process, self._line())
            while line := (await process.stdin.readline()).decode():
                typed = line.rstrip("\n")
                self.heard.append(typed)
                await self._answer(process, typed)
        except (asyncssh.Error, ConnectionError, asyncio.CancelledError):
            process.close()

    async def _answer(self, process: "asyncssh.SSHServerProcess[bytes]", typed: str) -> None:
        answer = self.script.get(typed, b"")
        if answer == b"<hang up>":
            process.get_extra_info("connection").abort()
            return
        echo = b"" if answer.startswith(b"<no echo>") else typed.encode() + b"\r\n"
        if not answer and typed in ("configure", "end"):
            self._mode = "(config)" if typed == "configure" else ""
        stays = answer.endswith(b"<stay>")
        body = answer.removeprefix(b"<no echo>").removesuffix(b"<stay>")
        await self._say(process, echo + body + (b"" if stays else self._line()))

    def _line(self) -> bytes:
        return f"{self.prompt}{self._mode}# ".encode()

    async def _say(self, process: "asyncssh.SSHServerProcess[bytes]", words: bytes) -> None:
        for part in words.split(b"<key>"):  # a pager: wait for one key before going on
            for at in range(0, len(part), 1 if self._drip else len(part) or 1):
                process.stdout.write(part[at : at + (1 if self._drip else len(part))])
                await process.stdout.drain()
                if self._drip:
                    await asyncio.sleep(0.003)
            if not words.endswith(part):
                await process.stdin.readexactly(1)


class _AnyPassword(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return True
