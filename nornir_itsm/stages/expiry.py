"""What ends: demands whose last day comes near, and the order that takes away what they opened."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from nornir_itsm.model.order import Demand, Order


def ending(order: Order, today: str, within: int) -> tuple[Demand, ...]:
    """Return what an order adds and that ends at most *within* days from *today* (ISO 8601), or has ended."""
    last = (date.fromisoformat(today) + timedelta(days=within)).isoformat()
    return tuple(d for d in order.demands if d.action == "add" and d.valid_until and d.valid_until <= last)


def removal(order: Order, demands: Collection[Demand], change: str) -> Order:
    """Return the order that takes these demands of a change away, each on the day after its last one."""
    rows = {row for demand in demands for row in demand.rows}
    taken = tuple(_taken(demand) for demand in order.demands if demand in demands)
    requests = (replace(r, action="delete", valid_until=None) for r in order.requests if r.id in rows)
    why = f"到期清理：{change} 的需求 {'、'.join(demand.id for demand in taken)} 有效期届满"
    return Order(order.file, order.organization, order.system, why, tuple(requests), taken)


def _taken(demand: Demand) -> Demand:
    assert demand.valid_until is not None
    first = (date.fromisoformat(demand.valid_until) + timedelta(days=1)).isoformat()
    return replace(demand, action="delete", valid_from=first, valid_until=None)
