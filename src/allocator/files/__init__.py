"""Planner files <-> domain types: YAML, CSV, Parquet and .xlsx, every mistake with file, line and column."""

from allocator.files.frames import changed_scenario, changed_settings, plan_from_frame, scenario_from_frames
from allocator.files.plans import read_plan
from allocator.files.positions import Sources
from allocator.files.reader import LoadedScenario, read, read_scenario
from allocator.files.resolved import resolved_yaml

__all__ = [
    "LoadedScenario",
    "Sources",
    "changed_scenario",
    "changed_settings",
    "plan_from_frame",
    "read",
    "read_plan",
    "read_scenario",
    "resolved_yaml",
    "scenario_from_frames",
]
