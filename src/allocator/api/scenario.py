"""A scenario of the Python API: read from files, or built in code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pandas as pd

from allocator import files
from allocator.api.arguments import require
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario as DomainScenario


class Scenario(DomainScenario):
    """A planning question: read from files, or built in code from data frames."""

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a scenario file and all that it names.

        Raises
        ------
        InvalidInput
            With every mistake in every file, each with file, line and column.
        """
        return files.read_scenario(path, into=cls)

    @classmethod
    def from_frames(
        cls,
        *,
        segments: pd.DataFrame,
        transitions: pd.DataFrame,
        responses: pd.DataFrame | None = None,
        treated: pd.DataFrame | None = None,
        shocks: pd.DataFrame | None = None,
        model: Mapping[str, object],
        scenario: Mapping[str, object],
    ) -> Self:
        """Build a scenario from the tables of the file format and the two mappings around them.

        ``model`` and ``scenario`` have the keys of model.yaml and scenario.yaml, without those that
        name a table; the frames have the columns of the files of their names.

        Raises
        ------
        InvalidInput
            With every mistake found.
        TypeError
            If a table is no data frame, or `model` or `scenario` no mapping.
        """
        tables = {"segments": segments, "transitions": transitions, "responses": responses, "treated": treated}
        given = {name: frame for name, frame in tables.items() if frame is not None}
        for name, frame in {**given, "shocks": pd.DataFrame() if shocks is None else shocks}.items():
            require(name, frame, pd.DataFrame)
        require("model", model, Mapping)
        require("scenario", scenario, Mapping)
        return files.scenario_from_frames(given, model, scenario, shocks=shocks, into=cls)

    def changed(self, **keys: object) -> Self:
        """The same question with some keys of scenario.yaml changed, checked like one that is read.

        ``keys`` are laid over the scenario as a file is over the one it `extends`: mappings merge key by key, lists
        are replaced whole, and `overrides` changes the model. (``model_copy`` checks nothing.)

        Raises
        ------
        InvalidInput
            With every mistake found.
        """
        return files.changed_scenario(self, keys, into=type(self))

    def plan(self, table: str | Path | pd.DataFrame) -> Plan:
        """A plan for this scenario, from the tidy table of the file format: a file, a results folder, or a frame.

        Raises
        ------
        InvalidInput
            With all mistakes in the table, unknown names and periods beyond the horizon included.
        """
        return files.plan_from_frame(table, self) if isinstance(table, pd.DataFrame) else files.read_plan(table, self)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file; see :meth:`Scenario.read`."""
    return Scenario.read(path)
