"""Uniform: everyone in a segment and period gets the same treatment, or the same effort of one lever.

This one acts on treatments themselves, so it is only recorded here; the solver gives each treatment (or
each effort of the lever) one binary there: treated <= reachable x chosen, sum of chosen = 1.
"""

from __future__ import annotations

from allocator.domain.rules import Uniform
from allocator.formulation.rules.subject import Posted


def write(posted: Posted, rule: Uniform) -> None:
    """Record the cells in which the rule holds."""
    ledger = posted.ledger
    lever = None if rule.lever is None else ledger.instance.lever_index[rule.lever]
    for subject in posted.subjects():
        for s in subject.segments:
            ledger.uniform.append((lever, s, subject.period or 1))
