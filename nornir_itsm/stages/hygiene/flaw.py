"""Something that somebody should look at, and of which kind it is."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "dead", "shadowed", "redundant", "undecided", "zero-hit", "disabled", "unclear", "misnamed",
    "truncated", "empty", "duplicate", "unreferenced", "stale", "unregistered", "overlap", "untranslated",
    "several-groups", "shared",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order in which they are told."""

TITLES: dict[Kind, str] = {
    "dead": "位于拒绝之下",
    "shadowed": "被先行规则遮蔽",
    "redundant": "后续规则已涵盖",
    "undecided": "未能判定",
    "zero-hit": "零命中",
    "disabled": "停用遗留",
    "unclear": "启用状态不明",
    "misnamed": "名不副实",
    "truncated": "内容不完整",
    "empty": "空对象",
    "duplicate": "内容重复",
    "unreferenced": "无人引用",
    "stale": "IPAM 过期",
    "unregistered": "IPAM 未登记",
    "overlap": "网段重叠",
    "untranslated": "没有源地址转换",
    "several-groups": "在多个地址集中",
    "shared": "共享地址",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One finding about an object of a point; of cloud and IPAM the point is their word."""

    kind: Kind
    point: str
    object: str
    problem: str

    @property
    def title(self) -> str:
        """The kind in the words of people."""
        return TITLES[self.kind]
