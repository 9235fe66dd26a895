"""A lab whose site has rules of its own, the people who work by them, and the clock on their wall."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.lab import Lab
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Site
from nornir_itsm.pipeline import prepare

from .bench import DEVICES, ORDERS

AUTHOR = "示例工程师"
NOON = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
"""A Sunday."""
Rules = dict[str, object]
Plans = dict[str, tuple[Order, Plan]]
_SITES: dict[str, Site] = {}
"""What was read once: everybody looks at the same file."""


@dataclass
class WallClock:
    """A clock that is set by hand; who waits turns it. *ahead* adds seconds to what it shows."""

    at: datetime
    waits: list[float] = field(default_factory=list)
    ahead: Callable[[], float] = lambda: 0

    def now(self) -> str:
        return (self.at + timedelta(seconds=self.ahead())).isoformat(timespec="seconds")

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class Office:
    """One installation with a policy; everybody in it looks at the same clock."""

    lab: Lab
    clock: WallClock
    home: Path
    """Where its store and its tickets are."""
    plans: Plans
    told: list[str] = field(default_factory=list)

    def rules(self, policy: Rules, *people: str) -> "Office":
        """Give the site a policy, and people the role and a token that is their name."""
        config = json.loads(self.lab.config.read_text("utf-8"))
        itsm = config["user_defined"]["itsm"]
        text = (ORDERS.parent / "inventory" / "site.yaml").read_text("utf-8").partition("\npolicy:")[0]
        site = self.home / "site.yaml"
        site.write_text(f"{text}\npolicy: {json.dumps(policy, ensure_ascii=False)}\n", "utf-8")
        digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in people}
        itsm["users"] = [user for user in itsm["users"] if user["name"] not in people]
        itsm["users"] += [
            {"name": name, "roles": ["approver"], "token": f"sha256:{digest}"}
            for name, digest in digests.items()
        ]
        itsm |= {"site": str(site), "state": str(self.home / "state.sqlite")}
        itsm["desk"]["path"] = str(self.home / "tickets")
        self.lab.config.write_text(json.dumps(config, ensure_ascii=False), "utf-8")
        return self

    def app(self, name: str = "") -> App:
        """Open the installation as somebody; without a name as its author, by his account."""
        environ = {key: value for key, value in os.environ.items() if key != TOKEN_VARIABLE}
        more = {TOKEN_VARIABLE: name} if name else {}
        opened = App.open(
            self.lab.config, environ={**environ, **more}, clock=self.clock, listener=self.told.append
        )
        text = opened.settings.site.read_text("utf-8")
        if text not in _SITES:
            _SITES[text] = opened.site
        opened.__dict__["site"] = _SITES[text]
        return opened

    def sent(self) -> int:
        """Return how many lines and calls the devices got."""
        return sum(len(self.lab.device(name).lines) for name in DEVICES)

    def plan(self, form: str) -> str:
        """Keep the plan of an order as a new change; it is made once, all begin with the same devices."""
        author = self.app()
        if form not in self.plans:
            order = author.read(ORDERS / form, {})
            self.plans[form] = order, prepare(order, author, {})
        return author.changes.new_change(*self.plans[form], AUTHOR, self.clock.now())
