"""The generated instances are what they say, and the bare program is the same problem as the engine's."""

import pytest

from allocator.api import solve
from benchmarks.instances import Size, instance
from benchmarks.speed import full_grid

SMALL = Size(segments=7, levers=2, periods=3, levels=(0.3, 0.6, 1.0))


def test_the_same_arguments_give_the_same_instance(tmp_path):
    for name in ("once", "again"):
        instance(SMALL).write(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "once").iterdir())
    assert all((tmp_path / "once" / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in files)


def test_another_seed_gives_another_instance():
    assert not instance(SMALL).segments.equals(instance(Size(7, 2, 3, SMALL.levels, seed=2)).segments)


def test_an_instance_has_the_size_asked_for():
    size = Size(segments=11, levers=3, periods=4, whole_heads=True, programmes=3, shocks=5)
    scenario = instance(size).read()
    assert len(scenario.model.segments) == 11
    assert len(scenario.model.levers) == 3
    assert scenario.horizon == 4
    assert len(scenario.model.programmes) == 3
    assert scenario.risk.generate.scenarios == 5
    assert all(resource.hire is not None for resource in scenario.model.resources.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_the_engine_on_levels_obtains_the_optimum_of_the_bare_program(seed):
    scenario = instance(Size(7, 2, 3, SMALL.levels, gap=1e-9, seed=seed)).read()
    bare = full_grid.solve(full_grid.hand_over(full_grid.build(scenario), method="simplex", threads=1))
    result = solve(scenario)
    assert result.objective == pytest.approx(bare, rel=1e-8)
    assert result.objective > result.no_effort.objective * 1.001


def test_continuous_efforts_are_never_below_the_grid():
    scenario = instance(Size(5, 1, 2, gap=1e-6)).read()
    bare = full_grid.solve(full_grid.hand_over(full_grid.build(scenario, points=8), method="simplex", threads=1))
    result = solve(scenario)
    assert result.objective >= bare * (1 - 1e-9)
    assert result.bound >= result.objective * (1 - 1e-9)
