"""Channels: money or hours put into a market, answered by new customers.

    stock     stock[c,t] = spend[c,t] + carryover x stock[c,t-1]
    most      spend[c,t] <= max x use[c,t]          spend min of  spend[c,t] >= min x use[c,t]
    in use    spend[c,t] >= least x max x use[c,t]            (where a requirement asks for spending)
    above     answer[c,t] <= a supporting line of the curve's concave envelope
    below     answer[c,t] >= a supporting line of the curve's convex envelope

The lines written here are a start; ``solving`` adds lines where the plan lies and cuts the range where
the curve is not concave.
"""

from __future__ import annotations

import numpy as np

from allocator.domain.model import Channel
from allocator.domain.rules import Active
from allocator.formulation import idle
from allocator.formulation.entries import CashItem, ChannelCell
from allocator.formulation.envelope import Envelope, Line
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms, Variable, single
from allocator.response import curves


def declare(ledger: Ledger) -> None:
    """Declare spend, stock, answer and switches of every channel; post cash, hours and new customers."""
    floors = _floors(ledger)
    for name, channel in ledger.instance.channels.items():
        cells = _cells(ledger, name, channel, floors)
        for cell in cells:
            ledger.channels[name, cell.period] = cell
            _post_cash(ledger, channel, cell)
            _post_hours(ledger, channel, cell)
            for segment, share in channel.into.items():
                index = ledger.instance.segment_index[segment]
                ledger.inflow(index, cell.period + 1, Terms().add(share, cell.answer))


def constrain(ledger: Ledger) -> None:
    """Write the switch rows and the first lines above and below each curve."""
    for cell in ledger.channels.values():
        envelope = cell.envelope
        for side in ("above", "below"):
            points = envelope.first_points() if side == "above" else [envelope.low, envelope.high]
            lines = {envelope.line(point, side) for point in points}
            for number, line in enumerate(sorted(lines)):
                terms = _terms(cell, line)
                ledger.row(side, (cell.name, cell.period, number), terms, "<=" if side == "above" else ">=", 0.0)


def _terms(cell: ChannelCell, line: Line) -> Terms:
    """Answer - line(stock), to be kept <= 0 above and >= 0 below a curve.

    Where a switch forces the stock to 0, the line is tilted to pass through the curve's value at stock 0
    with the switch off: answer - intercept x use - slope x stock - curve(0) x (1 - use).
    """
    terms = Terms().add(1.0, cell.answer).add(-line.slope, cell.stock)
    if not cell.switched:
        return terms.plus(-line.intercept)
    idle = cell.envelope.value(0.0)
    return terms.add(idle - line.intercept, cell.use).plus(-idle)


def _switched(ledger: Ledger, name: str, channel: Channel) -> bool:
    """Whether being in use matters: a least spend, a fixed cost, or a rule that counts channels in use."""
    counted = any(
        isinstance(rule, Active) and rule.channels is not None and name in rule.channels
        for rule in ledger.instance.scenario.rules
    )
    return counted or channel.spend.min > 0.0 or channel.spend.fixed > 0.0


def _cells(ledger: Ledger, name: str, channel: Channel, floors: dict[tuple[str, int], float]) -> list[ChannelCell]:
    periods = list(ledger.instance.periods)
    spend = ledger.declare(f"spend_{name}", periods, unit=channel.spend.max, upper=channel.spend.max, committed=True)
    unit = float(np.abs(curves.value(channel.response, np.array([0.0, channel.spend.max]))).max()) or 1.0
    answer = ledger.declare(f"answer_{name}", periods, unit=unit, lower=None, committed=True)
    use: dict[int, Variable] = {}
    if _switched(ledger, name, channel):
        use = ledger.declare(f"use_{name}", periods, kind="binary", committed=True)
        for t in periods:
            ledger.row("most", (name, t), single(spend[t]).add(-channel.spend.max, use[t]), "<=", 0.0)
        _least(ledger, name, channel.spend.min, spend, use)
        if not channel.spend.min and idle.may_pay(ledger.instance.scenario):
            for t in periods:
                terms = single(spend[t]).add(-idle.LEAST * channel.spend.max, use[t])
                ledger.row("in_use", (name, t), terms, ">=", 0.0)
    stock = spend
    if channel.carryover:
        stock = ledger.declare(f"stock_{name}", periods, unit=channel.spend.max, committed=True)
        for t in periods:
            balance = single(stock[t]).add(-1.0, spend[t])
            if t > 1:
                balance.add(-channel.carryover, stock[t - 1])
            ledger.row("stock", (name, t), balance, "==", 0.0)
    high = channel.spend.max
    cells = []
    for t in periods:
        least = channel.spend.min if use and not channel.carryover else 0.0
        low = 0.0 if ledger.gives is not None else max(least, floors.get((name, t), 0.0))
        envelope = Envelope(channel.response, low, high)
        cells.append(ChannelCell(name, t, envelope, spend[t], stock[t], answer[t], use.get(t)))
        high = channel.spend.max + channel.carryover * high
    return cells


def _least(ledger: Ledger, name: str, least: float, spend: dict[int, Variable], use: dict[int, Variable]) -> None:
    if least:
        path = ("model", "channels", name, "spend", "min")
        for t, switch in use.items():
            limit = Limit("spend min of", path, name, "min", least, "", period=t, basis=single(switch))
            ledger.limit(limit, (name, t), single(spend[t]).add(-least, switch), 0.0)


def _floors(ledger: Ledger) -> dict[tuple[str, int], float]:
    """(channel, period) -> spend that a budget for this channel alone asks for: the curve matters from there on."""
    floors: dict[tuple[str, int], float] = {}
    for budget in ledger.instance.scenario.budgets:
        periods = list(ledger.instance.rule_periods(budget.periods))
        alone = budget.channels is not None and len(budget.channels) == 1
        plain = not (budget.function or budget.where or budget.levers or budget.resources or budget.programmes)
        if not (budget.at_least and alone and plain and budget.channels):
            continue
        channel = ledger.instance.channels[budget.channels[0]]
        if channel.input == "money" and not channel.spend.fixed and (budget.per == "period" or len(periods) == 1):
            for t in periods:
                key = (budget.channels[0], t)
                floors[key] = max(floors.get(key, 0.0), min(budget.at_least, channel.spend.max))
    return floors


def _post_cash(ledger: Ledger, channel: Channel, cell: ChannelCell) -> None:
    terms = Terms()
    if channel.input == "money":
        terms.add(1.0, cell.spend)
    if cell.use is not None:
        terms.add(channel.spend.fixed, cell.use)
    ledger.spend(CashItem("channel", cell.name, channel.function, cell.period, terms, where=channel.where))


def _post_hours(ledger: Ledger, channel: Channel, cell: ChannelCell) -> None:
    model = ledger.instance.model
    if channel.input != "money":
        resource = model.serving(channel.input, model.channel_unit(cell.name))
        assert resource is not None, "checked with the input"
        ledger.demand(resource, cell.period, single(cell.spend))
    for pool, per_customer in channel.uses.items():
        for segment, share in channel.into.items():
            resource = ledger.instance.serving(pool, ledger.instance.segment_index[segment])
            assert resource is not None, "checked with the input"
            ledger.demand(resource, cell.period, Terms().add(per_customer * share, cell.answer))
