"""What expressions of the ledger come to in a solution of the master."""

from __future__ import annotations

import numpy as np

from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Terms
from allocator.solving.master import Master


class Values:
    """Natural values of all variables of a ledger, its folded accounts included, in one solution."""

    def __init__(self, ledger: Ledger, master: Master, value: Floats) -> None:
        program, treatments = master.program, master.treatments
        accounts = np.zeros(len(program.account_unit))
        if len(treatments):
            accounts = master.postings.totals(treatments, master.amounts(value))
        own = value[: len(program.column_unit)] * program.column_unit
        self._of = {key: float(own[column]) for key, column in program.columns.items()}
        for key, account in ledger.accounts.items():
            places = program.accounts[key]
            for (s, t), variable in account.variables.items():
                place = int(places[s, t - 1])
                self._of[id(variable)] = float(accounts[place]) if place >= 0 else 0.0

    def of(self, terms: Terms) -> float:
        """The value of an expression; a variable that no row uses counts as 0."""
        parts = zip(terms.coefficients, terms.variables, strict=True)
        return terms.constant + sum(coefficient * self._of.get(id(variable), 0.0) for coefficient, variable in parts)
