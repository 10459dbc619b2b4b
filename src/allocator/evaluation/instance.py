"""A scenario as arrays, computed once and shared by every plan that is evaluated on it.

Shapes use S segments, T periods, L levers, R resources, C channels, G programmes. Periods are
counted from 0 inside this package; reports count them from 1.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.model import Model
from allocator.domain.scenario import Scenario
from allocator.domain.selection import Where, matches
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.terms import channel_arrays, lever_arrays, programme_arrays, resource_arrays
from allocator.response.table import ResponseTable
from allocator.uncertainty import ShockSet, shock_set


@dataclass(frozen=True, slots=True)
class Baseline:
    """What customers do who get no effort (curves at effort 0 count)."""

    probability: Floats
    """[T,S,D] aligned with ``Instance.destinations``."""
    margin: Floats
    """[S,T] money per customer."""


class Instance:
    """A scenario's arrays.

    Raises
    ------
    InvalidInput
        If the scenario asks for recourse: each of its shock scenarios has an instance, see ``recourse``.
    """

    def __init__(self, scenario: Scenario) -> None:
        if scenario.risk.recourse:
            path = ("scenario", "risk", "recourse")
            raise InvalidInput(
                [Mistake(path, "`recourse` is not followed here, only one fixed plan is", "`recourse: false`")]
            )
        model = scenario.model
        self.scenario = scenario
        self.model: Model = model
        self.horizon = scenario.horizon
        self.segments = tuple(segment.name for segment in model.segments)
        self.segment_index = {name: index for index, name in enumerate(self.segments)}
        self.customers = np.array([segment.customers for segment in model.segments], dtype=float)
        self.ours = np.array([segment.ours for segment in model.segments], dtype=bool)
        limits = [np.inf if s.contacts_max is None else s.contacts_max for s in model.segments]
        self.contacts_max = np.array(limits, dtype=float)
        self.weights = np.array(scenario.calendar.weights())
        self.response = ResponseTable(model)
        padded = np.asarray(self.response.destinations, dtype=np.int64)
        self.destinations: Ints = np.where(padded < 0, len(self.segments), padded)
        """[S,D] index of each destination; S, one past the last segment, for padding."""
        self.terminal: Floats = np.asarray(self.response.terminal_values(scenario), dtype=float)
        self.resources = resource_arrays(model, self.horizon)
        self.levers = lever_arrays(model, self.resources.names)
        self.channels = channel_arrays(model, self.segment_index, self.resources.names)
        self.programmes = programme_arrays(model, self.levers.names, self.resources.names, self.channels.names)
        self.baseline = self._baseline()
        self.shocks: ShockSet | None = shock_set(scenario)
        shape = (len(self.segments), self.horizon + 1)
        self.expected_factor: Floats = np.ones(shape) if self.shocks is None else self.shocks.mean
        """[S,T+1] mean of the shocks' factors; 1 without shocks."""

    @classmethod
    def of_all_shocks(cls, scenario: Scenario) -> Instance:
        """Of a scenario whose treatments may adapt, with all its shock scenarios; what differs between these but
        margins is for the caller to see to."""
        one = scenario.risk.model_copy(update={"recourse": False})
        return cls(scenario.model_copy(update={"risk": one}))

    def certain(self, scenario: Scenario, shocks: ShockSet) -> Instance:
        """One shock scenario for certain, with its margins and its transitions; ``scenario`` has no risk in it."""
        found = self.under(scenario)
        found.shocks, found.expected_factor = None, shocks.mean
        if shocks.keep_factor is not None:
            found.response = self.response.under(shocks.keep_factor)
            found.baseline = found._baseline()
        return found

    def meeting(self, factor: Floats) -> Instance:
        """The same arrays where shocks have the mean factors [S,T+1]."""
        found = copy(self)
        found.shocks, found.expected_factor = None, factor
        return found

    def under(self, scenario: Scenario) -> Instance:
        """The same arrays for a scenario that differs in its limits alone: budgets, rules and limits on risk."""
        found = copy(self)
        found.scenario = scenario
        return found

    def selected(self, where: Where) -> Bools:
        """Which segments ``where`` selects, [S]."""
        return np.array([matches(where, segment.tags) for segment in self.model.segments], dtype=bool)

    def _baseline(self) -> Baseline:
        segments, periods = len(self.segments), self.horizon
        segment = np.tile(np.arange(segments), periods)
        period = np.repeat(np.arange(1, periods + 1), segments)
        coefficients = self.response.coefficients(
            segment, period, np.zeros((segment.size, len(self.levers.names))), None
        )
        probability = np.asarray(coefficients.probability).reshape(periods, segments, -1)
        return Baseline(probability, np.ascontiguousarray(coefficients.margin.reshape(periods, segments).T))
