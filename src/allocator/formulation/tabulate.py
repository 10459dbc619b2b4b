"""A linear Pyomo model as numbers.

Every body in the ledger's model is a `LinearExpression` with plain coefficients and free variables, so it is
read term by term. Pyomo's own writers walk expression trees of any kind: the same table in four times the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.core import Constraint, Objective
from scipy import sparse

from allocator.formulation.instance import Floats
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
    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats


def tabulate(program: Any) -> Table:
    """Tabulate a Pyomo model with one objective."""
    terms = list(next(program.component_data_objects(Objective)).expr.args)
    lowers, uppers, sizes = [], [], [len(terms)]
    for row in program.component_data_objects(Constraint):
        lower, body, upper = row.to_bounded_expression()
        lowers.append(-np.inf if lower is None else lower)
        uppers.append(np.inf if upper is None else upper)
        terms += body.args
        sizes.append(len(terms))
    # Each term is a coefficient and a variable.
    coefficients, variables = zip(*(term.args for term in terms), strict=True) if terms else ((), ())
    ids = list(map(id, variables))
    first_use = dict(zip(ids, variables, strict=True))
    places = dict(zip(first_use, range(len(first_use)), strict=True))
    numbers = np.fromiter(map(places.__getitem__, ids), dtype=np.int32, count=len(ids))
    values: Floats = np.array(coefficients, dtype=float)
    starts, first = np.array(sizes, dtype=np.int32) - sizes[0], sizes[0]
    matrix = sparse.csr_array((values[first:], numbers[first:], starts), shape=(len(lowers), len(places)))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return Table(
        columns=list(first_use.values()),
        places=places,
        objective=np.bincount(numbers[:first], values[:first], minlength=len(places)).astype(float),
        matrix=matrix,
        row_lower=np.array(lowers, dtype=float),
        row_upper=np.array(uppers, dtype=float),
    )
