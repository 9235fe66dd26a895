"""What another process is told of a task: everything it needs, and no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nornir.core import Nornir
from nornir.core.inventory import (
    ConnectionOptions,
    Defaults,
    Group,
    Groups,
    Host,
    Hosts,
    Inventory,
    ParentGroups,
)
from nornir.core.processor import Processors
from nornir.core.task import MultiResult, Result, Task
from nornir_netmiko.tasks import netmiko_send_command

from nornir_itsm.devices.plain import RemoteError, host_of, host_plain, results_of, results_plain, task_plain
from nornir_itsm.devices.worker import Bench
from nornir_itsm.errors import ConfigError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def host(**more: object) -> Host:
    """Return a host that gets most from its group and the defaults."""
    options = ConnectionOptions(port=2222, extras={"timeout": 5, "passphrase": "file:/示例"}, **more)  # type: ignore[arg-type]
    group = Group("示例组", username="netadm", data={"site": "A"}, connection_options={"netmiko": options})
    defaults = Defaults(password="env:SECRET", platform="huawei_vrp")
    group.defaults = defaults
    return Host("FW", "192.0.2.1", groups=ParentGroups([group]), data={"rack": 7}, defaults=defaults)


def task(function: object, **params: object) -> Task:
    nothing = Nornir(Inventory(Hosts(), Groups(), Defaults()))
    return Task(function, nothing, False, Processors([]), **params)  # type: ignore[arg-type]


def test_a_host_is_told_with_what_its_groups_give_it() -> None:
    """A worker has no inventory of its own."""
    here, there = host(), host_of(host_plain(host()))
    for name in ("netmiko", "paramiko"):
        mine, theirs = here.get_connection_parameters(name), there.get_connection_parameters(name)
        assert mine.dict() == theirs.dict()
    assert dict(here.items()) == dict(there.items()) == {"rack": 7, "site": "A"}
    assert there.has_parent_group("示例组")


@pytest.mark.parametrize(
    "secret",
    [
        host(password="a secret"),
        Host("FW", password="a secret", defaults=Defaults()),
        Host("FW", data={"api": [{"Token": "a secret"}]}, defaults=Defaults()),
    ],
    ids=["of a connection", "of the host", "in its data"],
)
def test_a_secret_is_not_handed_over(secret: Host) -> None:
    """Only references are; the message does not repeat it."""
    with pytest.raises(ConfigError, match="is a secret itself") as refused:
        host_plain(secret)
    assert "a secret" not in str(refused.value).replace("is a secret itself", "")


@given(JSON, st.booleans(), st.booleans())
def test_a_result_comes_back_as_it_was(value: object, changed: bool, failed: bool) -> None:
    """Whatever JSON a task returns."""
    one, given_host = task(netmiko_send_command), host()
    made = MultiResult("netmiko_send_command")
    made.append(Result(given_host, result=value, changed=changed, failed=failed))
    (back,) = results_of(results_plain(made), one, given_host)
    assert (back.result, back.changed, back.failed) == (value, changed, failed)


def test_an_exception_comes_back_in_words() -> None:
    """Not with its traceback: that repeats what was sent to a device."""
    made = MultiResult("some")
    made.append(Result(None, result="Traceback …", exception=ValueError("示例"), failed=True))
    (back,) = results_of(results_plain(made), task(netmiko_send_command), host())
    assert isinstance(back.exception, RemoteError)
    assert (back.result, back.failed) == ("ValueError: 示例", True)


def test_a_result_that_is_no_json_has_failed() -> None:
    """And says so; it does not come back as something else."""
    made = MultiResult("some")
    made.append(Result(None, result={1, 2}))
    (told,) = results_plain(made)
    assert told["failed"]
    assert "cannot be handed back" in told["error"][1]


def test_a_task_is_told_by_its_name() -> None:
    """One that has none elsewhere, or parameters that are no JSON, is refused before anything is queued."""
    assert task_plain(task(netmiko_send_command, command_string="display version"))["function"] == (
        "nornir_netmiko.tasks.netmiko_send_command:netmiko_send_command"
    )
    with pytest.raises(ConfigError, match="cannot be found by its name"):
        task_plain(task(lambda task: None))
    with pytest.raises(ConfigError, match="not JSON serializable"):
        task_plain(task(netmiko_send_command, command_string=object()))


@pytest.mark.parametrize("name", ["os:system", "subprocess:run", "nornir_itsmx:f", "nornir_itsm.nowhere:f"])
def test_a_worker_runs_what_it_trusts(name: str) -> None:
    """Whoever may write into the queue cannot make it call anything else."""
    told = {**task_plain(task(netmiko_send_command)), "function": name, "params": {}}
    (result,) = Bench().perform(told, host_plain(host()))
    assert result["failed"]
    assert result["error"][0] == "ConfigError"
