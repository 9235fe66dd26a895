"""All configuration modes together, and the reading of a saved configuration."""

from nornir_itsm.lab.stoneos import addresses, nat, rules, schedules, services
from nornir_itsm.lab.stoneos.configuration import Configuration
from nornir_itsm.lab.stoneos.grammar import Context, Mode
from nornir_itsm.lab.stoneos.words import Cursor, LineError


def _zone(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    if name not in context.config.zones:
        context.config.zones.append(name)
    context.enter("zone", name)


CONFIG = Mode(
    "(config)",
    {
        **addresses.GLOBAL,
        **services.GLOBAL,
        **schedules.GLOBAL,
        **rules.GLOBAL,
        **nat.GLOBAL,
        "zone": _zone,
    },
    {**addresses.GLOBAL_NO, **services.GLOBAL_NO, **schedules.GLOBAL_NO},
)
LOADING = Mode("", {**CONFIG.commands, **rules.LOADING})
MODES = {
    "config": CONFIG,
    "address": Mode("(config-addr)", addresses.MODE, addresses.MODE_NO),
    "service": Mode("(config-service)", services.SERVICE, services.SERVICE_NO),
    "servgroup": Mode("(config-svc-group)", services.GROUP, services.GROUP_NO),
    "schedule": Mode("(config-schedule)", schedules.MODE, schedules.MODE_NO),
    "policy": Mode("(config-policy)", rules.POLICY, rules.POLICY_NO),
    "rule": Mode("(config-policy-rule)", rules.RULE, rules.RULE_NO),
    "vrouter": Mode("(config-vrouter)", nat.MODE, nat.MODE_NO),
    "zone": Mode("(config-zone)"),
}


_HEADERS = ("Version ", "Building ", "Running ", "Startup ")


def load(text: str, factory: Configuration) -> Configuration:
    """Read a configuration as it is printed into a new one with *factory*'s predefined objects.

    Raises LineError at the first line that is refused.
    """
    context = Context(factory.factory())
    for line in map(str.strip, text.replace("\r", "").split("\n")):
        if line in ("", "!", "End") or line.startswith(_HEADERS):
            continue
        if line == "exit":
            if not context.frames:
                raise LineError("exit at top level")
            context.frames.pop()
            continue
        mode = MODES[context.mode] if context.frames else LOADING
        cursor = Cursor(line)
        mode.carry_out(cursor.keyword(mode.keywords), context, cursor)
    return context.config
