"""How a rule of thumb becomes a plan: the same mechanics for every policy.

A rule only says who comes first, or how much of everything goes to whom. The mechanics walk through the
periods, follow the customers, raise efforts and spends until hours or money run out, keep the rules that
can be kept while allotting, and decide on heads and programmes by trial.

What is kept: capacity, budgets (one for several periods is spread evenly over what is left of them),
budget floors, contact limits, levels, channel minimum and maximum, locks, and the rules `coverage`, `effort`,
`change`, `uniform`, `active`, `headcount`, `spend` in money, `receivables`, and `customers` with `max`. Other rules
are not steered by; whether they hold is for the evaluation to report.
"""

from allocator.policies.mechanics.choice import best_plan
from allocator.policies.mechanics.period import Period
from allocator.policies.mechanics.setting import Setting
from allocator.policies.mechanics.walk import Rule

__all__ = ["Period", "Rule", "Setting", "best_plan"]
