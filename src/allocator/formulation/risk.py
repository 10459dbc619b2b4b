"""Risk: what the plan earns in each shock scenario, and its CVaR (Rockafellar and Uryasev 2000).

    outcome   earned by group g = sum of the discounted margin and terminal value of cells with the same shocks
    spent     total cost = discounted cash
    tail      shortfall[w] >= threshold - equity[w],  equity[w] = sum of f[w,g] earned[g] - total cost
    cvar      CVaR = threshold - sum of p[w] shortfall[w] / (1 - confidence) >= floor
    chance    target - equity[w] <= largest shortfall x missed[w],  sum of p[w] missed[w] <= 1 - probability

Cells whose shocks are alike in all scenarios share one group, so rows stay short: persistent shocks by tier
need as many groups as there are tiers.
"""

from __future__ import annotations

import numpy as np

from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms, Variable, single
from allocator.uncertainty import ShockSet


def constrain(ledger: Ledger) -> None:
    """Declare outcomes where a risk term asks for them and write the risk rows."""
    risk = ledger.instance.scenario.risk
    shocks = ledger.instance.shocks
    if shocks is None or (risk.cvar_floor is None and not risk.aversion and risk.chance is None):
        return
    equities = _adapted(ledger) if ledger.stages.outcomes else _equities(ledger, shocks)
    if risk.cvar_floor is not None or risk.aversion:
        _tail(ledger, shocks, equities)
    if risk.cvar_floor is not None:
        limit = Limit("cvar", ("scenario", "risk", "cvar_floor"), "CVaR floor", "min", risk.cvar_floor, "money")
        ledger.limit(limit, (), ledger.cvar, risk.cvar_floor)
    if risk.chance is not None:
        _chance(ledger, shocks, equities)


def goal(ledger: Ledger) -> Terms:
    """(1 - aversion) x mean + aversion x CVaR."""
    aversion = ledger.instance.scenario.risk.aversion
    return ledger.equity().times(1.0 - aversion).extend(ledger.cvar, aversion)


def _groups(ledger: Ledger, shocks: ShockSet) -> list[tuple[list[float], Terms]]:
    """(factor by scenario, discounted earnings) of each set of cells whose shocks are alike."""
    instance = ledger.instance
    margin = ledger.account("margin").variables
    cells: list[tuple[int, int, Terms]] = []
    for s in range(len(instance.segments)):
        if instance.ours[s]:
            cells += [(s, t, Terms().add(instance.weights[t - 1], margin[s, t])) for t in instance.periods]
        left = Terms().add(instance.weights[-1] * instance.terminal[s], ledger.final[s])
        cells.append((s, instance.horizon + 1, left))
    columns = np.array([shocks.factor[:, s, t - 1] for s, t, _ in cells])
    factors, group_of = np.unique(columns, axis=0, return_inverse=True)
    earned = [Terms() for _ in factors]
    for (_, _, terms), group in zip(cells, group_of.ravel(), strict=True):
        earned[group].extend(terms)
    return [(factor.tolist(), terms) for factor, terms in zip(factors, earned, strict=True) if terms]


def _equities(ledger: Ledger, shocks: ShockSet) -> list[Terms]:
    """Equity in each shock scenario, on one variable per group and one for all cost."""
    money = ledger.instance.units.money
    groups = _groups(ledger, shocks)
    outcome = ledger.declare("outcome", list(range(len(groups))), unit=money, lower=None)
    for number, (_, earned) in enumerate(groups):
        ledger.row("outcome", (number,), single(outcome[number]).extend(earned, -1.0), "==", 0.0)
    spent = ledger.declare("spent", [0], unit=money, lower=None)[0]
    ledger.row("spent", (), single(spent).extend(ledger.objective["cost"]), "==", 0.0)
    equities = []
    for w in range(len(shocks.names)):
        equity = Terms([factor[w] for factor, _ in groups], list(outcome.values()))
        equities.append(equity.add(-1.0, spent))
    return equities


def _adapted(ledger: Ledger) -> list[Terms]:
    """Equity in each shock scenario where treatments adapt to it, on one variable each."""
    every = list(range(len(ledger.stages.outcomes)))
    outcome = ledger.declare("outcome", every, unit=ledger.instance.units.money, lower=None)
    for w, equity in enumerate(ledger.stages.outcomes):
        ledger.row("outcome", (w,), single(outcome[w]).extend(equity, -1.0), "==", 0.0)
    return [single(outcome[w]) for w in every]


def _tail(ledger: Ledger, shocks: ShockSet, equities: list[Terms]) -> None:
    risk, money = ledger.instance.scenario.risk, ledger.instance.units.money
    threshold = ledger.declare("threshold", [0], unit=money, lower=None)[0]
    shortfall: dict[int, Variable] = ledger.declare("shortfall", list(range(len(equities))), unit=money)
    for w, equity in enumerate(equities):
        row = single(shortfall[w]).add(-1.0, threshold).extend(equity)
        ledger.row("tail", (w,), row, ">=", 0.0)
    ledger.cvar.add(1.0, threshold)
    for w, probability in enumerate(shocks.probability.tolist()):
        ledger.cvar.add(-probability / (1.0 - risk.confidence), shortfall[w])


def _chance(ledger: Ledger, shocks: ShockSet, equities: list[Terms]) -> None:
    """Miss the target in scenarios of little probability; the most that can be missed is taken as the
    target and twice what all customers are worth in the best scenario."""
    chance = ledger.instance.scenario.risk.chance
    assert chance is not None, "called where there is a chance constraint"
    most = abs(chance.target) + 2000.0 * ledger.instance.units.money * float(shocks.factor.max())
    missed = ledger.declare("missed", list(range(len(equities))), kind="binary")
    for w, equity in enumerate(equities):
        row = equity.times(1.0).add(most, missed[w])
        ledger.row("missed", (w,), row, ">=", chance.target)
    path = ("scenario", "risk", "chance", "probability")
    left = 1.0 - chance.probability
    limit = Limit("chance", path, "chance", "max", left, "share", stated=chance.probability, rate=-1.0)
    total = Terms(shocks.probability.tolist(), list(missed.values()))
    ledger.limit(limit, (), total, left)
