"""A device's SSH port: password login, a shell that echoes what is typed, and paging."""

import asyncio
import hmac
import logging
import threading
from collections.abc import Coroutine
from typing import Any

import asyncssh

from nornir_itsm.lab.faults import Verdict
from nornir_itsm.lab.session import Device, Shell

USER = "admin"
_BACKSPACES = "\b\x7f"
_CANCEL = "\x03\x15"


class Port[S: Shell]:
    """An SSH server on a free loopback port, in a thread and an event loop of its own."""

    def __init__(self, device: Device[S], password: str) -> None:
        """Make a new host key; nothing listens before ``open``."""
        logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
        self._device = device
        self._password = password
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lab-terminal", daemon=True)
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._server: asyncssh.SSHAcceptor | None = None

    @property
    def public_key(self) -> str:
        """The host key as ``keytype base64``."""
        kind, key = self._key.export_public_key().decode().split()[:2]
        return f"{kind} {key}"

    def open(self) -> int:
        """Listen; return the port."""
        self._thread.start()
        self._server = self._run(self._listen())
        return int(self._server.get_port())

    def cut(self) -> None:
        """Drop every connection."""
        self._run(self._cut())

    def close(self) -> None:
        """Drop every connection, close the port and end the thread."""
        self._run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Login(self._password, self._connections),
            server_host_keys=[self._key],
            process_factory=self._session,
            encoding="utf-8",
            errors="replace",
            line_editor=False,
            agent_forwarding=False,
            allow_scp=False,
        )

    async def _cut(self) -> None:
        for connection in tuple(self._connections):
            connection.abort()

    async def _shut(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._cut()
        await self._server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _session(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        if process.command is not None or process.subsystem is not None:
            process.exit(1)  # the box gives a shell and nothing else
            return
        try:
            await _Terminal(self._device, process).run()
        except (asyncssh.Error, ConnectionError, EOFError, asyncio.CancelledError):
            process.close()


class _Login(asyncssh.SSHServer):
    """Password only."""

    def __init__(self, password: str, connections: "set[asyncssh.SSHServerConnection]") -> None:
        self._password = password
        self._connections = connections

    def connection_made(self, conn: "asyncssh.SSHServerConnection") -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == USER and hmac.compare_digest(password.encode(), self._password.encode())


class _Terminal[S: Shell]:
    """One session: keys in, text out."""

    def __init__(self, device: Device[S], process: "asyncssh.SSHServerProcess[str]") -> None:
        self._device = device
        self._process = process
        self._shell, self._greeting, self._stays = device.greet()
        self._keys: list[str] = []
        self._unsent: list[str] = []
        self._after_return = False
        self._drop_when_answered = False

    async def run(self) -> None:
        """Serve lines until the session ends."""
        try:
            await self._serve()
        finally:
            self._device.leave(self._shell)

    async def _serve(self) -> None:
        self._write(self._greeting)
        if not self._stays:
            self._flush()
            self._process.exit(1)
            return
        while True:
            self._write(self._shell.prompt)
            line = await self._line()
            self._flush()
            # even without a delay: a lost connection is noticed while typed-ahead lines are at hand
            await asyncio.sleep(self._device.faults.delay if self._shell.counts(line) else 0)
            if self._process.is_closing() or not await self._answer(line):
                return

    async def _answer(self, line: str) -> bool:
        """Execute *line*; return False when the session is over."""
        verdict, reply = self._device.receive(self._shell, line)
        drop = verdict is Verdict.DROP_AFTER or self._drop_when_answered
        self._drop_when_answered = drop and self._shell.asking  # a save is executed by the last answer
        if verdict is Verdict.DROP_BEFORE or (drop and not self._drop_when_answered):
            self._process.get_extra_info("connection").abort()
            return False
        if reply.closed:
            self._process.exit(0)
            return False
        await self._page(reply.text)
        return True

    async def _key(self) -> str:
        """Return the next key; raises EOFError when the other side has gone."""
        while not self._keys:
            self._flush()
            try:
                self._keys.extend(await self._process.stdin.read(4096))
            except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived, asyncssh.SignalReceived):
                continue
            if not self._keys:
                raise EOFError
        return self._keys.pop(0)

    async def _line(self) -> str:
        """Read a line and echo it as it is typed; CR, LF and CR LF end it."""
        typed: list[str] = []
        while True:
            key = await self._key()
            if key == "\n" and self._after_return:
                self._after_return = False
                continue
            self._after_return = key == "\r"
            if key in "\r\n":
                self._write(self._shell.echoed_after("".join(typed)) + "\n")
                return "".join(typed)
            if key in _BACKSPACES:
                if typed:
                    typed.pop()
                    self._write("\b \b")
            elif key in _CANCEL:
                self._write("\b \b" * len(typed))
                typed.clear()
            elif key == "\t" or key >= " ":
                typed.append(key)
                self._write(key)

    async def _page(self, text: str) -> None:
        """Print *text*; after a page wait: Enter gives a line, q ends, any other key gives a page."""
        lines = _wrapped(text, self._shell.width)
        room = self._shell.length or len(lines)
        while lines:
            self._write("".join(f"{line}\n" for line in lines[:room]))
            lines = lines[room:]
            if lines:
                mark, wipe = self._shell.more
                self._write(mark)
                key = await self._key()
                self._write(wipe)
                if key in "qQ":
                    return
                room = 1 if key in "\r\n" else self._shell.length

    def _write(self, text: str) -> None:
        self._unsent.append(text.replace("\n", "\r\n"))

    def _flush(self) -> None:
        if self._unsent:
            self._process.stdout.write("".join(self._unsent))
            self._unsent.clear()


def _wrapped(text: str, width: int) -> list[str]:
    """Cut *text* into lines no wider than the terminal."""
    lines = text.split("\n") if text else []
    return [line[at : at + width] for line in lines for at in range(0, max(len(line), 1), width)]
