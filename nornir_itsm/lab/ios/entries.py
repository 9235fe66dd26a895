"""Entries of extended access lists and lines of object groups as IOS takes and prints them."""

from ipaddress import IPv4Address

from nornir_itsm.lab.ios.configuration import Configuration
from nornir_itsm.lab.ios.words import Cursor, LineError

_PROTOCOLS = ("ahp", "eigrp", "esp", "gre", "icmp", "igmp", "ip", "ipinip", "ospf", "pim", "tcp", "udp")
_PORTS = {
    "tcp": {"ftp": 21, "telnet": 23, "smtp": 25, "domain": 53, "www": 80, "pop3": 110, "bgp": 179},
    "udp": {"domain": 53, "tftp": 69, "ntp": 123, "snmp": 161, "snmptrap": 162, "isakmp": 500, "syslog": 514},
}
_MESSAGES = {"echo": 8, "echo-reply": 0, "unreachable": 3, "time-exceeded": 11, "redirect": 5}
_OPERATORS = ("eq", "gt", "lt", "neq", "range")
_ALL = (1 << 32) - 1


def entry(action: str, line: Cursor, config: Configuration) -> str:
    """Read an entry behind permit or deny, and return it as it is printed."""
    said = [action]
    protocol = line.option(("object-group",))
    if protocol:
        said.append(f"object-group {_group(line, config.services, config)}")
    elif line.next.isdecimal():
        said.append(str(line.number(0, 255)))
    else:
        protocol = line.keyword(_PROTOCOLS)
        said.append(protocol)
    for _ in range(2):
        said.append(_side(line, config))
        if ports := _operator(line, protocol):
            said.append(ports)
    said += _suffixes(line, protocol)
    line.finish()
    return " ".join(said)


def _side(line: Cursor, config: Configuration) -> str:
    match line.option(("any", "host", "object-group")):
        case "any":
            return "any"
        case "host":
            return f"host {IPv4Address(line.address())}"
        case "object-group":
            return f"object-group {_group(line, config.networks, config)}"
        case _:
            base, wild = line.address(), line.address()
            if wild in (0, _ALL):
                return "any" if wild else f"host {IPv4Address(base)}"
            return f"{IPv4Address(base & ~wild & _ALL)} {IPv4Address(wild)}"


def _group(line: Cursor, groups: dict[str, list[str]], config: Configuration) -> str:
    name = line.name()
    if name not in groups:
        other = {**config.networks, **config.services}
        kind = "is of another type" if name in other else "does not exist"
        raise LineError(f"% Object-group {name} {kind}")  # assumed wording
    return name


def _operator(line: Cursor, protocol: str) -> str:
    word = line.option(_OPERATORS) if protocol in _PORTS else ""
    if not word:
        return ""
    ports = [_port(line, protocol)]
    if word == "range":
        ports.append(_port(line, protocol))
    while (
        word in ("eq", "neq") and len(ports) < 10 and (line.next.isdecimal() or line.next in _PORTS[protocol])
    ):
        ports.append(_port(line, protocol))
    names = {number: name for name, number in _PORTS[protocol].items()}
    return f"{word} {' '.join(names.get(port, str(port)) for port in ports)}"


def _port(line: Cursor, protocol: str) -> int:
    if word := line.option(_PORTS[protocol]):
        return _PORTS[protocol][word]
    return line.number(0, 65535)


def _suffixes(line: Cursor, protocol: str) -> list[str]:
    said: list[str] = []
    if protocol == "icmp" and not line.done:
        names = {number: name for name, number in _MESSAGES.items()}
        if word := line.option(_MESSAGES):
            said.append(word)
        elif line.next.isdecimal():
            kind = line.number(0, 255)
            code = [str(line.number(0, 255))] if line.next.isdecimal() else []
            said += [str(kind), *code] if code else [names.get(kind, str(kind))]
    if protocol == "tcp" and line.option(("established",)):
        said.append("established")
    if word := line.option(("log", "log-input")):
        said.append(word)
    if line.option(("time-range",)):
        said.append(f"time-range {line.name()}")
    return said


def network(line: Cursor, config: Configuration) -> str:
    """Read a line of a group of networks: masks, not wildcards."""
    match line.option(("host", "range", "any", "group-object")):
        case "any":
            said = "any"
        case "host":
            said = f"host {IPv4Address(line.address())}"
        case "range":
            low, high = line.address(), line.address()
            if low > high:
                raise LineError("% Invalid address range")  # assumed wording
            said = f"range {IPv4Address(low)} {IPv4Address(high)}"
        case "group-object":
            said = f"group-object {_group(line, config.networks, config)}"
        case _:
            base, mask = line.address(), line.address()
            holes = (~mask & _ALL) & ((~mask & _ALL) + 1)
            if holes or base & ~mask:
                raise LineError("%Inconsistent address and mask")
            said = f"{IPv4Address(base)} {IPv4Address(mask)}"
    line.finish()
    return said


def service(line: Cursor, config: Configuration) -> str:
    """Read a line of a group of services: ``tcp source range 1024 65535 eq 443``."""
    if line.option(("group-object",)):
        said = [f"group-object {_group(line, config.services, config)}"]
    elif line.next.isdecimal():
        said = [str(line.number(0, 255))]
    else:
        protocol = line.keyword((*_PROTOCOLS, "tcp-udp"))
        said = [protocol]
        if line.option(("source",)):
            said.append(f"source {_operator(line, protocol)}")
        said += [ports] if (ports := _operator(line, protocol)) else []
        said += _suffixes(line, protocol) if protocol == "icmp" else []
    line.finish()
    return " ".join(said)
