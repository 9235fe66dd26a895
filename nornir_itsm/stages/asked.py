"""A question as typed, ``SRC DST SERVICE``: which zones it lies between, and which packets it means."""

import re
from dataclasses import dataclass
from datetime import datetime

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.cloud import CloudFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import DAYS
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.space.dimensions import (
    DESTINATION,
    SERVICE,
    SOURCE,
    TIME,
    V4,
    V6,
    addresses,
    is_name,
    services,
)
from nornir_itsm.space.packets import Box, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.hops import isp_ranges, outbound
from nornir_itsm.stages.parse.members import member
from nornir_itsm.stages.requested import PROTOCOLS
from nornir_itsm.stages.resolve import lined
from nornir_itsm.stages.rulebase import port_span

_PORT = re.compile(r"[0-9]{1,5}(?:-[0-9]{1,5})?")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY_WORDS = dict(zip((f"周{day}" for day in "一二三四五六日"), DAYS, strict=True))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was understood. *minute* is of the week, None for every minute of it."""

    source: Ranges
    destination: Ranges
    service: Ranges
    minute: int | None = None

    @property
    def packets(self) -> Packets:
        """The packets that are meant; ``any`` is every address of the family of the other side."""
        family = V6 if self.source <= V6 or self.destination <= V6 else V4
        box: Box = {
            SOURCE: _narrowed(self.source, family),
            DESTINATION: _narrowed(self.destination, family),
            SERVICE: self.service,
            **({} if self.minute is None else {TIME: Ranges.span(self.minute)}),
        }
        return Packets((box,))


def _narrowed(side: Ranges, family: Ranges) -> Ranges:
    return family if side == addresses("any") else side


def asked(source: str, destination: str, service: str, at: str = "") -> Asked:
    """Read a question. Raises ChangeError that names the word."""
    return Asked(_side("SRC", source), _side("DST", destination), _service(service), _minute(at))


def _side(where: str, text: str) -> Ranges:
    found = [_member(where, word) for word in re.split(r"[,，、\s]+", text.strip())]
    return Ranges.of(span for one in found for span in one)


def _member(where: str, word: str) -> Ranges:
    if word.lower() in ("any", "任意"):
        return addresses("any")
    text = member(word)
    if text is None:
        raise ChangeError(
            where, f"{word[:60]!r} 不是地址、网段、范围或域名", "写成 10.60.134.61、192.0.2.0/24、a-b 或 any"
        )
    return addresses(text)


def _service(text: str) -> Ranges:
    word, slash, ports = text.lower().partition("/")
    listed = ports.split(",") if slash else ["any"]
    spans = [port_span(p) for p in listed if p == "any" or _PORT.fullmatch(p)]
    fits = word in ("tcp", "udp", "tcp+udp") or not slash
    if (
        word not in PROTOCOLS
        or not fits
        or len(spans) < len(listed)
        or any(not a <= b <= 65535 for a, b in spans)
    ):
        raise ChangeError(
            "SERVICE", f"{text[:60]!r} 不是服务", "写成 tcp/443、udp/53、tcp/80,8000-8010、icmp 或 any"
        )
    return Ranges.of(s for protocol in PROTOCOLS[word] for a, b in spans for s in services(protocol, a, b))


def _minute(text: str) -> int | None:
    """Return the minute of the week of ``2026-11-23T09:30`` or ``mon 09:30``, by the devices' own clock."""
    if not text:
        return None
    day, _, clock = text.strip().partition(" ")
    day = _DAY_WORDS.get(day, day.lower()[:3])
    if day in DAYS and (found := _CLOCK.fullmatch(clock.strip())):
        return DAYS.index(day) * 1440 + int(found[1]) * 60 + int(found[2])
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ChangeError("--at", f"{text[:60]!r} 不是时间", "写成 2026-11-23T09:30 或 周一 09:30") from None
    return minute_of(when)


def minute_of(when: datetime) -> int:
    """Return the minute of the week, by the clock that *when* was read from."""
    return when.weekday() * 1440 + when.hour * 60 + when.minute


def way(question: Asked, zones: tuple[str, str], site: Site, facts: Facts) -> Path | tuple[str, str]:
    """Return the path that the packets take, or its pair of zones where the site knows none.

    *zones* are what somebody said, each may be empty. Else a tenant's address is one that the cloud or a
    pool of the site has, and every other one is taken for the outside: the far end of the paths over
    lines of ISPs. Raises ChangeError where that cannot be told.
    """
    source, destination = (_canonical(zone, site) for zone in zones)
    if not (source and destination):
        source, destination = _told(question, source, destination, site, facts)
    return site.path(source, destination) or (source, destination)


def _canonical(zone: str, site: Site) -> str:
    if zone and zone not in site.zones:
        known = "、".join(dict.fromkeys(site.zones.values()))
        raise ChangeError("--from / --to", f"没有归属 {zone}", f"有 {known}")
    return site.zones.get(zone, "")


def _told(question: Asked, source: str, destination: str, site: Site, facts: Facts) -> tuple[str, str]:
    """Tell the zones that nobody said by the addresses."""
    inside, outside = site.cloud, _outside(site)
    tenants = tenant_ranges(site, facts.cloud)
    lines = Ranges.of(span for ranges in isp_ranges(site).values() for span in ranges)
    if not source:
        source = inside if question.source <= tenants else outside
        if source == outside:
            _known_elsewhere("SRC", "--from", question.source, facts, tenants | lines)
    if not destination:
        ours = tenants if source == inside else tenants | lines
        destination = inside if question.destination <= ours else outside
        if destination == outside:
            _known_elsewhere("DST", "--to", question.destination, facts, tenants | lines)
    if source == destination == outside:
        problem = "两端都不是云内地址，也不是本站的公网地址：不能确定归属"
        raise ChangeError("SRC DST", problem, f"用 --from {inside} 或 --to {inside} 说明")
    return source, destination


def _outside(site: Site) -> str:
    """Return the zone at the far end of the paths that lead over the lines of ISPs."""
    for path in site.paths:
        if lined(path, site):
            return path.destination if outbound(path, site) else path.source
    raise ChangeError("site.yaml paths", "没有经过运营商线路的路径，不能按地址确定归属", "用 --from 和 --to")


def tenant_ranges(site: Site, cloud: CloudFacts) -> Ranges:
    """Return the addresses of tenants: of the cloud's networks and hosts, and of every EIP pool."""
    texts = (
        *(prefix for vpc in cloud.vpcs for prefix in vpc.prefixes),
        *cloud.hosts,
        *cloud.eips,
        *(prefix for pool in site.pools for prefix in pool.prefixes),
    )
    return Ranges.of(span for text in texts for span in addresses(text))


def _known_elsewhere(where: str, option: str, side: Ranges, facts: Facts, known: Ranges) -> None:
    """Refuse an address that the IPAM registers as neither cloud nor line: nobody says which zone it is."""
    if side == addresses("any") or is_name(side.low):
        return
    for subnet in facts.ipam.subnets:
        net = addresses(subnet.prefix)
        if side.meets(net - known):
            said = f"IPAM 把 {subnet.prefix} 登记为“{subnet.description}”"
            raise ChangeError(where, f"{said}：不能确定归属", f"用 {option} 说明")
