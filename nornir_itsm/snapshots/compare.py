"""Two snapshots compared, host by host and command by command."""

from collections.abc import Iterator
from dataclasses import dataclass

from nornir_itsm.snapshots.store import SnapshotStore
from nornir_itsm.stages.process.compare import Difference, compare

_NONE = Difference()


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between two answers. ``note``: why rows were not compared, or not all of them."""

    host: str
    command: str
    difference: Difference = _NONE
    note: str = ""


def between(store: SnapshotStore, before: int, after: int, *, counters: bool = False) -> Iterator[Between]:
    """Yield what differs, by host and command; answers that say the same are left out.

    A host or command that only one of both has is a note, and so is an answer that was not read whole.
    """
    same = store.identical(before, after)
    old_hosts, new_hosts = set(store.hosts(before)), set(store.hosts(after))
    for host in sorted(old_hosts | new_hosts):
        if host not in new_hosts or host not in old_hosts:
            yield Between(host, "", note="only in the earlier" if host in old_hosts else "only in the later")
            continue
        old = {one.command: one for _, one in store.outputs(before, host=host)}
        new = {one.command: one for _, one in store.outputs(after, host=host)}
        for command in sorted(old.keys() | new.keys()):
            if (host, command) in same:
                continue
            if command not in old or command not in new:
                yield Between(
                    host, command, note="only in the earlier" if command in old else "only in the later"
                )
                continue
            was, now = old[command], new[command]
            if was.parsed is None or now.parsed is None:
                if was.text != now.text:
                    yield Between(
                        host, command, note="the text differs; there is no template to compare rows by"
                    )
                continue
            found = compare(now.parsed.table, was.parsed.rows, now.parsed.rows, counters=counters)
            whole = was.parsed.whole and now.parsed.whole
            if found or not whole:
                yield Between(host, command, found, "" if whole else "not every line was read")
