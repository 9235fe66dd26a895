"""A shell on a device through libssh2: every wait ends with the socket, the deadline or a stop.

While logging in libssh2 waits by itself, a slice at a time, later the socket is waited for: measured, this
takes the least CPU. Its objects are freed before the socket is closed: freed after it they would wait for a
peer that has gone, or for a stranger that got the same descriptor.
"""

import contextlib
import errno
import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nornir_itsm.devices import known_hosts
from nornir_itsm.devices.until import SLICE, Expired, Until
from nornir_itsm.devices.wire import SessionLost

_CHUNK = 65536
_AGAIN = -37
"""LIBSSH2_ERROR_EAGAIN."""
_OUTBOUND = 2
"""LIBSSH2_SESSION_BLOCK_OUTBOUND."""


class NotForLibssh2(Exception):  # noqa: N818 - reads as what it is
    """This host needs what libssh2 cannot do; another transport may."""


class LoginRefused(Exception):  # noqa: N818
    """The device does not accept this user with what was offered."""


class HostKeyRefused(Exception):  # noqa: N818
    """The host key is not the one that is trusted: ``unknown``, ``changed`` or ``revoked``."""

    def __init__(self, verdict: known_hosts.Verdict, files: Sequence[str]) -> None:
        """Keep the verdict and the files it was found by."""
        super().__init__(verdict)
        self.verdict = verdict
        self.files = ", ".join(files)


@dataclass(frozen=True, slots=True)
class Login:
    """Where to connect and as whom, with netmiko's options under netmiko's names."""

    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    key_file: str = ""
    passphrase: str = field(default="", repr=False)
    allow_agent: bool = False
    known: tuple[str, ...] = ()
    """Files of known host keys."""
    strict: bool = True
    """Refuse a host that no file knows; a changed key is refused in any case."""


class Libssh2Stream:
    """The bytes of a shell. Not safe for several threads."""

    def __init__(self, login: Login, until: Until, *, connect: float = 10.0, answer: float = 20.0) -> None:
        """Connect within *connect* seconds; every answer of the other side may take *answer* seconds.

        Raises OSError, LoginRefused, HostKeyRefused, SessionLost, NotForLibssh2, Expired, Cancelled.
        """
        self.until = until
        self._login = login
        self._patience = answer
        self._channel: Any = None
        self._drained = False
        """Whether the last read left nothing."""
        self._session: Any = None
        self._socket = self._connected(connect)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def read(self, seconds: float) -> bytes:
        """Return what arrives within *seconds*, possibly nothing. Raises SessionLost at the end.

        The socket is waited for before libssh2 is asked, unless that may have taken something from it. What
        it takes while it writes is found with the answer to what was written, or after a slice.
        """
        from ssh2.exceptions import SSH2Error

        channel = self._channel
        if channel is None:
            raise SessionLost("the connection is closed")
        end, wait = time.monotonic() + seconds, self._drained
        while True:
            if wait and (left := end - time.monotonic()) > 0:
                self._poll.poll(1000 * self.until.left(min(left, SLICE)))
            try:
                size, data = channel.read(_CHUNK)
            except SSH2Error as error:
                raise self._lost(error) from None
            self._drained = size < _CHUNK
            if size > 0:
                return bytes(data)
            if size != _AGAIN:
                if size == 0 and not channel.eof():
                    return b""
                raise SessionLost("the device closed the connection")
            if time.monotonic() >= end:
                return b""
            wait = True

    def write(self, data: bytes) -> None:
        """Send all of *data*. Raises SessionLost where it cannot be sent."""
        from ssh2.exceptions import SSH2Error

        if self._channel is None:
            raise SessionLost("the connection is closed")
        end = time.monotonic() + self._patience
        while data:
            try:
                code, sent = self._channel.write(data)
            except SSH2Error as error:
                raise self._lost(error) from None
            data = data[sent:] if sent > 0 else data
            if code == _AGAIN and data and not self._ready(end):
                raise SessionLost(f"the device takes nothing for {self._patience:g} s")

    @property
    def alive(self) -> bool:
        """Whether the other side has not closed the channel, as far as is known."""
        return self._channel is not None and not self._channel.eof()

    def close(self) -> None:
        """Say goodbye, free libssh2's objects, then close the socket."""
        if self._session is not None:
            with contextlib.suppress(Exception):
                if self._channel is None:  # not yet logged in: libssh2 waits by itself
                    self._session.set_blocking(False)
                self._session.disconnect()
        with contextlib.suppress(OSError):
            # Shut down, not yet closed: freeing what is open finds the end at once and waits for nobody.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._channel = None
        self._session = None
        self._socket.close()

    def _connected(self, seconds: float) -> socket.socket:
        try:
            return _connected(self._login.host, self._login.port, self.until.within(seconds))
        except Expired:
            self.until.left()  # raises where it is the caller's time that is over
            raise TimeoutError(f"no answer within {seconds:g} s") from None

    def _open(self) -> None:
        from ssh2.exceptions import SSH2Error
        from ssh2.session import Session

        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        session = Session()
        session.set_timeout(int(SLICE * 1000))
        name = known_hosts.place(self._login.host, self._login.port)
        files = [known_hosts.known_hosts(path) for path in self._login.known]
        self._prefer(session, [key for file in files for key in file.keys(name)])
        try:
            self._session = session
            self._handshake(session)
            self._check(session, files, name)
            self._authenticate(session)
            channel = self._done(session.open_session)
            self._done(channel.pty)
            self._done(channel.shell)
        except SSH2Error as error:
            raise self._lost(error) from None
        session.set_blocking(False)
        self._channel = channel

    def _prefer(self, session: Any, trusted: Sequence[bytes]) -> None:
        """Ask for a key of a kind that is known, as a device may have several."""
        from ssh2.session import LIBSSH2_METHOD_HOSTKEY

        names: list[str] = []
        for kind in known_hosts.kinds(trusted):
            names += ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa") if kind == "ssh-rsa" else (kind,)
        offered = _host_key_kinds() if names else ()
        if usable := [name for name in names if name in offered]:
            session.method_pref(LIBSSH2_METHOD_HOSTKEY, ",".join(usable))

    def _handshake(self, session: Any) -> None:
        from ssh2 import exceptions as ssh2

        try:
            self._done(lambda: session.handshake(self._socket))
        except (ssh2.KexFailureError, ssh2.KeyExchangeError, ssh2.MethodNoneError) as error:
            raise NotForLibssh2(f"no algorithm in common, or it failed: {type(error).__name__}") from None

    def _check(self, session: Any, files: Sequence[known_hosts.KnownHosts], name: str) -> None:
        key, _ = session.hostkey()
        verdict = known_hosts.verdict(files, name, bytes(key))
        if verdict == "known" or (verdict == "unknown" and not self._login.strict):
            return
        raise HostKeyRefused(verdict, self._login.known)

    def _authenticate(self, session: Any) -> None:
        """Try key file, agent and password, as far as they are given, each once."""
        from ssh2 import exceptions as ssh2

        login, user = self._login, self._login.username
        if login.key_file and self._in_one_piece(
            session, lambda: session.userauth_publickey_fromfile(user, login.key_file, login.passphrase)
        ):
            return
        if login.allow_agent and self._in_one_piece(session, lambda: session.agent_auth(user)):
            return
        if login.password:
            with contextlib.suppress(ssh2.AuthenticationError):
                self._done(lambda: session.userauth_password(user, login.password))
                return
            if self._asks_instead(session):
                with contextlib.suppress(ssh2.AuthenticationError):
                    self._done(lambda: session.userauth_keyboardinteractive(user, login.password))
                    return
        raise LoginRefused(user)

    def _in_one_piece(self, session: Any, call: Callable[[], Any]) -> bool:
        """Call what cannot be taken up again, or would begin anew; say whether it opened the session."""
        from ssh2 import exceptions as ssh2

        session.set_timeout(int(1000 * self.until.left(self._patience)))
        try:
            call()
        except (ssh2.SocketDisconnectError, ssh2.SocketRecvError, ssh2.SocketSendError):
            raise
        except ssh2.SSH2Error:
            return False
        finally:
            session.set_timeout(int(SLICE * 1000))
        return True

    def _asks_instead(self, session: Any) -> bool:
        """Say whether the device takes no password as such but asks for it (keyboard-interactive).

        Only then it is sent a second time: another attempt with a wrong one could lock the account.
        """
        from ssh2.exceptions import SSH2Error

        try:
            offered = session.userauth_list(self._login.username) or ()
        except SSH2Error:
            return False
        return "keyboard-interactive" in offered and "password" not in offered

    def _done(self, call: Callable[[], Any]) -> Any:
        """Call until it is through. Raises what ssh2 raises, and SessionLost where no answer comes.

        libssh2 waits by itself here, a slice at a time; called again, it goes on where it was.
        """
        from ssh2.exceptions import Timeout

        end = time.monotonic() + self._patience
        while True:
            try:
                return call()
            except Timeout:
                self.until.left()
            if time.monotonic() >= end:
                raise SessionLost(f"no answer within {self._patience:g} s while logging in") from None

    def _ready(self, end: float) -> bool:
        """Wait until libssh2 can go on; False when it cannot before *end*.

        Nearly always it waits for something to read. Whether it waits to write is asked only when nothing
        has come for a while: the question costs more than the wait.
        """
        wanted = select.POLLIN
        try:
            while (left := end - time.monotonic()) > 0:
                if self._poll.poll(1000 * self.until.left(min(left, SLICE))):
                    return True
                if self._session is not None and self._session.block_directions() & _OUTBOUND:
                    wanted = select.POLLIN | select.POLLOUT
                    self._poll.modify(self._socket, wanted)
            return False
        finally:
            if wanted != select.POLLIN:
                self._poll.modify(self._socket, select.POLLIN)

    def _lost(self, error: Exception) -> SessionLost:
        said = " ".join(str(error).split()) or type(error).__name__
        return SessionLost(f"the connection was lost: {said[:200]}")


def _connected(host: str, port: int, until: Until) -> socket.socket:
    """Return a connected socket; every address of *host* is tried. Raises OSError."""
    problem: OSError = OSError(f"no address for {host}")
    for family, address in _addresses(host, port):
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if (code := opened.connect_ex(address)) not in (0, errno.EINPROGRESS):
                raise OSError(code, os.strerror(code))
            _await_connection(opened, until)
        except OSError as error:
            opened.close()
            problem = error
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    raise problem


@cache
def _host_key_kinds() -> frozenset[str]:
    from ssh2.session import LIBSSH2_METHOD_HOSTKEY, Session

    return frozenset(Session().supported_algs(LIBSSH2_METHOD_HOSTKEY))


def _addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Return family and address, without asking anybody where *host* is an IPv4 address already."""
    try:
        socket.inet_aton(host)
    except OSError:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]
    return [(socket.AF_INET, (host, port))]


def _await_connection(opened: socket.socket, until: Until) -> None:
    poll = select.poll()
    poll.register(opened, select.POLLOUT)
    while not poll.poll(until.left(SLICE) * 1000):
        pass
    if code := opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(code, os.strerror(code))
