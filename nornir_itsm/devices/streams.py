"""Streams of bytes as netmiko's driver classes see them."""

import time
from typing import Any, Protocol

from netmiko.channel import Channel
from netmiko.exceptions import ReadException, WriteException

from nornir_itsm.devices.incoming import decoded
from nornir_itsm.devices.until import SLICE, Until
from nornir_itsm.devices.wire import SessionLost


class Stream(Protocol):
    """The bytes of a shell. Not safe for several threads."""

    def read(self, seconds: float) -> bytes:
        """Return what arrives within *seconds*, possibly nothing. Raises SessionLost at the end."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of *data*. Raises SessionLost where it cannot be sent."""
        ...

    @property
    def alive(self) -> bool:
        """Whether the other side has not closed it, as far as is known."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class ParamikoStream:
    """A Stream that paramiko opened."""

    def __init__(self, channel: Any, until: Until) -> None:
        """Take over *channel*."""
        self.until = until
        self._channel = channel

    def read(self, seconds: float) -> bytes:
        """Return what arrives within *seconds*, possibly nothing. Raises SessionLost at the end."""
        end = time.monotonic() + seconds
        while True:
            wait = min(self.until.left(max(0.0, end - time.monotonic())), SLICE)
            self._channel.settimeout(wait)
            try:
                data = bytes(self._channel.recv(65536))
            except TimeoutError:
                if time.monotonic() >= end:
                    return b""
                continue
            except (OSError, EOFError) as error:
                raise SessionLost(f"the connection was lost: {error}") from None
            if not data:
                raise SessionLost("the device closed the connection")
            return data

    def write(self, data: bytes) -> None:
        """Send all of *data*. Raises SessionLost where it cannot be sent."""
        self._channel.settimeout(self.until.left(20.0))
        try:
            self._channel.sendall(data)
        except (OSError, EOFError) as error:
            raise SessionLost(f"the connection was lost: {error}") from None

    @property
    def alive(self) -> bool:
        """Whether the channel is open, as far as is known."""
        return not self._channel.closed

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


class StreamChannel(Channel):
    """netmiko's view of a stream; characters are decoded whole."""

    def __init__(self, stream: Stream, encoding: str) -> None:
        """Read and write *stream*."""
        self.stream = stream
        self._encoding = encoding
        self._came = bytearray()

    def wait(self, seconds: float) -> bool:
        """Wait until something is there to be read; False when nothing came. Raises ReadException."""
        if not self._came:
            self._came += self._read(seconds)
        return bool(self._came)

    def read_buffer(self) -> str:
        """Return what is there, without waiting."""
        return self.read_channel()

    def read_channel(self) -> str:
        """Return what is there, without waiting."""
        if not self._came:
            self._came += self._read(0)
            if not self._came:
                return ""
        cut = len(self._came) - _unfinished(self._came)
        now, self._came = bytes(self._came[:cut]), self._came[cut:]
        return decoded(now, self._encoding)

    def write_channel(self, out_data: str) -> None:
        """Send."""
        try:
            self.stream.write(out_data.encode(self._encoding, "replace"))
        except SessionLost as lost:
            raise WriteException(lost.reason) from lost

    def forget(self) -> None:
        """Drop what was read and not taken."""
        self._came.clear()

    def _read(self, seconds: float) -> bytes:
        try:
            return self.stream.read(seconds)
        except SessionLost as lost:
            if self._came:
                return b""  # said before the end: to be heard first
            raise ReadException(lost.reason) from lost


def _unfinished(data: bytearray) -> int:
    """Return how many bytes at the end begin a UTF-8 character that is not whole yet."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            return back if (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) > back else 0
        if byte < 0x80:
            return 0
    return 0
