"""``nft -j list ruleset`` (libnftables JSON, schema 1) -> facts of a Linux firewall. A strict subset.

The whole of what decides about forwarded packets is one chain, ``inet filter forward``; its rules match
interfaces, addresses, services, and end in a verdict. Translations stand in ``inet filter prerouting`` and
``postrouting``, where these are there. A match that is not understood makes its rule undecidable; whatever
else could decide about a forwarded packet (another chain on its way, a jump) is refused, since nothing could
be proved about it. Chains for the firewall's own traffic (hooks ``input`` and ``output``) are left aside. A
rule is known by its comment; several lines with the same one are one rule where together they say every
combination of their parts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import AddressBook, FirewallFacts, SecurityPolicy, ServiceBook, ServiceEntry
from nornir_itsm.stages.nft_words import ANY_ADDRESS, PREDEFINED, inline_entries, set_name
from nornir_itsm.stages.parse import nft_nat
from nornir_itsm.stages.parse.nft_rules import policy
from nornir_itsm.stages.parse.nft_values import address, entries
from nornir_itsm.stages.parse.parts import Part, merged

Object = Mapping[str, Any]

_WHERE = ("inet", "filter", "forward")
_POLICIES = {"accept": "permit", "drop": "deny"}
_TRANSLATING = ((*_WHERE[:2], nft_nat.ARRIVING), (*_WHERE[:2], nft_nat.LEAVING))
"""Chains for translations: each is named as its hook."""
_ASIDE = ("input", "output")
_PLAIN_SET = {"family", "name", "table", "type", "handle", "comment", "flags", "elem"}
_KNOWN = ("metainfo", "table", "chain", "set", "map", "rule", "counter", "quota", "limit", "ct helper")


def firewall_facts(text: str) -> FirewallFacts:
    """Return the facts of a Linux firewall. Raises SourceError that names what cannot be decided."""
    listed = list(_objects(text))
    if strange := next((kind for kind, _ in listed if kind not in _KNOWN), ""):
        raise _refused(f"holds a {strange}, which may decide about forwarded packets")
    default = _default(one for kind, one in listed if kind == "chain")
    addresses: dict[str, AddressBook] = {}
    services: dict[str, ServiceBook] = {}
    names: dict[str, str] = {}
    for one in (one for kind, one in listed if kind == "set" and _ours(one)):
        name = names[one["name"]] = _name(one)
        if one.get("type") == ["inet_proto", "inet_service"]:
            services[name] = ServiceBook(name, _services(one))
        else:
            addresses[name] = _addresses(name, one)
    there = {_where(one)[2] for kind, one in listed if kind == "chain" and _where(one) in _TRANSLATING}
    lines = {
        chain: [one for kind, one in listed if kind == "rule" and _place(one) == (*_WHERE[:2], chain)]
        for chain in (_WHERE[2], nft_nat.ARRIVING, nft_nat.LEAVING)
    }
    rules = tuple(_rules(policy(one, names) for one in lines[_WHERE[2]]))
    sources = tuple(nft_nat.translations(lines[nft_nat.LEAVING], names))
    saying = (*rules, *(one.match for one in sources))
    inline = {name: found for rule in saying for name in rule.services if (found := inline_entries(name))}
    return FirewallFacts(
        rules,
        {ANY_ADDRESS: AddressBook(ANY_ADDRESS, ("0.0.0.0/0",), predefined=True), **addresses},
        {
            **PREDEFINED,
            **{name: ServiceBook(name, found, predefined=True) for name, found in inline.items()},
            **services,
        },
        default=default,
        servers=tuple(nft_nat.servers(lines[nft_nat.ARRIVING], names)),
        translations=sources,
        translates=len(there) == len(_TRANSLATING),
    )


def _objects(text: str) -> Iterator[tuple[str, Object]]:
    """Yield (kind, object) of the one line that is JSON."""
    line = next((line for line in text.splitlines() if line.startswith("{")), "")
    try:
        listed = json.loads(line)["nftables"]
        for one in listed:
            ((kind, about),) = one.items()
            if not isinstance(about, dict) or not _shaped(kind, about):
                raise TypeError(f"a {kind} has another shape")
            yield kind, about
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused(f"is no libnftables JSON: {str(error)[:100]}") from None


def _shaped(kind: str, about: Object) -> bool:
    """Tell whether an object has the parts that are read, each of its type."""
    flags, comment = about.get("flags", []), about.get("comment", "")
    listed = about.get("expr" if kind == "rule" else "elem", [])
    texts = [comment, *(flags if isinstance(flags, list) else [None])]
    named = kind == "metainfo" or isinstance(about.get("chain" if kind == "rule" else "name"), str)
    return named and isinstance(listed, list) and all(isinstance(text, str) for text in texts)


def _refused(problem: str) -> SourceError:
    return SourceError("rule set", problem, "only a rule set within docs/how-to/linux.md can be decided")


def _default(chains: Iterable[Object]) -> str:
    """Return what holds where no rule matches. Raises SourceError for a chain that is not ours to read."""
    default = ""
    for chain in chains:
        hook, place = chain.get("hook"), " ".join(_where(chain))
        if hook is None or hook in _ASIDE:
            continue
        if _where(chain) in _TRANSLATING and (hook, chain.get("type")) == (chain.get("name"), "nat"):
            if chain.get("policy", "accept") != "accept":
                raise _refused(f"chain {place} drops what it does not translate")
            continue
        if (*_where(chain), hook, chain.get("type")) != (*_WHERE, "forward", "filter"):
            raise _refused(f"chain {place} (hook {hook}) decides about forwarded packets too")
        default = _POLICIES.get(str(chain.get("policy", "accept")), "")
    if not default:
        raise _refused(f"has no chain {' '.join(_WHERE)} at hook forward")
    return default


def _where(one: Object) -> tuple[str, str, str]:
    return str(one.get("family")), str(one.get("table")), str(one.get("name"))


def _place(rule: Object) -> tuple[str, str, str]:
    return str(rule.get("family")), str(rule.get("table")), str(rule.get("chain"))


def _ours(one: Object) -> bool:
    return (one.get("family"), one.get("table")) == _WHERE[:2]


def _name(one: Object) -> str:
    comment = one.get("comment")
    name = set_name(str(one.get("name")), comment if isinstance(comment, str) else "")
    if name in (ANY_ADDRESS, *PREDEFINED) or inline_entries(name):
        raise _refused(f"has a set named {name!r}, a word that rules use for something else")
    return name


def _plain(one: Object) -> bool:
    """Tell whether a set holds its elements and nothing else: no timeouts, nothing that packets add."""
    return one.keys() <= _PLAIN_SET and set(one.get("flags", ())) <= {"interval", "constant"}


def _addresses(name: str, one: Object) -> AddressBook:
    found = [address(element) for element in one.get("elem", ())]
    whole = _plain(one) and one.get("type") in ("ipv4_addr", "ipv6_addr") and None not in found
    return AddressBook(name, tuple(text for text in found if text), complete=whole)


def _services(one: Object) -> tuple[ServiceEntry, ...]:
    """Return the entries of a service set; none, which means undecidable, where one was not understood."""
    found = [entries(element) for element in one.get("elem", ())]
    return tuple(sorted(e for some in found for e in some)) if _plain(one) and () not in found else ()


def _rules(said: Iterable[Part]) -> Iterator[SecurityPolicy]:
    """Yield the rules; neighbours with the same comment are one."""
    alone: list[SecurityPolicy] = []
    for _, group in groupby(said, key=lambda part: part.name or part.id):
        alone += merged(list(group))
    names = [rule.name for rule in alone if rule.name]
    for rule in alone:
        if rule.name and names.count(rule.name) > 1:
            yield replace(rule, unread=(*rule.unread, "several rules have this comment"))
        else:
            yield rule
