"""What a plan does, period by period, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.domain.evaluation import Violation
from allocator.evaluation.arrays import Bools, Floats
from allocator.evaluation.cash import Cash, Effort
from allocator.evaluation.channels import ChannelFlow
from allocator.evaluation.flows import Flow
from allocator.evaluation.plan_arrays import PlanArrays
from allocator.evaluation.staffing import Capacity, Dispatch
from allocator.evaluation.treatments import Treatments


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A plan followed through its scenario. Money is undiscounted."""

    plan: PlanArrays
    working: Bools
    """[G,T] programmes that work."""
    treatments: Treatments
    channels: ChannelFlow
    capacity: Capacity
    flow: Flow
    dispatch: Dispatch
    effort: Effort
    cash: Cash
    margin: Floats
    """[S,T] money earned in each segment, at the margins of its owner, before shocks."""
    violations: tuple[Violation, ...]
    """What the plan itself breaks: capacity, terms of hiring, levers, channels and programmes."""

    @property
    def customers(self) -> Floats:
        """Customers at the start of each period and at the end of the horizon, [S,T+1]."""
        return self.flow.customers
