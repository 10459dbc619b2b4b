"""Nothing is paid for and left idle, where a requirement could be met by paying.

A set-up or the fixed cost of a channel is paid where effort or spend is above 0, however little. Hours are bought
when regular ones do not do, the cheaper first, and nobody is hired and released at once. That needs no rows, for
nobody pays for nothing, unless a requirement asks for spending. Then, with 0-1 switches:

bought   overtime[r,t] <= most x buys[r,t],  partner[r,t] <= most x buys[r,t]
busy     hours available - hours taken <= most x (1 - buys[r,t])
dear     of overtime and partner hours, those that cost more an hour of use <= most x dear[r,t]
cheap    the others >= all there are - most x (1 - dear[r,t])
moves    hires[r,t] <= most x moves[r,t],  releases[r,t] <= most x (1 - moves[r,t])
"""

from __future__ import annotations

from allocator.domain.resources import Labour
from allocator.domain.rules import BaseRule, SpendRule
from allocator.domain.scenario import Scenario
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Terms, Variable, single

LEAST = 2e-6
"""Part of the customers, or of the largest spend, that is enough for a switch to be on."""
_UNLIMITED = 1000
"""Most hires in a period where the planner sets no limit."""


def may_pay(scenario: Scenario) -> bool:
    """Whether a requirement asks for spending."""
    return any(budget.at_least for budget in scenario.budgets) or any(map(_asks, scenario.rules))


def buys_hours(scenario: Scenario) -> str | None:
    """A resource whose bought hours need switches, if there is one."""
    bought = (name for name, resource in scenario.model.resources.items() if _bought(resource))
    return next(bought, None) if may_pay(scenario) else None


def _asks(rule: BaseRule) -> bool:
    return isinstance(rule, SpendRule) and (bool(rule.min or rule.min_share) or rule.max_share is not None)


def _bought(resource: object) -> bool:
    return isinstance(resource, Labour) and (resource.overtime is not None or resource.partner is not None)


def constrain(ledger: Ledger) -> None:
    """Write the rows of all resources, once all hours and cash are posted."""
    if not may_pay(ledger.instance.scenario):
        return
    paid: dict[tuple[str, str, int], Variable] = {
        (item.kind, item.name, item.period): item.terms.variables[0]
        for item in ledger.cash
        if item.kind in ("overtime", "partner", "hiring", "release") and item.terms.variables
    }
    for name, resource in ledger.instance.model.resources.items():
        if isinstance(resource, Labour):
            for t in ledger.instance.periods:
                _hours(ledger, name, resource, t, paid)
                _moves(ledger, name, resource, t, paid)


def _most_heads(resource: Labour, period: int) -> float:
    if resource.hire is None:
        return resource.headcount
    return resource.headcount + (_UNLIMITED if resource.hire.max is None else resource.hire.max) * period


def _hours(
    ledger: Ledger, name: str, resource: Labour, period: int, paid: dict[tuple[str, str, int], Variable]
) -> None:
    """Buy hours only where all others are taken."""
    regular = resource.hours * _most_heads(resource, period)
    most = {
        "overtime": resource.overtime.share * regular if resource.overtime else 0.0,
        "partner": resource.partner.hours if resource.partner else 0.0,
    }
    extra = {kind: paid[kind, name, period] for kind in most if (kind, name, period) in paid}
    if not extra:
        return
    buys = ledger.declare(f"buys_{name}_{period}", [(name, period)], kind="binary")[name, period]
    for kind, hours in extra.items():
        ledger.row("bought", (name, period, kind), single(hours).add(-most[kind], buys), "<=", 0.0)
    adds = sum(each.adds.get(name, 0.0) for each in ledger.instance.programmes.values())
    quality = resource.partner.quality if resource.partner else 0.0
    available = regular + most["overtime"] + quality * most["partner"] + adds
    idle = ledger.supplied(name, period).times(1.0).extend(ledger.demanded(name, period), -1.0)
    ledger.row("busy", (name, period), idle.add(available, buys), "<=", available)
    if len(extra) == 2:
        _cheaper_first(ledger, name, resource, period, extra, most)


def _cheaper_first(
    ledger: Ledger, name: str, resource: Labour, period: int, extra: dict[str, Variable], most: dict[str, float]
) -> None:
    assert resource.overtime is not None, "bought"
    assert resource.partner is not None, "bought"
    overtime_first = resource.overtime.cost <= resource.partner.cost / resource.partner.quality
    cheap, dear = ("overtime", "partner") if overtime_first else ("partner", "overtime")
    needed = ledger.declare(f"dear_{name}_{period}", [(name, period)], kind="binary")[name, period]
    ledger.row("dear", (name, period), single(extra[dear]).add(-most[dear], needed), "<=", 0.0)
    full = Terms().plus(most[cheap])
    if overtime_first:
        full = ledger.staff[name].heads[period].times(resource.overtime.share * resource.hours)
    left = full.extend(single(extra[cheap]), -1.0).add(most[cheap], needed)
    ledger.row("cheap", (name, period), left, "<=", most[cheap])


def _moves(
    ledger: Ledger, name: str, resource: Labour, period: int, paid: dict[tuple[str, str, int], Variable]
) -> None:
    """Hire or release, not both in a period."""
    staff = ledger.staff[name]
    if not {("hiring", name, period), ("release", name, period)} & paid.keys() or not (staff.hires and staff.releases):
        return
    most = _most_heads(resource, period)
    moves = ledger.declare(f"moves_{name}_{period}", [(name, period)], kind="binary", committed=True)[name, period]
    ledger.row("moves", (name, period, "hires"), single(staff.hires[period]).add(-most, moves), "<=", 0.0)
    ledger.row("moves", (name, period, "releases"), single(staff.releases[period]).add(most, moves), "<=", most)
