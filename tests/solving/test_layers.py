"""Where programmes work in part, the best efforts are entered with the programmes of every layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from infeasible_scenario import scenario, small
from test_objectives import BENT
from test_rounding import TWO, column, point

from allocator.solving import Engine
from allocator.solving.chain import Lifted


def engine() -> Engine:
    """Calls cost 3 and are continuous; base makes them a tenth better, top a fifth."""
    gain = {"lever": "calls", "effect": "margin_add", "curve": BENT}
    question = small(model={**TWO, "responses": [gain]})
    question["model"]["levers"]["calls"] = {"function": "service", "effort": {"max": 4}, "cost": 3.0}
    return Engine(scenario(question))


def lifted(built: Engine) -> Lifted:
    """The best treatments where a customer is priced at the margin alone and programmes are free."""
    prices = built.refiner.pricing.prices(np.zeros(len(built.program.row_lower)))
    count = len(prices)
    prices = replace(
        prices,
        effort=np.full((count, 1), -3.0),
        margin=np.ones(count),
        arrival=np.zeros_like(prices.arrival),
        constant=np.full(count, -10.0),
    )
    return built.refiner.chain.back(prices, lambda part, _: built.pricer.prove(part, tolerance=1e-9))


def test_levels_are_read_from_the_starts():
    built = engine()
    value = point(built, base=0.7, top=0.4)
    assert built.refiner.layers.levels(value).tolist() == [[0.7, 0.4], [0.7, 0.4]]


def test_layers_are_nested_by_level():
    """base works for 0.7 of the customers, top for 0.4: layers with neither, with base, with both; never top alone."""
    built = engine()
    found = built.refiner.layers.of(lifted(built), point(built, base=0.7, top=0.4), np.ones(2, dtype=bool))
    used = {tuple(row) for layer in found for row in built.pricer.space.uses[layer.variant].tolist()}
    assert used == {(False, False), (True, False), (True, True)}
    assert {float(effort) for layer in found for effort in layer.efforts[:, 0]} == {2.0}


def test_programmes_that_work_whole_need_no_layers():
    built = engine()
    assert built.program.integer[column(built, "base")]
    assert built.refiner.layers.of(lifted(built), point(built, base=1.0), np.ones(2, dtype=bool)) == []
