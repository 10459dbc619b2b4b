"""Customer flows: who is in a segment in a period was there, moved there, or came through a channel.

customers[s,1]   = customers now[s]
customers[s,t+1] = arrivals[s,t+1] + inflow[s,t+1]
"""

from __future__ import annotations

from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Terms, single


def constrain(ledger: Ledger) -> None:
    """Write the flow rows."""
    instance = ledger.instance
    arrivals = ledger.account("arrivals").variables
    customers = ledger.account("customers").variables
    for s, now in enumerate(instance.customers_now.tolist()):
        ledger.row("start", (s,), single(customers[s, 1]), "==", now)
        for t in range(2, instance.horizon + 2):
            there = ledger.final[s] if t > instance.horizon else customers[s, t]
            balance = Terms([1.0, -1.0], [there, arrivals[s, t]])
            if inflows := ledger.inflows(s, t):
                balance.extend(inflows, -1.0)
            ledger.row("flow", (s, t), balance, "==", 0.0)
