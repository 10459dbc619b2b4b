"""The exact model as a smooth function of the amounts: equity, limits, and their gradients.

Customers flow through the treated transitions, so every limit depends on all earlier efforts. Gradients are
taken backwards (adjoints): with f one of the functions, lambda_t its gradient in the customers n_t,

    lambda_t = df/dn_t + P_t lambda_(t+1)
    df/dz_t  = direct effect + n_t (dP_t/dz_t) lambda_(t+1)

where only the derivatives of single treatments, dP_t/dz_t, are finite differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation import staffing
from allocator.evaluation.arrays import Bools, Floats
from allocator.policies.exact_cells import STEP, Cells, consequences
from allocator.policies.mechanics.commitments import Ground
from allocator.policies.mechanics.customer_limits import customer_limits
from allocator.policies.mechanics.setting import Setting


@dataclass(frozen=True, slots=True)
class Values:
    """Equity and what is left of each of K limits (as a share of it), with gradients in the amounts."""

    equity: float
    equity_gradient: Floats
    """[T,I]"""
    left: Floats
    """[K]; a limit holds where it is >= 0."""
    left_gradient: Floats
    """[K,T,I]"""


@dataclass(frozen=True, slots=True)
class _Path:
    """What the amounts lead to."""

    amounts: Floats
    cells: Cells
    customers: Floats
    """[T+1,S]"""
    stock: Floats
    """[T,C]"""
    new: Floats
    """[T,C]"""


class ExactModel:
    """Equity and limits for given heads and programmes, and for a given set of items in use.

    Set-ups and fixed costs of the items in use are constants. Limits are hours, money, contacts, and rules on
    numbers of customers.
    """

    def __init__(self, setting: Setting, ground: Ground, used: Bools) -> None:
        self._setting, self._ground = setting, ground
        instance = setting.instance
        self._weights = instance.weights
        self._lever_items = setting.levers * setting.segments
        self._hours = np.stack([self._hours_per_customer(t) for t in range(setting.horizon)])
        self._constant = self._fixed_cash(used)
        self._contacts = np.flatnonzero(np.isfinite(instance.contacts_max))

    def __call__(self, amounts: Floats) -> Values:
        """Values at the amounts [T,I]."""
        path = self._follow(amounts)
        hours, hours_gradient = self._total_hours(path)
        extra, rate = self._bought(hours)
        equity, gradient = self._equity(path)
        weights = self._weights[:-1]
        equity -= float(weights @ extra.sum(axis=0))
        gradient -= np.einsum("t,rt,rtui->ui", weights, rate, hours_gradient)
        rows = [*self._hour_rows(hours, hours_gradient), *self._money_rows(path, extra, rate, hours_gradient)]
        rows += [*self._contact_rows(amounts), *self._customer_rows(path)]
        shape = (len(rows), *amounts.shape)
        left = np.array([value for value, _ in rows])
        return Values(equity, gradient, left, np.array([slope for _, slope in rows]).reshape(shape))

    def _follow(self, amounts: Floats) -> _Path:
        setting, channels = self._setting, self._setting.instance.channels
        cells = consequences(setting, self._ground, amounts)
        customers = np.zeros((setting.horizon + 1, setting.segments))
        stock, new = np.zeros((setting.horizon, setting.channels)), np.zeros((setting.horizon, setting.channels))
        customers[0] = setting.instance.customers
        carried = np.zeros(setting.channels)
        for t in range(setting.horizon):
            stock[t] = amounts[t, self._lever_items :] * channels.max + channels.carryover * carried
            new[t] = channels.curves.value(np.arange(setting.channels), stock[t])
            customers[t + 1] = customers[t] @ cells.moves[t] + new[t] @ channels.into
            carried = stock[t]
        return _Path(amounts, cells, customers, stock, new)

    def _hours_per_customer(self, t: int) -> Floats:
        """[R,L,S] hours of a customer over a lever's whole range."""
        levers = self._setting.instance.levers
        return np.asarray((levers.hours * (self._ground.saves[t] * levers.max)[:, None, None]).transpose(2, 0, 1))

    def _gradients(self, path: _Path, by_customer: Floats, direct: Floats, by_new: Floats, after: Floats) -> Floats:
        """Gradients [F,T,I] of F functions in the amounts.

        Partial derivatives come in: in customers [F,T,S], in the amounts themselves [F,T,I], in new customers
        of channels [F,T,C], and in the customers at the end [F,S].
        """
        setting, channels = self._setting, self._setting.instance.channels
        gradient = direct.copy()
        ahead, carried = after, np.zeros((len(after), setting.channels))
        for t in reversed(range(setting.horizon)):
            slope = self._answer_slope(path.stock[t], path.new[t])
            carried = slope * (by_new[:, t] + ahead @ channels.into.T) + channels.carryover * carried
            gradient[:, t, self._lever_items :] += carried * channels.max
            shift = path.customers[t][None, :, None] * path.cells.moves_slope[t]
            by_lever = np.einsum("lsj,fj->fls", shift, ahead)
            gradient[:, t, : self._lever_items] += by_lever.reshape(len(after), self._lever_items)
            ahead = by_customer[:, t] + ahead @ path.cells.moves[t].T
        return gradient

    def _answer_slope(self, stock: Floats, new: Floats) -> Floats:
        """[C] new customers per unit of stock; a difference, because some curves start infinitely steep."""
        channels = self._setting.instance.channels
        step = STEP * channels.max
        return np.asarray((channels.curves.value(np.arange(len(step)), stock + step) - new) / step)

    def _levers(self, path: _Path, t: int) -> Floats:
        """[L,S] amounts of the lever items."""
        return path.amounts[t, : self._lever_items].reshape(self._setting.levers, self._setting.segments)

    def _equity(self, path: _Path) -> tuple[float, Floats]:
        """Equity before bought hours, units and fixed cash, and its gradient [T,I]."""
        setting, instance, weights = self._setting, self._setting.instance, self._weights
        cost = instance.levers.cost * instance.levers.max
        worth = weights[-1] * instance.terminal * instance.expected_factor[:, -1]
        by_customer, direct = np.zeros((1, setting.horizon, setting.segments)), np.zeros((1, *path.amounts.shape))
        spend = np.where(instance.channels.money, instance.channels.max, 0.0)
        equity = float(worth @ path.customers[-1])
        for t in range(setting.horizon):
            by_customer[0, t] = weights[t] * (path.cells.earned[t] - cost @ self._levers(path, t))
            slope = weights[t] * path.customers[t] * (path.cells.earned_slope[t] - cost[:, None])
            direct[0, t] = np.concatenate([slope.ravel(), -weights[t] * spend])
            money = float(spend @ path.amounts[t, self._lever_items :]) + self._constant[t]
            equity += float(by_customer[0, t] @ path.customers[t]) - weights[t] * money
        by_new = np.zeros((1, setting.horizon, setting.channels))
        return equity, self._gradients(path, by_customer, direct, by_new, worth[None, :])[0]

    def _total_hours(self, path: _Path) -> tuple[Floats, Floats]:
        """Hours and units [R,T], and their gradients [R,T,T,I]."""
        setting, channels = self._setting, self._setting.instance.channels
        resources, periods = len(setting.instance.resources.names), setting.horizon
        hours = np.zeros((resources, periods))
        by_customer = np.zeros((resources, periods, periods, setting.segments))
        direct = np.zeros((resources, periods, periods, setting.items))
        by_new = np.zeros((resources, periods, periods, setting.channels))
        for t in range(periods):
            by_customer[:, t, t] = np.einsum("rls,ls->rs", self._hours[t], self._levers(path, t))
            taken = (self._hours[t] * path.customers[t]).reshape(resources, self._lever_items)
            direct[:, t, t] = np.concatenate([taken, (channels.input_hours * channels.max[:, None]).T], axis=1)
            by_new[:, t, t] = channels.uses.T
            hours[:, t] = direct[:, t, t] @ path.amounts[t] + channels.uses.T @ path.new[t]
        flat = resources * periods
        gradient = self._gradients(
            path,
            by_customer.reshape(flat, *by_customer.shape[2:]),
            direct.reshape(flat, *direct.shape[2:]),
            by_new.reshape(flat, *by_new.shape[2:]),
            np.zeros((flat, setting.segments)),
        )
        return hours, gradient.reshape(resources, periods, periods, setting.items)

    def _bought(self, hours: Floats) -> tuple[Floats, Floats]:
        """Cash [R,T] for overtime, partner hours and units, and its slope in the hours."""
        resources = self._setting.instance.resources

        def cash(used: Floats) -> Floats:
            given = staffing.dispatch(self._setting.instance, self._ground.capacity, used)
            bought = resources.overtime_cost[:, None] * given.overtime + resources.partner_cost[:, None] * given.partner
            return np.asarray(bought + resources.unit_cost[:, None] * used)

        step = 1e-6 * np.maximum(hours, 1.0)
        now = cash(hours)
        return now, (cash(hours + step) - now) / step

    def _hour_rows(self, hours: Floats, gradient: Floats) -> list[tuple[float, Floats]]:
        given = self._ground.capacity
        most = np.maximum(given.most if self._ground.commitments.extra_hours else given.regular, 0.0)
        rows = []
        for r, t in np.argwhere(gradient.any(axis=(2, 3))):
            scale = max(float(most[r, t]), 1.0)
            rows.append(((float(most[r, t]) - float(hours[r, t])) / scale, -gradient[r, t] / scale))
        return rows

    def _money_rows(self, path: _Path, extra: Floats, rate: Floats, hours: Floats) -> list[tuple[float, Floats]]:
        rows = []
        for index, limit in enumerate(self._setting.money):
            if not np.isfinite(limit.amount):
                continue
            money, gradient = self._money(path, index)
            money += limit.resources @ extra + self._ground.committed[index]
            gradient += np.einsum("r,rt,rtui->tui", limit.resources.astype(np.float64), rate, hours)
            groups = [[t] for t in limit.periods] if limit.per_period else [list(limit.periods)]
            scale = max(limit.amount, 1e-9)
            for group in groups:
                rows.append(((limit.amount - float(money[group].sum())) / scale, -gradient[group].sum(axis=0) / scale))
        return rows

    def _money(self, path: _Path, index: int) -> tuple[Floats, Floats]:
        """Cash [T] of levers and channels that counts towards a limit, and its gradient [T,T,I]."""
        setting, limit = self._setting, self._setting.money[index]
        levers, channels = setting.instance.levers, setting.instance.channels
        cost = limit.levers * (levers.cost * levers.max)[:, None]
        spend = limit.channels * np.where(channels.money, channels.max, 0.0)
        periods = setting.horizon
        money = np.zeros(periods)
        by_customer = np.zeros((periods, periods, setting.segments))
        direct = np.zeros((periods, periods, setting.items))
        for t in range(periods):
            by_customer[t, t] = (cost * self._levers(path, t)).sum(axis=0)
            direct[t, t] = np.concatenate([(cost * path.customers[t]).ravel(), spend])
            money[t] = direct[t, t] @ path.amounts[t] + self._entry[index, t]
        by_new, after = np.zeros((periods, periods, setting.channels)), np.zeros((periods, setting.segments))
        return money, self._gradients(path, by_customer, direct, by_new, after)

    def _contact_rows(self, amounts: Floats) -> list[tuple[float, Floats]]:
        setting, levers = self._setting, self._setting.instance.levers
        rows = []
        for segment in self._contacts:
            most = max(float(setting.instance.contacts_max[segment]), 1e-9)
            items = np.arange(setting.levers) * setting.segments + segment
            per_range = levers.contacts * levers.max * levers.reaches[:, segment]
            if per_range.sum() <= most:
                continue
            for t in range(setting.horizon):
                slope = np.zeros_like(amounts)
                slope[t, items] = -per_range / most
                rows.append((1.0 - float(per_range @ amounts[t, items]) / most, slope))
        return rows

    def _customer_rows(self, path: _Path) -> list[tuple[float, Floats]]:
        """Rules on numbers of customers, weighted by what they owe in `receivables`."""
        limits = list(customer_limits(self._setting))
        setting, count = self._setting, len(limits)
        weights = np.zeros((count, setting.horizon + 1, setting.segments))
        for row, limit in enumerate(limits):
            weights[row, limit.period] = limit.weights
        direct, by_new = np.zeros((count, *path.amounts.shape)), np.zeros((count, setting.horizon, setting.channels))
        gradient = self._gradients(path, weights[:, :-1], direct, by_new, weights[:, -1])
        reached = np.einsum("fts,ts->f", weights, path.customers)
        scales = [limit.sign * max(abs(limit.amount), 1.0) for limit in limits]
        return [
            ((limit.amount - float(value)) / scale, -slope / scale)
            for limit, value, slope, scale in zip(limits, reached, gradient, scales, strict=True)
        ]

    def _fixed_cash(self, used: Bools) -> Floats:
        """[T] cash of heads, programmes, set-ups and fixed costs; the part of each money limit is kept apart."""
        setting, instance, given = self._setting, self._setting.instance, self._ground.capacity
        setup = np.repeat(instance.levers.setup, setting.segments)
        entry = np.concatenate([setup, instance.channels.fixed]) * used
        self._entry = np.zeros((len(setting.money), setting.horizon))
        for index, limit in enumerate(setting.money):
            self._entry[index] = entry @ np.concatenate([limit.levers.ravel(), limit.channels])
        resources = instance.resources
        staff = (
            resources.wage @ given.heads + resources.hire_cost @ given.hires + resources.release_cost @ given.releases
        )
        return np.asarray(entry.sum(axis=1) + staff + self._ground.programme_cash)
