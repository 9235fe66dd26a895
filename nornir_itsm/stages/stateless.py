"""A filter that keeps no sessions: a new session passes where its later packets and its answers pass, too.

Each of these is one more first-match list over the first packet of a session: what an entry for answers
matches is turned round, so that lists of one path stay comparable and are intersected as any others.
Assumed: answers come back through the same point; packets are not fragmented.
"""

from collections import deque
from collections.abc import Iterator

from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.space.dimensions import (
    DESTINATION,
    NAMES,
    PORTS,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    V4,
    V6,
    full,
    services,
)
from nornir_itsm.space.packets import EVERYTHING, Box, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Rules
from nornir_itsm.stages.rulebase import label, policy_packets, unknown

ANSWERS = "回程"
"""How the labels of what answers meet begin."""
_PORTED = (6, 17, 132)
"""TCP, UDP, SCTP: their ports change places in answers."""
_ICMP = 1
_ANSWERED = {8: 0, 13: 14, 15: 16, 17: 18}
"""ICMP requests and what answers them (RFC 792, RFC 950); other messages wait for no answer."""
_OTHERS = tuple(number for number in range(256) if number not in (*_PORTED, _ICMP))
_REMEMBERED = 8
_turned: deque[tuple[FirewallFacts, Rules]] = deque(maxlen=_REMEMBERED)
"""Lists that were turned round; where entries and objects stay the same they are not made again."""


def other_family(point: str) -> Rule:
    """Return the rule for IPv6, about which an IPv4 list says nothing."""
    both = Packets(({SOURCE: V6, DESTINATION: V6},))
    return Rule("IPv6", both & unknown(f"{point} 对 IPv6 的过滤"))


def more_lists(point: str, facts: FirewallFacts) -> Iterator[RuleList]:
    """Yield what the later packets of a session and its answers meet at this point."""
    answers = facts.answers
    if answers is None:
        return
    if any(rule.established for rule in facts.rules):
        later = (
            _rule("后续报文", rule, policy_packets(rule, facts)) for rule in facts.rules if _counts(rule)
        )
        rest = Rule("后续报文：隐含拒绝", EVERYTHING, passes=False)
        yield RuleList(point, Rules((other_family(point), *later)), rest)
    if not answers.known:
        maybe = Rule(f"{ANSWERS}：未知", unknown(f"{point} 对回程报文的过滤"))
        yield RuleList(point, Rules((maybe,)), Rule(f"{ANSWERS}：未知", EVERYTHING, passes=False))
        return
    passes = answers.default == "permit"
    rest = Rule(f"{ANSWERS}：{'不过滤' if passes else '隐含拒绝'}", EVERYTHING, passes=passes)
    yield RuleList(point, _answer_rules(point, facts), rest)


def _counts(rule: SecurityPolicy) -> bool:
    """Tell whether an entry matches packets of open sessions."""
    return rule.enabled is not False or rule.established


def _rule(packets: str, rule: SecurityPolicy, match: Packets) -> Rule:
    return Rule(f"{packets}：{label(rule)}", match, passes=rule.action == "permit")


def _answer_rules(point: str, facts: FirewallFacts) -> Rules:
    """Return the entries that answers meet, as matches of the packets that are answered."""
    assert facts.answers is not None
    for known, made in _turned:
        same = (known.answers, known.addresses, known.services, known.groups, known.schedules)
        if all(a is b for a, b in zip(same, _meaning(facts), strict=True)):
            return made
    rules = Rules(
        (
            other_family(point),
            Rule(f"{ANSWERS}：无需应答", unanswered()),
            *(
                _rule(ANSWERS, rule, turned(policy_packets(rule, facts)))
                for rule in facts.answers.rules
                if _counts(rule)
            ),
        )
    )
    _turned.append((facts, rules))
    return rules


def _meaning(facts: FirewallFacts) -> tuple[object, ...]:
    return facts.answers, facts.addresses, facts.services, facts.groups, facts.schedules


def unanswered() -> Packets:
    """Return the ICMP messages that wait for no answer."""
    kinds = (kind for kind in range(256) if kind not in _ANSWERED)
    spans = (span for kind in kinds for span in services(_ICMP, kind << 8, (kind << 8) + 255))
    return Packets(({SERVICE: Ranges.of(spans)},))


def turned(answers: Packets) -> Packets:
    """Return the packets whose answers are these: ends and ports change places."""
    return Packets.of(*(box for answer in answers for box in _turned_box(answer)))


def _turned_box(answer: Box) -> Iterator[Box]:
    ends = {
        there: answer[back]
        for there, back in ((SOURCE, DESTINATION), (DESTINATION, SOURCE))
        if back in answer
    }
    if DESTINATION in ends and ends[DESTINATION] >= V4:
        ends[DESTINATION] |= NAMES  # a name lies among all addresses
    others = {d: r for d, r in answer.items() if d not in (SOURCE, DESTINATION, SERVICE, SOURCE_PORT)}
    served, came = answer.get(SERVICE, full(SERVICE)), answer.get(SOURCE_PORT, PORTS)
    for protocol in _PORTED:
        start = protocol << 16
        if to := (served & services(protocol)).shift(-start):
            ports = {} if to == PORTS else {SOURCE_PORT: to}
            yield {**others, **ends, **ports, SERVICE: came.shift(start)}
    codes = served & services(_ICMP)
    requests = (
        (codes & services(_ICMP, back << 8, (back << 8) + 255)).shift((sent - back) << 8)
        for sent, back in _ANSWERED.items()
    )
    rest = Ranges.of(span for protocol in _OTHERS for span in served & services(protocol))
    plain = Ranges.of(span for part in (*requests, rest) for span in part)
    if plain:
        yield {**others, **ends, SERVICE: plain}
