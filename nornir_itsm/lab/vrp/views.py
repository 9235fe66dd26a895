"""Every view of the firewall, and loading a configuration as printed through them."""

from collections.abc import Iterator

from nornir_itsm.lab.vrp import objects, rules
from nornir_itsm.lab.vrp.configuration import Configuration
from nornir_itsm.lab.vrp.grammar import Context, Frame, View
from nornir_itsm.lab.vrp.words import Cursor, LineError

VIEWS = {
    "system": View("", {**objects.SYSTEM, **rules.SYSTEM}, objects.SYSTEM_UNDO),
    "object-address-set": View("-object-address-set-{}", objects.ADDRESS, objects.ADDRESS_UNDO),
    "group-address-set": View("-group-address-set-{}", objects.ADDRESS, objects.ADDRESS_UNDO),
    "object-service-set": View("-object-service-set-{}", objects.SERVICE, objects.SERVICE_UNDO),
    "group-service-set": View("-group-service-set-{}", objects.SERVICE, objects.SERVICE_UNDO),
    "time-range": View("-time-range-{}", objects.TIME, objects.TIME_UNDO),
    "policy": View("-policy-security", rules.POLICY, rules.POLICY_UNDO),
    "rule": View("-policy-security-rule-{}", rules.RULE, rules.RULE_UNDO),
}


def prompt_of(frames: list[Frame]) -> str:
    """Return what follows the name in the prompt."""
    return VIEWS[frames[-1].view].prompt.format(frames[-1].key) if frames else ""


def load(text: str) -> Configuration:
    """Return the configuration that was printed. Raises LineError for a line that is not understood.

    Parts that the firewall has no commands for are kept as they are.
    """
    context = Context(Configuration(plain=[]))
    for part in _parts(text):
        head = part[0].strip()
        if not head.startswith(("ip address-set ", "ip service-set ", "time-range ", "security-policy")):
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
    cursor = Cursor(line.strip())
    view = VIEWS[context.view]
    if question := view.carry_out(cursor.keyword((*view.commands, "undo")), context, cursor):
        question.then()


def _parts(text: str) -> Iterator[list[str]]:
    part: list[str] = []
    for line in text.splitlines():
        if line.strip() in ("#", "return"):
            if part:
                yield part
            part = []
        elif line.strip() and line[0] != "!":
            part.append(line.rstrip())
    if part:
        raise LineError("the configuration has no end")
