"""Orders as JSON in the contract's shape; ``rows_json`` reads it."""

from nornir_itsm.model.order import Demand, Endpoint, Issue, Order, Request, Schedule

ISSUE_KEYS = ("level", "key", "sheet", "cell", "value", "problem", "hint", "proposal")
"""Keys of an issue besides ``rows``."""


def order_json(order: Order) -> dict[str, object]:
    """Return one element of ``check --json``'s ``orders``."""
    return {
        "file": order.file,
        "organization": order.organization,
        "system": order.system,
        "remarks": order.remarks,
        "requests": [_request_json(request) for request in order.requests],
        "demands": [demand_json(demand) for demand in order.demands],
        "issues": [_issue_json(issue) for issue in order.issues],
    }


def _request_json(request: Request) -> dict[str, object]:
    return {
        "id": request.id,
        "sheet": request.sheet,
        "row": request.row,
        "action": request.action,
        "source": _endpoint_json(request.source),
        "destination": _endpoint_json(request.destination),
        "public": {"addresses": list(request.public_addresses), "ports": list(request.public_ports)},
        "protocol": request.protocol,
        "valid": _valid_json(request),
        "schedule": _schedule_json(request.schedule),
        "purpose": request.purpose,
    }


def _endpoint_json(end: Endpoint) -> dict[str, object]:
    return {
        "zone": end.zone, "host": end.host, "addresses": list(end.addresses), "ports": list(end.ports),
        "security_group": end.security_group,
    }  # fmt: skip


def demand_json(demand: Demand) -> dict[str, object]:
    """Return one element of ``demands``."""
    return {
        "id": demand.id,
        "rows": list(demand.rows),
        "action": demand.action,
        "source_zone": demand.source_zone,
        "destination_zone": demand.destination_zone,
        "sources": list(demand.sources),
        "destinations": list(demand.destinations),
        "public": list(demand.public),
        "protocol": demand.protocol,
        "port_pairs": [list(pair) for pair in demand.port_pairs],
        "schedule": _schedule_json(demand.schedule),
        "valid": _valid_json(demand),
        "purpose": demand.purpose,
    }


def _valid_json(of: Request | Demand) -> dict[str, object]:
    return {"from": of.valid_from, "until": of.valid_until}


def _issue_json(issue: Issue) -> dict[str, object]:
    return {name: getattr(issue, name) for name in ISSUE_KEYS} | {"rows": list(issue.rows)}


def _schedule_json(schedule: Schedule) -> dict[str, object]:
    periods = [{"days": list(p.days), "from": p.start, "to": p.end} for p in schedule.periods]
    return {"text": schedule.text, "periods": periods}
