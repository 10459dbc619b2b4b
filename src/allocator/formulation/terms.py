"""Linear expressions as two plain lists, which Pyomo takes without walking expression trees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyomo.core.expr.numeric_expr import LinearExpression

Variable = Any
"""A scalar Pyomo variable (Pyomo has no types of its own)."""


@dataclass(slots=True)
class Terms:
    """constant + sum of coefficients x variables; repeated variables add up."""

    coefficients: list[float] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    constant: float = 0.0

    def add(self, coefficient: float, variable: Variable) -> Terms:
        """Add one term; a zero coefficient is left out."""
        if coefficient:
            self.coefficients.append(float(coefficient))
            self.variables.append(variable)
        return self

    def extend(self, other: Terms, factor: float = 1.0) -> Terms:
        """Add ``factor`` times another expression."""
        if factor:
            same = factor == 1.0
            self.coefficients += other.coefficients if same else [factor * each for each in other.coefficients]
            self.variables += other.variables
            self.constant += factor * other.constant
        return self

    def plus(self, constant: float) -> Terms:
        """Add a constant."""
        self.constant += constant
        return self

    def times(self, factor: float) -> Terms:
        """A new expression, ``factor`` times this one."""
        return Terms().extend(self, factor)

    def __bool__(self) -> bool:
        return bool(self.variables) or self.constant != 0.0

    def expression(self) -> LinearExpression:
        """The variable part as a Pyomo expression; who writes a row moves the constant to its right side."""
        return LinearExpression(constant=0.0, linear_coefs=self.coefficients, linear_vars=self.variables)


def single(variable: Variable) -> Terms:
    """The expression that is one variable."""
    return Terms([1.0], [variable])
