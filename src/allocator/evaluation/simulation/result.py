"""What many replications of a plan give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.evaluation.arrays import Floats


@dataclass(frozen=True, slots=True)
class Simulation:
    """R replications of a plan. Money per replication is discounted to today."""

    equity: Floats
    """[R] customer equity: margin + terminal - cost."""
    margin: Floats
    """[R]"""
    cost: Floats
    """[R]"""
    terminal: Floats
    """[R]"""
    customers: pd.DataFrame
    """segment, period (1..T+1), mean, standard_deviation."""
    resources: pd.DataFrame
    """resource, period, hours_mean, hours_standard_deviation (hours used), shortfall_mean (hours that the plan
    asks for beyond what is there), shortfall_probability."""
    service: pd.DataFrame
    """segment, period, planned, given: mean number of customers whom the plan would give effort, and of those
    who get it within capacity."""

    @property
    def replications(self) -> int:
        """Number of replications."""
        return int(self.equity.size)

    @property
    def mean(self) -> float:
        """Mean customer equity."""
        return float(self.equity.mean())

    @property
    def standard_deviation(self) -> float:
        """Of customer equity over replications; 0 for a single one."""
        return float(self.equity.std(ddof=1)) if self.replications > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Of the mean customer equity."""
        return self.standard_deviation / float(np.sqrt(self.replications))

    def risk(self) -> pd.DataFrame:
        """The replications as a `risk` table (scenario, probability, equity), for ``risk_statistics``.

        Two plans simulated with one seed meet the same shocks and response errors in the same replication.
        """
        names = [str(number) for number in range(1, self.replications + 1)]
        return pd.DataFrame({"scenario": names, "probability": 1.0 / self.replications, "equity": self.equity})
