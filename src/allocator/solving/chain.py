"""Pricing by dynamic programming: a customer's price in one period is made of those of the next.

At the prices of all that is shared (hours, cash, programmes, risk), what is best for a customer is a Markov
decision process: the worth of a customer in a segment is the most that any treatment gives, arrivals at
their own worth included. Going back from the last period, pricing lifts the linear program's price of a
customer by the best reduced cost there, and the arrivals of the period before are priced with the lift:

    lift[s,t] = max(0, max over treatments k of reduced cost[k] + sum_j P[k,j] lift[j,t+1])

A gain found in a late period is so felt in all periods before at once, not one period a round. The lifted
prices are feasible for the dual program, whose value is that of the linear program plus

    excess = sum_s customers[s,1] lift[s,1] + what channels bring x lift of where they lead
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocator.formulation.instance import Floats, Ints
from allocator.solving.customers import most_brought
from allocator.solving.duals import CellPricing
from allocator.solving.pricing import CellPrices, Priced

Look = Callable[[CellPrices, Ints], Priced]
"""Prices of some cells, and which of all cells they are -> the best treatment of each."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """Prices of all cells with arrivals lifted, and the best treatment of each at these.

    lift: [S, T] by how much a customer there is worth more than the linear program says.
    """

    prices: CellPrices
    best: Priced
    lift: Floats


class Chain:
    """Goes back through the periods of a master's cells."""

    def __init__(self, pricing: CellPricing, reachable: Floats) -> None:
        master = pricing.master
        instance = master.instance
        self._shape = len(instance.segments), instance.horizon
        self._destinations = instance.table.destinations
        self._customers = instance.customers_now / instance.units.customers
        self._reachable = reachable.reshape(self._shape)
        """[S, T] most customers in each cell, scaled."""
        brought = most_brought(instance)[:-1].T / instance.units.customers
        self._brought = np.concatenate([np.zeros((len(brought), 1)), brought], axis=1)
        """[S, T] most customers whom channels bring to each cell, scaled."""

    def back(self, prices: CellPrices, look: Look, *, least: float = 0.0) -> Lifted:
        """Price period by period, the last first; ``look`` gives the best treatment of cells and its bound.

        Lifts are ``least`` at least: below 0 where prices may fall, for treatments have been ruled out.
        """
        segments, periods = self._shape
        lift = np.zeros((segments + 1, periods + 1))
        arrival = prices.arrival.copy()
        efforts = np.zeros((len(prices), prices.effort.shape[1]))
        best = Priced(efforts, np.zeros(len(prices), dtype=np.int64), np.zeros(len(prices)), np.zeros(len(prices)))
        for place in range(periods - 1, -1, -1):
            cells = np.arange(segments) * periods + place
            part = prices.take(cells)
            # Leaving, and places without a destination, are numbered -1: the last row, which stays 0.
            part = replace(part, arrival=part.arrival + lift[self._destinations, place + 1])
            arrival[cells] = part.arrival
            best.put(cells, look(part, cells))
            lift[:segments, place] = np.maximum(least, best.upper[cells])
        return Lifted(replace(prices, arrival=arrival), best, lift[:segments, :periods])

    def excess(self, lift: Floats) -> float:
        """How far the linear program can be below the one over all treatments, where ``lift`` is an upper bound."""
        raised = np.maximum(lift, 0.0)
        chained = float(self._customers @ lift[:, 0] + (self._brought * raised).sum())
        return chained if (lift < 0.0).any() else min(chained, float((self._reachable * raised).sum()))
