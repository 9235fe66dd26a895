"""A cloud of the lab on loopback, and a client of ours that waits little."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.aliyun.signature import Key
from nornir_itsm.sources.aliyun import AliyunApi, Patience
from nornir_itsm.sources.aliyun_keys import Keys
from nornir_itsm.sources.aliyun_wire import Place

SNAPSHOT = Path(__file__).parents[2] / "inventory" / "snapshot" / "cloud"
REGION = "demo-region-1"

Client = Callable[..., AliyunApi]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    made = Cloud.from_snapshot(SNAPSHOT)
    made.port = made.start()
    yield made
    made.stop()


@pytest.fixture
def key(cloud: Cloud) -> Key:
    return cloud.key()


@pytest.fixture
def client(cloud: Cloud, key: Key) -> Iterator[Client]:
    """Makes clients; their keys and place can be others."""
    made: list[AliyunApi] = []

    def client(id: str = key.id, secret: str = key.secret, token: str = "", **place: object) -> AliyunApi:
        url = f"http://127.0.0.1:{cloud.port}"
        where = Place(
            "示例", **{"region": REGION, "endpoints": dict.fromkeys(("ecs", "vpc", "slb"), url), **place}
        )
        made.append(AliyunApi(where, Keys(id, secret, token), Patience(tries=8, first=0.001, timeout=5)))
        return made[-1]

    yield client
    for one in made:
        one.close()
