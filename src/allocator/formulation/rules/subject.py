"""What a rule speaks of: a period and segments, together or each alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from allocator.domain.rules import Rule
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms


@dataclass(frozen=True, slots=True)
class Subject:
    """One period (None: the whole horizon) and the segments a rule holds over."""

    period: int | None
    segments: list[int]
    alone: str | None
    """The segment's name where the rule holds for each segment alone."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A rule with its place in the scenario."""

    ledger: Ledger
    number: int
    rule: Rule

    @property
    def name(self) -> str:
        """How reports call the rule."""
        return self.rule.name or self.rule.rule

    def subjects(self) -> Iterator[Subject]:
        """Every subject of a rule that holds period by period."""
        for period in self.ledger.instance.rule_periods(self.rule.periods):
            for whole in self.over_horizon():
                yield Subject(period, whole.segments, whole.alone)

    def over_horizon(self) -> Iterator[Subject]:
        """Every subject of a rule that holds once, over the whole horizon."""
        chosen = self.ledger.instance.selected(self.rule.where)
        if self.rule.each == "segment":
            for s in chosen:
                yield Subject(None, [s], self.ledger.instance.segments[s].name)
        else:
            yield Subject(None, chosen, None)

    def write(
        self,
        subject: Subject,
        key: str,
        terms: Terms,
        unit: str,
        *,
        basis: Terms | None = None,
        extra: tuple[object, ...] = (),
        detail: str = "",
    ) -> None:
        """Write the limit stated under ``key`` of the rule, if it is stated.

        ``terms`` is the quantity limited; with ``basis`` the limit is a share of it. ``extra`` and
        ``detail`` tell rows apart, for the program and for tables, where a subject has several.
        """
        amount = getattr(self.rule, key)
        if amount is None:
            return
        sense: Literal["max", "min"] = "min" if key.startswith("min") else "max"
        limit = Limit(
            family=self.rule.rule,
            path=("scenario", "rules", self.number, key),
            name=self.name,
            sense=sense,
            limit=float(amount),
            unit=unit,
            period=subject.period,
            segment=subject.alone,
            basis=basis,
            detail=detail,
        )
        row_key = (self.number, key, subject.period, subject.alone, *extra)
        if basis is None:
            self.ledger.limit(limit, row_key, terms, float(amount))
        else:
            self.ledger.limit(limit, row_key, terms.times(1.0).extend(basis, -float(amount)), 0.0)
