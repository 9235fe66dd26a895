"""The client of the cloud against the lab's cloud: whole lists, bounded patience, errors in words."""

from datetime import timedelta
from pathlib import Path

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.aliyun.signature import Key
from nornir_itsm.lab.tls import Authority
from nornir_itsm.sources.aliyun import EIPS, HAVIPS, INSTANCES, INTERFACES, SLBS, VPCS, Patience

from .conftest import Client

MANY = 5_000


def test_every_list_is_read_whole(client: Client, cloud: Cloud) -> None:
    """By pages and by tokens, with the products of the documentation, signed by the vendor's core."""
    api = client()
    wanted = {INSTANCES: 32, INTERFACES: 34, EIPS: 26, HAVIPS: 4, SLBS: 6, VPCS: 11}
    assert {listing: len(api.records(listing)) for listing in wanted} == wanted


def test_5000_instances_with_5_percent_throttled(client: Client, cloud: Cloud) -> None:
    """Pages of 100, every twentieth call refused by chance: complete, each once, few calls repeated."""
    base = cloud.records["instances"][0]
    cloud.records["instances"] = [{**base, "InstanceId": f"i-{n:05}"} for n in range(MANY)]
    cloud.throttle(0.05, seed=4)
    api = client()
    found = [one["InstanceId"] for one in api.records(INSTANCES)]
    assert found == [f"i-{n:05}" for n in range(MANY)]
    assert cloud.calls["DescribeInstances"] == MANY // 100
    assert api.retries == cloud.calls["throttled"]
    assert 0 < api.retries <= 10


def test_a_private_cloud_that_knows_no_tokens(client: Client, cloud: Cloud) -> None:
    """Where a list by tokens ends before its total, it is read by numbered pages."""
    cloud.legacy = True
    assert len(client().records(INSTANCES)) == 32
    assert len(client().records(INTERFACES)) == 34
    base = cloud.records["instances"][0]
    cloud.records["instances"] = [{**base, "InstanceId": f"i-{n}"} for n in range(250)]
    assert [one["InstanceId"] for one in client().records(INSTANCES)] == [f"i-{n}" for n in range(250)]


def test_patience_ends(client: Client, cloud: Cloud) -> None:
    """A cloud that always refuses is asked so many times and no more."""
    cloud.throttle(1.0)
    with pytest.raises(SourceError, match="throttled 8 times in a row"):
        client().records(VPCS)
    assert cloud.calls["throttled"] == 8


def test_pauses_grow_and_are_left_to_chance() -> None:
    """Twice as long each time up to a bound, between half and all of it, so that clients do not march."""
    from random import Random

    patience = Patience(first=1.0, most=10.0)
    pauses = [[patience.pause(attempt, Random(seed)) for seed in range(50)] for attempt in range(6)]
    for attempt, some in enumerate(pauses):
        bound = min(10.0, 2.0**attempt)
        assert all(bound / 2 <= pause <= bound for pause in some)
        assert len(set(some)) == 50


def test_a_wrong_secret(client: Client) -> None:
    """One error that says so, without the secret, the signature or what was signed."""
    with pytest.raises(SourceError) as caught:
        client(secret="hidden-1").records(VPCS)
    assert "the access key secret is not that of the access key" in str(caught.value)
    assert "hidden-1" not in str(caught.value)
    assert "GET&" not in str(caught.value)


def test_an_unknown_key_and_a_wrong_token(client: Client, cloud: Cloud) -> None:
    """Both are said; neither is tried again."""
    for wrong in (
        client(id="LTAInobody"),
        client(id=(key := cloud.key(temporary=True)).id, secret=key.secret),
    ):
        with pytest.raises(SourceError, match="the access key is not accepted"):
            wrong.records(VPCS)
        assert wrong.retries == 0


def test_a_temporary_key(client: Client, cloud: Cloud) -> None:
    """Its token is signed and sent with every call."""
    key = cloud.key(temporary=True)
    assert len(client(key.id, key.secret, key.token).records(VPCS)) == 11


@pytest.mark.parametrize("minutes", [16, -16])
def test_a_skewed_clock(client: Client, cloud: Cloud, minutes: int) -> None:
    """One error that tells to set the clock, in whichever direction it is wrong."""
    cloud.gate.skew = timedelta(minutes=minutes)
    with pytest.raises(SourceError, match="clock and the cloud's are more than 15 minutes apart"):
        client().records(VPCS)


def test_half_an_answer(client: Client, cloud: Cloud) -> None:
    """An answer that ends early is asked for again, and at last said to be cut."""
    cloud.cut_after = 700
    with pytest.raises(SourceError, match="no whole answer in 3 tries: the answer ended after 700 of"):
        client().records(VPCS)


@pytest.mark.parametrize("listing", [VPCS, INSTANCES])
def test_half_a_page(client: Client, cloud: Cloud, listing: object) -> None:
    """A list that counts more than it gives is not taken for the whole."""
    cloud.lost = 2
    with pytest.raises(SourceError, match="the list is not whole"):
        client().records(listing)


def test_nobody_there_and_somebody_else(client: Client, cloud: Cloud) -> None:
    """An endpoint that is none is said with its account, region and action."""
    with pytest.raises(SourceError, match="示例/demo-region-1 DescribeVpcs"):
        client(endpoints={"vpc": "http://127.0.0.1:9"}).records(VPCS)
    cloud.records["vpcs"] = [{"no": "id"}]
    with pytest.raises(SourceError, match=r"holds no Vpcs\.Vpc"):
        client().records(VPCS)


def test_a_private_cloud_wants_its_headers(client: Client, cloud: Cloud) -> None:
    """What the configuration says goes with every call; without it this cloud shows nothing."""
    cloud.wants({"x-acs-organizationid": "12"})
    assert client().records(VPCS) == []
    assert len(client(headers={"x-acs-organizationid": "12"}).records(VPCS)) == 11


def test_https_is_verified(cloud: Cloud, client: Client, tmp_path: Path) -> None:
    """With the authority of the private cloud it works, without it the certificate is refused."""
    authority = Authority()
    names = ("ca.pem", "cloud.pem", "cloud.key")
    for name, content in zip(names, (authority.certificate(), *authority.server()), strict=True):
        (tmp_path / name).write_bytes(content)
    cloud.stop()
    port = cloud.start(tmp_path / "cloud.pem", tmp_path / "cloud.key")
    endpoints = {"vpc": f"https://127.0.0.1:{port}"}
    assert len(client(endpoints=endpoints, ca=tmp_path / "ca.pem").records(VPCS)) == 11
    with pytest.raises(SourceError, match="no whole answer"):
        client(endpoints=endpoints).records(VPCS)


def test_the_keys_show_no_secret(key: Key) -> None:
    """Neither ours nor the lab's print it."""
    from nornir_itsm.sources.aliyun_keys import Keys

    assert key.secret not in f"{key!r} {Keys(key.id, key.secret, 'hidden-1')!r}"
    assert "hidden-1" not in repr(Keys(key.id, key.secret, "hidden-1"))
