"""netmiko's driver classes on streams of ours: reads end with what comes, not with the end of a sleep.

``driver`` puts ``EventDriven`` between a vendor's class and netmiko's base class. What the vendor's class
does its own way stays so; what it takes from the base class is done here.
"""

import importlib.util
import logging
import math
import os
import re
import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from netmiko import ssh_dispatcher
from netmiko.base_connection import BaseConnection
from netmiko.channel import Channel, SSHChannel
from netmiko.exceptions import (
    NetmikoAuthenticationException,
    NetmikoTimeoutException,
    ReadException,
    ReadTimeout,
)
from netmiko.utilities import structured_data_converter
from paramiko import RejectPolicy  # type: ignore[import-untyped]

from nornir_itsm.devices.incoming import Incoming
from nornir_itsm.devices.libssh2 import HostKeyRefused, Libssh2Stream, Login, LoginRefused, NotForLibssh2
from nornir_itsm.devices.openssh import has_another_way
from nornir_itsm.devices.streams import ParamikoStream, StreamChannel
from nornir_itsm.devices.until import Until
from nornir_itsm.devices.wire import SessionLost

netmiko_log = logging.getLogger("netmiko")
"""netmiko's own; it holds a filter for each connection's secrets."""

SETTLE = 0.02
"""Seconds of silence after which a prompt is taken for the end of an answer."""
LINGER = 3.0
"""Seconds of silence after which a prompt counts that something unasked has followed."""
GREETING = 1.0
"""Seconds in which a device says something after login, or after Enter."""
_QUESTION = re.compile(r"(?:\by/n|\byes/no)\s*[\])]?\s*[:?]?$", re.IGNORECASE)
_ANGLED_PROMPT = re.compile(r"(?:\w+)?<[^\s<>]+>")
"""VRP's and Comware's, with an HA mark before it: no banner ends a line so."""
_PLAIN_PROMPT = re.compile(r"[^\s\0]+")
LARGEST_ANSWER = 64 * 1024 * 1024


_HAS_LIBSSH2 = importlib.util.find_spec("ssh2") is not None and hasattr(select, "poll")


@dataclass(frozen=True, slots=True)
class Heard:
    """A command and its answer; times in seconds since 1970, the end being when the prompt came."""

    command: str
    text: str
    started: float
    finished: float


class EventDriven(BaseConnection):
    """What a driver takes from netmiko's base class, without sleeping.

    Options beside netmiko's: ``until``; ``transport``: ``auto`` (libssh2, and paramiko for what it cannot
    do), ``libssh2`` or ``paramiko``; ``opened``: called with the connection as soon as paramiko has a shell,
    before the driver says its first word: a bastion has its dialog there; ``prompt``: what a whole last line
    is when it is this device's prompt.
    """

    _prompt = ""
    """The device's prompt, as long as nothing was typed that may have changed it."""
    _heard = False
    """Whether the device has said anything since the login."""
    _logging_in = False
    _last_line = ""
    """Where the device stopped, as long as nothing was typed; then it begins with NUL."""

    def __init__(
        self,
        *args: Any,
        until: Until | None = None,
        transport: str = "auto",
        opened: Callable[[BaseConnection], None] | None = None,
        prompt: re.Pattern[str] | None = None,
        **options: Any,
    ) -> None:
        """Take netmiko's options; connects unless ``auto_connect`` is False."""
        self.until = until or Until()
        self.transport = "paramiko" if opened else transport
        self._opened = opened
        self._like = prompt
        super().__init__(*args, **options)

    @property
    def channel(self) -> Any:
        """The stream as netmiko sees it."""
        return self._channel

    @channel.setter
    def channel(self, value: Channel) -> None:
        if isinstance(value, SSHChannel):
            self._channel: Channel = StreamChannel(
                ParamikoStream(value.remote_conn, self.until), self.encoding
            )
            if self._opened:
                self._opened(self)
            return
        self._channel = value

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """Connect, log in and open a shell. Raises netmiko's exceptions.

        libssh2's terminal is 80 columns wide, whatever *width* says: its binding has no way to say more.
        """
        self._logging_in = True
        try:
            self._established(width, height)
        finally:
            self._logging_in = False

    def _established(self, width: int, height: int) -> None:
        if self.transport == "paramiko" or (self.transport == "auto" and self._beyond_libssh2):
            super().establish_connection(width=width, height=height)
            return
        try:
            stream = Libssh2Stream(
                self._login(),
                self.until,
                connect=self.conn_timeout,
                answer=self.auth_timeout or self.banner_timeout,
            )
        except NotForLibssh2 as reason:
            if self.transport == "libssh2":
                raise NetmikoTimeoutException(str(reason)) from reason
            netmiko_log.debug("libssh2 cannot reach %s: %s; trying paramiko", self.host, reason)
            super().establish_connection(width=width, height=height)
            return
        except LoginRefused as refused:
            raise NetmikoAuthenticationException(f"{self._place} refuses the login") from refused
        except HostKeyRefused as refused:
            raise NetmikoTimeoutException(f"{self._place}: host key {refused.verdict}") from refused
        except (OSError, SessionLost) as error:
            raise NetmikoTimeoutException(f"{self._place}: {error}") from error
        self.remote_conn, self.remote_conn_pre = stream, None
        self.channel = StreamChannel(stream, self.encoding)
        self.special_login_handler()

    @property
    def _place(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def _beyond_libssh2(self) -> bool:
        """Whether these options, or the driver itself, ask for what only paramiko does."""
        asked = self.sock or self.pkey or self.disabled_algorithms or self.keepalive
        kind = type(self)
        own = (
            kind._get_ssh_client_instance is not BaseConnection._get_ssh_client_instance
            or kind._build_ssh_client is not BaseConnection._build_ssh_client
            or kind._connect_params_dict is not BaseConnection._connect_params_dict
        )
        return bool(asked) or own or not _HAS_LIBSSH2 or has_another_way(self.ssh_config_file, self.host)

    def _login(self) -> Login:
        known = ["~/.ssh/known_hosts"] if self.system_host_keys else []
        if self.alt_host_keys and self.alt_key_file:
            known.append(str(self.alt_key_file))
        return Login(
            self.host,
            self.port,
            self.username,
            password=self.password or "",
            key_file=self.key_file or "",
            passphrase=self.passphrase or self.password or "",
            allow_agent=self.allow_agent,
            known=tuple(map(os.path.expanduser, known)),  # with every host: Path costs twenty times as much
            strict=isinstance(self.key_policy, RejectPolicy),
        )

    def _try_session_preparation(self, force_data: bool = True) -> None:
        """Hear the device out before anything is typed: most speak first."""
        if force_data and not self._heard and not self.channel.wait(GREETING):
            self.write_channel(self.RETURN)
        super()._try_session_preparation(force_data=False)

    def _test_channel_read(self, count: int = 40, pattern: str = "") -> str:  # noqa: ARG002
        """Return what the device says, up to *pattern*; press Enter where it says nothing."""
        if not (self._read_buffer or self.channel.wait(0 if self._heard else GREETING)):
            self.write_channel(self.RETURN)
            self.channel.wait(GREETING)
        return self.read_until_pattern(pattern, read_timeout=20) if pattern else self.clear_buffer()

    def read_channel(self) -> str:
        """Return what is there, without waiting; see netmiko."""
        said = str(super().read_channel())
        if said:
            self._heard = True
            self._last_line = (self._last_line + said).rpartition("\n")[2]
        return said

    def strip_ansi_escape_codes(self, string_buffer: str) -> str:
        """See netmiko, whose many searches are spared where there is nothing to find."""
        if "\x1b" not in string_buffer:
            return string_buffer
        return str(super().strip_ansi_escape_codes(string_buffer))

    def write_channel(self, out_data: str) -> None:
        """Type; whatever it was, the prompt may be another one afterwards."""
        self._prompt, self._last_line = "", "\0"
        super().write_channel(out_data)

    def read_until_pattern(
        self,
        pattern: str = "",
        read_timeout: float = 10.0,
        re_flags: int = 0,
        max_loops: int | None = None,  # noqa: ARG002
    ) -> str:
        """Return what comes up to and including *pattern*; see netmiko. Raises ReadTimeout."""
        seconds = self.read_timeout_override or read_timeout or math.inf
        search, until = re.compile(pattern, re_flags).search, time.monotonic() + seconds
        output = ""
        while (left := until - time.monotonic()) > 0:
            if self._read_buffer or self.channel.wait(min(left, 1.0)):
                output += self.read_channel()
                if found := search(output):
                    self._read_buffer += output[found.end() :]
                    return output[: found.end()]
        raise ReadTimeout(f"{pattern!r} did not come within {seconds:g} s")

    def clear_buffer(self, *_: Any, **__: Any) -> str:
        """Return what was said before now, and what follows it without a pause."""
        output = said = self.read_channel()
        while said and not self._at_prompt(said) and self.channel.wait(SETTLE):
            output += (said := self.read_channel())
        return str(self.strip_ansi_escape_codes(output))

    def _asked(self) -> ReadException:
        said = self._last_line.strip()[-200:]
        return ReadException(f"the device asks at login what only a person may answer: {said}")

    def _at_prompt(self, said: str) -> bool:
        return bool(self._prompt) and said.rpartition(self.RESPONSE_RETURN)[2].strip() == self._prompt

    def find_prompt(self, delay_factor: float = 1.0, pattern: str | None = None) -> str:  # noqa: ARG002
        """Return the line that the device stops at, after Enter where that is in doubt. Raises ValueError.

        A line is the prompt only when it is like one, *pattern* is in it and silence follows: a banner may
        hold anything.
        """
        search, quiet = re.compile(pattern or r"\S").search, SETTLE if pattern else 10 * SETTLE
        self.read_channel()
        first = self._last_line.strip()
        like = self._like or (_PLAIN_PROMPT if pattern else _ANGLED_PROMPT)
        plain = like.fullmatch(first) and search(first)
        if plain and (_ANGLED_PROMPT.fullmatch(first) or not self.channel.wait(SETTLE)):
            self._prompt = first
            return str(first)
        if _QUESTION.search(first):
            raise self._asked()  # Enter would take the device's default
        self.write_channel(self.RETURN)
        until = time.monotonic() + 10.0
        seen = ""
        while time.monotonic() < until:
            seen += self.read_channel()
            last = seen.rpartition(self.RESPONSE_RETURN)[2].strip()
            if not (last and search(last)):
                self.channel.wait(1.0)
            elif not self.channel.wait(quiet):
                self._prompt = last
                return str(last)
        raise ValueError(f"Unable to find prompt: {seen[-200:]!r}")

    def disable_paging(self, *args: Any, **options: Any) -> str:
        """See netmiko; the prompt stays."""
        return self._prompt_kept(super().disable_paging, *args, **options)

    def set_terminal_width(self, *args: Any, **options: Any) -> str:
        """See netmiko; the prompt stays."""
        return self._prompt_kept(super().set_terminal_width, *args, **options)

    def _prompt_kept(self, call: Any, *args: Any, **options: Any) -> str:
        prompt = self._prompt
        said = str(call(*args, **options))
        self._prompt = prompt
        return said

    def send_command(self, command_string: str, *args: Any, **options: Any) -> Any:
        """See netmiko. Plain questions are asked by ``ask``, all others by netmiko's own loop."""
        if self._logging_in:
            raise self._asked()  # netmiko's VRP driver would agree to a save that is offered at login
        if args or not options.keys() <= _UNDERSTOOD:
            return super().send_command(command_string, *args, **options)
        seconds = options.pop("read_timeout", 10.0)
        text = self.ask(command_string.strip(), self.read_timeout_override or seconds)
        options.pop("cmd_verify", None)
        return structured_data_converter(text, command_string, self.device_type, **options)

    def ask(self, command: str, seconds: float = 10.0) -> str:
        """Type *command* and return what the device answers; see ask_all."""
        return next(self.ask_all([command], seconds)).text

    def ask_all(self, commands: Sequence[str], seconds: float = 10.0) -> Iterator[Heard]:
        """Type *commands* in turn and yield what the device answers, exactly, without echo and prompt.

        The next command is typed as soon as a prompt comes. Its echo right behind it proves that it was
        the prompt; what comes before the echo still belongs to the answer before. Only the last command
        ends with silence. Pages are turned, whatever the terminal was told. Every command may take so
        many *seconds*. Raises ReadTimeout, ReadException, Expired, Cancelled.
        """
        prompt = self._prompt or self.find_prompt()
        self._read_buffer = ""
        self.channel.forget()
        before: tuple[Incoming, Heard] | None = None
        for number, command in enumerate(commands, start=1):
            incoming, started = Incoming(command, prompt, self.encoding), time.time()
            self.channel.write_channel(command + self.RETURN)
            self._listen(incoming, command, seconds, settle=number == len(commands))
            if before:
                yield self._settled(*before, incoming.before_echo())
            before = incoming, self._heard_of(incoming, command, started, time.time())
        if before:
            yield before[1]

    def _listen(self, incoming: Incoming, command: str, seconds: float, *, settle: bool) -> None:
        """Take what comes until it ends with a prompt. Raises ReadTimeout, ReadException."""
        stream, until = self.channel.stream, time.monotonic() + seconds
        try:
            while len(incoming) < LARGEST_ANSWER and not (incoming.at_prompt and not settle):
                left = until - time.monotonic()
                data = stream.read(min(SETTLE if incoming.at_prompt else LINGER, left)) if left > 0 else b""
                if data:
                    incoming.take(data)
                    if incoming.at_pager:
                        stream.write(b" ")
                elif left <= 0 or incoming.at_prompt or incoming.passed_prompt:
                    break
        except SessionLost as lost:
            raise ReadException(f"{command}: {lost.reason}") from lost
        if self.session_log:
            self.session_log.write(incoming.seen())

    def _settled(self, incoming: Incoming, heard: Heard, more: bytes) -> Heard:
        """Return *heard*, with what came behind a line that only looked like the prompt."""
        if not more.strip():
            return heard
        incoming.take(more)
        return self._heard_of(incoming, heard.command, heard.started, heard.finished)

    def _heard_of(self, incoming: Incoming, command: str, started: float, finished: float) -> Heard:
        text = incoming.text() if incoming.at_prompt or incoming.passed_prompt else None
        if text is not None:
            return Heard(command, text, started, finished)
        self._prompt = ""
        said = " ".join(incoming.seen().split())[-200:]
        raise ReadTimeout(f"{command}: no answer that ends with a prompt, but: {said!r}")

    def is_alive(self) -> bool:
        """Say whether the other side is there, as far as is known; nothing is sent."""
        return self.remote_conn is not None and self.channel.stream.alive

    def disconnect(self) -> None:
        """Close at once.

        netmiko begins its farewell with an empty line, which would answer a pending question.
        """
        netmiko_log.removeFilter(self._secrets_filter)
        try:
            self.paramiko_cleanup()
        finally:
            if self.session_log:
                self.session_log.close()


_UNDERSTOOD = frozenset(
    (
        *("read_timeout", "use_textfsm", "textfsm_template", "use_ttp", "ttp_template", "use_genie"),
        *("cmd_verify", "raise_parsing_error"),
    )
)


@lru_cache(maxsize=256)
def driver(device_type: str) -> type[BaseConnection]:
    """Return netmiko's class for *device_type* on our streams. Raises ValueError where there is none."""
    vendor = ssh_dispatcher(device_type)
    if device_type.endswith(("_telnet", "_serial")):
        return vendor
    return type(vendor.__name__, (vendor, EventDriven), {})
