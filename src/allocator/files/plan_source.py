"""A plan as read, with the place of each of its entries."""

from __future__ import annotations

from dataclasses import dataclass, field

from allocator.domain.errors import Mistake, Path
from allocator.domain.plan import Plan
from allocator.files.positions import Position
from allocator.files.tables import Table


@dataclass(slots=True)
class LoadedPlan:
    """A plan and where each of its entries was read.

    Entries are found by the paths of the plan's checks: ``("effort", lever, segment, period)``,
    ``("spend", channel, period)``, ``("headcount", resource, period)`` and ``("programme", name)``.
    """

    plan: Plan
    start: Position
    places: dict[Path, Position] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    """What is wrong with the rows; the plan is then that of the others."""
    idle: Plan = field(default_factory=Plan)
    """Efforts of nothing, or for nobody: no part of the plan, but their names must exist too."""

    def locate(self, path: Path, *, key: bool = False) -> Position:
        """Place of the entry, or the start of the plan."""
        return self.places.get(path, self.start)

    def note(self, path: Path, table: Table, row: int, column: str) -> None:
        """Remember the cell an entry comes from; the first one where there are several."""
        self.places.setdefault(path, table.locate((row, column)))
