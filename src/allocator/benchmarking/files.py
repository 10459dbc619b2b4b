"""A benchmark as files."""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from allocator.benchmarking.scores import Benchmark

TABLES = ("scores", "differences", "overall", "scorecard", "views", "placements", "adaptation")


def write_tables(benchmark: Benchmark, folder: Path) -> Path:
    """Write every table as CSV, and all of them with the verdicts as benchmark.json, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        getattr(benchmark, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    content = {
        "settings": dict(benchmark.settings),
        "version": version("allocator"),
        "contradictions": list(benchmark.contradictions),
        "verdicts": list(benchmark.verdicts),
        **{name: _rows(getattr(benchmark, name)) for name in TABLES},
    }
    path = folder / "benchmark.json"
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain data; null where a number is missing."""
    rows = frame.astype(object).to_dict(orient="records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
