"""What does not hold: requirements that the plan breaks, capacities it had to be scaled down to."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Prose, Section
from allocator.reporting.view import View

_MOST = 30


def section(view: View) -> Section | None:
    """Each breach and each scaling in a sentence."""
    evaluation = view.result.evaluation
    blocks = Blocks()
    if evaluation.violations:
        blocks.add(Prose(("The plan does not keep:",), strong=True))
        blocks.add(Prose(_first(tuple(str(violation) for violation in evaluation.violations))))
    if evaluation.scaled:
        blocks.add(Prose(("The plan asked for more than there is and was scaled down:",), strong=True))
        blocks.add(Prose(_first(evaluation.scaled)))
    return blocks.section("warnings", "What does not hold")


def _first(sentences: tuple[str, ...]) -> tuple[str, ...]:
    left = len(sentences) - _MOST
    return (*sentences[:_MOST], f"And {left:,} more, which summary.json lists.") if left > 0 else sentences
