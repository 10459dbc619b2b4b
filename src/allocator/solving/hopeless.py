"""Input that no solver can answer, told apart from input that no plan can meet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.errors import Intractable
from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.solving.master import Master

LARGEST = 1e15
SMALLEST = 1e-15
"""Beyond these a scaled number and 1 cannot be added: they have no digit in common."""
_NEGLIGIBLE = 1e-9
"""Rays are said to grow in what is more than this share of their largest entry."""


def intractable(ledger: Ledger, master: Master) -> Intractable | None:
    """The error that names the numbers that are too large or too small for the rest; None where there are none."""
    units = ledger.instance.units
    with np.errstate(all="ignore"):
        wide = [name for name, values in _scaled(ledger, master) if _beyond(values)]
    if not (np.isfinite(units.money) and np.isfinite(units.customers)):
        wide.append("margins or customers")
    if not wide:
        return None
    listed = ", ".join(dict.fromkeys(wide))
    advice = f"check the unit or the zeros of: {listed}"
    return Intractable(f"numbers differ too widely in size to be computed with; {advice}")


def refuse_sides(ledger: Ledger, program: Program) -> None:
    """Refuse requirements so large that the solver would take them for infinity, and what is infinite itself.

    Raises
    ------
    Intractable
    """
    numbers = (program.objective, program.matrix.data, program.account_objective, program.account_matrix.data)
    if not all(bool(np.isfinite(part).all()) for part in numbers):
        raise Intractable("too large to be computed with; check the unit or the zeros of: margins, customers or costs")
    beyond = np.flatnonzero((program.row_lower > LARGEST) | (program.row_upper < -LARGEST)).tolist()
    keys = {row: key for key, row in program.rows.items()}
    limits = [ledger.limits[keys[row]] for row in beyond if keys[row] in ledger.limits]
    if beyond:
        listed = ", ".join(dict.fromkeys(f"{limit.family} `{limit.name}`" for limit in limits)) or "customers"
        raise Intractable(f"too large beside the rest of the scenario: {listed}")


def growing(ledger: Ledger, master: Master) -> str:
    """What can grow without limit, by the names of the program's variables, once a solution is unbounded."""
    _, known, direction = master.solver.highs.getPrimalRay()  # type: ignore[attr-defined]  # not in its stubs
    ray = np.array(direction) if known else np.zeros(master.solver.columns)
    own = ray[: len(master.program.column_unit)]
    large = np.abs(own) > _NEGLIGIBLE * max(float(np.abs(ray).max(initial=0.0)), 1e-300)
    names = {column: variable for variable, column in _names(ledger, master)}
    found = [names[column] for column in np.flatnonzero(large).tolist()]
    return f"customer equity can grow without limit, with: {', '.join(found) or 'the customers treated'}"


def _beyond(values: Floats) -> bool:
    sizes = np.abs(values[(values != 0.0) & ~np.isinf(values)])
    strange = bool(np.isnan(values).any())
    return strange or bool(((sizes > LARGEST) | (sizes < SMALLEST)).any())


def _scaled(ledger: Ledger, master: Master) -> Iterator[tuple[str, Floats]]:
    """The scaled numbers of the program by what the planner calls them."""
    program = master.program
    for (family, key), row in program.rows.items():
        limit = ledger.limits.get((family, key))
        name = family if limit is None else f"{limit.family} `{limit.name}`"
        yield name, np.array([program.row_lower[row], program.row_upper[row]])
    matrix, objective = master.postings.columns(master.treatments)
    for s, segment in enumerate(ledger.instance.segments):
        chosen = np.flatnonzero(master.treatments.segment == s)
        yield f"responses and levers of `{segment.name}`", np.concatenate([matrix[:, chosen].data, objective[chosen]])
    yield "prices of resources, channels or programmes", np.concatenate([program.matrix.data, program.objective])


def _names(ledger: Ledger, master: Master) -> Iterator[tuple[str, int]]:
    for variable, _ in ledger.units:
        column = master.program.column(variable)
        if column is not None:
            yield str(variable.parent_component().name), column
