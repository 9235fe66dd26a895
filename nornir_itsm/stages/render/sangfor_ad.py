"""Intents as calls of the Sangfor AD REST API v3 (published swagger of AD 7.0.5 to 7.0.21).

Bodies are built as data. PATCH on lists is not documented, so what exists is read, changed and PUT whole:
fields that are not said here keep what the device has.
Assumed: a write persists by itself (no save call in the documents read).
"""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.adc import AdcFacts, AdcGroup, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.change import Call, Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import AdcRule, AddressSet, DestinationNat, Intent, PolicyRoute, SourceNat
from nornir_itsm.stages.held import Named
from nornir_itsm.stages.predict import after

GROUPS = "/rc/custom-address-group"
DNAT = "/net/dnat"
SNAT = "/net/snat"
ROUTES = "/lc/policy-route"


def calls(intents: Sequence[Intent], facts: Facts) -> tuple[Call, ...]:
    """Return the calls for these intents; each builds on what the earlier ones leave."""
    made: list[Call] = []
    now = facts
    for intent in intents:
        then = after([intent], now)
        made += _calls(intent, now.adc(intent.point), then.adc(intent.point))
        now = then
    return tuple(made)


def _calls(intent: Intent, now: AdcFacts, then: AdcFacts) -> Iterator[Call]:
    match intent:
        case AddressSet(state="absent", whole=True):
            yield Call("DELETE", item(GROUPS, intent.name))
        case AddressSet() if intent.name in now.groups:
            yield Call("PUT", item(GROUPS, intent.name), group_body(then.groups[intent.name]))
        case AddressSet():
            yield Call("POST", GROUPS, group_body(then.groups[intent.name]))
        case DestinationNat(rule=DnatRule() as rule):
            yield _rule(intent, DNAT, dnat_body(rule), now.dnat)
        case SourceNat(rule=SnatRule() as rule):
            yield _rule(intent, SNAT, snat_body(rule), now.snat)
        case PolicyRoute():
            yield _rule(intent, ROUTES, route_body(intent.rule), now.routes)
        case _:
            raise ChangeError(
                intent.point, f"{type(intent).__name__} cannot be said to Sangfor AD", "do it by hand"
            )


def _rule(intent: AdcRule, collection: str, body: dict[str, Json], there: Iterable[Named]) -> Call:
    name = intent.rule.name
    if intent.state == "absent":
        return Call("DELETE", item(collection, name))
    if any(rule.name == name for rule in there):
        return Call("PUT", item(collection, name), body)
    return Call("POST", collection, body, intent.anchor, collection)


def item(collection: str, name: str) -> str:
    """Return the path of one object; the name is percent-encoded whole."""
    return f"{collection}/{quote(name, safe='')}"


def group_body(group: AdcGroup) -> dict[str, Json]:
    """Return an address group as the API takes it."""
    return {
        "name": group.name,
        "description": group.description,
        "addresses": list(group.members),
        "addresses_ipv6": list(group.members_ipv6),
    }


def dnat_body(rule: DnatRule) -> dict[str, Json]:
    """Return a destination translation as the API takes it, without its position."""
    return {
        "name": rule.name,
        "description": rule.description,
        "state": "ENABLE" if rule.enabled else "DISABLE",
        "type": rule.family,
        "inbound_links": list(rule.links),
        "source_address": match_body(rule.source),
        "destination_address": match_body(rule.destination),
        "protocol": rule.protocol,
        "source_port": rule.source_port,
        "destination_ports": list(rule.ports),
        "dnat_process": {
            "translated_address": match_body(rule.target),
            "translated_ports": list(rule.target_ports),
        },
        "associated_application_group": rule.application_group,
    }


def snat_body(rule: SnatRule) -> dict[str, Json]:
    """Return a source translation as the API takes it; unlike a destination's, its port is one string."""
    process: dict[str, Json] = {"translated_address": match_body(rule.translated)}
    if rule.policy:
        process["policy"] = rule.policy
    if rule.port_policy:
        process["source_port"] = rule.port_policy
    return {
        "name": rule.name,
        "description": rule.description,
        "state": "ENABLE" if rule.enabled else "DISABLE",
        "type": rule.family,
        "inbound_links": list(rule.inbound_links),
        "outbound_links": list(rule.outbound_links),
        "source_address": match_body(rule.source),
        "destination_address": match_body(rule.destination),
        "protocol": rule.protocol,
        "source_port": rule.source_port,
        "destination_port": rule.destination_port,
        "snat_process": process,
    }


def route_body(rule: RouteRule) -> dict[str, Json]:
    """Return a policy route as the API takes it: ``inbound_link`` is a list too, ports are strings."""
    body: dict[str, Json] = {
        "name": rule.name,
        "description": rule.description,
        "state": "ENABLE" if rule.enabled else "DISABLE",
        "type": rule.family,
        "inbound_link": list(rule.inbound_links),
        "source_address": match_body(rule.source),
        "destination_address": match_body(rule.destination),
        "protocol": rule.protocol,
        "source_ports": rule.source_ports,
        "destination_ports": rule.destination_ports,
        "schedule_links": list(rule.links),
        "time_plan": rule.time_plan,
    }
    given = {"schedule_policy": rule.policy, "schedule_failure_policy": rule.failure_policy}
    return body | {key: value for key, value in given.items() if value}


def match_body(match: AddressMatch) -> dict[str, Json]:
    """Return an address field as the API takes it."""
    match match.kind:
        case "IP-ADDRESS":
            return {"type": match.kind, "address": match.value}
        case "CUSTOM-ADDRESS-GROUP":
            return {"type": match.kind, "ref_custom_address_group": match.value}
        case "ISP-ADDRESS-GROUP":
            return {"type": match.kind, "ref_isp_address_group": match.value}
        case _:
            return {"type": match.kind}
