"""A Linux router between two ends, in network namespaces that go away with this process.

    inside ── trust [router: nftables] untrust ── outside

Needs root (CAP_NET_ADMIN, CAP_SYS_ADMIN), ``ip`` and ``nft``.
"""

import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address

_IP = 0x0800
_RCVBUFFORCE = 33  # socket(7); Python has no name for it
_OUTGOING = 4  # packet(7): what this end sent itself
_END = 65535
"""Number of the packet that ends a volley; every rule set lets its protocol through."""
END_PROTOCOL = 253
_WAIT = 2.0

_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/trust/rp_filter": "0",
    "net/ipv4/conf/untrust/rp_filter": "0",
    "net/ipv4/conf/all/send_redirects": "0",
    "net/ipv4/conf/trust/send_redirects": "0",
    "net/ipv4/conf/untrust/send_redirects": "0",
}
_TIMEOUTS = {
    "net/netfilter/nf_conntrack_tcp_timeout_syn_sent": "1",
    "net/netfilter/nf_conntrack_udp_timeout": "1",
    "net/netfilter/nf_conntrack_icmp_timeout": "1",
}
"""A translation is forgotten before its ports are used again."""


def lacking() -> str:
    """Say why this machine cannot do it; empty where it can."""
    missing = [name for name in ("ip", "nft") if shutil.which(name) is None]
    if missing:
        return f"not installed: {' '.join(missing)}"
    made = subprocess.run(
        ["unshare", "-n", "nft", "list", "tables"], capture_output=True, text=True, check=False
    )
    return made.stderr.strip()


@dataclass(frozen=True, slots=True)
class Packet:
    """An IPv4 packet: a TCP SYN, a UDP datagram or an ICMP echo request."""

    source: str
    destination: str
    protocol: int
    port: int = 0


@dataclass
class Router:
    """The three namespaces; *mac* and *ends* are those of inside and outside."""

    home: int
    spaces: Mapping[str, int]
    ends: Mapping[str, socket.socket]
    frames: Mapping[str, bytes]
    """The Ethernet header that an end sends with."""
    _sent: int = field(default=0)

    def load(self, ruleset: str) -> None:
        """Replace the router's rule set as a whole."""
        done = self._nft("-f", "-", text=f"flush ruleset\n{ruleset}\n")
        assert done.returncode == 0, f"{done.stderr}\n{ruleset}"

    def loaded(self) -> str:
        """Return the rule set as the kernel has it, in JSON."""
        return self._nft("-j", "list", "ruleset").stdout

    def _nft(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        with _within(self.spaces["router"], self.home):
            return subprocess.run(["nft", *words], input=text, capture_output=True, text=True, check=False)

    def volley(self, end: str, packets: Sequence[Packet], sentinel: Packet) -> dict[int, Packet]:
        """Send packets from one end; return those that came out at the other, by their place in the list."""
        other = self.ends["outside" if end == "inside" else "inside"]
        _drain(other)
        for number, packet in enumerate(packets):
            self._sent = self._sent % 60_000 + 1
            self.ends[end].send(self.frames[end] + _encoded(packet, number, 1024 + self._sent))
        self.ends[end].send(self.frames[end] + _encoded(sentinel, _END, 0))
        return dict(_received(other))


def _drain(end: socket.socket) -> None:
    """Forget what came before: packets of the other direction that were sent back where they came from."""
    end.setblocking(False)
    try:
        while end.recv(2048):
            pass
    except BlockingIOError:
        end.settimeout(_WAIT)


def _received(end: socket.socket) -> Iterator[tuple[int, Packet]]:
    while True:
        frame, about = end.recvfrom(2048)
        if about[2] == _OUTGOING:
            continue
        header = frame[14:34]
        number, protocol = struct.unpack("!H", header[4:6])[0], header[9]
        if protocol == END_PROTOCOL:
            if number == _END:
                return
            continue
        source, destination = (str(IPv4Address(header[at : at + 4])) for at in (12, 16))
        port = struct.unpack("!H", frame[36:38])[0] if protocol != socket.IPPROTO_ICMP else 0
        yield number, Packet(source, destination, protocol, port)


def _encoded(packet: Packet, number: int, source_port: int) -> bytes:
    """Return the packet with right checksums: connection tracking leaves others untranslated."""
    ends = IPv4Address(packet.source).packed + IPv4Address(packet.destination).packed
    match packet.protocol:
        case socket.IPPROTO_TCP:
            body = struct.pack("!HHIIBBHHH", source_port, packet.port, number, 0, 5 << 4, 2, 65535, 0, 0)
            at = 16
        case socket.IPPROTO_UDP:
            body, at = struct.pack("!HHHH", source_port, packet.port, 8, 0), 6
        case socket.IPPROTO_ICMP:
            body, at = struct.pack("!BBHHH", 8, 0, 0, source_port, number), 2
        case _:
            body, at = bytes(8), -1
    if at >= 0:
        pseudo = b"" if packet.protocol == 1 else ends + struct.pack("!BBH", 0, packet.protocol, len(body))
        body = body[:at] + struct.pack("!H", _checksum(pseudo + body)) + body[at + 2 :]
    size = 20 + len(body)
    header = struct.pack("!BBHHHBBH", 0x45, 0, size, number, 0, 64, packet.protocol, 0) + ends
    return header[:10] + struct.pack("!H", _checksum(header)) + header[12:] + body


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@contextmanager
def _within(space: int, home: int) -> Iterator[None]:
    """Be in another network namespace: this thread, and the processes that it starts."""
    os.setns(space, os.CLONE_NEWNET)
    try:
        yield
    finally:
        os.setns(home, os.CLONE_NEWNET)


def _new_space(home: int) -> int:
    os.unshare(os.CLONE_NEWNET)
    made = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    os.setns(home, os.CLONE_NEWNET)
    return made


@contextmanager
def router() -> Iterator[Router]:
    """Make the namespaces, the links and the routes; all of it is gone afterwards, whatever happens."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    spaces = {name: _new_space(home) for name in ("router", "inside", "outside")}
    ends: dict[str, socket.socket] = {}
    try:
        frames = {}
        for number, (end, side) in enumerate((("inside", "trust"), ("outside", "untrust")), start=1):
            with _within(spaces["router"], home):
                mine, theirs = _linked(side, end, number, spaces[end])
            with _within(spaces[end], home):
                _run(f"ip link set {end} up")
                ends[end] = _raw(end)
            frames[end] = mine + theirs + struct.pack("!H", _IP)
        with _within(spaces["router"], home):
            _routed()
        yield Router(home, spaces, ends, frames)
    finally:
        for one in ends.values():
            one.close()
        for space in (*spaces.values(), home):
            os.close(space)


def _linked(side: str, end: str, number: int, space: int) -> tuple[bytes, bytes]:
    """Link the router's *side* with an end; return the hardware addresses of the side and of the end."""
    macs = (f"02:00:00:00:0{number}:01", f"02:00:00:00:0{number}:02")
    _run(f"ip link add {side} address {macs[0]} type veth peer name {end} address {macs[1]}")
    _run(f"ip link set {end} netns /proc/{os.getpid()}/fd/{space}")
    _run(f"ip addr add 10.99.{number}.1/24 dev {side}")
    _run(f"ip link set {side} up")
    _run(f"ip neigh add 10.99.{number}.2 lladdr {macs[1]} dev {side} nud permanent")
    first, second = (bytes.fromhex(mac.replace(":", "")) for mac in macs)
    return first, second


def _routed() -> None:
    for prefix, number in (
        ("10.70.0.0/24", 1),
        ("192.0.2.0/24", 2),
        ("203.0.113.0/24", 2),
        ("198.51.100.0/24", 2),
    ):
        _run(f"ip route add {prefix} via 10.99.{number}.2")
    # Connection tracking, and its settings, are there once something needs it.
    _run("nft add table ip probe")
    _run("nft add chain ip probe c { type nat hook prerouting priority 0 ; }")
    for name, value in {**_SETTINGS, **_TIMEOUTS}.items():
        subprocess.run(["sh", "-c", f"echo {value} > /proc/sys/{name}"], check=True)


def _run(line: str) -> None:
    done = subprocess.run(line.split(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}: {done.stderr}"


def _raw(interface: str) -> socket.socket:
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_IP))
    made.bind((interface, _IP))
    made.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, 8 << 20)
    made.settimeout(_WAIT)
    return made
