"""What a router is configured with, and how IOS XE 17 prints it.

A remark has the number of its entry; an entry that goes takes its remarks along; no two entries of a list say
the same (public samples and measured outputs).
"""

from dataclasses import dataclass, field

HIGHEST = 2147483647


@dataclass
class AccessList:
    """An extended list: number -> entry as printed, number -> remarks."""

    name: str
    entries: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, list[str]] = field(default_factory=dict)

    @property
    def next(self) -> int:
        """The number of an entry that is typed without one."""
        return max((*self.entries, *self.remarks, 0)) + 10

    def printed(self) -> list[str]:
        """Return the lines below the heading."""
        said: list[str] = []
        for number in sorted({*self.entries, *self.remarks}):
            said += [f"{number} remark {text}" for text in self.remarks.get(number, ())]
            said += [f"{number} {self.entries[number]}"] if number in self.entries else []
        return said


Blocks = dict[str, list[str]]
"""Name -> lines below the heading."""


@dataclass
class Configuration:
    """One configuration."""

    lists: dict[str, AccessList] = field(default_factory=dict)
    networks: Blocks = field(default_factory=dict)
    services: Blocks = field(default_factory=dict)
    ranges: Blocks = field(default_factory=dict)
    interfaces: Blocks = field(default_factory=dict)
    routes: list[str] = field(default_factory=list)
    """Behind ``ip route``."""

    def users(self, group: str) -> list[str]:
        """Return the lists and groups that name an object group."""
        word = f"object-group {group}"
        found = [one.name for one in self.lists.values() if any(_says(e, word) for e in one.entries.values())]
        inner = {**self.networks, **self.services}.items()
        return found + [name for name, lines in inner if f"group-object {group}" in lines]

    def printed(self, hostname: str) -> list[str]:
        """Return the lines of the configuration, without what stands before and after."""
        said = ["!", "version 17.9", "!", f"hostname {hostname}", "!"]
        for heading, blocks in (
            ("object-group network", self.networks),
            ("object-group service", self.services),
            ("interface", self.interfaces),
        ):
            for name, lines in blocks.items():
                said += [f"{heading} {name}", *(f" {line}" for line in lines), "!"]
        said += [f"ip route {route}" for route in self.routes]
        said += ["!"]
        for one in self.lists.values():
            said += [f"ip access-list extended {one.name}", *(f" {line}" for line in one.printed()), "!"]
        for name, lines in self.ranges.items():
            said += [f"time-range {name}", *(f" {line}" for line in lines), "!"]
        return said

    def state(self) -> dict[str, object]:
        """Return what it does, as plain values: entries in their order, without numbers."""
        return {
            "lists": {
                name: [
                    (one.remarks.get(n, []), one.entries.get(n)) for n in sorted({*one.entries, *one.remarks})
                ]
                for name, one in sorted(self.lists.items())
            },
            "networks": {name: sorted(lines) for name, lines in sorted(self.networks.items())},
            "services": {name: sorted(lines) for name, lines in sorted(self.services.items())},
            "ranges": {name: sorted(lines) for name, lines in sorted(self.ranges.items())},
            "interfaces": {name: list(lines) for name, lines in self.interfaces.items()},
            "routes": sorted(self.routes),
        }


def _says(entry: str, words: str) -> bool:
    return f" {words} " in f" {entry} "
