"""The codec: every value of the model comes back exactly, and nothing else gets in."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nornir_itsm.journal.codec import CodecError, decode, dump, encode, load
from nornir_itsm.model import adc, change, cloud, facts, firewall, intent, ipam, order, plan

words = st.text(st.characters(exclude_categories=()), max_size=4)  # broken Unicode too
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(words, JSON, max_size=2)


def many(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=2).map(tuple)


def by_name(kind: type) -> st.SearchStrategy[Any]:
    return st.dictionaries(words, st.from_type(kind), max_size=2)


INTENTS: st.SearchStrategy[Any] = st.one_of(
    *(st.from_type(kind) for kind in (intent.AddressSet, intent.ServiceSet, intent.SecurityRule)),
    *(st.from_type(kind) for kind in (intent.DestinationNat, intent.Reuse)),
)
CALLS = st.builds(change.Call, body=objects)
CHANGES = st.builds(
    change.Change, intents=many(INTENTS), calls=many(CALLS), undo_calls=many(CALLS), commands=many(words)
)
FIREWALLS = st.builds(
    firewall.FirewallFacts,
    rules=many(st.from_type(firewall.SecurityPolicy)),
    addresses=by_name(firewall.AddressBook),
    services=by_name(firewall.ServiceBook),
    groups=by_name(firewall.ServiceGroup),
    schedules=by_name(firewall.ScheduleBook),
)
ADCS = st.builds(
    adc.AdcFacts,
    groups=by_name(adc.AdcGroup),
    dnat=many(st.from_type(adc.DnatRule)),
    snat=many(st.from_type(adc.SnatRule)),
    routes=many(st.from_type(adc.RouteRule)),
)
CLOUDS = st.builds(
    cloud.CloudFacts,
    eips=by_name(cloud.Eip),
    bindings=many(st.from_type(cloud.Binding)),
    hosts=by_name(cloud.Host),
    vpcs=many(st.from_type(cloud.Vpc)),
)
IPAMS = st.builds(
    ipam.IpamFacts, subnets=many(st.from_type(ipam.IpamSubnet)), records=by_name(ipam.IpamRecord)
)
VALUES: Mapping[Any, st.SearchStrategy[Any]] = {
    order.Order: st.builds(
        order.Order, requests=many(st.from_type(order.Request)), demands=many(st.from_type(order.Demand))
    ),
    plan.Plan: st.builds(
        plan.Plan, changes=many(CHANGES), canonical=objects, answers=st.dictionaries(words, words)
    ),
    change.Change: CHANGES,
    intent.Intent: INTENTS,
    facts.PointFacts: FIREWALLS | ADCS,
    cloud.CloudFacts: CLOUDS,
    facts.Facts: st.builds(
        facts.Facts,
        points=st.dictionaries(words, FIREWALLS | ADCS, max_size=2),
        cloud=CLOUDS,
        ipam=IPAMS,
        taken=st.dictionaries(words, words),
    ),
}

quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def fields(value: object) -> object:
    """Return a value with the fields that equality leaves out (ids, positions) as well."""
    return dataclasses.asdict(value)  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: getattr(kind, "__name__", "union"))
@quick
@given(data=st.data())
def test_what_was_kept_comes_back(kind: Any, data: st.DataObject) -> None:
    """Every value survives the way through JSON text, its ids and positions too."""
    value = data.draw(VALUES[kind])
    back = decode(kind, encode(value))
    assert back == value
    assert type(back) is type(value)
    assert fields(back) == fields(value)


def test_no_field_is_called_as_the_tag_is() -> None:
    """The key ``type`` of an object is free for the name of the class, in every class of the model."""
    modules = (order, plan, change, intent, facts, firewall, adc, cloud)
    kinds = [kind for module in modules for kind in vars(module).values() if dataclasses.is_dataclass(kind)]
    assert len(kinds) > 30
    assert not [kind for kind in kinds if "type" in {field.name for field in dataclasses.fields(kind)}]


GOOD = dump(intent.Anchor("before", "Default-Deny"))
assert isinstance(GOOD, dict)
BAD = {
    "an unknown field": {**GOOD, "extra": 1},
    "a word that is not known": {**GOOD, "place": "beside"},
    "another type": {**GOOD, "type": "Period"},
    "no type": {"place": "last", "name": ""},
    "a number for text": {**GOOD, "name": 1},
    "nothing for text": {**GOOD, "name": None},
    "a list": [],
    "nothing": None,
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_refused(case: str) -> None:
    """Reading is strict: no field too many, no value of another kind, no other class."""
    with pytest.raises(CodecError, match=r"^\$"):
        load(intent.Anchor, BAD[case])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (order.Period, {"type": "Period", "days": "mon", "start": "00:00", "end": "24:00"}),
        (order.Period, {"type": "Period", "days": [], "start": "00:00"}),
        (firewall.ServiceEntry, {"type": "ServiceEntry", "protocol": True}),
        (firewall.ServiceEntry, {"type": "ServiceEntry", "protocol": 6.0}),
        (plan.Proof, {"type": "Proof", "demand": "D1", "exact": 1}),
        (intent.Intent, {"type": "Order"}),
        (intent.Intent, "AddressSet"),
    ],
)
def test_kinds_are_not_converted(kind: Any, data: object) -> None:
    """True is no 1, 6.0 no 6, text no list, a class no member of a union it is not in."""
    with pytest.raises(CodecError):
        load(kind, data)


def test_a_field_that_came_later_takes_its_default() -> None:
    """What an earlier version kept without a field that has a default stays readable."""
    assert load(intent.Anchor, {"type": "Anchor", "place": "first"}) == intent.Anchor("first")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b"nul"])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """Broken text is a CodecError and nothing else."""
    with pytest.raises(CodecError, match="is not JSON"):
        decode(order.Order, text)


def test_mappings_keep_their_order() -> None:
    """A call's body is shown as it was made, after the store as before."""
    call = change.Call("POST", "/x", {"z": 1, "a": 2})
    assert list(decode(change.Call, encode(call)).body) == ["z", "a"]
    assert json.loads(encode(call))["type"] == "Call"


def test_what_the_model_does_not_hold_is_not_kept() -> None:
    """A value that could not be read back exactly is refused when it is written."""
    with pytest.raises(TypeError):
        dump({"a", "b"})
    with pytest.raises(TypeError):
        dump({1: "a"})
