"""Resources: heads, what they cost, and the hours they give.

heads     heads[r,t] = heads[r,t-1] + hires[r,t] - releases[r,t]
overtime  overtime[r,t] <= share x hours x heads[r,t]
taken     units taken = taken[r,t]                                (fixed resources with a cost per unit)
capacity  hours or units taken <= hours x (heads - ramp shortfall) + overtime + quality x partner + adds
"""

from __future__ import annotations

from dataclasses import dataclass

from allocator.domain.model import Fixed, Labour
from allocator.formulation.ledger import CashItem, Ledger, Limit
from allocator.formulation.terms import Terms, Variable, single


def declare(ledger: Ledger) -> None:
    """Declare heads, overtime and partner hours; post their cash and their hours."""
    for name, resource in ledger.instance.model.resources.items():
        if isinstance(resource, Labour):
            _labour(ledger, name, resource)
        else:
            _fixed(ledger, name, resource)


def constrain(ledger: Ledger) -> None:
    """Write the capacity rows, once all hours are posted."""
    instance = ledger.instance
    for name, resource in instance.model.resources.items():
        for t in instance.periods:
            supplied = ledger.supplied(name, t)
            terms = ledger.demanded(name, t).times(1.0).extend(supplied, -1.0)
            if not terms.variables:
                continue
            if (name, t) in ledger.taken:
                taken = ledger.demanded(name, t).times(1.0).add(-1.0, ledger.taken[name, t])
                ledger.row("taken", (name, t), taken, "==", 0.0)
            limit = Limit("capacity", ("model", "resources", name), name, "max", supplied.constant, "hours", period=t)
            ledger.limit(limit, (name, t), terms, 0.0)


@dataclass(frozen=True, slots=True)
class _Staff:
    """Terms for heads in period t (index t, 0 for before period 1), and hires by period."""

    heads: list[Terms]
    hires: dict[int, Variable]
    releases: dict[int, Variable]


def _staff(ledger: Ledger, name: str, resource: Labour) -> _Staff:
    instance = ledger.instance
    periods = list(instance.periods)
    before = Terms().plus(resource.headcount)
    if resource.hire is None and resource.release is None:
        return _Staff([before] * (len(periods) + 1), {}, {})
    heads = ledger.declare(f"heads_{name}", periods, kind="integer")
    hires: dict[int, Variable] = {}
    releases: dict[int, Variable] = {}
    if resource.hire is not None:
        hires = ledger.declare(f"hires_{name}", periods, kind="integer", upper=resource.hire.max)
    if resource.release is not None:
        releases = ledger.declare(f"releases_{name}", periods, kind="integer", upper=resource.release.max)
    ledger.heads[name] = heads
    path = [before, *(single(heads[t]) for t in periods)]
    for t in periods:
        change = path[t].times(1.0).extend(path[t - 1], -1.0)
        if t in hires:
            change.add(-1.0, hires[t])
        if t in releases:
            change.add(1.0, releases[t])
        ledger.row("heads", (name, t), change, "==", 0.0)
    return _Staff(path, hires, releases)


def _labour(ledger: Ledger, name: str, resource: Labour) -> None:
    staff = _staff(ledger, name, resource)
    for t in ledger.instance.periods:
        heads = staff.heads[t]
        items = [("wages", heads.times(resource.wage))]
        hours = heads.times(resource.hours)
        if resource.hire is not None:
            items.append(("hiring", Terms().add(resource.hire.cost, staff.hires[t])))
            for lag, productivity in enumerate(resource.hire.ramp):
                if t - lag >= 1:
                    hours.add(-resource.hours * (1.0 - productivity), staff.hires[t - lag])
        if resource.release is not None:
            items.append(("release", Terms().add(resource.release.cost, staff.releases[t])))
        for kind, terms in items:
            ledger.spend(CashItem(kind, name, resource.function, t, terms, unit=resource.unit))
        ledger.supply(name, t, hours)
    _extra_hours(ledger, name, resource, staff)


def _extra_hours(ledger: Ledger, name: str, resource: Labour, staff: _Staff) -> None:
    periods = list(ledger.instance.periods)
    if resource.overtime is not None:
        most = resource.overtime.share * resource.hours
        overtime = ledger.declare(f"overtime_{name}", periods, unit=resource.hours)
        for t, extra in overtime.items():
            ledger.row("overtime", (name, t), single(extra).extend(staff.heads[t], -most), "<=", 0.0)
            cost = Terms().add(resource.overtime.cost, extra)
            ledger.spend(CashItem("overtime", name, resource.function, t, cost, unit=resource.unit))
            ledger.supply(name, t, single(extra))
    if resource.partner is not None:
        bought = ledger.declare(f"partner_{name}", periods, unit=resource.hours, upper=resource.partner.hours)
        for t, extra in bought.items():
            cost = Terms().add(resource.partner.cost, extra)
            ledger.spend(CashItem("partner", name, resource.function, t, cost, unit=resource.unit))
            ledger.supply(name, t, Terms().add(resource.partner.quality, extra))


def _fixed(ledger: Ledger, name: str, resource: Fixed) -> None:
    for t in ledger.instance.periods:
        capacity = resource.capacity[t - 1] if isinstance(resource.capacity, tuple) else resource.capacity
        ledger.supply(name, t, Terms().plus(capacity))
        if resource.cost:
            ledger.taken |= ledger.declare(f"taken_{name}_{t}", [(name, t)], unit=capacity or 1.0)
            cost = Terms().add(resource.cost, ledger.taken[name, t])
            ledger.spend(CashItem("fixed", name, resource.function, t, cost, unit=resource.unit))
