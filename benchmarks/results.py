"""Results of benchmarks: each kept as a section with its date, machine and command, and RESULTS.md made of them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent
TABLES = FOLDER / "tables"
RESULTS = FOLDER / "RESULTS.md"
WHOLE = 1e6
"""Numbers from here on are shown without decimals."""
PACKAGES = ("allocator", "highspy", "pyomo", "numpy", "scipy", "pandas")


@dataclass(frozen=True, slots=True)
class Section:
    """A table and what was learned from it. ``name`` is the file name of its CSV."""

    name: str
    title: str
    command: str
    table: pd.DataFrame
    notes: Sequence[str] = field(default=())


def keep(section: Section) -> None:
    """Write the section's table and text, and make RESULTS.md anew."""
    TABLES.mkdir(exist_ok=True)
    section.table.to_csv(TABLES / f"{section.name}.csv", index=False, float_format="%.10g")
    described = {
        "title": section.title,
        "command": section.command,
        "notes": list(section.notes),
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "load": load(),
        "markdown": markdown(section.table),
    }
    (TABLES / f"{section.name}.json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n")
    gather()


def gather() -> None:
    """RESULTS.md from the sections at hand, in the order of their names."""
    parts = [
        "# Results\n\nMade by `make bench`; every table says when and on what it was made, and by which command. "
        "The tables are in `tables/` as CSV.\n"
    ]
    for path in sorted(TABLES.glob("*.json")):
        section = json.loads(path.read_text())
        notes = "".join(f"\n- {note}" for note in section["notes"])
        made = f"`{section['command']}`, {section['when']}, on {section['machine']}; {section['load']}."
        parts.append(f"## {section['title']}\n\n{made}\n{notes}\n\n{section['markdown']}\n")
    RESULTS.write_text("\n".join(parts))


def machine() -> str:
    """Processor, cores, memory and versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, {versions}"


def load() -> str:
    """How busy the machine is with other work at the end: processes that want a core, on average of five minutes."""
    return f"{os.getloadavg()[1]:.1f} processes wanted a core on average of the last five minutes"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def markdown(table: pd.DataFrame) -> str:
    """A table of a Markdown page."""
    rows = [[_text(value) for value in row] for row in table.itertuples(index=False)]
    head = [str(column) for column in table.columns]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:,.7g}"
