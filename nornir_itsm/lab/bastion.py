"""A bastion (堡垒机) on loopback: password, one-time password, ticket number, a menu, then the device.

It records who went where for which ticket. What it shows is of no vendor; the words are our own.
"""

import asyncio
import hmac
import logging
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncssh

_KNOWN_TICKET = "RFC-"


@dataclass(frozen=True, slots=True)
class Visit:
    """One passage."""

    user: str
    ticket: str
    device: str


@dataclass
class Bastion:
    """``devices``: name -> (port, host key as ``keytype base64``); ``password`` for all users."""

    devices: Mapping[str, tuple[int, str]]
    password: str
    codes: list[str] = field(default_factory=list)
    """One-time passwords that are still good."""
    visits: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make a host key; nothing listens yet."""
        logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lab-bastion", daemon=True)
        self._server: asyncssh.SSHAcceptor | None = None

    @property
    def host_key(self) -> str:
        """The host key as ``keytype base64``."""
        kind, key = self._key.export_public_key().decode().split()[:2]
        return f"{kind} {key}"

    def start(self) -> int:
        """Listen; return the port."""
        self._thread.start()
        self._server = self._run(self._listen())
        return int(self._server.get_port())

    def stop(self) -> None:
        """Close the port and every passage."""
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
            server_factory=lambda: _Login(self.password),
            server_host_keys=[self._key],
            process_factory=self._session,
            encoding="utf-8",
            line_editor=False,
        )

    async def _shut(self) -> None:
        assert self._server is not None
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _session(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        desk = _Desk(process)
        operator, _, rest = str(process.get_extra_info("username")).partition("@")
        account = rest.partition("@")[0]
        try:
            target = await self._admitted(desk, operator)
            if target:
                await self._passage(process, desk, target, account)
        except (asyncssh.Error, ConnectionError, EOFError):
            pass
        process.exit(0)

    async def _admitted(self, desk: "_Desk", operator: str) -> str:
        """Hold the dialog; return the device, or nothing where it was refused."""
        code = await desk.ask("一次性口令 OTP: ", hidden=True)
        if code not in self.codes:
            desk.say("认证失败 Permission denied\n")
            return ""
        self.codes.remove(code)  # good for one login
        ticket = await desk.ask("工单号 Ticket: ")
        if not ticket.startswith(_KNOWN_TICKET):
            desk.say(f"工单 {ticket} 不存在 Permission denied\n")
            return ""
        names = list(self.devices)
        listed = "".join(f"  {number}. {name}\n" for number, name in enumerate(names, start=1))
        chosen = await desk.ask(f"可访问的设备:\n{listed}请选择 Select> ")
        number = int(chosen) - 1 if chosen.isdigit() else names.index(chosen) if chosen in names else -1
        if not 0 <= number < len(names):
            desk.say("没有该设备 Permission denied\n")
            return ""
        self.visits.append(Visit(operator, ticket, names[number]))
        return names[number]

    async def _passage(
        self, process: "asyncssh.SSHServerProcess[str]", desk: "_Desk", target: str, account: str
    ) -> None:
        """Log in at the device with the account that was asked for, and pass everything on both ways."""
        password = await desk.ask(f"{account}@{target} 的口令 Password: ", hidden=True)
        port, key = self.devices[target]
        known = asyncssh.import_known_hosts(f"[127.0.0.1]:{port} {key}\n")
        async with asyncssh.connect(
            "127.0.0.1", port, username=account, password=password, known_hosts=known, config=None
        ) as there:
            inside = await there.create_process(
                term_type="vt100", encoding="utf-8", stdin=process.stdin, stdout=process.stdout
            )
            await inside.wait()


class _Desk:
    """The questions before the passage, with an echo for what may be seen."""

    def __init__(self, process: "asyncssh.SSHServerProcess[str]") -> None:
        self._process = process

    def say(self, text: str) -> None:
        self._process.stdout.write(text.replace("\n", "\r\n"))

    async def ask(self, question: str, *, hidden: bool = False) -> str:
        """Read one answer, character by character: what follows its end belongs to the device."""
        self.say(question)
        typed = ""
        while True:
            key = await self._process.stdin.read(1)
            if not key:
                raise EOFError
            if key in "\r\n":
                self.say("\n")
                return typed
            typed += key
            if not hidden:
                self.say(key)


class _Login(asyncssh.SSHServer):
    """Password only, for everybody."""

    def __init__(self, password: str) -> None:
        self._password = password

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:  # noqa: ARG002
        return hmac.compare_digest(password.encode(), self._password.encode())
