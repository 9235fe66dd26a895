"""``display current-configuration`` of a SecPath firewall (Comware 7) -> facts.

Every line of the rule base ends in a fact or in ``unread``; a line in a rule that nobody understands (an
application, a user, a VRF) makes that rule undecidable. Sources: H3C security policy commands, samples.

Assumed: the conditions of one end add up (``source-ip`` or ``source-ip-host``); zones of one side, too;
without ``security-zone intra-zone default permit`` the rules hold within a zone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector
from nornir_itsm.stages.parse.comware_blocks import lines_of
from nornir_itsm.stages.parse.comware_objects import ANY, ANY_V6, Objects, side_literal
from nornir_itsm.stages.parse.document import one_line
from nornir_itsm.stages.parse.members import ordered
from nornir_itsm.stages.parse.stoneos_objects import zones
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line, words

_POLICY, _POLICY_V6 = "security-policy ip", "security-policy ipv6"
_RULE = re.compile(r'rule (?P<id>\d+) name (?P<name>"[^"]+"|\S+)')
_WITHIN = "security-zone intra-zone default permit"
_ACTIONS = {"pass": "permit", "drop": "deny"}
_ONCE = (
    "action",
    "description",
    "time-range",
    "profile",
    "session aging-time",
    "session persistent aging-time",
)
_MANY = (
    *(f"{side}-{what}" for side in ("source", "destination") for what in ("zone", "ip")),
    *(f"{side}-ip-{what}" for side in ("source", "destination") for what in ("host", "subnet", "range")),
    *("service", "service-port"),
)
_FLAGS = ("disable", "logging enable", "counting enable")
_WORDS = sorted((*_ONCE, *_MANY, *_FLAGS), key=len, reverse=True)
LOGS = {"logging enable": "deny"}
"""Line of a rule -> what is logged. Assumed: it logs what matches, as site.yaml's ``deny`` asks for."""
_READ = re.compile(rf"object-group (?:ip address|service) .*|time-range .*|{_POLICY}|{_POLICY_V6}|{_WITHIN}")
_NOISE = re.compile(
    # Lines and views that neither define nor filter what a rule matches (assumed: from public samples).
    r"(?:undo )?(?:aaa|acl|arp|bfd|bgp|blacklist|clock|cloud-management|context|customlog|dhcp|dns|domain"
    r"|ftp|header|hwtacacs|ike|info-center|interface|ip (?:host|http|https|pool|redirects|route-static"
    r"|ttl-expires|unreachables|vpn-instance)|ipsec|ipv6|irf|license|line|lldp|local-user|loopback-detection"
    r"|netconf|nqa|ntp-service|object-group (?:mac|ipv6)[ -]address|ospf|password|password-control"
    r"|performance-management|pki|public-key|radius|remote-backup|role|route-policy|scheduler|session"
    r"|sftp|sms|snmp-agent|ssh|ssl|stp|super|sysname|system-working-mode|tacl|telnet|track|undo|user-group"
    r"|user-role|uapp-control|version|vlan|vrrp|vtp|wlan|xbar)(?:[ -].*)?"
)
_IN_INTERFACE = re.compile(r"(?:nat|packet-filter|ip policy-based-route|apply policy) .*|nat")
"""What an interface does to packets beside the security policy."""


def firewall_facts(text: str) -> FirewallFacts:
    """Return the facts of a SecPath firewall.

    Lines outside the rule base that are no known noise are kept in ``unread``. Raises SourceError where the
    text was cut off or an object is there twice.
    """
    lines = lines_of(text)
    objects = Objects(lines)
    policy = [one for line in lines if line.text == _POLICY for one in line.below]
    inner = [one for line in lines if line.text == _POLICY_V6 for one in line.below]
    found = (*_rules(policy, objects), *_other_family(inner))
    off = [line.text for line in lines if line.text == "security-policy disable"]
    return FirewallFacts(
        (*(SecurityPolicy("", "deny", unread=(said,), id=said) for said in off), *found),
        objects.addresses,
        objects.services,
        objects.groups,
        objects.schedules,
        filters_within=not any(line.text == _WITHIN for line in lines),
        unread=tuple(_unread(lines)),
    )


def _other_family(lines: Sequence[Line]) -> Iterator[SecurityPolicy]:
    """Yield the rules for IPv6 as rules that nobody here can evaluate."""
    every = Selector((ANY_V6,))
    for line in lines:
        said = f"{_POLICY_V6} {line.text}"[:80]
        yield SecurityPolicy("", "deny", every, every, (ANY,), unread=(said,), id=said)


def _rules(policy: Sequence[Line], objects: Objects) -> Iterator[SecurityPolicy]:
    """Yield the rules in the order of the text, which is that in which they are matched.

    A line beside the rules that nobody understood stands as a rule that may match everything.
    """
    seen: set[str] = set()
    for line in policy:
        found = _RULE.fullmatch(line.text)
        if found is None:
            yield SecurityPolicy("", "deny", unread=tuple(line.flat()), id=line.text[:80])
            continue
        name = found["name"].strip('"')
        if name.casefold() in seen or not one_line(name):
            raise SourceError(WHERE, f"rule {name[:80]!r} is there twice or is no name", "take it again")
        seen.add(name.casefold())
        yield _Reader(line.below, objects).rule(name, found["id"])


class _Reader:
    """Reads the lines of one rule and remembers those that nobody understood."""

    def __init__(self, lines: Sequence[Line], objects: Objects) -> None:
        self._objects = objects
        self.unread = [text for line in lines for below in line.below for text in below.flat()]
        self._said: dict[str, list[str]] = {}
        for line in lines:
            key = next((k for k in _WORDS if line.text == k or line.text.startswith(f"{k} ")), "")
            rest = line.text[len(key) :].strip()
            if not key or bool(rest) == (key in _FLAGS):
                self.unread.append(line.text)
            else:
                self._said.setdefault(key, []).append(rest)
        for key in _ONCE:
            if len(listed := self._of(key)) > 1:
                self.unread += [f"{key} {one} (more than one)" for one in listed]

    def rule(self, name: str, number: str) -> SecurityPolicy:
        """Return the rule; one without an action drops (H3C security policy commands)."""
        said = next(iter(self._of("action")), "drop")
        if said not in _ACTIONS:
            self.unread.append(f"action {said}")
        found = SecurityPolicy(
            name,
            _ACTIONS.get(said, "deny"),
            self._selector("source"),
            self._selector("destination"),
            self._services(),
            zones(self._names("source-zone")),
            zones(self._names("destination-zone")),
            self._names("time-range"),
            not self._of("disable"),
            tuple(sorted(LOGS[key] for key in LOGS if self._of(key))),
            tuple(sorted(self._profiles())),
            next(iter(self._of("description")), "").strip('"'),
            id=number,
        )
        return replace(found, unread=tuple(sorted(self.unread)))

    def _of(self, key: str) -> list[str]:
        return self._said.get(key, [])

    def _names(self, key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for said in self._of(key) for name in words(said)))

    def _selector(self, side: str) -> Selector:
        """Return one end; without a condition it is every address of IPv4."""
        books = list(self._names(f"{side}-ip"))
        literals: list[str] = []
        for kind in ("host", "subnet", "range"):
            for said in self._of(f"{side}-ip-{kind}"):
                if found := side_literal(kind, said):
                    literals.append(found)
                else:
                    self.unread.append(f"{side}-ip-{kind} {said}")
        spoken = [key for key in self._said if key.startswith(f"{side}-ip")]
        return Selector(tuple(books) if spoken else (ANY,), ordered(literals))

    def _services(self) -> tuple[str, ...]:
        found = [ANY if name == "any" else name for name in self._names("service")]
        for said in self._of("service-port"):
            if (name := self._objects.literal(said)) is not None:
                found.append(name)
            else:
                self.unread.append(f"service-port {said}")
        spoken = self._of("service") or self._of("service-port")
        return tuple(dict.fromkeys(found)) if spoken else (ANY,)

    def _profiles(self) -> Iterator[tuple[str, str]]:
        """Yield what a rule does to its sessions, and that it counts: so it can be made again as it was."""
        for key in ("profile", "session aging-time", "session persistent aging-time"):
            yield from ((key, said) for said in self._of(key))
        if self._of("counting enable"):
            yield "counting", "enable"


def _unread(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if line.text.startswith("interface "):
            yield from (one.text for one in line.below if _IN_INTERFACE.fullmatch(one.text))
        elif line.text.startswith("security-zone name "):
            continue
        elif not _READ.fullmatch(line.text) and not _NOISE.fullmatch(line.text):
            yield from line.flat()
