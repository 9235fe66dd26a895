"""A collection counted: hosts done, what failed and why, how fast."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nornir_itsm.model.questions import Gathered

CAUSES = {
    "unreachable": "连不上",
    "host key": "主机密钥不可信",
    "login": "登录被拒",
    "protocol": "SSH 协商失败",
    "lost": "连接中断",
    "silent": "没有应答",
    "refused": "命令被拒",
    "late": "超过时限",
    "stopped": "被中止",
    "setup": "配置有误",
    "defect": "程序缺陷",
}
"""Cause -> its words."""


@dataclass(slots=True)
class Tally:
    """Counts hosts as they come home."""

    total: int
    done: int = 0
    outputs: int = 0
    retried: int = 0
    failed: list[Gathered] = field(default_factory=list)

    def count(self, one: Gathered) -> None:
        """Take one host into account; the texts of those who failed are not kept."""
        self.done += 1
        self.outputs += len(one.collected.outputs)
        self.retried += one.attempts > 1
        if one.cause:
            self.failed.append(one)

    @property
    def complete(self) -> int:
        """Hosts that gave all that was asked."""
        return self.done - len(self.failed)

    @property
    def partial(self) -> bool:
        """Whether something of what was asked is missing."""
        return self.complete < self.total

    def by_cause(self) -> Mapping[str, Sequence[Gathered]]:
        """Return cause -> hosts, the most frequent first."""
        groups: dict[str, list[Gathered]] = defaultdict(list)
        for one in self.failed:
            groups[one.cause].append(one)
        return dict(sorted(groups.items(), key=lambda item: -len(item[1])))

    def rate(self, seconds: float) -> float:
        """Return hosts per second."""
        return self.done / seconds if seconds else 0.0
