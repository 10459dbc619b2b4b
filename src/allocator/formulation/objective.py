"""What the plan is best at: equity (with the risk terms), least spend for an equity, or a return on spend.

target   customer equity >= target                                             (objective `spend`)
return   equity - equity of no effort >= target x (cash - cash of no effort)   (objective `return`)
"""

from __future__ import annotations

from allocator.domain.evaluation import Evaluation
from allocator.formulation import risk
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms


def constrain(ledger: Ledger, no_effort: Evaluation | None) -> None:
    """Write the target row of the objectives that have one."""
    objective = ledger.instance.scenario.objective
    if objective.target is None:
        return
    path = ("scenario", "objective", "target")
    if objective.kind == "spend":
        limit = Limit("target", path, "target equity", "min", objective.target, "money")
        ledger.limit(limit, (), ledger.equity(), objective.target)
        return
    assert no_effort is not None, "the engine evaluates no effort for this objective"
    extra_cash = ledger.objective["cost"].times(-1.0).plus(-no_effort.cost)
    gain = ledger.equity().plus(-no_effort.customer_equity)
    limit = Limit("return", path, "target return", "min", objective.target, "equity per money", basis=extra_cash)
    ledger.limit(limit, (), gain.extend(extra_cash, -objective.target), 0.0)


def goal(ledger: Ledger) -> Terms:
    """The expression to maximise."""
    if ledger.instance.scenario.objective.kind == "spend":
        return ledger.objective["cost"].times(1.0)
    return risk.goal(ledger)
