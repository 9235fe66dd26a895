"""The characters of an SSH channel, as netmiko opened it."""

import codecs
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netmiko import BaseConnection


class SessionLost(Exception):  # noqa: N818 - reads as what it is
    """The connection broke or fell silent; whether the last line took effect is unknown."""

    def __init__(self, reason: str, partial: str = "") -> None:
        """Keep what had come so far in *partial*."""
        super().__init__(reason)
        self.reason = reason
        self.partial = partial


class Wire:
    """The characters of an SSH channel: decoded whole, and its end noticed.

    netmiko's own channel decodes piece by piece and drops what it cannot decode, so a Chinese character
    at the border of two packets vanishes; it also never says that the peer has gone.
    """

    def __init__(self, connection: "BaseConnection", encoding: str) -> None:
        """Use the channel of an established *connection*."""
        self._connection = connection
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def read(self, seconds: float) -> str:
        """Return what arrives within *seconds*, possibly nothing. Raises SessionLost at the end."""
        channel = self._channel()
        channel.settimeout(max(seconds, 0.001))
        try:
            data = channel.recv(65536)
        except TimeoutError:
            return ""
        except (OSError, EOFError) as error:
            raise SessionLost(f"the connection was lost: {error}") from None
        if not data:
            raise SessionLost("the device closed the connection")
        return self._decoder.decode(data)

    def write(self, text: str, seconds: float) -> None:
        """Send *text*. Raises SessionLost where it cannot be sent."""
        from netmiko.exceptions import NetmikoBaseException

        try:
            self._channel().settimeout(seconds)
            self._connection.write_channel(text)
        except (OSError, EOFError, NetmikoBaseException) as error:
            raise SessionLost(f"the connection was lost: {error}") from None

    def file(self, path: str, most: int, seconds: float) -> bytes:
        """Return a file of the device, over SFTP in the same connection. Raises SessionLost."""
        from paramiko.sftp_client import SFTPClient  # type: ignore[import-untyped]
        from paramiko.ssh_exception import SSHException  # type: ignore[import-untyped]

        try:
            channel = self._channel().get_transport().open_session(timeout=seconds)
            channel.settimeout(seconds)
            channel.invoke_subsystem("sftp")
            with SFTPClient(channel) as sftp, sftp.open(path) as file:
                data: bytes = file.read(most)
        except (OSError, EOFError, SSHException) as error:
            raise SessionLost(f"cannot be read: {error}") from None
        return data

    def _channel(self) -> Any:
        if self._connection.remote_conn is None:
            raise SessionLost("the connection is closed")
        return self._connection.remote_conn
