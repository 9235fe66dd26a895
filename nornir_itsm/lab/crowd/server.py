"""The crowd's SSH port: one server, a session for each login, and no thought of what a command means."""

import asyncio
import hmac
import logging
import threading
from collections.abc import Coroutine, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import asyncssh

from nornir_itsm.lab.crowd.printing import printed
from nornir_itsm.lab.crowd.vendors import VENDORS, Device

PAGE = 24


class Crowd:
    """An SSH server on a free loopback port, in a thread of its own; the user name chooses the device.

    ``options`` go to asyncssh, so that a test can leave out algorithms or offer other ways to log in.
    """

    def __init__(self, devices: Iterable[Device], password: str, **options: Any) -> None:
        """Make a new host key; nothing listens before it is entered."""
        logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
        self.devices = {device.name: device for device in devices}
        self.heard: dict[str, list[str]] = {name: [] for name in self.devices}
        """Device -> every line that was typed there."""
        self.ended = dict.fromkeys(self.devices, 0)
        """Device -> how many of its sessions have ended."""
        self.logins = 0
        """Passwords that were heard, right or wrong."""
        self.refused = 0
        """Passwords that were not the right one."""
        self.most = 0
        """The most connections that were open at one time."""
        self._password = password
        self._options = options
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._open: set[asyncssh.SSHServerConnection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lab-crowd", daemon=True)

    @property
    def public_key(self) -> str:
        """The host key as ``keytype base64``."""
        return " ".join(self._key.export_public_key().decode().split()[:2])

    @property
    def known_host(self) -> str:
        """The host key as a line of a known_hosts file."""
        return f"[127.0.0.1]:{self.port} {self.public_key}\n"

    def __enter__(self) -> Self:
        """Listen on a free port."""
        self._thread.start()
        self._server = self._run(self._listen())
        self.port = int(self._server.get_port())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cut every session and end the thread."""
        self._run(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Drop every connection."""
        self._run(self._cut())

    def login(self, username: str, password: str) -> bool:
        """Say whether these open a session, and count it where they do not."""
        good = hmac.compare_digest(password.encode(), self._password.encode()) and username in self.devices
        self.logins += 1
        self.refused += not good
        return good

    def connected(self, connection: asyncssh.SSHServerConnection) -> None:
        """Take note of a new connection."""
        self._open.add(connection)
        self.most = max(self.most, len(self._open))

    def gone(self, connection: asyncssh.SSHServerConnection) -> None:
        """Take note of a connection's end."""
        self._open.discard(connection)
        if (name := connection.get_extra_info("username")) in self.ended:
            self.ended[name] += 1

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> asyncssh.SSHAcceptor:
        usual: Mapping[str, Any] = {
            "server_factory": lambda: _Login(self),
            "server_host_keys": [self._key],
            "encoding": None,
            "line_editor": False,
            "agent_forwarding": False,
            "allow_scp": False,
            "backlog": 1024,
        }
        return await asyncssh.listen("127.0.0.1", 0, **{**usual, **self._options})

    async def _shut(self) -> None:
        self._server.close()
        await self._cut()
        await self._server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _cut(self) -> None:
        for connection in tuple(self._open):
            connection.abort()


class _Login(asyncssh.SSHServer):
    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._crowd.connected(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        self._crowd.gone(self._connection)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._crowd.login(username, password)

    def session_requested(self) -> "_Session":
        name = self._connection.get_extra_info("username")
        return _Session(self._crowd.devices[name], self._crowd.heard[name])


class _Session(asyncssh.SSHServerSession[bytes]):
    """One session: keys in, bytes out. Keys that come while it prints wait their turn."""

    def __init__(self, device: Device, heard: list[str]) -> None:
        self._device = device
        self._vendor = VENDORS[device.vendor]
        self._temper = device.temper
        self._heard = heard
        self._answers = {**printed(device.vendor, device.number)}
        self._typed = bytearray()
        self._waiting = bytearray()
        self._unsent = bytearray()
        self._pages: list[str] = []
        self._page = PAGE
        self._asked = bool(device.temper.ask)
        self._busy = self._dripping = False

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self._channel = chan

    def pty_requested(self, *_: Any) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        banner = f"\n{self._temper.banner}\n" if self._temper.banner else ""
        self._say(banner + (self._temper.ask or self._prompt))
        self._send()

    def data_received(self, data: bytes, datatype: Any) -> None:  # noqa: ARG002
        self._waiting += data
        self._work()
        self._send()

    @property
    def _prompt(self) -> str:
        return "\n" + self._vendor.prompt.format(name=self._device.name)

    def _work(self) -> None:
        """Take keys as long as nothing is being printed."""
        while self._waiting and not self._busy and not self._channel.is_closing():
            if self._pages:
                key = self._waiting.pop(0)
                self._turn(b"q" if key in b"qQ" else bytes([key]))
                continue
            line, newline, rest = self._waiting.partition(b"\n")
            self._typed += line
            self._waiting = rest
            if not newline:
                self._say(line)
                return
            typed = self._typed.decode("utf-8", "replace").rstrip("\r")
            self._typed.clear()
            self._heard.append(typed)
            self._say(line.rstrip(b"\r"))
            self._answer(typed)

    def _answer(self, typed: str) -> None:
        command = typed.strip()
        if self._asked:
            self._asked = False
        elif command in self._vendor.leave:
            self._channel.exit(0)
            return
        elif command == self._temper.mute and command:
            self._say("\n")
            return
        elif command == self._vendor.paging_off:
            self._off()
        elif command in self._device.says:
            self._print(self._device.says[command])
            return
        elif command in self._answers:
            self._print(self._answers[command]())
            return
        elif command and command not in self._vendor.settings:
            self._say(f"\n{self._vendor.unknown}")
        self._say(self._prompt)

    def _off(self) -> None:
        if self._temper.pager_stays:
            self._say(f"\n{self._vendor.unknown}")
            return
        self._page = 0
        if self._vendor.paging_said:
            self._say(f"\n{self._vendor.paging_said}")

    def _print(self, text: str) -> None:
        """Print *text* below the command's echo, a page at a time."""
        self._say("\n")
        self._pages = text.removesuffix("\n").split("\n")
        self._turn(b" ", first=True)

    def _turn(self, key: bytes, *, first: bool = False) -> None:
        """Print one page; Enter gives a line, q ends."""
        erase = "" if first else self._vendor.erase
        if key == b"q":
            self._pages = []
        room = self._page if key not in b"\r\n" else 1
        now, self._pages = (self._pages[:room], self._pages[room:]) if room else (self._pages, [])
        self._say(erase + "\n".join(now))
        self._say(f"\n{self._vendor.more}" if self._pages else self._prompt)

    def _say(self, what: str | bytes | bytearray) -> None:
        if isinstance(what, str):
            what = what.replace("\n", self._temper.newline).encode(self._temper.encoding)
        self._unsent += what
        self._busy = bool(self._temper.drip)

    def _send(self) -> None:
        """Send what was said, whole or in drops."""
        if not self._unsent or self._channel.is_closing():
            return
        drop = self._temper.drip or len(self._unsent)
        self._channel.write(bytes(self._unsent[:drop]))
        del self._unsent[:drop]
        self._busy = bool(self._unsent)
        if self._unsent and not self._dripping:
            self._dripping = True
            asyncio.get_running_loop().call_later(self._temper.pause, self._drip)

    def _drip(self) -> None:
        self._dripping = False
        self._send()
        if not self._busy:
            self._work()
            self._send()
