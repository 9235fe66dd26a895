"""``show running-config`` of Cisco IOS and IOS XE -> an access list as a filter, or the static routes.

A point that filters is one extended access list, and the one that its answers meet: an access list keeps no
sessions. Remarks and numbers as IOS XE 17 prints them (public samples: a remark has the number of its entry);
an older release prints no numbers, and its lists are read, not changed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import AddressBook, Answers, FirewallFacts, SecurityPolicy, ServiceBook
from nornir_itsm.model.switch import SwitchFacts, SwitchRoute
from nornir_itsm.stages.ios_words import ANY, ANY_ADDRESS, ANY_SERVICE, service_entries, wildcard
from nornir_itsm.stages.parse import ios_entries, ios_objects
from nornir_itsm.stages.parse.ios_blocks import WHERE, Block, below, blocks
from nornir_itsm.stages.parse.members import network

EXTENDED = "ip access-list extended"
_BOUND = re.compile(r"ip access-group (?P<name>\S+) (?P<way>in|out)")
_DECIDES = re.compile(
    r"ip nat (?:inside|outside)(?: source| destination)? .*|zone-pair security .*|ip inspect .*"
)
"""What translates or filters besides: nothing could be proved of a list alone."""
_ALSO = re.compile(r"ip policy .*|zone-member .*|ip verify unicast .*|service-policy .*|crypto map .*")
"""Lines of interfaces that may stop or turn a packet; every proof names them."""
_ROUTE = re.compile(r"ip route (?:vrf (?P<vrf>\S+) )?(?P<base>[0-9.]+) (?P<mask>[0-9.]+) (?P<hop>[0-9.]+)")
_OF_ROUTES = re.compile(r"ip route (?:vrf|[0-9]).*")


def firewall_facts(text: str, acl: str, answers: str = "") -> FirewallFacts:
    """Return the access list *acl* as a filter. *answers*: the list that answers meet, ``any`` for none.

    Raises SourceError where the text is cut off, the list is not there or bound nowhere, or something
    besides access lists decides about packets.
    """
    listed = blocks(text)
    lines = [line for block in listed for line in (block.text, *block.below)]
    if other := next((line for line in lines if _DECIDES.fullmatch(line)), ""):
        hint = "an access list alone does not decide here: plan this router by hand"
        raise SourceError(WHERE, f"has {other[:80]!r}", hint)
    lists, bound = below(listed, EXTENDED), tuple(_bindings(listed))
    rules = _rules(acl, lists, bound)
    back = _answers(acl, answers, lists, bound)
    every = (*rules, *(back.rules if back else ()))
    books = ios_objects.address_books(below(listed, "object-group network"))
    services, groups = ios_objects.service_books(below(listed, "object-group service"))
    if taken := next((n for n in (*books, *services, *groups) if n == ANY or service_entries(n)), ""):
        problem = f"has an object group named {taken!r}, a word that rules use for something else"
        raise SourceError(WHERE, problem, "rename the group")
    return FirewallFacts(
        rules,
        {ANY: ANY_ADDRESS, **_wildcards(every), **books},
        {ANY: ANY_SERVICE, **_inline(every), **services},
        groups,
        ios_objects.schedules(below(listed, "time-range")),
        default="deny",
        answers=back,
        unread=(*_others(bound, acl, answers), *(line for line in lines if _ALSO.fullmatch(line))),
    )


def router_facts(text: str) -> SwitchFacts:
    """Return the static routes of a router. Raises SourceError for a configuration that is cut off."""
    routes: dict[str, SwitchRoute] = {}
    unread: list[str] = []
    for line in (block.text for block in blocks(text)):
        if _OF_ROUTES.fullmatch(line):
            route = _route(line)
            if route is None:
                unread.append(line)
            else:
                routes[route.name] = route
    return SwitchFacts(routes=routes, unread=tuple(unread))


def _route(line: str) -> SwitchRoute | None:
    """Return a route by next hop; one with an interface, a distance, a name or a tag is not read."""
    found = _ROUTE.fullmatch(line)
    prefix = network(f"{found['base']} {found['mask']}") if found else None
    if found is None or prefix is None:
        return None
    try:
        return SwitchRoute(found["vrf"] or "", prefix, "", str(ip_address(found["hop"])))
    except ValueError:
        return None


_Binding = tuple[str, str, str]
"""Interface, access list, direction."""


def _bindings(listed: Iterable[Block]) -> Iterator[_Binding]:
    for block in listed:
        if block.text.startswith("interface "):
            for line in block.below:
                if line.startswith("ip access-group "):
                    found = _BOUND.fullmatch(line)
                    name, way = (found["name"], found["way"]) if found else (line, "")
                    yield block.text.removeprefix("interface "), name, way


def _others(bound: Iterable[_Binding], *ours: str) -> Iterator[str]:
    """Yield the lists that may stop packets besides: every proof names them."""
    for interface, name, way in bound:
        if name not in ours:
            yield f"interface {interface} / ip access-group {name} {way}".rstrip()


def _rules(
    name: str, lists: Mapping[str, Sequence[str]], bound: Sequence[_Binding]
) -> tuple[SecurityPolicy, ...]:
    """Return the rules of a list that is there and bound: else it lets everything pass."""
    if name not in lists:
        hint = "correct acl and answers of the point in site.yaml"
        raise SourceError(WHERE, f"has no extended access list {name}", hint)
    if name not in {acl for _, acl, _ in bound}:
        hint = "bind it (ip access-group), or correct site.yaml"
        raise SourceError(WHERE, f"binds the access list {name} to no interface: it stops nothing", hint)
    return ios_entries.rules(name, lists[name])


def _answers(
    acl: str, answers: str, lists: Mapping[str, Sequence[str]], bound: Sequence[_Binding]
) -> Answers:
    """Return what answers meet: what the site names; nothing where no other list is bound; else unknown."""
    if answers == "any":
        return Answers(default="permit")
    if answers:
        return Answers(_rules(answers, lists, bound))
    return Answers(default="permit") if [name for _, name, _ in bound] == [acl] else Answers(known=False)


def _wildcards(rules: Iterable[SecurityPolicy]) -> dict[str, AddressBook]:
    """Return the books of wildcards that are no network, by their words."""
    named = {name for rule in rules for side in (rule.source, rule.destination) for name in side.books}
    found = {name: networks for name in named if (networks := wildcard(name)) is not None}
    return {
        name: AddressBook(name, networks, complete=bool(networks), predefined=True)
        for name, networks in sorted(found.items())
    }


def _inline(rules: Iterable[SecurityPolicy]) -> dict[str, ServiceBook]:
    named = {name for rule in rules for name in rule.services}
    found = {name: entries for name in sorted(named) if (entries := service_entries(name))}
    return {name: ServiceBook(name, entries, predefined=True) for name, entries in found.items()}
