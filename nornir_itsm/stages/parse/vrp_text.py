"""``display current-configuration`` of a Huawei USG -> facts.

Every line of the rule base ends in a fact or in ``unread``. Sources: public sample configurations and
generators of V500R001 to R005; what was inferred says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line, lines_of
from nornir_itsm.stages.parse.vrp_nat import pools, servers, translations
from nornir_itsm.stages.parse.vrp_objects import Objects
from nornir_itsm.stages.parse.vrp_rule_lines import rules

__all__ = ["firewall_facts"]

_READ = re.compile(
    r"ip (?:address|service)-set .*|time-range .*|security-policy|nat-policy|nat (?:server|address-group) .*"
)
_NOISE = re.compile(
    # Lines and views that neither define nor filter what a rule matches (assumed: from public samples).
    # Anything else is reported.
    r"(?:undo )?(?:aaa|acl|agile-network|anti-ddos|api|app-proto|application-group|arp|audit-policy|banner"
    r"|bfd|authentication-profile|bgp|clock|cloud-manage|cpu-defend|dataplane|dhcp|diffserv|dns|dot1x|drop|feature"
    r"|firewall (?:blacklist|defend|detect|dynamic-resource|endpoint|ids|import-flow|log|mac-binding|session"
    r"|statistics?|zone)|ftp|header|healthcheck|hrp|ike|info-center|interface|ip (?:df|host|link|pool"
    r"|route-static|unr|vpn-instance)|ip-link|ipsec|ipv6|isis|isp|l2tp|lacp|ldap-server|license|link-group|lldp|location|log"
    r"|multi-interface|multi-linkif|nqa|ntp(?:-service)?|observe-port|ospf(?:v3)?|page-setting|pki|profile|proxy"
    r"|policy-based-route|quota-policy|radius(?:-server)?|right-manager|rip|rsa|sa|sandbox|security-group|set|sftp"
    r"|slb|smtp|snmp-agent|ssh|ssl|stelnet|stp|super|sysname|telemetry|telnet|time|traffic-policy|undo|update"
    r"|user-interface|user-manage|vlan|vrrp|vsys|web-auth|web-manager|wireless|wlan)(?:[ -].*)?"
)
_WITHIN = "default packet-filter intrazone enable"
_DEFAULT = re.compile(r"default action (permit|deny)")
_HARMLESS = re.compile(
    rf"{_DEFAULT.pattern}|{_WITHIN}|default (?:policy|session|traffic) logging(?: enable)?"
)
_OWN_RULES = re.compile(r"(?:traffic|audit|quota|auth|decryption)-policy|policy-based-route")
"""Views with rules of their own, which read like those of the security policy."""


def firewall_facts(text: str, vsys: str = "") -> FirewallFacts:
    """Return the facts of one virtual system of a USG, or of the root.

    Lines outside the rule base that are no known noise are kept in ``unread``. Raises SourceError where the
    text was cut off, has no such system, or has rules under a heading that does not say so.
    """
    lines = lines_of(text, vsys)
    _demand_known_rules(lines)
    objects = Objects(lines)
    policy, nat = (
        [one for line in lines if line.text == view for one in line.below]
        for view in ("security-policy", "nat-policy")
    )
    security = tuple(map(_decided, rules(policy, objects, _HARMLESS)))
    pooled = pools(lines)
    said = [found[1] for line in policy if (found := _DEFAULT.fullmatch(line.text))]
    return FirewallFacts(
        security,
        objects.addresses,
        objects.services,
        objects.groups,
        objects.schedules,
        said[-1] if said else "",
        tuple(servers(lines)),
        tuple(translations(pooled, nat, objects)),
        pooled,
        # Inferred: without this line a USG passes traffic within one zone without a look at its rules.
        filters_within=any(line.text == _WITHIN for line in policy),
        unread=tuple(_unread(lines)),
    )


def _decided(rule: SecurityPolicy) -> SecurityPolicy:
    """Return a rule that permits or denies; one without an action is not complete (inferred)."""
    if rule.action in ("permit", "deny"):
        return rule
    return replace(rule, action="deny", unread=(*rule.unread, f"action {rule.action}".strip()))


def _demand_known_rules(lines: Sequence[Line]) -> None:
    for line in lines:
        inside = any(one.text.startswith("rule name ") for one in (line, *line.below))
        if inside and not _READ.fullmatch(line.text) and not _OWN_RULES.match(line.text):
            problem = f"the lines after {line.text[:80]!r} look like rules, but their heading does not"
            raise SourceError(WHERE, problem, "take the configuration again")


def _unread(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if not _READ.fullmatch(line.text) and not _NOISE.fullmatch(line.text):
            yield from line.flat()
