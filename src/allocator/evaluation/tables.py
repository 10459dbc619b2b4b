"""Tables of an evaluation, as ``allocator.domain.evaluation.Tables`` describes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from allocator.domain.evaluation import Tables
from allocator.evaluation.arrays import DUST, Floats
from allocator.evaluation.budgets import BudgetUse
from allocator.evaluation.instance import Instance
from allocator.evaluation.readings import Reading
from allocator.evaluation.trajectory import Trajectory


def build(
    instance: Instance,
    trajectory: Trajectory,
    *,
    uses: Iterable[BudgetUse],
    limits: Sequence[Reading],
    values: Floats,
    by_shock: Floats,
) -> Tables:
    """All tables. ``values`` [S] are the CLVs, ``by_shock`` [W] the equity in each shock scenario."""
    return Tables(
        treatments=_treatments(instance, trajectory),
        allocation=_allocation(instance, trajectory),
        customers=_customers(instance, trajectory),
        resources=_resources(instance, trajectory),
        channels=_channels(instance, trajectory),
        programmes=_programmes(instance, trajectory),
        budgets=budgets_table(uses),
        rules=rules_table(limits),
        equity=_equity(instance, values),
        risk=risk_table(instance, by_shock),
        cash=_cash(instance, trajectory),
        margin=_margin(instance, trajectory),
    )


def _frame(columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def _grid(names: Sequence[str], periods: int) -> dict[str, Any]:
    """Name and period (from 1) of every entry of an array [names, periods], row by row."""
    return {
        "name": np.repeat(np.array(names, dtype=object), periods),
        "period": np.tile(np.arange(1, periods + 1), len(names)),
    }


def _treatments(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    """Treatments that customers get, those without effort included, so that customers add up."""
    treatments, flow = trajectory.treatments, trajectory.flow
    kept = np.flatnonzero(flow.share > DUST)
    idle_segment, idle_period = np.nonzero(flow.rest > DUST)
    efforts = np.concatenate([treatments.efforts[kept], np.zeros((idle_segment.size, treatments.efforts.shape[1]))])
    segment = np.concatenate([treatments.segment[kept], idle_segment])
    period = np.concatenate([treatments.period[kept], idle_period])
    idle = flow.rest[idle_segment, idle_period] * flow.customers[idle_segment, idle_period]
    unlocked = (treatments.efforts[kept] > 0.0) @ instance.programmes.unlocks_lever.T
    needed = [_listed(instance.programmes.names, row) for row in treatments.uses[kept] | unlocked]
    order = np.lexsort((period, segment))
    columns: dict[str, Any] = {
        "segment": np.array(instance.segments, dtype=object)[segment[order]],
        "period": period[order] + 1,
        "treatment": [_label(instance.levers.names, row) for row in efforts[order].tolist()],
        "customers": np.concatenate([flow.served[kept], idle])[order],
    }
    for lever, name in enumerate(instance.levers.names):
        columns[f"effort:{name}"] = efforts[order, lever]
    columns["programmes"] = np.array(needed + [""] * idle_segment.size, dtype=object)[order]
    return _frame(columns)


def _label(levers: Sequence[str], efforts: Sequence[float]) -> str:
    parts = [f"{lever} {effort:.4g}" for lever, effort in zip(levers, efforts, strict=True) if effort > 0.0]
    return " + ".join(parts) or "no effort"


def _listed(programmes: Sequence[str], used: Iterable[bool]) -> str:
    return ";".join(name for name, flag in zip(programmes, used, strict=True) if flag)


def _allocation(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    """One row per lever, segment that it reaches, and period."""
    effort, cash = trajectory.effort, trajectory.cash
    lever, segment = np.nonzero(instance.levers.reaches)
    customers = trajectory.customers[segment, :-1]

    def per_customer(amount: Floats) -> Floats:
        return np.divide(amount, customers, out=np.zeros_like(amount), where=customers > 0.0).ravel()

    total, periods = effort.total[lever, segment], instance.horizon
    frame = _frame(
        {
            "segment": np.repeat(np.array(instance.segments, dtype=object)[segment], periods),
            "period": np.tile(np.arange(1, periods + 1), lever.size),
            "lever": np.repeat(np.array(instance.levers.names, dtype=object)[lever], periods),
            "effort_total": total.ravel(),
            "effort_per_customer": per_customer(total),
            "share_treated": per_customer(effort.treated[lever, segment]),
            "hours": effort.hours[lever, segment].ravel(),
            "cost": (cash.lever + cash.setup)[lever, segment].ravel(),
        }
    )
    order = np.lexsort((np.repeat(lever, periods), frame["period"], np.repeat(segment, periods)))
    return frame.iloc[order].reset_index(drop=True)


def _customers(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    grid = _grid(instance.segments, instance.horizon + 1)
    return _frame(
        {
            "segment": grid["name"],
            "period": grid["period"],
            "customers": trajectory.customers.ravel(),
            "acquired": trajectory.flow.acquired.ravel(),
        }
    )


def _resources(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    """Heads, hires and releases are missing for fixed resources."""
    grid = _grid(instance.resources.names, instance.horizon)
    given, hours = trajectory.capacity, trajectory.dispatch
    labour = np.broadcast_to(instance.resources.labour[:, None], given.heads.shape)
    cost = sum(trajectory.cash.of_resources().values(), np.zeros_like(given.heads))
    return _frame(
        {
            "resource": grid["name"],
            "period": grid["period"],
            "headcount": np.where(labour, given.heads, np.nan).ravel(),
            "hires": np.where(labour, given.hires, np.nan).ravel(),
            "releases": np.where(labour, given.releases, np.nan).ravel(),
            "hours_available": hours.available.ravel(),
            "hours_used": hours.used.ravel(),
            "overtime": hours.overtime.ravel(),
            "partner": hours.partner.ravel(),
            "cost": cost.ravel(),
        }
    )


def _channels(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    grid = _grid(instance.channels.names, instance.horizon)
    flow = trajectory.channels
    return _frame(
        {
            "channel": grid["name"],
            "period": grid["period"],
            "spend": flow.spend.ravel(),
            "stock": flow.stock.ravel(),
            "new_customers": flow.new.ravel(),
        }
    )


def _programmes(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    start = [period + 1 if period >= 0 else None for period in trajectory.plan.start.tolist()]
    return _frame({"programme": list(instance.programmes.names), "start": pd.array(start, dtype="Int64")})


def budgets_table(uses: Iterable[BudgetUse]) -> pd.DataFrame:
    """The table `budgets`."""
    rows = [(use.budget.name, use.period, use.budget.amount, use.budget.at_least, use.used) for use in uses]
    frame = pd.DataFrame(rows, columns=["name", "period", "amount", "at_least", "used"])
    return frame.astype({"name": object, "period": "Int64", "amount": float, "at_least": float, "used": float})


def rules_table(limits: Sequence[Reading]) -> pd.DataFrame:
    """The table `rules`."""
    columns = ["rule", "period", "segment", "sense", "limit", "value", "binding", "slack"]
    rows = [(r.name, r.period, r.segment, r.sense, r.limit, r.value, r.binding, r.slack) for r in limits]
    frame = pd.DataFrame(rows, columns=columns)
    texts: dict[str, Any] = dict.fromkeys(("rule", "segment", "sense"), object)
    numbers: dict[str, Any] = dict.fromkeys(("limit", "value", "slack"), float)
    return frame.astype({**texts, **numbers, "period": "Int64", "binding": bool})


def _equity(instance: Instance, values: Floats) -> pd.DataFrame:
    equity = values * instance.customers
    total = float(equity.sum())
    return _frame(
        {
            "segment": list(instance.segments),
            "customers_now": instance.customers,
            "clv": values,
            "equity": equity,
            "share": equity / total if total else np.zeros_like(equity),
        }
    )


def risk_table(instance: Instance, by_shock: Floats) -> pd.DataFrame:
    """The table `risk`: ``by_shock`` [W] is the equity in each shock scenario."""
    shocks = instance.shocks
    names = [] if shocks is None else list(shocks.names)
    probability = np.zeros(0) if shocks is None else shocks.probability
    return _frame({"scenario": np.array(names, dtype=object), "probability": probability, "equity": by_shock})


def _cash(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    """Items of money that are not 0."""
    model, cash = instance.model, trajectory.cash
    levers = {name: lever.function for name, lever in model.levers.items()}
    resources = {name: resource.function for name, resource in model.resources.items()}
    parts = [_segment_items(instance, kind, levers, getattr(cash, kind)) for kind in ("lever", "setup")]
    parts.append(_items("channel", {name: item.function for name, item in model.channels.items()}, cash.channel))
    parts += [_items(kind, resources, amount) for kind, amount in cash.of_resources().items()]
    parts.append(_items("programme", {name: item.function for name, item in model.programmes.items()}, cash.programme))
    columns = ["period", "kind", "name", "function", "segment", "amount"]
    rows = [row for part in parts for row in part]
    frame = pd.DataFrame(rows, columns=columns)
    texts: dict[str, Any] = dict.fromkeys(("kind", "name", "function", "segment"), object)
    return frame.astype({**texts, "period": int, "amount": float})


def _segment_items(instance: Instance, kind: str, functions: dict[str, str], amounts: Floats) -> list[tuple[Any, ...]]:
    names, segments = list(functions), instance.segments
    spent = np.argwhere(amounts != 0.0).tolist()
    return [
        (t + 1, kind, names[lever], functions[names[lever]], segments[s], amounts[lever, s, t]) for lever, s, t in spent
    ]


def _items(kind: str, functions: dict[str, str], amounts: Floats) -> list[tuple[Any, ...]]:
    names, spent = list(functions), np.argwhere(amounts != 0.0).tolist()
    return [(t + 1, kind, names[i], functions[names[i]], None, amounts[i, t]) for i, t in spent]


def _margin(instance: Instance, trajectory: Trajectory) -> pd.DataFrame:
    """Before shocks for other owners; our own is the mean over them."""
    grid = _grid(instance.segments, instance.horizon)
    factor = np.where(instance.ours[:, None], instance.expected_factor[:, :-1], 1.0)
    owners = np.array([segment.owner for segment in instance.model.segments], dtype=object)
    return _frame(
        {
            "segment": grid["name"],
            "period": grid["period"],
            "owner": np.repeat(owners, instance.horizon),
            "margin": (trajectory.margin * factor).ravel(),
        }
    )
