"""Service book and service groups (StoneOS CLI manual 5.5R12)."""

from nornir_itsm.lab.stoneos.configuration import Entry, Group, Service, demand_unused_service
from nornir_itsm.lab.stoneos.grammar import Context, Handler, Table, demand_own
from nornir_itsm.lab.stoneos.words import Cursor, LineError

MAX_DEPTH = 8
"""How deep groups may stand in groups."""


def _ports(cursor: Cursor) -> tuple[int, int]:
    low = cursor.number(0, 65535)
    high = cursor.number(0, 65535) if cursor.next_is_number() else low
    if high < low:
        raise LineError("Maximum is smaller than minimum")
    return low, high


def _read_entry(kind: str, cursor: Cursor) -> Entry:
    match kind:
        case "tcp" | "udp":
            cursor.keyword(("dst-port",))
            target = _ports(cursor)
            source = _ports(cursor) if cursor.option(("src-port",)) else (0, 65535)
            return Entry(kind, (*target, *source))
        case "icmp":
            cursor.keyword(("type",))
            icmp_type = -1 if cursor.option(("any",)) else cursor.number(0, 255)
            code = _codes(cursor) if cursor.option(("code",)) else ()
            return Entry(kind, (icmp_type, *code))
        case _:
            return Entry(kind, (cursor.number(1, 255),))


def _codes(cursor: Cursor) -> tuple[int, int]:
    low = cursor.number(0, 255)
    return low, cursor.number(low, 255) if cursor.next_is_number() else low


def _service(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    if name in context.config.groups:
        raise LineError("This name is used by a service group")  # assumed wording
    found = context.config.services.get("Any" if name.lower() == "any" else name)
    if found is None:
        context.config.services[name] = Service(name)
    else:
        demand_own(found.predefined, name)
    context.enter("service", name)


def _no_service(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    found = context.config.services.get(name)
    if found is None:
        raise LineError("Failed to find this service")
    demand_own(found.predefined, name)
    demand_unused_service(context.config, name)
    del context.config.services[name]


def _current_service(context: Context) -> Service:
    if found := context.config.services.get(context.key):
        return found
    raise LineError("Failed to find this service")


def _add_entry(kind: str) -> Handler:
    def add(context: Context, cursor: Cursor) -> None:
        entry = _read_entry(kind, cursor)
        cursor.finish()
        service = _current_service(context)
        if entry in service.entries:
            raise LineError("This service already exists")
        service.entries.append(entry)

    return add


def _remove_entry(kind: str) -> Handler:
    def remove(context: Context, cursor: Cursor) -> None:
        entry = _read_entry(kind, cursor)
        cursor.finish()
        service = _current_service(context)
        if entry not in service.entries:
            raise LineError("Deleting a service not configured")
        service.entries.remove(entry)

    return remove


def _servgroup(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    if name in context.config.services:
        raise LineError("This name is used by a service")  # assumed wording
    found = context.config.groups.get(name)
    if found is None:
        context.config.groups[name] = Group(name)
    else:
        demand_own(found.predefined, name)
    context.enter("servgroup", name)


def _no_servgroup(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    found = context.config.groups.get(name)
    if found is None:
        raise LineError("Failed to find this service group")  # assumed wording
    demand_own(found.predefined, name)
    demand_unused_service(context.config, name)
    del context.config.groups[name]


def _current_group(context: Context) -> Group:
    if found := context.config.groups.get(context.key):
        return found
    raise LineError("Failed to find this service group")


def _add_to_group(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    group = _current_group(context)
    member = context.config.service_name(name)
    if member in group.members:
        raise LineError("This service already exists")
    if group.name in context.config.groups_within(member):
        raise LineError(f"Service group {member} contains this group")  # assumed wording
    if _depth(context, member) >= MAX_DEPTH:
        raise LineError("Service group nesting is too deep")  # assumed wording
    group.members.append(member)


def _depth(context: Context, name: str) -> int:
    group = context.config.groups.get(name)
    return 1 + max((_depth(context, m) for m in group.members), default=0) if group else 0


def _remove_from_group(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    group = _current_group(context)
    if name not in group.members:
        raise LineError("Failed to find this service entity")
    group.members.remove(name)


def _describe(context: Context, cursor: Cursor) -> None:
    text = cursor.name(255)
    cursor.finish()
    holder = _current_service(context) if context.mode == "service" else _current_group(context)
    holder.description = text


def _no_description(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    holder = _current_service(context) if context.mode == "service" else _current_group(context)
    holder.description = ""


_KINDS = ("tcp", "udp", "icmp", "protocol")

GLOBAL: Table = {"service": _service, "servgroup": _servgroup}
GLOBAL_NO: Table = {"service": _no_service, "servgroup": _no_servgroup}
SERVICE: Table = {kind: _add_entry(kind) for kind in _KINDS} | {"description": _describe}
SERVICE_NO: Table = {kind: _remove_entry(kind) for kind in _KINDS} | {"description": _no_description}
GROUP: Table = {"service": _add_to_group, "description": _describe}
GROUP_NO: Table = {"service": _remove_from_group, "description": _no_description}
