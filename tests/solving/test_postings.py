"""What treatments post to rows: many in a cell by a dense product, any others by the accounts they post to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from allocator.solving import Engine
from allocator.solving.start import every_treatment
from allocator.solving.treatments import Treatments
from benchmarks.instances import Size, instance

LEVELS = instance(Size(7, 2, 3, (0.25, 0.5, 1.0)))
RISKY = instance(Size(6, 2, 3, (0.25, 0.5, 1.0), shocks=5, cvar_floor=0.5))
STARTED = instance(Size(6, 2, 4, (0.25, 0.5, 1.0), programmes=2, whole_heads=True))


def out_of_reach(read):
    """The same where the first lever reaches the first three segments alone: fewer treatments in the others."""
    model = read.model
    name, lever = next(iter(model.levers.items()))
    where = {"segment": tuple(segment.name for segment in model.segments[:3])}
    levers = {**model.levers, name: lever.model_copy(update={"where": where})}
    return read.model_copy(update={"model": model.model_copy(update={"levers": levers})})


def of_the_list(scenario):
    """The postings of a scenario, all its treatments, and their columns and objective coefficients as of a list."""
    engine = Engine(scenario)
    listed = every_treatment(engine.instance, engine.pricer)
    postings = engine.master.postings
    matrix, objective = postings.after(sparse.csc_array((engine.master.own_rows, 0)), np.zeros(0), listed)
    return postings, engine.master.treatments, matrix, objective


@pytest.mark.parametrize(
    "scenario",
    [LEVELS.read(), out_of_reach(LEVELS.read()), RISKY.read(), STARTED.read()],
    ids=["levels", "out of reach", "shocks", "programmes"],
)
def test_both_ways_give_the_same_columns(scenario):
    """Listed they stand by their cells; shuffled, next to each other stand those of different cells."""
    postings, every, in_order, objective = of_the_list(scenario)
    order = np.random.default_rng(1).permutation(len(every))
    shuffled, gains = postings.columns(every.take(order))
    assert in_order.shape[1] == len(every) > 9 * len(scenario.model.segments)
    assert np.abs(in_order[:, order] - shuffled).max() <= 1e-12 * np.abs(in_order).max()
    assert gains == pytest.approx(objective[order], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("scenario", [LEVELS.read(), out_of_reach(LEVELS.read())], ids=["levels", "out of reach"])
def test_no_zero_and_no_row_twice_is_in_the_program(scenario):
    """HiGHS leaves out the zeros of full blocks, and would refuse a row that came twice in a column."""
    master = Engine(scenario).master
    _, _, matrix, _ = of_the_list(scenario)
    assert max(np.bincount(column).max() for column in np.split(matrix.indices, matrix.indptr[1:-1])) == 1
    held = master.solver.program()[0]
    assert held.nnz == np.count_nonzero(matrix.data) + np.count_nonzero(master.program.matrix.data)


def test_columns_follow_those_there_are():
    master = Engine(LEVELS.read()).master
    some = master.treatments.take(slice(0, 50))
    alone, gains = master.postings.columns(some)
    program = master.program
    together, objective = master.postings.after(program.matrix, program.objective, some)
    own = len(program.objective)
    assert np.array_equal(together[:, :own].toarray(), program.matrix.toarray())
    assert np.array_equal(together[:, own:].toarray(), alone.toarray())
    assert np.array_equal(objective, np.concatenate([program.objective, gains]))


def test_no_treatments_are_no_columns():
    master = Engine(LEVELS.read()).master
    matrix, objective = master.postings.columns(master.treatments.take(slice(0)))
    assert matrix.shape == (master.own_rows, 0)
    assert len(objective) == 0


def test_totals_of_one_treatment_are_customers_times_effort():
    """Half a scaled unit of customers of the second segment in period 2 at efforts (e1, e2) is n = units / 2
    customers: n counted, n e1 and n e2 of effort, and nobody in any other cell."""
    master = Engine(LEVELS.read()).master
    efforts = np.array([[master.postings.space.max_effort[0, 1], 0.5 * master.postings.space.max_effort[1, 1]]])
    one = Treatments(np.array([1]), np.array([2]), efforts, np.array([0]))
    found = master.postings.totals(one, np.array([0.5]))
    customers = 0.5 * master.instance.units.customers
    accounts = master.program.accounts
    assert found[accounts["customers", 0, 0.0][1, 1]] == pytest.approx(customers)
    for lever in (0, 1):
        place = accounts["effort", lever, 0.0][1, 1]
        assert found[place] == pytest.approx(customers * efforts[0, lever])
    elsewhere = accounts["customers", 0, 0.0][:, :-1].copy()
    elsewhere[1, 1] = elsewhere[0, 0]
    assert not found[elsewhere[elsewhere >= 0]].any()
