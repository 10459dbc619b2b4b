"""Monte-Carlo simulation of a plan, apart from the optimiser.

Whole customers move by chance, treatments are given within the capacity that is there, margins are hit by
shocks, and responses may turn out other than judged. It shows what averages hide.
"""

from allocator.evaluation.simulation.result import Simulation
from allocator.evaluation.simulation.run import simulate

__all__ = ["Simulation", "simulate"]
