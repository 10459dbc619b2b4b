"""Resources: heads, what they cost, and the hours they give.

heads     heads[r,t] = heads[r,t-1] + hires[r,t] - releases[r,t]
overtime share of  overtime[r,t] <= share x hours x heads[r,t]
taken     units taken = taken[r,t]                                (fixed resources with a cost per unit)
capacity  hours or units taken <= hours x (heads - ramp shortfall) + overtime + quality x partner + adds
"""

from __future__ import annotations

from math import inf

from allocator.domain.errors import Path
from allocator.domain.resources import Fixed, Labour
from allocator.formulation.entries import CashItem, Staff
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
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
            if (name, t) in ledger.taken:
                taken = ledger.demanded(name, t).times(1.0).add(-1.0, ledger.taken[name, t])
                ledger.row("taken", (name, t), taken, "==", 0.0)
            if not terms.variables:
                continue
            ledger.limit(_capacity(name, resource, t, supplied.constant), (name, t), terms, 0.0)


def _capacity(name: str, resource: Labour | Fixed, period: int, available: float) -> Limit:
    """The limit on hours, which no single number states, or on units, which stands in the file."""
    path: Path = ("model", "resources", name)
    if isinstance(resource, Labour):
        return Limit("capacity", path, name, "max", available, "hours", period=period, rate=0.0)
    path = (*path, "capacity", period - 1) if isinstance(resource.capacity, tuple) else (*path, "capacity")
    stated = _units(resource, period)
    return Limit("capacity", path, name, "max", stated, "units", period=period)


def _units(resource: Fixed, period: int) -> float:
    return resource.capacity[period - 1] if isinstance(resource.capacity, tuple) else resource.capacity


def _staff(ledger: Ledger, name: str, resource: Labour) -> Staff:
    instance = ledger.instance
    periods = list(instance.periods)
    path = ("model", "resources", name, "headcount")
    before = Terms().plus(resource.headcount)
    before.extend(ledger.give(Limit("headcount of", path, name, "max", resource.headcount, "heads"), whole=True))
    before.extend(ledger.give(Limit("headcount of", path, name, "min", resource.headcount, "heads"), whole=True), -1.0)
    if resource.hire is None and resource.release is None:
        return Staff([before] * (len(periods) + 1), {}, {})
    heads = ledger.declare(f"heads_{name}", periods, kind="integer", committed=True)
    hires: dict[int, Variable] = {}
    releases: dict[int, Variable] = {}
    if resource.hire is not None:
        hires = ledger.declare(f"hires_{name}", periods, kind="integer", committed=True)
        _cap_moves(ledger, "hire", name, resource.hire.max, hires)
    if resource.release is not None:
        releases = ledger.declare(f"releases_{name}", periods, kind="integer", committed=True)
        _cap_moves(ledger, "release", name, resource.release.max, releases)
    ledger.heads[name] = heads
    by_period = [before, *(single(heads[t]) for t in periods)]
    for t in periods:
        change = by_period[t].times(1.0).extend(by_period[t - 1], -1.0)
        if t in hires:
            change.add(-1.0, hires[t])
        if t in releases:
            change.add(1.0, releases[t])
        ledger.row("heads", (name, t), change, "==", 0.0)
    return Staff(by_period, hires, releases)


def _cap_moves(ledger: Ledger, family: str, name: str, most: int | None, moves: dict[int, Variable]) -> None:
    """At most so many hires or releases in a period."""
    if most is not None:
        for t, move in moves.items():
            path = ("model", "resources", name, family, "max")
            ledger.cap(Limit(f"{family} max of", path, name, "max", most, f"{family}s", period=t), (name, t), move)


def _labour(ledger: Ledger, name: str, resource: Labour) -> None:
    staff = ledger.staff[name] = _staff(ledger, name, resource)
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
        ledger.supply(name, t, hours, *_regular_range(resource, t))
    _extra_hours(ledger, name, resource, staff)


def _regular_range(resource: Labour, period: int) -> tuple[float, float]:
    """The least and the most regular hours in a period: those released from the first period on, or those hired."""
    heads, hire, release = resource.headcount, resource.hire, resource.release
    most = heads if hire is None else heads + (inf if hire.max is None else hire.max * period)
    least = heads if release is None else 0.0 if release.max is None else max(0.0, heads - release.max * period)
    return resource.hours * least, resource.hours * most


def _extra_hours(ledger: Ledger, name: str, resource: Labour, staff: Staff) -> None:
    periods = list(ledger.instance.periods)
    path = ("model", "resources", name)
    if resource.overtime is not None:
        share = resource.overtime.share
        overtime = ledger.declare(f"overtime_{name}", periods, unit=resource.hours)
        for t, extra in overtime.items():
            regular = staff.heads[t].times(resource.hours)
            place = (*path, "overtime", "share")
            limit = Limit("overtime share of", place, name, "max", share, "share", t, basis=regular)
            ledger.limit(limit, (name, t), single(extra).extend(regular, -share), 0.0)
            cost = Terms().add(resource.overtime.cost, extra)
            ledger.spend(CashItem("overtime", name, resource.function, t, cost, unit=resource.unit))
            ledger.supply(name, t, single(extra), 0.0, share * _regular_range(resource, t)[1] if share else 0.0)
    if resource.partner is not None:
        bought = ledger.declare(f"partner_{name}", periods, unit=resource.hours)
        for t, extra in bought.items():
            most = resource.partner.hours
            limit = Limit("partner hours of", (*path, "partner", "hours"), name, "max", most, "hours", period=t)
            ledger.cap(limit, (name, t), extra)
            cost = Terms().add(resource.partner.cost, extra)
            ledger.spend(CashItem("partner", name, resource.function, t, cost, unit=resource.unit))
            ledger.supply(name, t, Terms().add(resource.partner.quality, extra), 0.0, resource.partner.quality * most)


def _fixed(ledger: Ledger, name: str, resource: Fixed) -> None:
    for t in ledger.instance.periods:
        capacity = _units(resource, t)
        ledger.supply(name, t, Terms().plus(capacity), capacity, capacity)
        if resource.cost:
            ledger.taken |= ledger.declare(f"taken_{name}_{t}", [(name, t)], unit=capacity or 1.0)
            cost = Terms().add(resource.cost, ledger.taken[name, t])
            ledger.spend(CashItem("fixed", name, resource.function, t, cost, unit=resource.unit))
