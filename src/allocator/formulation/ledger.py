"""The ledger: accounts that are linear in the treatments, shared totals, and the rows that features write on them.

Features know the ledger and never each other, nor the treatments. All is in natural units (customers,
money, hours); the program is scaled when it is compiled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from itertools import repeat
from typing import Literal, TypeVar

import pyomo.core as pyo
from pyomo.core.expr.relational_expr import EqualityExpression, InequalityExpression, RelationalExpression

from allocator.formulation.entries import Account, AccountKind, CashItem, ChannelCell, Row, Sense, Staff, Stages
from allocator.formulation.giving import Gives
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.limit import Key, Limit, Moved
from allocator.formulation.terms import Terms, Variable, single

K = TypeVar("K", bound=Hashable)

ROWS = "rows_"
"""Prefix of constraint names, for a family of rows may be called as a family of variables is."""

LAZY = "needs"
"""The family with a row for each programme, segment and period. Few of them ever bind: they come last, and
the solver takes those in that a solution breaks."""

_NOTHING = Terms()
_KINDS = {"continuous": pyo.Reals, "integer": pyo.Integers, "binary": pyo.Binary}


class Ledger:
    """Collects variables, rows, cash and objective terms; :meth:`close` turns them into one Pyomo model."""

    moves: Moved | None = None
    """The one number of the planner's that is moved."""

    def __init__(self, instance: Instance, reach: Callable[[], Floats], *, relaxable: bool = False) -> None:
        self.instance = instance
        self._reach = reach
        self.gives: Gives | None = Gives(self) if relaxable else None
        """How far the planner's numbers may give way, where the ledger is made to explain infeasibility."""
        self.program = pyo.ConcreteModel()
        self.accounts: dict[tuple[AccountKind, int, float], Account] = {}
        self.cash: list[CashItem] = []
        self.objective: dict[str, Terms] = defaultdict(Terms)
        self.limits: dict[tuple[str, Key], Limit] = {}
        self.uniform: list[tuple[int | None, int, int]] = []
        """(lever or None for all, segment, period) in which everyone gets the same; see solving."""
        self.units: list[tuple[Variable, float]] = []
        """Each variable with the size of one unit of it in the scaled program."""
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._supply: dict[tuple[str, int], Terms] = defaultdict(Terms)
        self._supply_range: dict[tuple[str, int], tuple[float, float]] = {}
        self._demand: dict[tuple[str, int], Terms] = defaultdict(Terms)
        self._inflow: dict[tuple[int, int], Terms] = defaultdict(Terms)
        self.channels: dict[tuple[str, int], ChannelCell] = {}
        """Channel and period -> its variables and the curve that `solving` keeps refining."""
        self.heads: dict[str, dict[int, Variable]] = {}
        """Labour resource with hiring or release -> period -> heads."""
        self.staff: dict[str, Staff] = {}
        """Labour resource -> heads by period, whether or not they can change, and how they change."""
        self.taken: dict[tuple[str, int], Variable] = {}
        """Fixed resource with a cost per unit, and period -> units taken."""
        self.starts: dict[str, dict[int, Variable]] = {}
        """Programme -> period in its window -> binary: starts there."""
        self.hurried: dict[str, dict[tuple[int, int], Variable]] = {}
        """Programme -> (start, periods sooner than its lead time) -> binary; where limits give way."""
        self.goal = Terms()
        """What is maximised."""
        self.impossible: list[tuple[str, Key]] = []
        """Rows that no plan can meet, because nothing in the program counts towards them."""
        self.cvar = Terms()
        """CVaR of customer equity, where a risk term asks for it."""
        self.usages: dict[int, dict[tuple[int, int], Variable]] = {}
        """Lever -> (segment, period) -> binary: used there; for levers whose use is counted or paid for."""
        self.stages = Stages()
        """What is decided when, where treatments adapt to shocks."""

    @cached_property
    def reachable(self) -> Floats:
        """[S, T+1] most customers who can be in a segment in a period, whatever the plan; found when asked for."""
        return self._reach()

    @cached_property
    def final(self) -> dict[int, Variable]:
        """Segment -> customers in period T+1."""
        every = list(range(len(self.instance.segments)))
        return self.declare("final_customers", every, unit=self.instance.units.customers)

    @cached_property
    def moved(self) -> Variable:
        """How much more the number that is moved is than it is stated; it is decided now."""
        assert self.moves is not None, "asked where a number is moved"
        return self.declare("moved", [0], unit=self.moves.unit, lower=None, committed=True)[0]

    @property
    def limits_move(self) -> bool:
        """Whether what the planner's numbers allow may not be taken for granted."""
        return self.gives is not None or self.moves is not None

    # Variables and accounts ---------------------------------------------------------------------------

    def declare(
        self,
        name: str,
        keys: Sequence[K],
        *,
        unit: float | Callable[[K], float] = 1.0,
        lower: float | None = 0.0,
        upper: float | Callable[[K], float] | None = None,
        kind: Literal["continuous", "integer", "binary"] = "continuous",
        committed: bool = False,
    ) -> dict[K, Variable]:
        """Declare one variable per key and return them by key; ``unit`` is its typical size.

        ``committed`` says that it is decided now, the same in all shock scenarios, where treatments adapt.
        """
        most = None if callable(upper) else upper
        bounds = None if kind == "binary" else (lower, most)
        block = pyo.Var(pyo.RangeSet(0, len(keys) - 1), domain=_KINDS[kind], bounds=bounds)
        self.program.add_component(name, block)
        variables = dict(zip(keys, block.values(), strict=True))
        if callable(upper):
            for key, variable in variables.items():
                variable.setub(upper(key))
        size = unit if kind == "continuous" else 1.0
        sizes = map(size, keys) if callable(size) else repeat(size, len(keys))
        self.units += zip(variables.values(), sizes, strict=True)
        if committed:
            self.stages.commitments += variables.values()
        return variables

    def variable(self, name: str, *, unit: float, lower: float | None, upper: float | None, whole: bool) -> Variable:
        """Declare one variable."""
        kind: Literal["continuous", "integer"] = "integer" if whole else "continuous"
        return self.declare(name, [0], unit=unit, lower=lower, upper=upper, kind=kind)[0]

    def unit_of(self, terms: Terms) -> float:
        """Typical size of an expression: that of its largest term."""
        units = {id(variable): unit for variable, unit in self.units}
        sizes = [abs(c) * units[id(v)] for c, v in zip(terms.coefficients, terms.variables, strict=True)]
        return max([*sizes, abs(terms.constant)]) or 1.0

    def account(self, kind: AccountKind, index: int = 0, level: float = 0.0) -> Account:
        """The account of a kind, opened when it is first asked for."""
        key = (kind, index, level)
        if key not in self.accounts:
            name = "_".join([kind, *([str(index)] if kind not in ("customers", "arrivals", "margin") else [])])
            name += f"_from_{level:g}" if kind == "reached" else ""
            cells = [(s, t) for s in self._open_segments(kind, index) for t in self._open_periods(kind)]
            variables = self.declare(name, cells, unit=self._unit(kind, index), lower=None)
            self.accounts[key] = Account(kind, index, level, variables)
        return self.accounts[key]

    def customers(self, segment: int, period: int) -> Variable:
        """Customers in a segment at the start of a period, 1..T+1."""
        if period > self.instance.horizon:
            return self.final[segment]
        return self.account("customers").variables[segment, period]

    def load(self, lever: int) -> Account:
        """Effort as it counts for hours: a separate account only where treatments choose whether to save hours."""
        name = self.instance.lever_names[lever]
        saved = any(name in each.saves and not each.only_saves for each in self.instance.programmes.values())
        return self.account("load" if saved else "effort", lever)

    def usage(self, lever: int) -> dict[tuple[int, int], Variable]:
        """(segment, period) -> binary that must be 1 where anyone gets effort of the lever above 0."""
        if lever not in self.usages:
            used = self.account("reached", lever, 0.0).variables
            switches = self.declare(f"usage_{lever}", list(used), kind="binary")
            for (s, t), switch in switches.items():
                link = single(used[s, t]).add(-self.reachable[s, t - 1], switch)
                self.row("usage", (lever, s, t), link, "<=", 0.0)
            self.usages[lever] = switches
        return self.usages[lever]

    def _open_segments(self, kind: AccountKind, index: int) -> Iterable[int]:
        everyone = range(len(self.instance.segments))
        if kind in ("effort", "load", "reached"):
            return [s for s in everyone if self.instance.reaches[index, s]]
        return everyone

    def _open_periods(self, kind: AccountKind) -> Iterable[int]:
        return range(2, self.instance.horizon + 2) if kind == "arrivals" else self.instance.periods

    def _unit(self, kind: AccountKind, index: int) -> float:
        units = self.instance.units
        if kind == "margin":
            return units.money
        if kind in ("effort", "load"):
            return units.customers * self.instance.levers[index].effort.max
        return units.customers

    # Postings -----------------------------------------------------------------------------------------

    def row(self, family: str, key: Key, terms: Terms, sense: Sense, right: float) -> None:
        """Write the row ``terms`` sense ``right`` of a family of constraints.

        A row without variables is no row: where it cannot hold, its key is noted in ``impossible``.
        """
        if not terms.variables:
            rest = right - terms.constant
            slack = {"<=": rest, ">=": -rest, "==": -abs(rest)}[sense]
            if slack < -1e-9 * max(1.0, abs(right)):
                self.impossible.append((family, key))
            return
        self._rows[family].append(Row(key, terms, sense, right - terms.constant))

    def limit(self, limit: Limit, key: Key, terms: Terms, right: float) -> None:
        """Write a requirement of the planner as a row, <= for `max` and >= for `min`."""
        self.limits[limit.family, key] = limit
        if self.gives is not None and limit.rate:
            terms = self.gives.relax(limit, key, terms)
        if self.moves is not None and limit.path == self.moves.path and limit.rate:
            self.stages.moved.append((limit, terms))
            terms = terms.times(1.0).add(-limit.rate, self.moved)
        self.row(limit.family, key, terms, "<=" if limit.sense == "max" else ">=", right)

    def cap(self, limit: Limit, key: Key, variable: Variable) -> None:
        """Write an upper limit on one variable: a bound of it, or a row where limits give way."""
        if self.gives is None:
            variable.setub(limit.limit)
        else:
            self.limit(limit, key, single(variable), limit.limit)

    def gauge(self, name: str, period: int | None, terms: Terms) -> None:
        """Make a total readable as one variable, where limits give way."""
        if self.gives is not None and terms.variables:
            unit = self.unit_of(terms)
            number = len(self.gives.gauges)
            total = self.declare(f"gauge_{number}", [0], unit=unit, lower=None)[0]
            self.row("gauge", (number,), terms.times(1.0).add(-1.0, total), "==", 0.0)
            self.gives.gauges.append((name, period, total))

    def give(self, limit: Limit, *, whole: bool = False) -> Terms:
        """How far the number under a limit's path gives way; nothing where limits are held."""
        return Terms() if self.gives is None else single(self.gives.of(limit, whole=whole).variable)

    def spend(self, item: CashItem) -> None:
        """Post cash; it lowers the objective by its discounted amount and counts in budgets."""
        if item.terms:
            self.cash.append(item)
            self.objective["cost"].extend(item.terms, -float(self.instance.weights[item.period - 1]))

    def demand(self, resource: str, period: int, terms: Terms) -> None:
        """Post hours or units taken from a resource."""
        self._demand[resource, period].extend(terms)

    def supply(self, resource: str, period: int, terms: Terms, least: float, most: float) -> None:
        """Post hours or units added to a resource, which lie between ``least`` and ``most`` whatever is decided."""
        self._supply[resource, period].extend(terms)
        before = self._supply_range.get((resource, period), (0.0, 0.0))
        self._supply_range[resource, period] = before[0] + least, before[1] + most

    def supply_range(self, resource: str, period: int) -> tuple[float, float]:
        """The least and the most hours or units that a resource can have, whatever is decided."""
        return self._supply_range.get((resource, period), (0.0, 0.0))

    def inflow(self, segment: int, period: int, terms: Terms) -> None:
        """Post customers who come into a segment at the start of a period from outside all segments."""
        self._inflow[segment, period].extend(terms)

    def inflows(self, segment: int, period: int) -> Terms:
        """All customers so far who come from outside all segments."""
        return self._inflow.get((segment, period), _NOTHING)

    def demanded(self, resource: str, period: int) -> Terms:
        """All hours or units taken so far from a resource in a period."""
        return self._demand[resource, period]

    def supplied(self, resource: str, period: int) -> Terms:
        """All hours or units added so far to a resource in a period."""
        return self._supply[resource, period]

    def equity(self) -> Terms:
        """Customer equity: the sum of all objective terms posted so far."""
        total = Terms()
        for terms in self.objective.values():
            total.extend(terms)
        return total

    # Closing ------------------------------------------------------------------------------------------

    @property
    def families(self) -> tuple[str, ...]:
        """Families of constraints that have rows, in the order of the program."""
        return tuple(sorted(self._rows, key=lambda family: family == LAZY))

    def close(self, goal: Terms) -> pyo.ConcreteModel:
        """Turn all rows into Pyomo constraints and maximise ``goal``; returns the model."""
        for family in self.families:
            self.program.add_component(ROWS + family, _constraint(self._rows[family]))
        self.goal = goal
        self.program.add_component("goal", pyo.Objective(expr=goal.expression(), sense=pyo.maximize))
        return self.program

    def keys(self, family: str) -> list[Key]:
        """Keys of a family's rows, in the order of their Pyomo indices."""
        return [row.key for row in self._rows.get(family, ())]


def _constraint(rows: list[Row]) -> pyo.Constraint:
    """The rows as Pyomo writes relations, which spares it looking for what a tuple or an operator means."""

    def relation(_: object, position: int) -> RelationalExpression:
        row = rows[position]
        body = row.terms.expression()
        if row.sense == "==":
            return EqualityExpression((body, row.right))
        return InequalityExpression((body, row.right) if row.sense == "<=" else (row.right, body), strict=False)

    return pyo.Constraint(pyo.RangeSet(0, len(rows) - 1), rule=relation)
