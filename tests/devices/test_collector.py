"""A collection over the fleet: everybody once, gently, and what is missing is said with its cause."""

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.devices.admission import Admission, shard_keys, share
from nornir_itsm.devices.collector import Collector
from nornir_itsm.devices.until import Cancelled, Expired, Until
from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.crowd import VENDORS, Crowd, Device, Temper
from nornir_itsm.lab.crowd.printing import printed
from nornir_itsm.model.questions import Gathered, Limit, Pace, Questions
from nornir_itsm.platforms import PLATFORMS

from .crowded import PASSWORD, nornir_of, trusted

COMMANDS = {vendor: {"all": tuple(printed(vendor, 1))} for vendor in VENDORS}
QUICK = {"threads": 20, "wait": 0.05, "connect": 3.0, "command": 1.0}


def gathered(
    crowd: Crowd, folder: Path, until: Until | None = None, commands: Any = None, **pace: Any
) -> dict[str, Gathered]:
    """Collect from a whole crowd; host -> what it gave."""
    groups = pace.pop("members", {})
    nornir = nornir_of(crowd, trusted(crowd, folder), **groups)
    collector = Collector(
        nornir, folder / "known_hosts", Questions(commands or COMMANDS, Pace(**{**QUICK, **pace}))
    )
    found: dict[str, Gathered] = {}
    collector.run(collector.asked(), until or Until(), lambda one: found.update({one.collected.host: one}))
    return found


def texts(one: Gathered) -> dict[str, str]:
    return {output.command: output.text for output in one.collected.outputs}


@pytest.mark.parametrize("processes", [1, 2])
def test_everybody_gives_everything(tmp_path: Path, processes: int) -> None:
    """Content exact, times in order, the same from threads and from processes; no connection is left open."""
    vendors = list(VENDORS)
    devices = [Device(n, vendors[n % 4]) for n in range(1, 25)]
    with Crowd(devices, PASSWORD) as crowd:
        found = gathered(crowd, tmp_path, processes=processes)
        assert {name: one.cause for name, one in found.items()} == dict.fromkeys(crowd.devices, "")
        for device in devices:
            one = found[device.name]
            held = {c: say().removesuffix("\n") for c, say in printed(device.vendor, device.number).items()}
            assert texts(one) == held
            times = [t for o in one.collected.outputs for t in (o.started, o.finished)]
            assert times[0][:2] == "20"
            assert all(o.started <= o.finished for o in one.collected.outputs)
        assert crowd.most <= 2 * QUICK["threads"]


def test_nothing_is_typed_but_what_is_declared(tmp_path: Path) -> None:
    """No Enter where a device stops at its prompt; netmiko's StoneOS driver sends one line a second time."""
    with Crowd([Device(n, vendor) for n, vendor in enumerate(COMMANDS, start=1)], PASSWORD) as crowd:
        found = gathered(crowd, tmp_path)
        for device in crowd.devices.values():
            cli = PLATFORMS[device.vendor].cli
            assert cli is not None
            typed = (*cli.terminal, *COMMANDS[device.vendor]["all"])
            assert (found[device.name].cause, tuple(dict.fromkeys(crowd.heard[device.name]))) == ("", typed)


def test_every_cause_is_told_apart(tmp_path: Path) -> None:
    """Refused commands, silence and a wrong password have their own words; what was answered is kept."""
    says = {"show version": "x\ny\nz\nlonger than a refusal\nso it is none\n"}
    devices = [
        Device(1, "cisco_ios"),
        Device(2, "cisco_ios", Temper(mute="show ip arp")),
        Device(3, "cisco_ios", says=says),
    ]
    asked = {"cisco_ios": {"all": ("show version", "show ip arp"), "core": ("show nothing",)}}
    with Crowd(devices, PASSWORD) as crowd:
        found = gathered(
            crowd, tmp_path, commands=asked, members={"core": ["LAB-0003"]}, attempts=2, command=0.3
        )
        assert [found[f"LAB-000{n}"].cause for n in (1, 2, 3)] == ["", "silent", "refused"]
        silent, refused = found["LAB-0002"], found["LAB-0003"]
        assert silent.attempts == 2
        assert "show ip arp" in silent.collected.problem
        assert "show nothing: % Invalid input" in refused.collected.problem
        assert list(texts(refused)) == ["show version", "show ip arp", "show nothing"]


def test_a_refused_login_is_not_tried_again(tmp_path: Path) -> None:
    """One wrong password each, whatever the number of attempts."""
    with Crowd([Device(1, "cisco_ios")], "another") as crowd:
        found = gathered(crowd, tmp_path, attempts=5)
        assert (found["LAB-0001"].cause, crowd.refused) == ("login", 1)
        assert "does not accept user LAB-0001" in found["LAB-0001"].collected.problem
        assert PASSWORD not in str(found)


def test_a_lost_connection_is_taken_up_again(tmp_path: Path) -> None:
    """The second attempt, after a pause; the host is whole in the end."""
    with Crowd([Device(1, "cisco_ios", Temper(drip=40, pause=0.02))], PASSWORD) as crowd:
        threading.Timer(0.5, crowd.cut).start()
        one = gathered(crowd, tmp_path, command=20.0)["LAB-0001"]
        assert (one.cause, one.attempts) == ("", 2)
        assert texts(one) == {c: s().removesuffix("\n") for c, s in printed("cisco_ios", 1).items()}


def test_deadlines_and_a_stop_end_a_collection(tmp_path: Path) -> None:
    """Who is through is whole, the others are late or stopped, within a moment of the word."""
    devices = [Device(1, "cisco_ios"), *(Device(n, "cisco_ios", Temper(mute="show version")) for n in (2, 3))]
    with Crowd(devices, PASSWORD) as crowd:
        for until, cause in ((Until().within(1.0), "late"), (Until(), "stopped")):
            if cause == "stopped":
                threading.Timer(1.0, until.stop.set).start()
            begun = time.monotonic()
            found = gathered(crowd, tmp_path, until, command=60.0)
            assert [found[f"LAB-000{n}"].cause for n in (1, 2, 3)] == ["", cause, cause]
            assert time.monotonic() - begun < 3
        late = gathered(crowd, tmp_path, host=0.8, command=60.0)
        assert [late[f"LAB-000{n}"].cause for n in (1, 2, 3)] == ["", "late", "late"]


def test_a_group_bears_what_it_bears(tmp_path: Path) -> None:
    """At most so many sessions of a group at a time; a pair that must not meet never meets."""
    devices = [Device(n, "cisco_ios", Temper(drip=200, pause=0.005)) for n in range(1, 9)]
    members = {"access": [d.name for d in devices[:6]]}
    with Crowd(devices, PASSWORD) as crowd:
        found = gathered(crowd, tmp_path, members=members, groups={"access": Limit(at_once=2)}, command=20.0)
        assert not any(one.cause for one in found.values())
        assert crowd.most <= 4
    with Crowd(devices[:2], PASSWORD) as crowd:
        gathered(crowd, tmp_path, never_together=(("LAB-0001", "LAB-0002"),), command=20.0)
        assert crowd.most == 1


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ((), 4),
        (("platform=cisco_ios",), 2),
        (("name=LAB-000[12]",), 2),
        (("group=core",), 1),
        (("role=c*",), 1),
    ],
)
def test_filters_choose(tmp_path: Path, filters: Sequence[str], count: int) -> None:
    """By name, platform, group and role, with wildcards; all must fit."""
    devices = [Device(n, "cisco_ios" if n % 2 else "huawei_vrp") for n in range(1, 5)]
    with Crowd(devices, PASSWORD) as crowd:
        nornir = nornir_of(crowd, trusted(crowd, tmp_path), core=["LAB-0003"])
    collector = Collector(nornir, tmp_path / "known_hosts", Questions(COMMANDS))
    assert len(collector.asked(filters)) == count
    assert set(collector.asked(filters, ["show version"]).values()) <= {("show version",)}


@pytest.mark.parametrize(("filters", "only"), [(["name"], []), (["name=nobody"], []), ([], ["reload"])])
def test_what_cannot_be_meant_is_told(tmp_path: Path, filters: list[str], only: list[str]) -> None:
    """A filter that is none or fits nobody, and above all a command that nobody declared."""
    with Crowd([Device(1, "cisco_ios")], PASSWORD) as crowd:
        nornir = nornir_of(crowd, trusted(crowd, tmp_path))
    with pytest.raises(ConfigError):
        Collector(nornir, tmp_path / "known_hosts", Questions(COMMANDS)).asked(filters, only)


def test_logins_keep_their_distance() -> None:
    """So many a minute, on a device and in a group; the deadline and a stop end the wait."""
    admission = Admission(Pace(groups={"core": Limit(logins_per_minute=300)}))
    begun = time.monotonic()
    for name in ("a", "b", "c"):
        with admission.session(name, frozenset((name, "core")), Until()):
            pass
    assert 0.4 <= time.monotonic() - begun < 1
    stopped = Until()
    stopped.stop.set()
    for until, error in ((Until().within(0.05), Expired), (stopped, Cancelled)):
        with pytest.raises(error), admission.session("d", frozenset(("d", "core")), until):
            pass


@given(
    members=st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.sampled_from(("x", "y", "z")))),
    pairs=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=3),
)
def test_who_shares_a_limit_shares_a_process(
    members: Mapping[str, frozenset[str]], pairs: list[tuple[str, str]]
) -> None:
    """Limits are kept in one process, so those whom one binds must be there together."""
    names = {name: groups | {name} for name, groups in members.items()}
    pace = Pace(groups={"x": Limit(at_once=1), "y": Limit(at_once=1)}, never_together=tuple(pairs))
    keys = shard_keys(names, pace)
    for bound in ({"x"}, {"y"}, *map(set, pairs)):
        assert len({keys[name] for name, called in names.items() if called & bound}) <= 1


def test_processes_share_what_is_for_everything() -> None:
    """The whole is not more than was allowed."""
    part = share(Pace(everything=Limit(at_once=10, logins_per_minute=60)), 4).everything
    assert (part.at_once, part.logins_per_minute) == (2, 15)


def test_a_hundred_devices_in_one_run(tmp_path: Path) -> None:
    """Nobody fails, and connections stay as few as workers (a thousand: benchmarks/collect.py)."""
    with ExitStack() as stack:
        crowd = stack.enter_context(Crowd((Device(n, "huawei_vrp") for n in range(1, 101)), PASSWORD))
        found = gathered(crowd, tmp_path, command=30.0)
        assert [one.collected.problem for one in found.values() if one.cause] == []
        assert len(found) == 100
        assert crowd.most <= 2 * QUICK["threads"]
