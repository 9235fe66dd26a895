"""Every view of the firewall, and loading a configuration as printed through them."""

from nornir_itsm.lab.vrp import nat, objects, rules
from nornir_itsm.lab.vrp.configuration import Configuration
from nornir_itsm.lab.vrp.grammar import Context, View, carry_out_printed, parts_of

VIEWS = {
    "system": View(
        "", {**objects.SYSTEM, **rules.SYSTEM, **nat.SYSTEM}, {**objects.SYSTEM_UNDO, **nat.SYSTEM_UNDO}
    ),
    "object-address-set": View("-object-address-set-{}", objects.ADDRESS, objects.ADDRESS_UNDO),
    "group-address-set": View("-group-address-set-{}", objects.ADDRESS, objects.ADDRESS_UNDO),
    "object-service-set": View("-object-service-set-{}", objects.SERVICE, objects.SERVICE_UNDO),
    "group-service-set": View("-group-service-set-{}", objects.SERVICE, objects.SERVICE_UNDO),
    "time-range": View("-time-range-{}", objects.TIME, objects.TIME_UNDO),
    "policy": View("-policy-security", rules.POLICY, rules.POLICY_UNDO),
    "rule": View("-policy-security-rule-{}", rules.RULE, rules.RULE_UNDO),
    "pool": View("-address-group-{}", nat.POOL, nat.POOL_UNDO),
    "nat-policy": View("-policy-nat", rules.POLICY, rules.POLICY_UNDO),
    "nat-rule": View("-policy-nat-rule-{}", rules.NAT_RULE, rules.NAT_RULE_UNDO),
}
_READ = ("ip address-set ", "ip service-set ", "time-range ", "security-policy", "nat ", "nat-policy")


def load(text: str) -> Configuration:
    """Return the configuration that was printed. Raises LineError for a line that is not understood.

    Parts that the firewall has no commands for are kept as they are.
    """
    context = Context(Configuration(plain=[]))
    for part in parts_of(text):
        head = part[0].strip()
        if not head.startswith(_READ):
            if not head.startswith("sysname "):
                context.config.plain.append(tuple(part))
            continue
        for line in part:
            _typed(line, context)
        context.frames.clear()
    return context.config


def _typed(line: str, context: Context) -> None:
    """Carry out a printed line: as far out as its indentation says, it belongs to the view it stands in."""
    depth = len(line) - len(line.lstrip())
    if line.lstrip().startswith("time-range ") and context.view != "rule":
        depth = 0  # indented as a whole
    elif context.view == "time-range":
        depth = 1
    del context.frames[depth:]
    carry_out_printed(line, context, VIEWS)


def load_systems(text: str) -> dict[str, Configuration]:
    """Return the configurations that the root prints: its own by an empty name, each virtual system's.

    Each ends with ``return``; that of a virtual system begins with ``switch vsys NAME``. Raises LineError.
    """
    found: dict[str, Configuration] = {}
    part: list[str] = []
    for line in text.splitlines():
        part.append(line)
        if line == "return":
            name = next((one.split()[2] for one in part if one.startswith("switch vsys ")), "")
            found[name] = load("\n".join(one for one in part if not one.startswith("switch vsys ")))
            part = []
    return found
