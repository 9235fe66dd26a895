"""The firewall's command line, typed over SSH: what it takes, what it refuses, and with which words."""

import pytest

from nornir_itsm.lab.stoneos.firewall import Firewall

from .clients import Cli

RULE = ("policy-global", "rule")
NAT = ("ip vrouter trust-vr",)
USED = (
    *("address a1", "ip 10.1.1.1/32", "exit", "service s1", "tcp dst-port 80", "exit"),
    *("schedule t1", "periodic daily 08:00 to 09:00", "exit", *NAT),
    "dnatrule id 4 from any to 203.0.113.9 service s1 trans-to a1 port 8080 schedule t1",
)


@pytest.mark.parametrize(
    ("into", "line", "error"),
    [
        ((), "adress x", "^-----unrecognized keyword adress"),
        ((), "address", "^-----incomplete command"),
        ((), 'address "x', '^-----unrecognized keyword "x'),
        ((), 'address "x" y', "^-----unrecognized keyword y"),
        ((), "serv x", "^-----ambiguous command serv"),
        ((), "rule top", "^-----unrecognized keyword rule"),
        ((), "ip 10.0.0.1/32", "^-----unrecognized keyword 10.0.0.1/32"),
        ((), 'address "Any"', "Error: Any is predefined"),
        ((), 'no address "nowhere"', "Error: Address nowhere is not found"),
        ((), 'no address "示例A-移动AppEIP"', 'Error: This address entry is used by policy "22"'),
        ((), 'service "HTTP"', "Error: HTTP is predefined"),
        ((), 'service "SRV_WEB"', "Error: This name is used by a service group"),
        ((), 'no service "nowhere"', "Error: Failed to find this service"),
        ((), 'no service "TCP-8443"', "Error: Service entity TCP-8443 is used by Policy rule id 22"),
        ((), 'no service "TCP-55121"', "Error: Service entity TCP-55121 is used by service group"),
        ((), 'servgroup "TCP-80"', "Error: This name is used by a service"),
        ((), 'no schedule "nowhere"', "Error: Schedule entity nowhere is not found"),
        ((), 'no schedule "每日0600-2000"', "Error: Schedule 每日0600-2000 is in use by Policy id 11"),
        (("address a1", "ip 10.1.1.0/24"), "ip 10.1.1.0 255.255.255.0", "Error: This entity already exists"),
        (("address a1",), "ip 10.1.1.0/33", "^-----unrecognized keyword 10.1.1.0/33"),
        (("address a1",), "ip 10.1.1.0 255.0.255.0", "^-----unrecognized keyword 255.0.255.0"),
        (("address a1",), "ip 10.1.1.0", "^-----incomplete command"),
        (("address a1",), "range 10.1.1.9 10.1.1.1", "Error: Maximum is smaller than minimum"),
        (("address a1",), "host bad_host!", "^-----unrecognized keyword bad_host!"),
        (("address a1",), "member nowhere", "Error: Address nowhere is not found"),
        (("address a1",), "member a1", "Error: Address a1 contains this address"),
        (("address a1",), "no ip 10.1.1.0/24", "Error: Address entry a1 has no member 10.1.1.0/24"),
        (("address a1",), 'address "a2"', "^-----unrecognized keyword address"),
        (("service s1",), "tcp dst-port 70000", "^-----value out of range 70000"),
        (("service s1",), "tcp dst-port 90 80", "Error: Maximum is smaller than minimum"),
        (("service s1",), "tcp", "^-----incomplete command"),
        (("service s1",), "sctp dst-port 80", "^-----unrecognized keyword sctp"),
        (("service s1", "udp dst-port 53"), "udp dst-port 53 53", "Error: This service already exists"),
        (("service s1",), "no udp dst-port 53", "Error: Deleting a service not configured"),
        (("servgroup g1",), "service nowhere", "Error: Failed to find this service"),
        (("servgroup g1",), "service g1", "Error: Service group g1 contains this group"),
        (("servgroup g1",), "no service HTTP", "Error: Failed to find this service entity"),
        (("schedule t1",), "periodic weekdays 18:00 to 08:00", "Error: Start time is greater than end time!"),
        (("schedule t1",), "periodic sunday 22:00 to monday 06:00", "Error: Start time is greater"),
        (("schedule t1",), "periodic daily 08:00 to 24:00", "^-----unrecognized keyword 24:00"),
        (("schedule t1",), "periodic someday 08:00 to 09:00", "^-----unrecognized keyword someday"),
        (("schedule t1",), "absolute start 13/01/2026 08:00", "^-----unrecognized keyword 08:00"),
        ((), "ip vrouter other-vr", "Error: VRouter other-vr is not found"),
        (NAT, "snatrule from nobody to any no-trans", "Error: Address nobody is not found"),
        (NAT, "snatrule from address-book nobody to any no-trans", "Error: Address nobody is not found"),
        (NAT, "snatrule from ip 10.0.0 to any no-trans", "^-----unrecognized keyword 10.0.0"),
        (NAT, "snatrule from any to any service nobody no-trans", "Error: Failed to find this service"),
        (NAT, "snatrule from-zone nobody from any to any no-trans", "Error: Zone nobody is not found"),
        (NAT, "snatrule id 0 from any to any no-trans", "^-----value out of range 0"),
        (NAT, "snatrule id x from any to any no-trans", "^-----unrecognized keyword x"),
        (NAT, "snatrule from any to any", "^-----incomplete command"),
        (NAT, "snatrule from any to any trans-to eif-ip", "^-----incomplete command"),
        (NAT, "snatrule id 5 before 9 from any to any no-trans", "Error: SNAT rule 9 cannot be found"),
        (NAT, "snatrule from any to any trans-to 203.0.113.9 mode static", "Error: The number of addresses"),
        (NAT, "snatrule move 9 top", "Error: SNAT rule 9 cannot be found"),
        (NAT, "snatrule from any to any no-trans schedule nobody", "Error: Schedule entity nobody is not"),
        (NAT, "no snatrule id 9", "Error: SNAT rule 9 cannot be found"),
        (NAT, "no snatrule 9", "^-----unrecognized keyword 9"),
        (NAT, "dnatrule id 9 disable", "Error: DNAT rule 9 cannot be found"),
        (NAT, "dnatrule from any to 203.0.113.9 trans-to nobody", "Error: Address nobody is not found"),
        (NAT, "dnatrule from any to 203.0.113.0/24 trans-to 10.0.0.1", "Error: The number of translated"),
        (NAT, "dnatrule from any to 203.0.113.9 trans-to 10.0.0.1 port 70000", "^-----value out of range"),
        (NAT, "dnatrule from any to 203.0.113.9 trans-to 10.0.0.1 port 80", "Error: The service must have"),
        (
            NAT,
            "dnatrule to-zone trust from any to 203.0.113.9 trans-to 10.0.0.1",
            "^-----unrecognized keyword",
        ),
        ((*USED, "exit"), "no service s1", "Error: Service entity s1 is used by dnatrule id 4"),
        ((*USED, "exit"), "no address a1", 'Error: This address entry is used by dnatrule "4"'),
        ((*USED, "exit"), "no schedule t1", "Error: Schedule t1 is in use by dnatrule id 4"),
        (("policy-global",), "rule before 999", "Error: Rule 999 is not found in this context"),
        (("policy-global",), 'rule after name "nobody"', "Error: Rule nobody is not found in this context"),
        (("policy-global",), "rule before id 7", "^-----unrecognized keyword id"),
        (("policy-global",), "no rule 7", "^-----unrecognized keyword 7"),
        (("policy-global",), "no rule id 999", "Error: Rule 999 is not found in this context"),
        (("policy-global",), "move 999 top", "Error: Rule 999 is not found in this context"),
        (("policy-global",), "name x", "^-----unrecognized keyword name"),
        (RULE, 'name "Default-Deny"', "Error: This name is used by another policy rule"),
        (RULE, "src-addr nowhere", "Error: Address nowhere is not found"),
        (RULE, "service nowhere", "Error: Failed to find this service"),
        (RULE, "schedule nowhere", "Error: Schedule entity nowhere is not found"),
        (RULE, "src-zone nowhere", "Error: Zone nowhere is not found"),
        (RULE, "av nowhere", "Error: AV profile nowhere is not found"),
        (RULE, "action allow", "^-----unrecognized keyword allow"),
        (RULE, "log everything", "^-----unrecognized keyword everything"),
        (RULE, "no src-addr Any", "Error: Address Any is not found"),
        (RULE, "no service HTTP", "Error: Failed to find this service entity"),
        (RULE, f"description {'长' * 86}", "Error: The description is too long"),
        ((*RULE, "src-addr Any"), "src-addr any", "Error: This entity is already added"),
        ((*RULE, "dst-ip 10.1.1.1/32"), "dst-ip 10.1.1.1/32", "Error: This entity is already added"),
        ((*RULE, "service HTTP"), "service HTTP", "Error: This service already exists"),
        (
            (*RULE, "schedule 每日0600-2000"),
            "schedule 每日0600-2000",
            "Error: Rule is already configured with schedule 每日0600-2000",
        ),
    ],
)
def test_a_refused_line_changes_nothing(
    cli: Cli, firewall: Firewall, into: tuple[str, ...], line: str, error: str
) -> None:
    """A wrong line is answered with the vendor's words and leaves the configuration as it was."""
    cli.types("configure", *into)
    before = firewall.state()
    assert cli.types(line)[0].lstrip().startswith(error)
    assert firewall.state() == before
    assert firewall.lines[-1].text == line
    assert not firewall.lines[-1].accepted


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        (("address a1", "ip 10.1.1.0 255.255.255.0"), "ip 10.1.1.0/24"),
        (("ADDRESS a1", "RANGE 10.1.2.10 10.1.2.20"), "range 10.1.2.10 10.1.2.20"),
        (("addr a1", "h *.example.com"), 'host "*.example.com"'),
        (("address a1", 'member "公网EIP池"'), 'member "公网EIP池"'),
        (("address a1 ipv6", "ip 2001:db8::/32"), "ip 2001:db8::/32"),
        (("service s1", "tcp dst-port 80 80"), "tcp dst-port 80"),
        (("service s1", "udp dst 1 9 src 1024 65535"), "udp dst-port 1 9 src-port 1024 65535"),
        (("service s1", "icmp type 8 code 0"), "icmp type 8 code 0"),
        (("service s1", "protocol 47"), "protocol 47"),
        (("servgroup g1", "service HTTP"), 'service "HTTP"'),
        (("schedule t1", "periodic daily 21:00 to 06:00"), "periodic daily 21:00 to 06:00"),
        (
            ("schedule t1", "periodic weekdays 8:00 to 18:00"),
            "periodic monday tuesday wednesday thursday friday 08:00 to 18:00",
        ),
        (
            ("schedule t1", "periodic monday 22:00 to tuesday 06:00"),
            "periodic monday 22:00 to tuesday 06:00",
        ),
        (
            ("schedule t1", "absolute start 06/01/2026 08:00 end 06/30/2026 18:00"),
            "absolute start 06/01/2026 08:00:00 end 06/30/2026 18:00:00",
        ),
        ((*RULE, "name 新策略"), 'name "新策略"'),
        ((*RULE, "src-zone trust"), 'src-zone "trust"'),
        ((*RULE, "src-addr any"), 'src-addr "Any"'),
        ((*RULE, "dst-ip 203.0.113.10/32"), "dst-ip 203.0.113.10/32"),
        ((*RULE, "src-range 10.1.1.1 10.1.1.2"), "src-range 10.1.1.1 10.1.1.2"),
        ((*RULE, "dst-host www.example.org"), 'dst-host "www.example.org"'),
        ((*RULE, "service any"), 'service "Any"'),
        ((*RULE, "schedule 每日0600-2000"), 'schedule "每日0600-2000"'),
        ((*RULE, "action permit"), "action permit"),
        ((*RULE, "log session-start"), "log session-start"),
        ((*RULE, "av predef_high"), 'av "predef_high"'),
        ((*RULE, "ips predef_default"), 'ips "predef_default"'),
        ((*RULE, 'description "两个 词"'), 'description "两个 词"'),
        ((*RULE, "disable"), "disable"),
    ],
)
def test_a_line_prints_as_itself(cli: Cli, typed: tuple[str, ...], printed: str) -> None:
    """What is typed, abbreviated or in capitals, stands in the block as the device writes it."""
    cli.types("configure", *typed)
    assert f"  {printed}" in cli.types("show this")[0].splitlines()


@pytest.mark.parametrize(
    ("into", "line"),
    [
        (("address a1",), "ip 10.1.1.0/24"),
        (("address a1",), "range 10.1.1.1 10.1.1.2"),
        (("address a1",), "host www.example.com"),
        (("service s1",), "tcp dst-port 80 90 src-port 1 2"),
        (("service s1",), "icmp type 8"),
        (("servgroup g1",), "service HTTP"),
        (("schedule t1",), "periodic weekend 08:00 to 09:00"),
        (RULE, "src-addr Any"),
        (RULE, "dst-ip 10.1.1.1/32"),
        (RULE, "dst-host www.example.com"),
        (RULE, "service HTTP"),
        (RULE, "schedule 每日0600-2000"),
        (RULE, "log policy-deny"),
        (RULE, "description text"),
        (RULE, "name n1"),
        (RULE, "src-zone trust"),
    ],
)
def test_no_takes_a_line_back(cli: Cli, firewall: Firewall, into: tuple[str, ...], line: str) -> None:
    """The ``no`` form of an accepted line restores what was before it."""
    cli.types("configure", *into)
    before = firewall.state()
    assert cli.types(line) == [""]
    assert firewall.state() != before
    single = line.split(maxsplit=1)[0] in ("name", "description")
    assert cli.types(f"no {line.split(maxsplit=1)[0] if single else line}") == [""]
    assert firewall.state() == before


def test_objects_are_deleted_once_nothing_refers_to_them(cli: Cli, firewall: Firewall) -> None:
    """In use first, gone after the reference is gone, and the state is as before."""
    before = firewall.state()
    cli.configure("address a1", "ip 10.9.9.9/32", "exit", "address a2", "member a1")
    assert "is used by address" in cli.types("configure", "no address a1")[1]
    cli.types("no address a2", "no address a1", "end")
    assert firewall.state() == before


def test_rules_stand_where_they_were_put(cli: Cli, firewall: Firewall) -> None:
    """Bottom without a position; top, before and after by bare id or by name; the id is echoed."""
    made = cli.types(
        "configure", "policy-global", "rule", "name bottom", "exit", "rule top", "name top", "exit"
    )
    assert made[2] == "Rule id 83 is created."
    assert made[5] == "Rule id 84 is created."
    cli.types(
        "rule before 2", "name above-2", "exit", 'rule before name "Default-Deny"', "name above-it", "exit"
    )
    cli.types("rule after name Default-Deny", "name below-it", "exit", "rule id 900", "name given", "exit")
    names = [rule.name for rule in firewall.config.rules]
    assert names[0] == "top"
    assert names[-2:] == ["bottom", "given"]
    at = names.index("Default-Deny")
    assert names[at - 2 : at + 2] == ["above-2", "above-it", "Default-Deny", "below-it"]


def test_move_takes_bare_ids_and_names(cli: Cli, firewall: Firewall) -> None:
    """Moving changes the order and nothing else."""
    cli.types(
        "configure", "policy-global", "move 82 top", "move 7 after 82", 'move name "Default-Deny" bottom'
    )
    ids = [rule.id for rule in firewall.config.rules]
    assert (ids[:2], ids[-1]) == ([82, 7], 2)
    cli.types('move 2 before name "示例封禁"')
    ids = [rule.id for rule in firewall.config.rules]
    assert ids.index(2) == ids.index(73) - 1


def test_an_existing_id_edits_that_rule(cli: Cli, firewall: Firewall) -> None:
    """``rule id N`` of a rule that exists is an edit: nothing is created, nothing echoed."""
    count = len(firewall.config.rules)
    assert cli.types("configure", "policy-global", "rule id 7", "disable")[2:] == ["", ""]
    assert len(firewall.config.rules) == count
    assert firewall.config.rule(7).enabled is False


def test_names_keep_their_case(cli: Cli) -> None:
    """Keywords are case-insensitive, names are not."""
    assert cli.types("CONFIGURE", 'no address "RFC1918-ALL"')[1] == "Error: Address RFC1918-ALL is not found"


def test_the_caret_points_at_the_word(cli: Cli) -> None:
    """The caret stands in the column of the wrong word, counted with the prompt."""
    cli.types("configure", "address a1")
    column = len("DC1-ISP-FW01(config-addr)# ") + len("range 10.0.0.1 ")
    assert cli.types("range 10.0.0.1 x")[0].index("^") == column


@pytest.mark.parametrize(
    ("line", "prompt"),
    [
        ("address a1", "(config-addr)"),
        ("service s1", "(config-service)"),
        ("servgroup g1", "(config-svc-group)"),
        ("schedule t1", "(config-schedule)"),
        ("policy-global", "(config-policy)"),
    ],
)
def test_modes_and_their_prompts(cli: Cli, line: str, prompt: str) -> None:
    """Each mode has its prompt; ``exit`` goes up one, ``end`` to exec."""
    assert cli.type("configure").endswith("DC1-ISP-FW01(config)# ")
    assert cli.type(line).endswith(f"DC1-ISP-FW01{prompt}# ")
    assert cli.type("exit").endswith("DC1-ISP-FW01(config)# ")
    cli.type(line)
    assert cli.type("end").endswith("DC1-ISP-FW01# ")


def test_rule_mode_has_its_prompt(cli: Cli) -> None:
    """A rule is a mode below policy mode."""
    cli.types("configure", "policy-global")
    assert cli.type("rule").endswith("DC1-ISP-FW01(config-policy-rule)# ")
    assert cli.type("exit").endswith("DC1-ISP-FW01(config-policy)# ")


def test_exec_mode_takes_no_configuration(cli: Cli) -> None:
    """Nothing is configured before ``configure``."""
    assert "^-----unrecognized keyword address" in cli.types("address a1")[0]


def test_a_locked_configuration_can_be_read_and_not_changed(cli: Cli, firewall: Firewall) -> None:
    """While somebody else has the lock, lines are refused and ``show`` works."""
    assert "config status: Unlocked" in cli.types("show config-status")[0]
    firewall.locked = True
    assert "config status: Locked" in cli.types("show config-status")[0]
    assert cli.types("configure", "address a1")[1] == "Error: The configuration is locked"
