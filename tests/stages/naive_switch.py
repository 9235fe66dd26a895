"""A switch that knows nothing but its command line: lines in, configuration text out."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class NaiveSwitch:
    """Views by their first line; a line that fits nowhere is an error, as is undoing what is not there."""

    views: dict[str, list[str]] = field(default_factory=dict)
    single: list[str] = field(default_factory=list)

    def type(self, lines: Iterable[str]) -> None:
        """Type lines in system view."""
        inside = ""
        for line in (line.strip() for line in lines):
            if line == "quit":
                assert inside, "quit leaves the system view"
                inside = ""
            elif inside:
                self._in_view(self.views[inside], line)
            elif line.startswith("undo "):
                self._undo(line.removeprefix("undo "))
            elif line.startswith("ip route-static "):
                self._once(self.single, line)
            else:
                assert line.split()[0] in ("vlan", "interface") or line.startswith("ip vpn-instance "), line
                self.views.setdefault(inside := line, [])

    def _in_view(self, body: list[str], line: str) -> None:
        if line.startswith("ip binding vpn-instance "):
            instance = line.removeprefix("ip binding vpn-instance ")
            assert f"ip vpn-instance {instance}" in self.views, "the instance must be there first"
            body[:] = [one for one in body if not one.startswith(("ip address", "ip binding"))]
        elif not line.startswith(("ip address ", "route-distinguisher ")):
            raise AssertionError(line)
        self._once(body, line)

    def _undo(self, line: str) -> None:
        if line.startswith("ip route-static "):
            self.single.remove(line)
            return
        name = line.removeprefix("ip vpn-instance ")
        bound = any(f"ip binding vpn-instance {name}" in body for body in self.views.values())
        assert not (line.startswith("ip vpn-instance ") and bound), "an interface is bound to it"
        del self.views[line]

    @staticmethod
    def _once(body: list[str], line: str) -> None:
        if line not in body:
            body.append(line)

    def text(self) -> str:
        """Print the configuration."""
        blocks = ("\n".join([head, *(f" {line}" for line in body)]) for head, body in self.views.items())
        single = "\n".join(f" {line}" for line in self.single)
        return "\n#\n".join([" version 7.1.070", *blocks, *([single] if single else []), "return"]) + "\n"
