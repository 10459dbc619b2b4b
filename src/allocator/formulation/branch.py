"""One shock scenario of a plan whose treatments adapt: its own flows and treatments on shared commitments.

The extensive form of a two-stage stochastic program. Every feature writes its rows once for each shock
scenario, on a ledger that declares what is committed once for all and all else anew:

    committed   heads, hires, releases, channel spend, programme starts: one variable for all shock scenarios
    adapting    treatments and all that follows from them: one variable for each
    rows        on commitments alone, written once; all others, once for each
    expected    rules on customer equity hold in the mean: sum over w of p[w] terms[w] <= right
    outcome     outcome[w] = equity in shock scenario w       (where a risk term asks for it; see ``risk``)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from allocator.formulation.entries import Account, AccountKind, Sense
from allocator.formulation.ledger import K, Ledger
from allocator.formulation.limit import Key, Limit, ShockNumber
from allocator.formulation.terms import Terms, Variable

EXPECTED = ("equity", "concentration", "equity_share")
"""Rules that limit customer equity, which is a mean over the shock scenarios."""
COMMITTED = ("channels", "heads", "staff", "starts", "hurried")
"""What a ledger knows of its commitments."""


class Branch(Ledger):
    """The ledger of one shock scenario; what it declares and writes lands in the ledger of all of them.

    ``whole`` is that ledger, of an instance with ``branches``; ``number`` says which of them this is.
    """

    def __init__(self, whole: Ledger, number: int, committed: Commitments) -> None:
        self.whole = whole
        self.number = ShockNumber(number)
        self.committed = committed
        instance = whole.instance.branches[number]
        self.first = number * len(instance.segments)
        """Index of its first segment among those of all branches."""
        super().__init__(instance, lambda: whole.reachable[self.first : self.first + len(instance.segments)])
        self.moves, self.gives, self.program, self.units = whole.moves, whole.gives, whole.program, whole.units
        self.limits, self.impossible = whole.limits, whole.impossible

    def declare(
        self,
        name: str,
        keys: Sequence[K],
        *,
        unit: float | Callable[[K], float] = 1.0,
        lower: float | None = 0.0,
        upper: float | Callable[[K], float] | None = None,
        kind: Literal["continuous", "integer", "binary"] = "continuous",
        committed: bool = False,
    ) -> dict[K, Variable]:
        """Declare variables of this shock scenario, or find those committed for all."""
        if not committed:
            own = f"{name}_in_{self.number}"
            return self.whole.declare(own, keys, unit=unit, lower=lower, upper=upper, kind=kind)
        if name not in self.committed.variables:
            made = self.whole.declare(name, keys, unit=unit, lower=lower, upper=upper, kind=kind, committed=True)
            self.committed.keep(name, made)
        found = self.committed.variables[name]
        return {key: found[key] for key in keys}

    def account(self, kind: AccountKind, index: int = 0, level: float = 0.0) -> Account:
        """The account of a kind; its cells are also those of the whole ledger's account."""
        fresh = (kind, index, level) not in self.accounts
        account = super().account(kind, index, level)
        if fresh:
            whole = self.whole.accounts.setdefault((kind, index, level), Account(kind, index, level, {}))
            whole.variables.update({(self.first + s, t): one for (s, t), one in account.variables.items()})
        return account

    def row(self, family: str, key: Key, terms: Terms, sense: Sense, right: float) -> None:
        """Write a row of this shock scenario; one on commitments alone is written once for all."""
        if not self.committed.only(terms):
            self.whole.row(family, (self.number, *key), terms, sense, right)
        elif self.number == 0:
            self.whole.row(family, key, terms, sense, right)

    def limit(self, limit: Limit, key: Key, terms: Terms, right: float) -> None:
        """Write a requirement of the planner for this shock scenario, or add to what is expected over all."""
        if limit.family in EXPECTED:
            probability = float(self.whole.instance.probabilities[self.number])
            self.committed.expect(limit, key, terms, right, probability)
        elif not self.committed.only(terms):
            self.whole.limit(limit, (self.number, *key), terms, right)
        elif self.number == 0:
            self.whole.limit(limit, key, terms, right)

    def close_into_whole(self) -> None:
        """Post what the whole ledger knows of its parts; to be called once all rows are written."""
        probability = float(self.whole.instance.probabilities[self.number])
        for name, terms in self.objective.items():
            self.whole.objective[name].extend(terms, probability)
        self.whole.stages.outcomes.append(self.equity())
        self.whole.uniform += [(lever, self.first + s, t) for lever, s, t in self.uniform]
        for lever, switches in self.usages.items():
            shifted = {(self.first + s, t): switch for (s, t), switch in switches.items()}
            self.whole.usages.setdefault(lever, {}).update(shifted)
        if self.number == 0:
            self.hand_over()

    def hand_over(self) -> None:
        """Let the whole ledger know the commitments."""
        for part in COMMITTED:
            setattr(self.whole, part, getattr(self, part))


class Outline(Branch):
    """A branch that stands for all: only its rows on commitments are written."""

    def row(self, family: str, key: Key, terms: Terms, sense: Sense, right: float) -> None:
        """Write a row on commitments."""
        if self.committed.only(terms):
            super().row(family, key, terms, sense, right)

    def limit(self, limit: Limit, key: Key, terms: Terms, right: float) -> None:
        """Write a requirement on commitments."""
        if self.committed.only(terms):
            super().limit(limit, key, terms, right)

    def account(self, kind: AccountKind, index: int = 0, level: float = 0.0) -> Account:
        """The account of a kind, of this branch alone: no treatment posts to it."""
        return Ledger.account(self, kind, index, level)


class Commitments:
    """What all shock scenarios share: the committed variables, and rows on the mean that are being added up."""

    def __init__(self) -> None:
        self.variables: dict[str, Mapping[Any, Variable]] = {}
        self._known: set[int] = set()
        self._expected: dict[tuple[str, Key], tuple[Limit, Terms, Terms, float]] = {}

    def keep(self, name: str, variables: Mapping[Any, Variable]) -> None:
        """Remember variables under the name they are asked for by."""
        self.variables[name] = variables
        self._known.update(id(variable) for variable in variables.values())

    def only(self, terms: Terms) -> bool:
        """Whether an expression is about commitments alone."""
        return all(id(variable) in self._known for variable in terms.variables)

    def expect(self, limit: Limit, key: Key, terms: Terms, right: float, probability: float) -> None:
        """Add one shock scenario's part of a requirement that holds in the mean."""
        place = (limit.family, key)
        _, total, basis, side = self._expected.get(place, (limit, Terms(), Terms(), 0.0))
        total.extend(terms, probability)
        if limit.basis is not None:
            basis.extend(limit.basis, probability)
        self._expected[place] = (limit, total, basis, side + probability * right)

    def write_expected(self, whole: Ledger) -> None:
        """Write the requirements that hold in the mean."""
        for (_, key), (limit, total, basis, right) in self._expected.items():
            whole.limit(replace(limit, basis=None if limit.basis is None else basis), key, total, right)
