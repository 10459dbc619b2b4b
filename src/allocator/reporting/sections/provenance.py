"""What the numbers were computed from and with, and how to compute them again."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Prose, Section, Table
from allocator.reporting.view import View

_AGAIN = (
    "Compute it again with: allocator run {scenario} (beside its inputs, listed below), or, from this folder "
    "alone, with: allocator run scenario.resolved.yaml"
)


def section(view: View) -> Section | None:
    """Command, inputs with their digests, size and time of the run, versions."""
    facts = view.facts
    blocks = Blocks()
    if facts["inputs"]:
        scenario = next(iter(facts["inputs"]))
        blocks.add(Prose((_AGAIN.format(scenario=scenario),)))
        inputs = pd.DataFrame(facts["inputs"].items(), columns=["file", "digest"])
        blocks.add(
            Table.of(inputs, [Column("file", "input", "text"), Column("digest", "SHA-256", "text")], title="Inputs")
        )
    seconds = {name: round(value, 3) for name, value in facts["seconds"].items()}
    run = {f"seconds to {name}": value for name, value in seconds.items() if value > 0.0}
    run |= {f"{name} of the last program": value for name, value in facts["size"].items()}
    columns = [Column("what", "what", "text"), Column("value", "value", "mixed")]
    rows = pd.DataFrame(run.items(), columns=["what", "value"])
    blocks.add(Table.of(rows, columns, title="The run"))
    versions = pd.DataFrame(facts["versions"].items(), columns=["package", "version"])
    columns = [Column("package", "package", "text"), Column("version", "version", "text")]
    blocks.add(Table.of(versions, columns, title="Versions"))
    return blocks.section("provenance", "How this was computed")
