"""Simulated devices that are called, as ``before.json`` says: a controller over HTTPS, a cloud's region."""

import copy
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.overlay import cloud_account
from nornir_itsm.lab.sangfor.adc import Adc
from nornir_itsm.lab.sangfor.resources import RESOURCES
from nornir_itsm.lab.sangfor.store import Store
from nornir_itsm.lab.tls import Authority

from .case_folders import POINT, before

PATHS = {resource.snapshot: path for path, resource in RESOURCES.items()}


@dataclass(frozen=True)
class Called:
    """A device, what makes it new again, what it holds, how the device list says that it is reached."""

    device: Adc | Cloud
    renew: Callable[[], None]
    documents: Callable[[], dict[str, Any]]
    reach: dict[str, object]


def controller(folder: Path, password: str, stack: ExitStack) -> Called:
    def store() -> Store:
        items = copy.deepcopy(before("sangfor_ad"))
        return Store({PATHS[name]: listed for name, listed in items.items()}, {})

    device = Adc(POINT, store())
    authority = Authority()
    certificate, key = authority.server()
    for name, content in (("ca.pem", authority.certificate()), ("adc.pem", certificate), ("adc.key", key)):
        (folder / name).write_bytes(content)
    stack.callback(device.stop)
    port = device.start(password, folder / "adc.pem", folder / "adc.key")
    return Called(
        device,
        lambda: device.reset(store()),
        lambda: {name: device.store.items(RESOURCES[path]) for name, path in PATHS.items()},
        {"port": port, "ca": "ca.pem"},
    )


def region(folder: Path, stack: ExitStack) -> Called:
    documents = before("aliyun")
    flat = [
        {**rule, "SecurityGroupId": answer["SecurityGroupId"]}
        for answer in documents["security_group_rules"]
        for rule in answer["Permissions"]["Permission"]
    ]
    cloud = Cloud({**copy.deepcopy(documents), "security_group_rules": flat})
    stack.callback(cloud.stop)
    key, secret = cloud.key(), folder / "cloud.secret"
    secret.write_text(key.secret, "utf-8")
    account = {**cloud_account(cloud.start(), key.id, secret), "regions": "demo-region-1"}

    def held() -> dict[str, Any]:
        answers = {one["SecurityGroupId"]: [] for one in documents["security_groups"]}
        for rule in cloud.records["security_group_rules"]:
            answers[rule["SecurityGroupId"]].append(rule)
        listed = [
            {**answer, "Permissions": {"Permission": answers[answer["SecurityGroupId"]]}}
            for answer in documents["security_group_rules"]
        ]
        return {**documents, "security_group_rules": listed}

    said = {f"itsm-aliyun-api.{name}": value for name, value in account.items() if name != "name"}
    return Called(cloud, cloud.reset, held, {"port": 443, **said})
