"""One row of a form: cells in, a request and issues out.

A field with an open error or question is left empty, so that nothing guessed can reach a plan. A row whose
operation or schedule is unreadable gives no request at all, for there is no empty value of these.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from nornir_itsm.forms.addresses import families, read_addresses
from nornir_itsm.forms.cells import FIELDS, OPEN, PROSE, Cell, Vocabulary, field_of
from nornir_itsm.forms.doubts import has_name, open_side, shifted, unpaired
from nornir_itsm.forms.ports import read_ports
from nornir_itsm.forms.reading import ANY, TEXT_LIMIT, Note, Reading, free_text, plain, shown
from nornir_itsm.forms.schedules import read_schedule
from nornir_itsm.forms.words import read_action, read_date, read_protocol, read_validity, read_zone, unusual
from nornir_itsm.model.order import Action, Endpoint, Issue, Protocol, Request, Schedule

type _Grammar[T] = Callable[[object], Reading[T | None]]
type _Ports = Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What one row gave. ``identity`` is equal for two rows that ask for the same.

    ``dropped``: a person has said that the row is not meant.
    """

    request: Request | None
    issues: tuple[Issue, ...]
    identity: tuple[object, ...]
    dropped: bool = False

    def numbered(self, request_id: str) -> "RowResult":
        """Return the result under the id of its request; its issues are about that request."""
        if self.request is None:
            return self
        issues = tuple(replace(issue, rows=(request_id,)) for issue in self.issues)
        return replace(self, request=replace(self.request, id=request_id), issues=issues)


def read_row(cells: Mapping[str, Cell], place: tuple[str, int], words: Vocabulary) -> RowResult:
    """Read one row; *place* is (sheet, row number); *cells* has every one of ``FIELDS``."""
    return _RowReader(cells, words).read(*place)


class _RowReader:
    def __init__(self, cells: Mapping[str, Cell], words: Vocabulary) -> None:
        self.cells = cells
        self.words = words
        self.issues: list[Issue] = []
        self.open: set[str] = set()
        self.shifted = shifted(cells)

    def read(self, sheet: str, row: int) -> RowResult:
        for name, cell in self.cells.items():
            if cell.answer is not None:
                self.say(name, [Note("info", f"按答复读取；表中为“{shown(cell.value)}”")])
            elif cell.formula:
                self.say(name, [Note("warning", "单元格是公式，按保存的结果读取", "直接填写值更可靠")])
        zones = self.zone("source"), self.zone("destination")
        self.kinds = tuple(map(self.words.kind, zones))
        action: Action | None = self.word("action", read_action)
        schedule = self.schedule()
        protocol = self.protocol()
        source = self.endpoint("source", zones[0], self.source_ports)
        destination = self.endpoint("destination", zones[1], lambda: self.destination_ports(protocol))
        public = self.public_addresses()
        public_ports = self.public_ports(protocol, destination.ports)
        destination = self.same_family(source, destination)
        valid = self.validity(action)
        request = None
        if action and schedule:
            request = Request(
                "", sheet, row, action, source, destination, public, public_ports,
                None if "protocol" in self.open else protocol, schedule, *valid,
                free_text(self.cells["purpose"].read_as),
            )  # fmt: skip
        return RowResult(request, self.ordered(), self.identity(request))

    def ordered(self) -> tuple[Issue, ...]:
        """Return the issues in column order, those of one cell and level as one."""
        groups: dict[tuple[str, str], Issue] = {}
        for issue in self.issues:
            first = groups.setdefault((issue.level, issue.key), issue)
            if issue.problem not in first.problem:
                problem = f"{first.problem}；{issue.problem}"[:TEXT_LIMIT]
                groups[issue.level, issue.key] = replace(first, problem=problem)
        order = {name: number for number, name in enumerate(self.cells)}
        return tuple(sorted(groups.values(), key=lambda issue: order[field_of(issue)]))

    def identity(self, request: Request | None) -> tuple[object, ...]:
        texts = tuple(plain(self.cells[name].read_as) for name in FIELDS if name not in PROSE)
        if request is None or self.open:
            return texts
        ends = [
            (end.zone, end.addresses, end.ports, end.security_group)
            for end in (request.source, request.destination)
        ]
        return (
            request.action, *ends, request.public_addresses, request.public_ports, request.protocol,
            request.schedule.periods, request.valid_from, request.valid_until,
        )  # fmt: skip

    def say(self, name: str, notes: Iterable[Note]) -> bool:
        """Keep the notes of a field; return True where one of them leaves it open."""
        for note in notes:
            self.issues.append(self.cells[name].issue(name, note))
            if note.level in OPEN:
                self.open.add(name)
        return name in self.open

    def pending(self, name: str) -> bool:
        """Tell whether a field stays empty for an issue raised earlier, or for a value of another column."""
        if self.cells[name].pending:
            self.open.add(name)
            return True
        if name in self.shifted and not self.cells[name].confirmed:
            return self.say(name, [self.shifted[name]])
        return False

    def word[T](self, name: str, grammar: _Grammar[T]) -> T | None:
        if self.pending(name):
            return None
        reading = grammar(self.cells[name].read_as)
        return None if self.say(name, reading.notes) else reading.value

    def zone(self, side: str) -> str:
        name = f"{side}.zone"
        if self.pending(name):
            return ""
        reading = read_zone(self.cells[name].read_as, self.words.zones)
        self.say(name, reading.notes)
        if reading.kind == "blank":
            self.say(name, [Note("error", "没有填写归属", "从下拉列表中选择")])
        return reading.value

    def schedule(self) -> Schedule | None:
        cell = self.cells["schedule"]
        if isinstance(cell.read_as, Schedule):
            return cell.read_as
        schedule = self.word("schedule", read_schedule)
        if schedule is None and "schedule" not in self.open:
            self.say("schedule", [Note("question", "没有填写生效时间", "填写时段", "全天24小时")])
        return schedule

    def protocol(self) -> Protocol | None:
        """Read the protocol; inbound ICMP needs a yes, for a translation has no port to publish."""
        protocol: Protocol | None = self.word("protocol", read_protocol)
        confirmed = self.cells["protocol"].confirmed
        if protocol == "icmp" and self.inbound and not confirmed:
            note = Note(
                "question", "ICMP 不能通过端口映射发布到互联网", "改为 TCP/UDP，或以 ICMP 作答确认由人工处理"
            )
            self.say("protocol", [note])
        return protocol

    @property
    def inbound(self) -> bool:
        return self.kinds[0] == "internet" and self.kinds[1] != "internet"

    @property
    def outbound(self) -> bool:
        return self.kinds[1] == "internet" and self.kinds[0] != "internet"

    def endpoint(self, side: str, zone: str, ports: _Ports) -> Endpoint:
        group = free_text(self.cells[f"{side}.security_group"].read_as)
        host = free_text(self.cells[f"{side}.host"].read_as)
        return Endpoint(zone, host, self.addresses(side), ports(), group or None)

    def addresses(self, side: str) -> tuple[str, ...]:
        name = f"{side}.addresses"
        if self.pending(name):
            return ()
        cell, zone = self.cells[name], self.kinds[side == "destination"]
        reading = read_addresses(cell.read_as)
        notes = list(reading.notes)
        if reading.kind in ("blank", "na", "any"):
            note = open_side(side, zone, reading.kind)
            accepted = note is None or (reading.kind == "any" and cell.confirmed and note.level == "question")
            reading = Reading(ANY if accepted else (), "any")
            notes += [] if accepted or note is None else [note]
        elif (side == "source" or zone == "cloud") and has_name(reading.value):
            notes.append(Note("error", "这里不能写域名", "填写 IP 地址或网段"))
        return () if self.say(name, notes) else reading.value

    def public_addresses(self) -> tuple[str, ...]:
        name = "public.addresses"
        if self.pending(name):
            return ()
        reading = read_addresses(self.cells[name].read_as, self.words.isps)
        if self.kinds == ("cloud", "cloud"):
            if reading.kind not in ("blank", "na"):
                self.say(name, [Note("info", "行业云内部互访不需要公网 IP，已忽略")])
            return ()
        notes = list(reading.notes)
        if reading.kind == "any" or has_name(reading.value):
            notes.append(Note("error", "公网 IP 必须是具体地址", "填写公网地址；沿用现有地址请填 /"))
        elif reading.kind == "blank" and (self.inbound or self.outbound):
            hint = "填写公网地址" if self.inbound else "填写公网地址；沿用现有地址请填 /"
            notes.append(Note("question", "没有填写公网 IP", hint))
        elif reading.kind == "na" and self.inbound:
            notes.append(Note("question", "从互联网访问必须指明公网 IP", "填写要发布的公网地址"))
        return () if self.say(name, notes) else reading.value

    def source_ports(self) -> tuple[str, ...]:
        """Read the source ports: always any, for no demand can say anything else."""
        if self.pending("source.ports"):
            return ()
        reading = read_ports(self.cells["source.ports"].read_as)
        notes = list(reading.notes)
        if reading.kind == "list":
            notes.append(
                Note("question", "限定了源端口，无法按源端口开通", "填 0（任意源端口），或交人工处理", "0")
            )
        return () if self.say("source.ports", notes) else ANY

    def destination_ports(self, protocol: Protocol | None) -> tuple[str, ...]:
        name = "destination.ports"
        if self.pending(name):
            return ()
        reading = read_ports(self.cells[name].read_as)
        if protocol == "icmp":
            if reading.kind in ("list", "bad"):
                self.say(name, [Note("warning", "ICMP 没有端口，已忽略")])
            return ANY
        notes = list(reading.notes)
        if reading.kind in ("blank", "na"):
            notes.append(Note("question", "没有填写目的端口", "填写端口；任意端口填 0"))
        elif reading.kind == "any" and not self.inbound:
            notes.append(Note("warning", "任意目的端口", "请确认是否需要全部端口"))
        elif reading.kind == "list" and protocol == "any":
            self.say(
                "protocol", [Note("question", "协议为 any 却写了端口", "填写 TCP、UDP 或 TCP/UDP", "TCP/UDP")]
            )
        self.say("protocol", unusual(protocol, reading.value))
        return () if self.say(name, notes) else reading.value

    def public_ports(self, protocol: Protocol | None, target: tuple[str, ...]) -> tuple[str, ...]:
        name = "public.ports"
        if self.pending(name):
            return ()
        reading = read_ports(self.cells[name].read_as)
        if not self.inbound:
            if reading.kind in ("list", "bad"):
                self.say(name, [Note("info", "公网端口只用于从互联网访问，已忽略")])
            return ANY
        # While the protocol is asked for, any to any may turn out to be ICMP and is not asked about yet.
        unclear = "protocol" in self.open and reading.kind == "any" and target == ANY
        if protocol == "icmp" or unclear:
            return ANY
        cells = self.cells[name], self.cells["destination.ports"]
        for field, note in unpaired(*cells, reading, target):
            self.say(field, [note])
        return () if self.say(name, reading.notes) else reading.value

    def same_family(self, source: Endpoint, destination: Endpoint) -> Endpoint:
        """Return the destination, or one without addresses where no address family fits both sides."""
        both = source.addresses and destination.addresses
        if both and not families(source.addresses) & families(destination.addresses):
            self.say(
                "destination.addresses",
                [Note("error", "源是一种 IP 版本，目的是另一种", "两侧用同一种 IP 版本")],
            )
        addresses = () if "destination.addresses" in self.open else destination.addresses
        ports = () if "destination.ports" in self.open else destination.ports
        return Endpoint(destination.zone, destination.host, addresses, ports, destination.security_group)

    def validity(self, action: Action | None) -> tuple[str | None, str | None]:
        """Return the first and last day; the column of the last one may hold both.

        What is deleted has no last day: a form that is turned into a delete may still carry the old one.
        """
        start = self.word("valid.from", read_date)
        first, until = self.word("valid.until", read_validity) or (None, None)
        if until and action == "delete":
            self.say("valid.until", [Note("info", "删除没有有效期，已忽略")])
            return start, None
        if until and start and (start > until or first not in (None, start)):
            said = Note("question", "与计划开通时间不符", "请核对起止日期")
            self.say("valid.until", [said])
            return start, None
        if until:
            self.say("valid.until", [Note("warning", "到期不会自动关闭", "到期后请提交删除申请")])
        return start or first, until
