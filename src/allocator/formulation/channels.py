"""Channels: money or hours put into a market, answered by new customers.

    stock     stock[c,t] = spend[c,t] + carryover x stock[c,t-1]
    most      spend[c,t] <= max x use[c,t]          spend min of  spend[c,t] >= min x use[c,t]
    in use    spend[c,t] >= least x max x use[c,t]            (where a requirement asks for spending)
    answer    least <= answer[c,t] <= most of the curve on [0, largest stock]

That answer[c,t] = curve(stock[c,t]) is no linear row: ``solving`` keeps the answer between lines, adds lines where the
plan lies and cuts the range where the curve is not concave.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from allocator.domain.model import Channel
from allocator.domain.rules import Active
from allocator.formulation import idle
from allocator.formulation.entries import CashItem, ChannelCell
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms, Variable, single
from allocator.response.curves import CurveSet
from allocator.response.scalar import value_at

Cell = tuple[str, int]
"""Channel and period."""


def declare(ledger: Ledger) -> None:
    """Declare spend, stock, answer and switches of every channel; post cash, hours and new customers."""
    for cell in _cells(ledger):
        channel = ledger.instance.channels[cell.name]
        ledger.channels[cell.name, cell.period] = cell
        _post_cash(ledger, channel, cell)
        _post_hours(ledger, channel, cell)
        for segment, share in channel.into.items():
            index = ledger.instance.segment_index[segment]
            ledger.inflow(index, cell.period + 1, Terms().add(share, cell.answer))


def _cells(ledger: Ledger) -> Iterator[ChannelCell]:
    channels = ledger.instance.channels
    if not channels:
        return
    every = list(product(channels, ledger.instance.periods))
    most = {name: channel.spend.max for name, channel in channels.items()}
    spend = ledger.declare(
        "spend", every, unit=lambda key: most[key[0]], upper=lambda key: most[key[0]], committed=True
    )
    reach = _reach(ledger, every)
    answer = _answers(ledger, reach)
    use = _switches(ledger, spend)
    stock = spend | _stocks(ledger, spend)
    floors = _floors(ledger)
    for key, high in reach.items():
        channel = channels[key[0]]
        least = channel.spend.min if key in use and not channel.carryover else 0.0
        low = 0.0 if ledger.limits_move else max(least, floors.get(key, 0.0))
        yield ChannelCell(*key, channel.response, low, high, spend[key], stock[key], answer[key], use.get(key))


def _reach(ledger: Ledger, every: list[Cell]) -> dict[Cell, float]:
    """Largest stock of each channel and period."""
    found: dict[Cell, float] = {}
    for name, period in every:
        channel = ledger.instance.channels[name]
        found[name, period] = channel.spend.max + channel.carryover * found.get((name, period - 1), 0.0)
    return found


def _answers(ledger: Ledger, reach: dict[Cell, float]) -> dict[Cell, Variable]:
    """Answers, between the least and the most that their curves give."""
    channels = ledger.instance.channels
    sizes = {name: _size(channel) for name, channel in channels.items()}
    most, numbers = np.array(list(reach.values())), np.arange(len(reach))
    ranges = CurveSet([channels[name].response for name, _ in reach]).ranges(numbers, np.zeros(len(reach)), most)
    answer = ledger.declare("answer", list(reach), unit=lambda key: sizes[key[0]], lower=None, committed=True)
    for variable, low, high in zip(answer.values(), ranges.low.tolist(), ranges.high.tolist(), strict=True):
        variable.setlb(low)
        variable.setub(high)
    return answer


def _size(channel: Channel) -> float:
    """Size of an answer: that at the largest spend, or at none."""
    return max(abs(value_at(channel.response, spend)) for spend in (0.0, channel.spend.max)) or 1.0


def _switches(ledger: Ledger, spend: dict[Cell, Variable]) -> dict[Cell, Variable]:
    """Switches where being in use matters: a least spend, a fixed cost, or a rule that counts channels in use."""
    channels, scenario = ledger.instance.channels, ledger.instance.scenario
    rules = [rule.channels for rule in scenario.rules if isinstance(rule, Active) and rule.channels is not None]
    counted = {name for names in rules for name in names}
    matters = {name: name in counted or each.spend.min or each.spend.fixed for name, each in channels.items()}
    keys = [key for key in spend if matters[key[0]]]
    use = ledger.declare("use", keys, kind="binary", committed=True) if keys else {}
    for key, switch in use.items():
        name, limits = key[0], channels[key[0]].spend
        ledger.row("most", key, single(spend[key]).add(-limits.max, switch), "<=", 0.0)
        if limits.min:
            path = ("model", "channels", name, "spend", "min")
            limit = Limit("spend min of", path, name, "min", limits.min, "", period=key[1], basis=single(switch))
            ledger.limit(limit, key, single(spend[key]).add(-limits.min, switch), 0.0)
        elif idle.may_pay(scenario):
            ledger.row("in_use", key, single(spend[key]).add(-idle.LEAST * limits.max, switch), ">=", 0.0)
    return use


def _stocks(ledger: Ledger, spend: dict[Cell, Variable]) -> dict[Cell, Variable]:
    """Stocks of the channels that carry over, and their balances."""
    channels = ledger.instance.channels
    keys = [key for key in spend if channels[key[0]].carryover]
    if not keys:
        return {}
    stock = ledger.declare("stock", keys, unit=lambda key: channels[key[0]].spend.max, committed=True)
    for (name, t), variable in stock.items():
        balance = single(variable).add(-1.0, spend[name, t])
        if t > 1:
            balance.add(-channels[name].carryover, stock[name, t - 1])
        ledger.row("stock", (name, t), balance, "==", 0.0)
    return stock


def _floors(ledger: Ledger) -> dict[Cell, float]:
    """(channel, period) -> spend that a budget for this channel alone asks for: the curve matters from there on."""
    floors: dict[Cell, float] = {}
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
