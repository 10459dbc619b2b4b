"""Scenarios made by a program, written as planner files and read back, so that a case is what a planner would write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from allocator.api import Scenario


@dataclass(frozen=True, slots=True)
class PlannerFiles:
    """A model and a question put to it: the two mappings and the tables of the file format."""

    model: Mapping[str, Any]
    scenario: Mapping[str, Any]
    segments: pd.DataFrame
    transitions: pd.DataFrame
    responses: pd.DataFrame | None = None
    treated: pd.DataFrame | None = None
    shocks: pd.DataFrame | None = None
    plan: pd.DataFrame | None = field(default=None)

    def write(self, folder: Path) -> Path:
        """Write all files into ``folder``; returns the scenario file."""
        folder.mkdir(parents=True, exist_ok=True)
        tables = {name: getattr(self, name) for name in ("segments", "transitions", "responses", "treated")}
        named = {name: frame for name, frame in tables.items() if frame is not None}
        for name, frame in named.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        scenario = {"model": ".", **self.scenario}
        if self.shocks is not None:
            self.shocks.to_csv(folder / "shocks.csv", index=False)
            scenario["risk"] = {"shocks": "shocks.csv", **scenario.get("risk", {})}
        if self.plan is not None:
            self.plan.to_csv(folder / "plan.csv", index=False)
            scenario["current_plan"] = "plan.csv"
        yaml = YAML()
        yaml.width = 120
        yaml.dump({**self.model, **{name: f"{name}.csv" for name in named}}, folder / "model.yaml")
        path = folder / "scenario.yaml"
        yaml.dump(scenario, path)
        return path

    def read(self) -> Scenario:
        """The scenario as the reader understands it."""
        with TemporaryDirectory() as folder:
            return Scenario.read(self.write(Path(folder)))
