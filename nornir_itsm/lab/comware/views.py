"""Every view of the device, a line carried out in one, and loading a configuration as printed."""

import re
from collections.abc import Iterator

from nornir_itsm.lab.comware import objects, policy, switching
from nornir_itsm.lab.comware.configuration import Configuration
from nornir_itsm.lab.comware.grammar import Context, View
from nornir_itsm.lab.vrp.words import Cursor, LineError

_GROUPS = ("ip address", "service")
VIEWS = {
    "system": View(
        "",
        {**switching.SYSTEM, **objects.SYSTEM, **policy.SYSTEM},
        {**switching.SYSTEM_UNDO, **objects.SYSTEM_UNDO},
    ),
    "vlan": View("-vlan{}", switching.VLAN, switching.VLAN_UNDO),
    "instance": View("-vpn-instance-{}", switching.INSTANCE),
    "interface": View("-Vlan-interface{}", switching.INTERFACE, switching.INTERFACE_UNDO),
    "ip address": View("-obj-grp-ip-{}", objects.ADDRESS, objects.GROUP_UNDO),
    "service": View("-obj-grp-service-{}", objects.SERVICE, objects.GROUP_UNDO),
    "policy": View("-security-policy-ip", policy.POLICY, policy.POLICY_UNDO),
    "rule": View("-security-policy-ip-{}", policy.RULE, policy.RULE_UNDO),
}
_HEADS = (
    *("vlan ", "ip vpn-instance ", "interface Vlan-interface", "ip route-static "),
    *("object-group ip address ", "object-group service ", "time-range ", "security-policy ip"),
)


def prompt_of(context: Context) -> str:
    """Return what follows the name in the prompt; a rule goes by its number and name."""
    if not context.frames:
        return ""
    key = context.key
    if context.view == "rule" and (rule := context.config.rule(key)):
        key = f"{rule.id}-{key}"
    return VIEWS[context.view].prompt.format(key)


def carry_out(line: str, context: Context) -> str | None:
    """Carry out a line in the view of *context*; return what is printed. Raises LineError."""
    cursor = Cursor(line)
    undo = cursor.option(("undo",)) is not None
    if context.view in _GROUPS and re.fullmatch(r"[0-9]{1,5}", cursor.next):
        _numbered(context, cursor, undo=undo)
        return None
    table = VIEWS[context.view].undo if undo else VIEWS[context.view].commands
    return table[cursor.keyword(table)](context, cursor)


def _numbered(context: Context, cursor: Cursor, *, undo: bool) -> None:
    """``20 network ...`` and ``undo 20`` in the view of an object group."""
    number = cursor.number(0, 65534)
    if undo:
        cursor.finish()
        objects.remove(context, number)
    else:
        objects.add(context, cursor, number)


def load(text: str) -> Configuration:
    """Return the configuration that was printed. Raises LineError for a line that is not understood.

    Parts that the device has no commands for are kept as they are.
    """
    context = Context(Configuration())
    for part in _parts(text):
        head = part[0].strip()
        if not head.startswith(_HEADS):
            if not head.startswith(("sysname ", "version ")):
                context.config.plain.append(tuple(part))
            continue
        for line in part:
            depth = len(line) - len(line.lstrip())
            if line.lstrip().startswith(("ip route-static ", "time-range ")) and context.view != "rule":
                depth = 0  # indented as a whole
            del context.frames[depth:]
            carry_out(line.strip(), context)
        context.frames.clear()
    return context.config


def _parts(text: str) -> Iterator[list[str]]:
    part: list[str] = []
    for line in text.splitlines():
        if line.strip() in ("#", "return"):
            if part:
                yield part
            part = []
        elif line.strip():
            part.append(line.rstrip())
    if part:
        raise LineError("the configuration has no end")
