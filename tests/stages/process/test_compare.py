"""Two tables compared by identity: exact, whatever the order, and quick."""

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.stages.process.compare import compare

tables = st.dictionaries(st.integers(0, 8), st.integers(0, 3), max_size=9)


def rows(macs: dict[int, int]) -> list[dict[str, Any]]:
    """An ARP table of last byte -> last byte of the MAC."""
    return [
        {
            "instance": None,
            "address": f"10.1.1.{one}",
            "interface": "Vlan10",
            "mac": f"00:00:00:00:00:0{mac}",
            "age": mac,
        }
        for one, mac in macs.items()
    ]


@given(tables, tables)
def test_what_came_went_and_changed(old: dict[int, int], new: dict[int, int]) -> None:
    """Exactly the keys that only one has, and exactly those whose values differ."""
    found = compare("arp", rows(old), rows(new)[::-1])
    assert {row["address"] for row in found.added} == {f"10.1.1.{one}" for one in new.keys() - old.keys()}
    assert {row["address"] for row in found.removed} == {f"10.1.1.{one}" for one in old.keys() - new.keys()}
    changed = {one for one in old.keys() & new.keys() if old[one] != new[one]}
    assert {item.key["address"] for item in found.changed} == {f"10.1.1.{one}" for one in changed}
    assert all(set(item.fields) == {"mac"} for item in found.changed)  # an age is no change
    assert bool(found) == (old != new)


def test_lists_are_sets_and_counters_can_be_asked_for() -> None:
    """The order of members is no difference; ages are one where they are asked for."""
    one, other = {"vlan": 10, "tagged": ["a", "b"]}, {"vlan": 10, "tagged": ["b", "a"]}
    assert not compare("vlans", [one], [other])
    was, now = {"address": "10.1.1.1", "age": 1}, {"address": "10.1.1.1", "age": 2}
    assert not compare("arp", [was], [now])
    assert compare("arp", [was], [now], counters=True).changed[0].fields == {"age": (1, 2)}
    assert len(compare("", [{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 3}]).added) == 1


def test_ten_thousand_rows_are_compared_at_once() -> None:
    """In far less than the second and more that a comparison of nested structures takes."""
    old = [
        {"vlan": 1, "mac": f"{n:012x}", "interface": f"GigabitEthernet0/0/{n % 48}", "kind": "dynamic"}
        for n in range(10_000)
    ]
    new = [{**row, "kind": "static"} if n % 100 == 0 else dict(row) for n, row in enumerate(old)][::-1]
    began = time.process_time()
    found = compare("macs", old, new)
    assert time.process_time() - began < 0.3
    assert len(found.changed) == 100
