"""Everything built for one scenario: its program, the treatments to begin with, and what works on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.domain.evaluation import Evaluation
from allocator.domain.result import Size
from allocator.domain.scenario import Scenario
from allocator.formulation.build import build
from allocator.formulation.compile import Program, compile_program
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.ledger import Ledger
from allocator.solving.chain import Chain
from allocator.solving.collector import collector_paused
from allocator.solving.customers import most_reachable
from allocator.solving.duals import CellPricing, thresholds
from allocator.solving.elastic import Elastic
from allocator.solving.hopeless import refuse_sides
from allocator.solving.layers import Layers
from allocator.solving.lines import Lines
from allocator.solving.master import Master
from allocator.solving.pricing import Pricer
from allocator.solving.pricing.space import earliest_work
from allocator.solving.refine import Refiner
from allocator.solving.search import Search
from allocator.solving.sides import Sides
from allocator.solving.start import every_treatment, planned_treatments, simple_treatments
from allocator.solving.treatments import Listed, Treatments, nothing
from allocator.solving.uniform import UniformLinks

MOST_COLUMNS = 20_000
"""Discrete treatments are all put in from the start up to this many columns, unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A program built before. ``treated`` says whether treatments are columns of it."""

    ledger: Ledger
    program: Program
    treated: bool = True


class Built:
    """The parts of an engine; kept, so that re-solves after a changed limit start warm."""

    @collector_paused()
    def __init__(
        self,
        scenario: Scenario,
        current: Evaluation | None = None,
        no_effort: Evaluation | None = None,
        *,
        relaxable: bool = False,
        instance: Instance | None = None,
        frame: Frame | None = None,
        most_columns: int = MOST_COLUMNS,
    ) -> None:
        """``current`` and ``no_effort`` are as for :func:`~allocator.solving.solve.solve`. ``relaxable``: the limits
        can be moved. ``instance``: a part of the scenario; by default all of it. ``frame``: a program to use again.
        """
        self.scenario = scenario
        self.instance = whole_instance(scenario, current) if instance is None else instance
        if frame is None:
            ledger = build(self.instance, lambda: most_reachable(self.instance), no_effort, relaxable=relaxable)
            frame = Frame(ledger, compile_program(ledger))
        self.ledger, self.program = frame.ledger, frame.program
        refuse_sides(self.ledger, self.program)
        marks = thresholds(self.ledger)
        earliest = None if relaxable else earliest_work(scenario.model)
        self.pricer = Pricer(self.instance.table, self.instance.model, marks, earliest)
        complete = not frame.treated or self._treatments_at_most(most_columns)
        first = self._first_treatments(complete) if frame.treated else nothing(self.instance).take(slice(0))
        self.master = Master(self.instance, self.program, self.pricer.space, first, threads=scenario.solver.threads)
        self.lines = Lines(self.ledger, self.master)
        self.elastic = Elastic(self.ledger, self.master)
        self.uniform = UniformLinks(self.ledger, self.master)
        self.refiner = self._refiner(CellPricing(self.master, marks), complete)
        self.sides = Sides(self.ledger, self.master)
        self.search = Search(self.master, self.refiner, self.lines, self.uniform, self.sides.choices)
        if frame.treated and scenario.current_plan is not None:
            self.master.add(planned_treatments(self.instance, self.pricer.space, scenario.current_plan))

    def _refiner(self, pricing: CellPricing, complete: bool) -> Refiner:
        """Pricing of the master's treatments; with nothing left to price where they are ``complete``."""
        reachable = self._reachable_cells(complete)
        return Refiner(
            master=self.master,
            lines=self.lines,
            pricer=self.pricer,
            pricing=pricing,
            chain=Chain(pricing, reachable),
            layers=Layers(self.ledger, self.master, self.pricer),
            reachable=reachable,
            complete=complete,
            frozen=np.zeros(len(reachable), dtype=bool),
        )

    def _first_treatments(self, complete: bool) -> Treatments | Listed:
        """All of them, or those to begin pricing with."""
        if complete:
            return every_treatment(self.instance, self.pricer)
        return simple_treatments(self.instance, self.pricer.space)

    def _treatments_at_most(self, columns: int) -> bool:
        """Whether efforts are levels, and few enough that all treatments of all cells are no more columns."""
        counts = [self.pricer.count(s) for s in range(len(self.instance.segments))]
        total = sum(np.inf if count is None else count for count in counts)
        return total * self.instance.horizon <= columns

    def _reachable_cells(self, complete: bool) -> Floats:
        """[cells] most customers in each segment and period, scaled; 0 where no treatment is left to be priced."""
        if complete:
            return np.zeros(len(self.instance.segments) * self.instance.horizon)
        return np.asarray(self.ledger.reachable[:, :-1].ravel() / self.instance.units.customers)

    def size(self) -> Size:
        """Size of the program as it stands."""
        solver = self.master.solver
        return Size(
            columns=solver.columns,
            rows=solver.rows,
            integers=len(self.master.integer_columns),
            treatments=len(self.master.treatments),
            rounds=self.refiner.rounds,
        )


def whole_instance(scenario: Scenario, current: Evaluation | None) -> Instance:
    """All that a scenario asks to be planned: where treatments adapt, every shock scenario side by side."""
    instance = Instance(scenario, current)
    return instance.fan() if scenario.risk.recourse else instance
