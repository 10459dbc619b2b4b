"""Names that the tables can hold."""

from __future__ import annotations

from allocator.domain.checks.known import Known
from allocator.domain.errors import MistakeList


def check_sections(known: Known, found: MistakeList) -> None:
    """Cells of tables have no blanks around them, and treatments.csv joins the names of programmes by `;`."""
    model = known.model
    sections = {
        "resources": model.resources,
        "levers": model.levers,
        "channels": model.channels,
        "programmes": model.programmes,
    }
    for section, entries in sections.items():
        for name in entries:
            if not name or name != name.strip():
                message = f"`{name}` is no name that a table can hold"
                found.add(("model", section, name), message, expected="text without blanks around it")
    for name in model.programmes:
        if ";" in name:
            message = f"`{name}` has a `;`, which joins names of programmes in treatments.csv"
            found.add(("model", "programmes", name), message, expected="another sign")
