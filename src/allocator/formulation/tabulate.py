"""A linear Pyomo model as numbers.

Every body in the ledger's model is a `LinearExpression` with plain coefficients and free variables, so it is
read term by term. Pyomo's own writers walk expression trees of any kind: the same table in twice the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.core import Constraint, Objective
from scipy import sparse

from allocator.formulation.instance import Floats, Ints
from allocator.formulation.terms import Variable


@dataclass(frozen=True, slots=True)
class Table:
    """``row_lower`` <= ``matrix`` x <= ``row_upper``, rows in the order of their declaration.

    ``columns`` are the variables that the objective or a row uses, in the order of first use; ``places`` finds
    a column by the id of its variable.
    """

    columns: list[Variable]
    places: dict[int, int]
    objective: Floats
    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats


def tabulate(program: Any) -> Table:
    """Tabulate a Pyomo model with one objective."""
    objective = next(program.component_data_objects(Objective)).expr
    sides, sizes = [], [len(objective.linear_vars)]
    coefficients, variables = list(objective.linear_coefs), list(objective.linear_vars)
    for row in program.component_data_objects(Constraint):
        lower, body, upper = row.to_bounded_expression()
        sides.append((-np.inf if lower is None else lower, np.inf if upper is None else upper))
        coefficients += body.linear_coefs
        variables += body.linear_vars
        sizes.append(len(variables))
    by_id = dict(zip(map(id, variables), variables, strict=True))
    places = {key: number for number, key in enumerate(by_id)}
    numbers: Ints = np.fromiter(map(places.__getitem__, map(id, variables)), dtype=np.int64, count=len(variables))
    values: Floats = np.array(coefficients, dtype=float)
    starts, first = np.array(sizes) - sizes[0], sizes[0]
    matrix = sparse.csr_array((values[first:], numbers[first:], starts), shape=(len(sides), len(places))).tocsc()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    row_lower, row_upper = np.array(sides, dtype=float).reshape(-1, 2).T
    return Table(
        columns=list(by_id.values()),
        places=places,
        objective=np.bincount(numbers[:first], values[:first], minlength=len(places)).astype(float),
        matrix=sparse.csc_array(matrix),
        row_lower=row_lower,
        row_upper=row_upper,
    )
