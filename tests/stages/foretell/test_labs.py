"""Random lines typed into the strict labs: the text they print is the text that was foretold."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.stoneos.firewall import Firewall as StoneOs
from nornir_itsm.lab.vrp.firewall import Firewall as Usg
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Intent
from nornir_itsm.stages.foretell import foretell, told_apart
from nornir_itsm.stages.render import one_point
from tests.platforms.case_folders import CALLED, PARSERS, POINT, SIMULATED, cases, site, templates
from tests.platforms.conftest import made
from tests.platforms.test_usg_random import INTENTS

MOST = settings.default.max_examples
"""What ``nox -s proofs`` asks for."""
thorough = settings(max_examples=MOST if MOST > 100 else 40, deadline=None)
NAMES = st.sampled_from(('"old servers"', "示例客户A", "新对象", "未用", "TCP-8443"))
RULES = st.sampled_from(("示例封禁", "示例访问", '"old rule"', "新规则", "Default-Deny"))


def one_of(*lines: str) -> st.SearchStrategy[str]:
    return st.sampled_from(lines)


def block(
    head: st.SearchStrategy[str], lines: st.SearchStrategy[str], leave: str
) -> st.SearchStrategy[list[str]]:
    return st.tuples(head, st.lists(lines, max_size=4)).map(lambda drawn: [drawn[0], *drawn[1], leave])


def acted(drawn: list[str]) -> list[str]:
    """Say the action of a rule at last: without one its default is unknown, and nothing is predicted."""
    return [*drawn[:-1], "action deny", drawn[-1]]


def single(*lines: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.one_of(*lines).map(lambda line: [line])


def named(form: str, names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return names.map(lambda name: form.replace("NAME", name))


def maybe(negation: str, *lines: str) -> st.SearchStrategy[str]:
    return one_of(*lines, *(f"{negation} {line}" for line in lines))


USG = st.one_of(
    block(
        named("ip address-set NAME type object", NAMES) | named("ip address-set NAME", NAMES),
        maybe(
            "undo",
            "address 10.1.1.5 24",
            "address 10.1.2.1 0",
            "address range 10.1.3.1 10.1.3.9",
            "address 0 10.60.134.0 mask 24",
            "addr 10.1.4.0 0.0.0.255",
            "address 2001:db8::1 64",
        )
        | one_of("description 说明", "undo description", "undo address 0", "undo address 1"),
        "quit",
    ),
    block(
        named("ip service-set NAME type object", NAMES) | named("ip service-set NAME", NAMES),
        maybe(
            "undo",
            "service protocol tcp destination-port 80 8080 to 8090",
            "service protocol udp source-port 500 destination-port 500",
            "service 5 protocol icmp icmp-type 8 0",
            "service protocol 47",
        ),
        "quit",
    ),
    block(
        named("time-range NAME", one_of("工作日", "新时段")),
        maybe(
            "undo",
            "period-range 08:00:00 to 18:00:00 working-day",
            "period-range 08:00:00 to 18:00:00 mon SUN",
            "absolute-range 08:00:00 2026/06/01 to 18:00:00 2026/06/30",
        ),
        "quit",
    ),
    st.tuples(
        one_of("security-policy"),
        st.one_of(
            block(
                named("rule name NAME", RULES),
                st.one_of(
                    maybe(
                        "undo",
                        "source-zone trust",
                        "destination-zone untrust",
                        "source-address 10.1.1.9 255.255.255.0",
                        "source-address range 10.1.3.1 10.1.3.9",
                        "destination-address address-set 示例客户A",
                        "service https",
                        "service protocol tcp destination-port 9000",
                        "policy logging",
                        "session logging",
                        "disable",
                        "time-range 工作日",
                        "source-address 10.60.150.0 mask 24",
                    ),
                    one_of(
                        "action permit",
                        "act deny",
                        "enable",
                        "undo time-range",
                        "undo profile av",
                        "profile av strict",
                        "undo description",
                        "description 甲 乙",
                    ),
                ),
                "quit",
            ),
            single(
                named("undo rule name NAME", RULES),
                st.tuples(RULES, one_of("before", "after", "top", "bottom"), RULES).map(
                    lambda d: f"rule move {d[0]} {d[1]}" + (f" {d[2]}" if d[1] in ("before", "after") else "")
                ),
            ),
        ),
    ).map(lambda drawn: [drawn[0], *drawn[1], "quit"]),
    single(
        named("undo ip address-set NAME", NAMES),
        named("undo ip service-set NAME", NAMES),
        named("undo time-range NAME", one_of("工作日", "旧时段", "新时段")),
    ),
)
STONEOS = st.one_of(
    block(
        named("address NAME", NAMES) | named("address NAME ipv6", NAMES),
        maybe(
            "no",
            "ip 10.1.1.5/24",
            "ip 10.1.1.0 255.255.255.0",
            "range 10.1.3.1 10.1.3.9",
            "host www.example.com",
            'host "*.example.com"',
            "member 示例客户A",
            "ip 2001:db8::1/64",
        ),
        "exit",
    ),
    block(
        named("service NAME", NAMES),
        maybe(
            "no",
            "tcp dst-port 80 80",
            "tcp dst-port 8080 8090 src-port 1024 65535",
            "tcp dst-port 8443",
            "udp dst-port 500 src-port 500",
            "icmp type 8 code 0",
            "icmp type any",
            "protocol 47",
            "description 说明",
        ),
        "exit",
    ),
    block(
        named("schedule NAME", one_of("工作日", "新时段")),
        maybe(
            "no",
            "periodic weekdays 08:00 to 18:00",
            "periodic daily 8:00 to 18:00",
            "periodic sunday monday 09:00 to 10:00",
            "periodic monday 22:00 to tuesday 06:00",
            "absolute start 06/01/2026 08:00 end 06/30/2026 18:00",
        ),
        "exit",
    ),
    st.tuples(
        one_of("policy-global"),
        st.one_of(
            block(
                one_of(
                    "rule",
                    "rule top",
                    "rule before 4",
                    'rule after name "示例封禁"',
                    "rule id 2",
                    "rule id 3",
                ),
                st.one_of(
                    maybe(
                        "no",
                        "src-zone trust",
                        'dst-zone "untrust"',
                        "src-addr any",
                        "src-addr 示例客户A",
                        "src-ip 10.60.150.0 255.255.255.0",
                        "dst-ip 192.0.2.1/32",
                        "dst-range 192.0.2.1 192.0.2.9",
                        "service HTTPS",
                        "service TCP-8443",
                        "schedule 工作日",
                        "log session-start",
                        "log session-end",
                        "description 说明",
                    ),
                    one_of(
                        "action permit",
                        "act deny",
                        "enable",
                        "disable",
                        "av predef_low",
                        "no ips",
                        'name "新规则"',
                        "no name",
                        "no src-zone",
                    ),
                ),
                "exit",
            ).map(acted),
            single(
                one_of(
                    "no rule id 2",
                    'no rule name "old rule"',
                    "move 3 top",
                    "move 4 before 1",
                    'move name "示例访问" after name "old rule"',
                    "move 1 bottom",
                    "no rule name 新规则",
                )
            ),
        ),
    ).map(lambda drawn: [drawn[0], *drawn[1], "exit"]),
    single(
        named("no address NAME", NAMES),
        named("no service NAME", NAMES),
        named("no schedule NAME", one_of("工作日", "旧时段", "新时段")),
    ),
)


def same_text(platform: str, enter: str, blocks: list[list[str]], told: Counter[str]) -> None:
    device, _ = made(platform)
    before = device.running_text()
    lines = []
    for one in blocks:
        lines += whole(device, one, enter)
    foretold = foretell(platform, before, lines)
    told["refused" if foretold.refusal else "predicted"] += 1
    if foretold.refusal:
        told[foretold.refusal] += 1
        return
    apart = [str(one) for one in told_apart(platform, foretold.text, device.running_text())]
    assert apart == [], lines


def whole(device: Usg | StoneOs, lines: list[str], enter: str) -> list[str]:
    """Type a block in a session of its own; return its lines that were taken, none where its head was not."""
    shell, _, _ = device.greet()
    device.receive(shell, enter)
    found: list[str] = []
    open_views = 0
    for line in lines:
        before = shell.prompt
        if line in ("quit", "exit") and not open_views:
            break
        _, reply = device.receive(shell, line)
        if shell.asking:
            device.receive(shell, "y")
        if reply.accepted:
            found.append(line)
            open_views += (shell.prompt != before) * (-1 if line in ("quit", "exit") else 1)
    device.leave(shell)
    return found


def foretells(platform: str, enter: str, blocks: st.SearchStrategy[list[str]]) -> Counter[str]:
    told: Counter[str] = Counter()

    @thorough
    @given(st.lists(blocks, min_size=1, max_size=5))
    def each(drawn: list[list[str]]) -> None:
        same_text(platform, enter, drawn, told)

    each()
    return told


def test_a_usg_prints_what_was_foretold() -> None:
    """Whatever it takes, typed in whatever way; most of it is predicted."""
    told = foretells("huawei_vrp", "system-view", USG)
    assert told["predicted"] > 3 * told["refused"], told


def test_a_stoneos_prints_what_was_foretold() -> None:
    """The same; the number of a new rule is the device's."""
    told = foretells("hillstone_stoneos", "configure", STONEOS)
    assert told["predicted"] > 3 * told["refused"], told


@thorough
@given(st.sampled_from(("huawei_vrp", "hillstone_stoneos")), st.lists(INTENTS, min_size=1, max_size=4))
def test_undo_leads_back(platform: str, wanted: list[Intent]) -> None:
    """predict(predict(c, lines), undo) says what c says, for what is rendered for random intents."""
    device, _ = made(platform)
    before = device.running_text()
    try:
        change = one_point(
            POINT, wanted, Facts({POINT: PARSERS[platform](before)}), site(platform), templates()
        )
    except ChangeError:
        return  # such a line is not rendered for this platform
    there = foretell(platform, before, change.commands)
    if not there.refusal:
        back = foretell(platform, there.text, change.undo)
        apart = told_apart(platform, back.text, before) if not back.refusal else ()
        assert [str(one) for one in apart if one.matters] == []


TYPED = [one for one in SIMULATED if one not in CALLED]
TWO_STAGES = ("huawei_vrpv8",)


@pytest.mark.parametrize("platform", TYPED)
def test_every_case_prints_what_was_foretold(platform: str) -> None:
    """What a lab takes of every case: the text is as foretold, or it is said that it cannot be."""
    name = platform.partition(".")[0]
    for case in cases(platform):
        device, _ = made(platform)
        before = device.running_text()
        lines = (case.folder / "commands.txt").read_text("utf-8").splitlines()
        lines += ["commit"] if platform in TWO_STAGES else []
        taken = whole(device, lines, "configure" if name == "hillstone_stoneos" else "system-view")
        told = foretell(name, before, taken)
        apart = () if told.refusal else told_apart(name, told.text, device.running_text())
        assert [str(one) for one in apart if one.matters] == [], case.name
