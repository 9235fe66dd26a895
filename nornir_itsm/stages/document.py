"""The change document as data: per device checks, steps, verification and undo, in execution order.

The template in ``templates/documents/`` gives it its shape; everything that came from an order passes
through ``md`` there, so free text can never become markup.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from jinja2 import Environment, StrictUndefined

from nornir_itsm.model.change import Call, Change, Json
from nornir_itsm.model.intent import (
    AddressSet,
    DestinationNat,
    Intent,
    Reuse,
    SecurityRule,
    kind_of,
    name_of,
)
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.render import SKIPPED, UNSEEN
from nornir_itsm.stages.words import kind_words, proof_words

_MARKUP = re.compile(r"([\\`*_{}\[\]<#|~!&])")
_LIST = re.compile(r"^(\d+)([.)])(?=\s|$)")
_BLOCK = re.compile(r"^([-+=>])")


def md(text: object) -> str:
    """Make any text inert in Markdown: one line, no markup, no HTML."""
    flat = _MARKUP.sub(r"\\\1", " ".join(str(text).split()))
    return _BLOCK.sub(r"\\\1", _LIST.sub(r"\1\\\2", flat))


def hosts(addresses: Sequence[str]) -> str:
    """Say addresses the way people write them: hosts without their prefix length."""
    return "、".join("任意" if a == "any" else a.removesuffix("/32").removesuffix("/128") for a in addresses)


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person does in a GUI: where, what, and the fields with their values."""

    title: str
    menu: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One device of the document."""

    device: str
    platform: str
    role: str
    reuse: tuple[str, ...]
    checks: tuple[str, ...]
    commands: tuple[str, ...]
    frame: "Frame"
    steps: tuple[Step, ...]
    verification: tuple[str, ...]
    undo: tuple[str, ...]
    undo_steps: tuple[Step, ...]
    unseen: bool
    """Nobody collected the device: a person skips what is there, and never undoes what he skipped."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around pasted lines on one platform, and what a person answers while saving."""

    before: str = "configure"
    after: tuple[str, ...] = ("end", "save")
    saving: str = "`save` 的第一个提问回答 y，第二个（备份启动配置）回答 n。"


_FRAMES = {
    "hp_comware": Frame(
        "system-view", ("return", "save force"), "`save force` 不提问，直接覆盖下次启动配置。"
    ),
    "huawei_vrp": Frame(
        "system-view", ("return", "save"), "`save` 的提问均回答 Y（双机时含同步保存到对端）。"
    ),
}


def document(order: Order, plan: Plan, site: Site, template: str) -> str:
    """Return the change document of a plan."""
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters |= {"md": md, "hosts": hosts, "parts": proof_words}
    return environment.from_string(template).render(
        order=order,
        plan=plan,
        site=site,
        demands={d.id: d for d in order.demands},
        verdicts=plan.demands,
        proofs=plan.proofs,
        skipped=SKIPPED,
        unseen=UNSEEN,
        sections=[_section(change, site) for change in plan.changes],
    )


def _section(change: Change, site: Site) -> Section:
    point = site.points[change.device]
    return Section(
        device=change.device,
        platform=change.platform,
        role=point.role,
        reuse=tuple(_reused(change.intents)),
        checks=tuple(_prechecks(change)),
        commands=change.commands,
        frame=_FRAMES.get(change.platform, Frame()),
        steps=tuple(_gui(change.calls, point.menus, change.intents)),
        verification=tuple(_verification(change)),
        undo=change.undo,
        undo_steps=tuple(_gui(change.undo_calls, point.menus, change.intents)),
        unseen=UNSEEN in change.by_hand,
    )


def _reused(intents: Sequence[Intent]) -> Iterator[str]:
    for intent in intents:
        if intent.reuse:
            why = f"（{intent.why}）" if isinstance(intent, Reuse) and intent.why else ""
            yield f"{kind_words(intent)} {name_of(intent)}{why}"


def _prechecks(change: Change) -> Iterator[str]:
    yield from (line for line in change.by_hand if line not in (UNSEEN, SKIPPED))
    created = set(_created(change.back))
    for intent in (i for i in change.intents if not i.reuse and not change.by_hand):
        new = intent.state == "ensure" and (kind_of(intent), name_of(intent)) in created
        yield f"{kind_words(intent)} “{name_of(intent)}” {'应不存在' if new else '应已存在'}"
        if new and isinstance(intent, SecurityRule) and intent.anchor.name:
            yield f"策略 “{intent.anchor.name}” 应存在，新策略位于其上方"
    if change.commands:
        yield "运行配置与启动配置一致（没有他人未保存的修改）"


def _created(back: Sequence[Intent]) -> Iterator[tuple[str, str]]:
    """Yield what a change makes anew: what its undo takes away as a whole."""
    for intent in back:
        if intent.state == "absent" and (not isinstance(intent, AddressSet) or intent.whole):
            yield kind_of(intent), name_of(intent)


def _verification(change: Change) -> Iterator[str]:
    for intent in (i for i in change.intents if not i.reuse):
        name = name_of(intent)
        match intent:
            case AddressSet(state="absent", whole=False):
                yield f"地址集 “{name}” 不再包含 {hosts(intent.members)}"
            case AddressSet(state="ensure"):
                yield f"地址集 “{name}” 包含 {hosts(intent.members)}"
            case SecurityRule(state="ensure"):
                where = f"，位于 “{intent.anchor.name}” 之上" if intent.anchor.name else ""
                yield f"策略 “{name}” 已启用{where}，内容与方案一致"
            case DestinationNat(state="ensure"):
                yield f"目的地址转换 “{name}” 已启用，内容与方案一致"
            case _ if intent.state == "ensure":
                yield f"{kind_words(intent)} “{name}” 内容与方案一致"
            case _:
                yield f"{kind_words(intent)} “{name}” 已删除"


_WORDS = {"POST": "新建", "PUT": "修改", "DELETE": "删除"}
_KINDS = {
    "/rc/custom-address-group": ("AddressSet", "用户地址集"),
    "/net/dnat": ("DestinationNat", "目的地址转换"),
    "/net/snat": ("SourceNat", "源地址转换"),
    "/lc/policy-route": ("PolicyRoute", "智能路由"),
}


def _gui(calls: Sequence[Call], menus: Mapping[str, str], intents: Sequence[Intent]) -> Iterator[Step]:
    names = {name_of(i) for i in intents}
    for call in calls:
        base = next((base for base in _KINDS if call.path.startswith(base)), call.path)
        kind, word = _KINDS.get(base, (base, base))
        name = str(call.body.get("name", "")) or next((n for n in names if _names(call, n)), "")
        yield Step(
            f"{_WORDS.get(call.method, call.method)}{word} “{name}”",
            menus.get(kind, ""),
            tuple(_fields(call)),
        )


def _names(call: Call, name: str) -> bool:
    return unquote(call.path.rpartition("/")[2]) == name


def _fields(call: Call) -> Iterator[tuple[str, str]]:
    body = call.body
    labels = {
        "name": "名称",
        "addresses": "IPv4 地址",
        "addresses_ipv6": "IPv6 地址",
        "state": "状态",
        "inbound_links": "入接口链路",
        "inbound_link": "入接口链路",
        "outbound_links": "出接口链路",
        "schedule_links": "出口链路",
        "source_address": "源地址",
        "destination_address": "目的地址",
        "protocol": "协议",
        "destination_ports": "目的端口",
    }
    for key, label in labels.items():
        if key in body and body[key] not in ("", []):
            yield label, _value(body[key])
    process = body.get("dnat_process", body.get("snat_process"))
    if isinstance(process, dict):
        yield "转换后地址", _value(process.get("translated_address"))
    if isinstance(process, dict) and "translated_ports" in process:
        yield "转换后端口", _value(process["translated_ports"])
    if call.anchor is not None:
        places = {
            "first": "最前",
            "last": "最后",
            "before": f"{call.anchor.name} 之前",
            "after": f"{call.anchor.name} 之后",
        }
        yield "位置", places[call.anchor.place]


def _value(value: Json) -> str:
    match value:
        case list():
            return "、".join(str(item) for item in value)
        case {"address": str(address)}:
            return address
        case {"ref_custom_address_group": str(group)}:
            return f"用户地址集：{group}"
        case {"type": "ALL"}:
            return "全部"
        case "ENABLE":
            return "启用"
        case "DISABLE":
            return "禁用"
        case _:
            return str(value)
