"""From a scenario to a plan with its proof: HiGHS, pricing, bounds and prices."""

from allocator.solving.at_hand import at_hand
from allocator.solving.confirmed import confirm
from allocator.solving.diagnosis import diagnose
from allocator.solving.recourse import solve_recourse
from allocator.solving.solve import Engine, solve
from allocator.solving.solved import Solved, status_of
from allocator.solving.worth import limit_worth

__all__ = ["Engine", "Solved", "at_hand", "confirm", "diagnose", "limit_worth", "solve", "solve_recourse", "status_of"]
