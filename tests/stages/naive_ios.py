"""An IOS access list read packet by packet, as its text stands there: slow, and obviously right."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

PORTS = {"www": 80, "telnet": 23, "domain": 53, "smtp": 25, "ntp": 123, "snmp": 161, "syslog": 514}
NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "gre": 47}
MESSAGES = {"echo": 8, "echo-reply": 0, "unreachable": 3}
REPLIES = {8: 0, 13: 14}


@dataclass(frozen=True)
class Packet:
    """One packet. *port* is the destination's; of ICMP it is the type; *minute* counts within Monday."""

    protocol: int
    source: str
    destination: str
    port: int = 0
    source_port: int = 0
    minute: int = 600
    ack: bool = False

    def answer(self) -> "Packet | None":
        """Return what answers it; None where nothing does."""
        port, source_port = (self.source_port, self.port) if self.protocol in (6, 17) else (self.port, 0)
        if self.protocol == 1:
            if self.port not in REPLIES:
                return None
            port = REPLIES[self.port]
        ends = {"source": self.destination, "destination": self.source}
        return replace(self, port=port, source_port=source_port, ack=True, **ends)  # type: ignore[arg-type]


Groups = dict[str, list[str]]


def session(packet: Packet, there: list[str], back: list[str], groups: Groups) -> bool:
    """Tell whether a new session passes: its first packet, its later ones, and its answers."""
    answer = packet.answer()
    return (
        passes(packet, there, groups)
        and passes(replace(packet, ack=True), there, groups)
        and (answer is None or passes(answer, back, groups))
    )


def passes(packet: Packet, lines: list[str], groups: Groups) -> bool:
    """Return what the first line that matches says; nothing matches: it is stopped."""
    for line in lines:
        words = line.split()
        if words[1] == "remark":
            continue
        if matches(packet, words[2:], groups):
            return words[1] == "permit"
    return False


def matches(packet: Packet, words: list[str], groups: Groups) -> bool:
    words = list(words)
    if words[0] == "object-group":
        name = words[1]
        del words[:2]
        if not any(_service(packet, line.split()) for line in groups[name]):
            return False
    else:
        word = words.pop(0)
        if word != "ip" and NUMBERS[word] != packet.protocol:
            return False
    ends = ((packet.source, packet.source_port), (packet.destination, packet.port))
    for address, port in ends:
        if not _side(int(IPv4Address(address)), words, groups):
            return False
        if words and words[0] in ("eq", "neq", "gt", "lt", "range") and not _operator(port, words):
            return False
    return all(_suffix(packet, word) for word in words)


def _suffix(packet: Packet, word: str) -> bool:
    if word == "established":
        return packet.ack
    if word == "WORK":
        return 480 <= packet.minute < 1080
    if word in MESSAGES or word.isdecimal():
        return packet.port == (MESSAGES[word] if word in MESSAGES else int(word))
    return word in ("log", "time-range")


def _service(packet: Packet, words: list[str]) -> bool:
    if NUMBERS[words.pop(0)] != packet.protocol:
        return False
    return not words or _operator(packet.port, words)


def _side(address: int, words: list[str], groups: Groups) -> bool:
    first = words.pop(0)
    if first == "any":
        return True
    if first == "host":
        return int(IPv4Address(words.pop(0))) == address
    if first == "object-group":
        return any(_member(address, line.split()) for line in groups[words.pop(0)])
    wild = int(IPv4Address(words.pop(0)))
    return (address ^ int(IPv4Address(first))) & ~wild == 0


def _member(address: int, words: list[str]) -> bool:
    if words[0] == "host":
        return int(IPv4Address(words[1])) == address
    if words[0] == "range":
        return int(IPv4Address(words[1])) <= address <= int(IPv4Address(words[2]))
    return (address ^ int(IPv4Address(words[0]))) & int(IPv4Address(words[1])) == 0


def _operator(port: int, words: list[str]) -> bool:
    word = words.pop(0)
    ports = []
    while words and (words[0].isdecimal() or words[0] in PORTS):
        text = words.pop(0)
        ports.append(PORTS.get(text) or int(text))
    found = {
        "eq": port in ports,
        "neq": port not in ports,
        "gt": port > ports[0],
        "lt": port < ports[0],
        "range": ports[0] <= port <= ports[-1],
    }
    return found[word]
