"""Nornir inventory plugin ``itsm-excel``: workbooks and CSV files, one row per device."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.cache import Cache, cached
from nornir_itsm.inventory.document import Document, inventory_of
from nornir_itsm.inventory.groups import GROUP_SHEETS, defined, networks_of, once
from nornir_itsm.inventory.hosts import HostMaker, Origin
from nornir_itsm.inventory.labels import FIELDS, HEADER_WITHIN, header, plain
from nornir_itsm.inventory.recognise import TABLE, Recogniser, table_from
from nornir_itsm.inventory.report import Report, Skip
from nornir_itsm.inventory.rows import ENABLED, Row, Rules, rows
from nornir_itsm.inventory.workbook import Sheet, sheets

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory

_MOST_TOLD = 20


class ExcelInventory:
    """Devices of one or more workbooks or CSV files, from every sheet that has a header row.

    A header row names devices and their addresses; labels are matched whole, in English or Chinese. A
    password is a reference that is resolved when a connection is opened. Columns that are not ours become
    host data under their label. ``reports`` says after load() what was left out, and what told the
    platforms. Options:

    ``path``: a file or a list of files. ``sheets``: names of the sheets to read (all visible ones).
    ``bad_rows``: ``refuse`` (the usual: one wrong row, and nothing is loaded) or ``skip`` (the usual for
    an export of the monitoring system). ``enabled``: the words of the status column that mean so.
    ``data``: labels of the columns that become host data. ``groups``, ``defaults``: as in Nornir's YAML
    files; a sheet ``groups`` or ``组`` may define them too. ``networks``: prefix -> group. ``recognition``:
    another table in the place of the usual one. ``plain_passwords``: take passwords written out.
    ``cache``: ``{path: FILE, age: 1h}``.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the options of the plugin
        self,
        path: str | Sequence[str],
        sheets: Sequence[str] = (),
        bad_rows: Literal["", "refuse", "skip"] = "",
        enabled: Sequence[str] = (),
        data: Sequence[str] | None = None,
        groups: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        networks: Mapping[str, str] | None = None,
        recognition: Sequence[Mapping[str, Any]] | None = None,
        plain_passwords: bool = False,
        cache: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the options; the files are read by load(). Raises ConfigError."""
        self._options = {key: value for key, value in locals().items() if key not in ("self", "cache")}
        named = [path] if isinstance(path, str) else list(path)
        self._paths = [Path(name).expanduser() for name in named]
        where = ", ".join(map(str, self._paths))
        if bad_rows not in ("", "refuse", "skip"):
            raise ConfigError(where, f"bad_rows is {bad_rows!r}", "write refuse or skip")
        self._bad_rows = bad_rows
        self._sheets = frozenset(sheets)
        self._data = None if data is None else frozenset(map(plain, data))
        table = TABLE if recognition is None else table_from(recognition, where)
        words = frozenset(word.strip().casefold() for word in enabled) or ENABLED
        self._rules = Rules(False, words, plain_passwords, Recogniser(table))
        self._given = Document({}, dict(groups or {}), dict(defaults or {}))
        self._networks = networks_of(networks or {}, where)
        self._cache = Cache.of(cache, where)
        self.reports: tuple[Report, ...] = ()

    def load(self) -> "Inventory":
        """Read the files. Raises ConfigError that names the sheet and every row that is wrong."""
        key = {**self._options, "files": [_identity(path) for path in self._paths]}
        inventory, self.reports = cached(self._cache, key, self._read)
        for report in self.reports:
            report.log()
        return inventory

    def _read(self) -> "tuple[Inventory, tuple[Report, ...]]":
        with _uncollected():
            reading = _Reading(self._rules, self._bad_rows, self._data, self._sheets)
            for path in self._paths:
                reading.file(path)
            _refuse([*reading.problems, *reading.again])
            where = ", ".join(map(str, self._paths))
            groups = once("group", reading.groups, self._given.groups, where)
            defaults = once("default", reading.defaults, self._given.defaults, where)
            inventory = inventory_of(Document({}, groups, defaults), where)
            maker = HostMaker(inventory, self._networks)
            for origin, found, strict in reading.rows:
                maker.add(origin, found, strict=strict)
            _refuse(maker.problems)
            if not inventory.hosts:
                raise ConfigError(where, "no device is left", f"left out: {_skipped(reading.reports)}")
            reports = tuple(maker.told(report) for report in reading.reports)
        return inventory, reports


def management_addresses(inventory: Mapping[str, Any]) -> dict[str, str]:
    """Return device -> where people log in to it, by the inventory of a Nornir configuration.

    Only device lists are read, parts of a combined inventory too. Empty where none can be: documents go on
    without it.
    """
    options = inventory.get("options") or {}
    parts = options.get("inventories") if inventory.get("plugin") == "itsm-combined" else None
    if parts:
        return {name: at for part in parts for name, at in management_addresses(part).items()}
    if inventory.get("plugin") != "itsm-excel" or not options.get("path"):
        return {}
    try:
        hosts = ExcelInventory(**options).load().hosts
    except ConfigError:
        return {}
    return {name: host.hostname or "" for name, host in hosts.items()}


@dataclass(slots=True)
class _Reading:
    """Files on their way to devices: what is wrong anywhere is told together."""

    rules: Rules
    bad_rows: str
    data: frozenset[str] | None
    sheets: frozenset[str]
    rows: list[tuple[Origin, Row, bool]] = field(default_factory=list)
    groups: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    again: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, tuple[Origin, int]] = field(default_factory=dict)

    def file(self, path: Path) -> None:
        """Read one file."""
        taken = datetime.fromtimestamp(_stat(path)[1] / 1e9).astimezone().isoformat(timespec="seconds")
        report = Report(str(path), taken)
        headers = 0
        titles = []
        for sheet in sheets(path):
            titles.append(sheet.name)
            if self.sheets and sheet.name not in self.sheets:
                continue
            if sheet.name.strip().casefold() in GROUP_SHEETS:
                where = f"{path}, sheet {sheet.name}"
                groups, defaults = defined(sheet, where)
                self.groups = once("group", self.groups, groups, where)
                self.defaults = once("default", self.defaults, defaults, where)
                continue
            headers += self._sheet(path, sheet, report)
        if missing := self.sheets - set(titles):
            raise ConfigError(str(path), f"there is no sheet {', '.join(sorted(missing))}", f"has {titles}")
        if not headers:
            problem = f"no header row with name and address within the first {HEADER_WITHIN} rows"
            where = f"{path}, sheet {', '.join(titles)}"
            raise ConfigError(where, problem, f"columns: {', '.join(sorted(FIELDS))}")
        self.reports.append(report)

    def _sheet(self, path: Path, sheet: Sheet, report: Report) -> bool:
        where = f"{path}, sheet {sheet.name}"
        first = list(islice(sheet.rows, HEADER_WITHIN))
        found = header(first, where, self.data)
        if found is None:
            if any(map(any, first)):
                report.notes.append(f"sheet {sheet.name} has no header row and is not read")
            return False
        if found.withheld:
            report.notes.append(f"sheet {sheet.name}: columns not read: {', '.join(found.withheld)}")
        if "端口" in found.data:
            report.notes.append(f"sheet {sheet.name}: 端口 is not taken for the SSH port: write SSH端口")
        skip = self.bad_rows == "skip" or (found.export and self.bad_rows != "refuse")
        rules = replace(self.rules, skip=skip, plain_passwords=self._plain(path))
        numbered = enumerate(chain(first, sheet.rows), start=1)
        origin = Origin(path, sheet.name, found, report)
        for row in rows(found, islice(numbered, found.row, None), rules):
            self._row(origin, row, skip=skip)
        return True

    def _plain(self, path: Path) -> bool:
        return self.rules.plain_passwords and path.suffix.lower() not in (".csv", ".txt")

    def _row(self, origin: Origin, row: Row, *, skip: bool) -> None:
        if row.status:
            origin.report.skipped.append(Skip(origin.place(row.number), row.name, row.status))
            return
        key = row.name.casefold()
        if key and key in self.seen:
            other, number = self.seen[key]
            there = f"row {number}" if other is origin else other.place(number)
            there = there if other.path == origin.path else f"{other.path} {there}"
            again = f"{row.name} stands in {there} already"
            if skip:
                row.problems.append(again)
            else:
                self.again.append((origin.where, f"row {row.number}: {again}"))
        elif key and not row.problems:
            self.seen[key] = origin, row.number
        if not row.problems:
            self.rows.append((origin, row, not skip))
        elif skip:
            origin.report.skipped.append(
                Skip(origin.place(row.number), row.name[:80], "; ".join(row.problems))
            )
        else:
            self.problems += ((origin.where, f"row {row.number}: {problem}") for problem in row.problems)


def _refuse(problems: Sequence[tuple[str, str]]) -> None:
    """Raise ConfigError where any row of a list that is kept by hand is wrong."""
    if not problems:
        return
    places = list(dict.fromkeys(where for where, _ in problems))
    told = [
        problem if len(places) == 1 else f"{where}: {problem}" for where, problem in problems[:_MOST_TOLD]
    ]
    if len(problems) > _MOST_TOLD:
        told.append(f"and {len(problems) - _MOST_TOLD} more")
    hint = "nothing was loaded: correct the rows and run again"
    raise ConfigError("; ".join(places), "; ".join(told), hint)


def _skipped(reports: Sequence[Report]) -> str:
    reasons = Counter(skip.reason for report in reports for skip in report.skipped)
    return "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(5)) or "there is no row"


def _stat(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", "see the option path") from None
    return status.st_size, status.st_mtime_ns


def _identity(path: Path) -> list[Any]:
    return [str(path.absolute()), *_stat(path)]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from walking through half a million new objects again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
