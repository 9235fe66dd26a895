"""A collection over the fleet: who is chosen, what they are asked, and every host's yield as it comes."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.devices.admission import Admission, names_of, shard_keys, share, spread
from nornir_itsm.devices.connect import quiet_libraries
from nornir_itsm.devices.gathering import Errand, Parse, gather
from nornir_itsm.devices.until import Until
from nornir_itsm.errors import ConfigError
from nornir_itsm.model.collected import Collected
from nornir_itsm.model.questions import Gathered, Questions

if TYPE_CHECKING:
    from nornir.core import Nornir
    from nornir.core.inventory import Host
    from nornir.core.task import MultiResult

Landed = Callable[[Gathered], None]
"""Called with what each host gave, in the thread that runs the collection."""


class Collector:
    """Asks hosts of a Nornir inventory what is declared for them."""

    def __init__(
        self, nornir: "Nornir", known_hosts: Path, questions: Questions, parse: Parse | None = None
    ) -> None:
        """*parse* reads answers where they arrive: in the threads and processes of the hosts."""
        self._nornir = nornir
        self._known_hosts = known_hosts
        self._questions = questions
        self._parse = parse

    def asked(self, filters: Iterable[str] = (), only: Iterable[str] = ()) -> Mapping[str, tuple[str, ...]]:
        """Return host -> commands for the hosts that fit all *filters* (``KEY=VALUE``, with wildcards).

        Hosts that nothing is declared for are left out. Raises ConfigError.
        """
        only = tuple(only)
        if unknown := set(only) - self._questions.known():
            hint = "only what is declared in collect.yaml is ever typed"
            raise ConfigError("--commands", f"nobody is asked {', '.join(sorted(unknown))}", hint)
        wanted = [_filter(text) for text in filters]
        chosen = {}
        for host in self._nornir.inventory.hosts.values():
            if all(fits(host) for fits in wanted):
                chosen[host.name] = self._questions.of(host.platform or "", _roles(host), only)
        if not chosen:
            raise ConfigError("--filter", "no device fits", "nornir-itsm inventory show")
        return {name: commands for name, commands in chosen.items() if commands}

    def run(self, asked: Mapping[str, tuple[str, ...]], until: Until, landed: Landed) -> None:
        """Ask, and hand over each host's yield as soon as it is home.

        KeyboardInterrupt comes through, after everything that runs was told to stop.
        """
        from nornir_itsm.devices.sharded import ShardedRunner

        if not self._known_hosts.is_file():
            hint = "put the host keys of the devices there, checked by another way"
            raise ConfigError(str(self._known_hosts), "there is no such file of known host keys", hint)
        quiet_libraries()
        pace = self._questions.pace
        hosts = [self._nornir.inventory.hosts[name] for name in asked]
        keys = shard_keys({host.name: names_of(host) for host in hosts}, pace)
        runner = ShardedRunner(
            pace.processes,
            pace.threads,
            until.stop,
            lambda host, result: landed(_taken(host, result)),
            lambda host: keys.get(host.name),
        )
        admission = Admission(share(pace, runner.processes))
        errand = Errand(asked, self._known_hosts, pace, until, admission, self._parse)
        self._nornir.data.reset_failed_hosts()
        order = {host.name: place for place, host in enumerate(spread(hosts, pace))}
        chosen = self._nornir.filter(filter_func=lambda host: host.name in order).with_runner(runner)
        chosen.inventory.hosts = type(chosen.inventory.hosts)(  # Nornir runs in the order of the inventory
            sorted(chosen.inventory.hosts.items(), key=lambda item: order[item[0]])
        )
        chosen.run(task=gather, name="collect", errand=errand, raise_on_error=False)


def _taken(host: "Host", result: "MultiResult") -> Gathered:
    """Take what a host gave out of its result; a defect in the program is a failure of this host only.

    Nornir keeps every result to the end: without this the memory would grow with the fleet.
    """
    found, result[0].result = result[0].result, None
    if isinstance(found, Gathered):
        return found
    error = result[0].exception
    problem = f"{type(error).__name__}: {error}" if error else "the task gave no result"
    return Gathered(Collected(host.name, host.platform or "", (), problem[:300]), "defect", "report it")


def _roles(host: "Host") -> frozenset[str]:
    """Return the roles of a host: its column ``role`` (角色) and its groups."""
    named = (host.get("role"), host.get("角色"))
    return names_of(host) - {host.name} | {str(role) for role in named if role}


def _filter(text: str) -> Callable[["Host"], bool]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise ConfigError("--filter", f"{text!r} is not KEY=VALUE", "e.g. platform=huawei_vrp, name=DC1-*")

    def fits(host: "Host") -> bool:
        match key:
            case "name" | "hostname" | "platform":
                return fnmatchcase(str(getattr(host, key)), value)
            case "group" | "role":
                return any(fnmatchcase(role, value) for role in _roles(host))
        return fnmatchcase(str(host.get(key, "")), value)

    return fits
