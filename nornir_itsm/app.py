"""The one place where parts are wired: settings, site, runbooks, templates, devices, store, desk."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm import accounts
from nornir_itsm.errors import ConfigError, Refused
from nornir_itsm.knowledge import (
    FromSnapshot,
    Live,
    SystemClock,
    cloud_console,
    firewall_consoles,
    ipam_console,
)
from nornir_itsm.model.change import Json
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.questions import Questions
from nornir_itsm.model.topology import Site
from nornir_itsm.ports import Clock, Fleet, Knowledge, TicketDesk
from nornir_itsm.references import is_reference, resolve
from nornir_itsm.runbook import Review, Runbook
from nornir_itsm.settings import Settings, User, load_questions, load_settings, load_site
from nornir_itsm.stages.render import Templates

if TYPE_CHECKING:
    from nornir_itsm.devices.collector import Collector
    from nornir_itsm.forms.book import Form
    from nornir_itsm.journal import Approval, Store, StoredChange
    from nornir_itsm.model.collected import Parsed
    from nornir_itsm.papers.bundle import Paper, Stationery
    from nornir_itsm.schedules import ScheduleStore
    from nornir_itsm.snapshots import SnapshotStore
    from nornir_itsm.store import Database

STONEOS_CONFIG = "hillstone_stoneos/show_configuration.ttp"
TEMPLATES = (".j2", ".toml")
"""Suffixes of what is written with."""
_SAID_TWICE = r"^root\['changes'\]\[\d+\]\['(intents|back)'\]"


_TASKS = {"collect": "采集", "preflight": "前置检查", "push": "推送", "save": "保存"}


@dataclass
class App:
    """An installation: everything that a command needs, opened when it is first used."""

    settings: Settings
    snapshot: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    listener: Callable[[str], None] | None = None
    clock: Clock = field(default_factory=SystemClock)
    patience: float = 0
    """Seconds to wait for a device that another change has."""

    @classmethod
    def open(cls, config: Path, **more: Any) -> "App":
        """Open the installation of a config.yaml. Raises ConfigError."""
        return cls(load_settings(config), **more)

    def tell(self, line: str) -> None:
        """Pass a line of progress on."""
        if self.listener is not None:
            self.listener(line)

    @cached_property
    def site(self) -> Site:
        """site.yaml, checked, with a runbook for each of its paths."""
        site = load_site(self.settings.site)
        for path in site.paths:
            if not path.manual and path.runbook not in self.runbooks:
                where = f"{self.settings.site} paths {path.source}→{path.destination}"
                known = "、".join(self.runbooks) or "none"
                raise ConfigError(where, f"there is no runbook {path.runbook!r}", f"known: {known}")
        return site

    @cached_property
    def runbooks(self) -> Mapping[str, Runbook]:
        """The runbooks of orders, by the name of their file."""
        return {name: one for name, one in self._loaded.items() if isinstance(one, Runbook)}

    @cached_property
    def reviews(self) -> Mapping[str, Review]:
        """The runbooks that only look, by the name of their file."""
        return {name: one for name, one in self._loaded.items() if isinstance(one, Review)}

    @cached_property
    def _loaded(self) -> Mapping[str, Runbook | Review]:
        files = sorted(self.settings.runbooks.glob("*.py"))
        return {file.stem: _runbook(file) for file in files if not file.name.startswith("_")}

    @cached_property
    def templates(self) -> Templates:
        """Every template text, by platform (folder) and file name; the site's own win one by one."""
        found: dict[str, dict[str, str]] = {}
        for root in filter(None, (self.settings.templates, self.settings.own_templates)):
            for file in sorted(f for f in root.glob("*/*") if f.suffix in TEMPLATES):
                found.setdefault(file.parent.name, {})[file.name] = file.read_text("utf-8")
        return found

    @cached_property
    def changes(self) -> "Store":
        """The journal: changes, approvals, what was sent, locks, evidence."""
        from nornir_itsm.journal.store import Store

        return Store(self.database, self._enough)

    def _enough(self, stored: "StoredChange", chain: "Sequence[Approval]") -> bool:
        from nornir_itsm.pipeline.permission import enough

        return enough(self.site.policy, stored, chain)

    @cached_property
    def database(self) -> "Database":
        """The one store."""
        from nornir_itsm.store import open_store

        named = self.settings.state
        return open_store(resolve(named, "user_defined.itsm.state") if is_reference(named) else named)

    @cached_property
    def snapshots(self) -> "SnapshotStore":
        """Collections that were kept."""
        from nornir_itsm.snapshots import SnapshotStore

        return SnapshotStore(self.database)

    @cached_property
    def schedules(self) -> "ScheduleStore":
        """Commands at set hours, and what came of them."""
        from nornir_itsm.schedules import ScheduleStore

        return ScheduleStore(self.database)

    def parse_output(self, platform: str, command: str, text: str) -> "Parsed | None":
        """Return the table of a device's answer; None where the site has no template for the command."""
        from nornir_itsm.sources.ttp_folder import parse_output

        return parse_output(platform, command, text, self.settings.ttp_templates)

    @cached_property
    def desk(self) -> TicketDesk:
        """The ticket system."""
        from nornir_itsm.itsm import DESKS

        return DESKS[self.settings.desk.kind](self.settings.desk.path, self.clock)

    @cached_property
    def fleet(self) -> Fleet:
        """The devices, through Nornir."""
        from nornir_itsm.devices.fleet import NornirFleet, init_nornir
        from nornir_itsm.stages.parse.live import access_lists, parsers

        nornir = init_nornir(self.settings.config, self.settings.known_hosts, self.settings.nornir)
        readers = {**parsers(self.stoneos_template), **access_lists(self.site.points.values())}
        known = self.settings.known_hosts
        return NornirFleet(nornir, known, readers, points=self.site.points, tell=self._device)

    @cached_property
    def questions(self) -> Questions:
        """collect.yaml, checked."""
        return load_questions(self.settings.collect)

    @cached_property
    def collector(self) -> "Collector":
        """Who asks the fleet what collect.yaml declares; answers are read where they arrive."""
        from nornir_itsm.devices.collector import Collector
        from nornir_itsm.devices.fleet import init_nornir

        known = self.settings.known_hosts
        nornir = init_nornir(self.settings.config, known, self.settings.nornir)
        return Collector(nornir, known, self.questions, self.parse_output)

    def _device(self, what: str, device: str, stage: str) -> None:
        words = {"started": "开始", "done": "完成", "failed": "失败"}
        self.tell(f"{device}：{_TASKS.get(what, what)}{words.get(stage, stage)}")

    @cached_property
    def stoneos_template(self) -> str:
        """The TTP template for StoneOS configurations."""
        file = self.settings.ttp_templates / STONEOS_CONFIG
        try:
            return file.read_text("utf-8")
        except OSError as error:
            raise ConfigError(
                str(file), f"cannot be read: {error.strerror}", "restore the template"
            ) from None

    @cached_property
    def knowledge(self) -> Knowledge:
        """Where facts come from: the snapshot directory where one was given, else live devices."""
        if self.snapshot is not None:
            systems = {name: point.vsys for name, point in self.site.points.items()}
            folders = {name: (point.reads_as, point.snapshot) for name, point in self.site.points.items()}
            lists = {
                name: (point.acl, point.answers) for name, point in self.site.points.items() if point.acl
            }
            return FromSnapshot(self.snapshot, folders, self.stoneos_template, systems, lists)
        by_hand = {name for name, point in self.site.points.items() if point.by_hand}
        switches = frozenset(name for name in by_hand if self.site.points[name].role == "switch")
        cloud, ipam = cloud_console(self.settings, self.clock), ipam_console(self.settings, self.clock)
        walls = firewall_consoles(self.settings, self.site)
        return Live(self.fleet, cloud, ipam, self.clock, switches, walls)

    def remembering(self) -> "App":
        """Return this installation with knowledge that is asked only once."""
        from nornir_itsm.sources.remembered import Remembered

        self.__dict__["knowledge"] = Remembered(self.knowledge)
        return self

    @contextmanager
    def alone(self, id: str) -> Iterator[None]:
        """Keep every other process from working on this change. Raises Refused."""
        self.changes.change(id)
        with self.database.held(id) as ours:
            if not ours:
                raise Refused(id, "另一个进程正在处理这个变更", f"等它结束；show {id} 查看进展")
            yield

    def moments(self) -> Iterator[int]:
        """Yield, a moment apart, how many seconds are left of this installation's patience."""
        until = time.monotonic() + self.patience
        yield round(self.patience)
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(1.0, left))
            yield round(max(0.0, until - time.monotonic()))

    def explain(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> Sequence[str]:
        """Say in lines how two canonical plans differ; what is sent says it, its intents need not."""
        from deepdiff import DeepDiff

        said = DeepDiff(old, new, verbose_level=2, exclude_regex_paths=[_SAID_TWICE])
        text = str((said or DeepDiff(old, new, verbose_level=2)).pretty())
        for key, name in (("changes", "device"), ("proofs", "demand")):
            for index, one in enumerate(old.get(key) or ()):  # type: ignore[arg-type]
                text = text.replace(f"root['{key}'][{index}]", str(one[name]))  # type: ignore[index, call-overload]
        return [line[:400] for line in text.splitlines()]

    def user(self, as_name: str | None = None) -> User:
        """Return who is at the keyboard, or for whom he may act. Raises Refused."""
        found = accounts.authenticate(
            self.settings.users, environ=self.environ, account=accounts.os_account()
        )
        return accounts.acting(found, as_name, self.settings.users)

    def author(self) -> str:
        """Return who plans: a user of config.yaml, or the operating system's own account name."""
        if self.environ.get(accounts.TOKEN_VARIABLE):
            return self.user().name
        account = accounts.os_account()
        return next(
            (u.name for u in self.settings.users if account and u.account == account), f"os:{account}"
        )

    def require(self, role: str) -> User:
        """Return who is at the keyboard; raises Refused where the role is not his."""
        found = self.user()
        accounts.require(found, role)
        return found

    def approver(self, id: str, as_name: str | None, what: str = "approve") -> str:
        """Return who decides about a change as its second person. Raises Refused, and keeps who tried."""
        from nornir_itsm.pipeline.audit import audited

        with audited(id, self, f"os:{accounts.os_account()}", what):
            user = self.user()
        with audited(id, self, f"{user.name} --as {as_name}" if as_name else user.name, what):
            author = self.changes.change(id).author
            return accounts.approver(user, as_name, self.settings.users, author=author).name

    def approve(self, id: str, as_name: str | None, note: str, *, accept_excess: bool = False) -> str:
        """Approve a change as a second person and return its ticket's number. Raises Refused."""
        from nornir_itsm.pipeline import approve
        from nornir_itsm.pipeline.audit import audited

        user = self.approver(id, as_name)
        with audited(id, self, user, "approve"):
            return approve(id, self, user, note, accept_excess=accept_excess)

    def read(self, form: Path, answers: Mapping[str, str]) -> Order:
        """Return the order of a form. Raises FormError."""
        return self.read_form(form, answers).order

    def read_form(self, form: Path, answers: Mapping[str, str]) -> "Form":
        """Read an order form in this site's words. Raises FormError where it is none."""
        from nornir_itsm.forms import read_form

        isps = {prefix: isp.name for isp in self.site.isps for prefix in isp.prefixes}
        return read_form(form, zones=self.site.zones, answers=answers, isps=isps)

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """Where people log in to each device, for documents; empty where the device list does not say."""
        from nornir_itsm.inventory.excel import management_addresses

        return management_addresses(self.settings.nornir["inventory"])

    def stationery(self, lang: str) -> "Stationery":
        """Return what this site writes its papers with."""
        from nornir_itsm.papers.bundle import FOLDER, Stationery
        from nornir_itsm.stages.document.ticket import Register

        ticket = self.settings.ticket
        register = Register(ticket.services, ticket.constants, ticket.until)
        where = str(self.settings.templates / FOLDER)
        return Stationery(self.templates.get(FOLDER, {}), where, register, self.addresses, lang)

    def keep(self, order: Order, plan: Plan, lang: str = "zh") -> str:
        """Keep a plan in the store and return its number; one that cannot be written about is not kept."""
        from nornir_itsm.pipeline.tools import PLANNED_FROM

        self.paper(order, plan, lang=lang).markdown()
        now = self.clock.now()
        number = self.changes.new_change(order, plan, self.author(), now)
        if self.snapshot is not None:
            self.changes.keep_evidence(number, PLANNED_FROM, str(self.snapshot.resolve()).encode(), now)
        return number

    def paper(self, order: Order, plan: Plan, number: str = "", lang: str = "zh") -> "Paper":
        """Return what is written about a plan: the change document in every format, the ticket's fields."""
        from nornir_itsm.papers.bundle import Paper

        return Paper(order, plan, self.site, self.stationery(lang), number)

    def document(self, order: Order, plan: Plan, lang: str = "zh") -> str:
        """Return the change document in Markdown."""
        return self.paper(order, plan, lang=lang).markdown()


def _runbook(file: Path) -> Runbook | Review:
    """Load one runbook: a Python file that ends in RUNBOOK. It is code of the site's own folder."""
    spec = util.spec_from_file_location(f"runbooks.{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(
            str(file), f"cannot be loaded: {type(error).__name__}: {error}", "mend the file"
        ) from error
    found = getattr(module, "RUNBOOK", None)
    if not isinstance(found, Runbook | Review):
        raise ConfigError(
            str(file), "does not end in RUNBOOK = Runbook(...)", "see runbooks/cloud_to_internet.py"
        )
    return found
