"""What does not hold: requirements that the plan breaks, capacities it had to be scaled down to."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Prose, Section
from allocator.reporting.view import View


def section(view: View) -> Section | None:
    """Each breach and each scaling in a sentence."""
    evaluation = view.result.evaluation
    blocks = Blocks()
    if evaluation.violations:
        blocks.add(Prose(("The plan does not keep:",), strong=True))
        blocks.add(Prose(tuple(str(violation) for violation in evaluation.violations)))
    if evaluation.scaled:
        blocks.add(Prose(("The plan asked for more than there is and was scaled down:",), strong=True))
        blocks.add(Prose(evaluation.scaled))
    return blocks.section("warnings", "What does not hold")
