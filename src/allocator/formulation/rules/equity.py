"""Equity: what the selected segments' customers earn over the whole horizon.

equity  sum over s of (discounted margin - lever cost + terminal value) >= min
"""

from __future__ import annotations

from allocator.domain.rules import Equity
from allocator.formulation.earnings import earned_by
from allocator.formulation.rules.subject import Posted


def write(posted: Posted, rule: Equity) -> None:
    """Write the rule's rows."""
    for subject in posted.over_horizon():
        posted.write(subject, "min", earned_by(posted.ledger, subject.segments), "money")
