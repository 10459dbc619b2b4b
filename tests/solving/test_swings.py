"""Which inputs the plan hangs on: values worked out by hand, and what must hold whatever they are."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from infeasible_scenario import merged, scenario, small
from recourse_scenarios import two_weathers

from allocator.domain.curves import Adbudg, Exponential, Linear, Points
from allocator.domain.scenario import Scenario
from allocator.files import read_scenario
from allocator.reporting.study import write_study
from allocator.reporting.swings_page import swings_study
from allocator.response.scalar import value_at
from allocator.solving.inputs import inputs, scaled
from allocator.solving.swings import Swings, swings

CASE = Path(__file__).parents[1] / "cases" / "risk" / "scenario.yaml"
EARNS = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 3.5}}]}


def question(**changes: Any) -> Scenario:
    """Each call earns 3.5 and costs 3; hours allow 400 in each of two periods; wages are 100 a period."""
    return scenario(small(model=merged(EARNS, changes.pop("model", {})), **changes))


def row(found: Swings, kind: str) -> pd.Series:
    return found.table[found.table["kind"] == kind].iloc[0]


def test_what_the_plan_gives_and_what_the_best_plan_gives() -> None:
    # 800 calls are worth 400 beside 2000 - 200. At a response of 2.8 they lose 160, and the best plan has none.
    found = swings(question())
    assert found.objective == pytest.approx(2200)
    response, margin = row(found, "response"), row(found, "margin")
    assert [response["kept_low"], response["kept_high"]] == pytest.approx([1800 - 160, 1800 + 960])
    assert [response["solved_low"], response["solved_high"]] == pytest.approx([1800, 1800 + 960])
    assert response["adapting"] == pytest.approx(160)
    assert response["swing"] == pytest.approx(1120)
    # A margin of 8 or 12 moves 100 customers' money in two periods, and the calls stay.
    assert [margin["kept_low"], margin["kept_high"]] == pytest.approx([1800, 2600])
    assert margin["adapting"] == pytest.approx(0, abs=1e-6)
    assert found.boxes.empty


def test_least_spend_where_inputs_are_wrong() -> None:
    # 1,800 without calls; 100 more are 200 calls, 600 beside wages of 200. At a response of 2.8 they lose 40 and
    # nothing reaches 1,900; at 4.2 they earn 240, and 83.3 do. At a margin of 12 no call is needed.
    found = swings(question(objective={"kind": "spend", "target": 1900}))
    assert [found.objective, found.kept] == pytest.approx([800, 1900])
    response, margin = row(found, "response"), row(found, "margin")
    assert [response["kept_low"], response["kept_high"]] == pytest.approx([1800 - 40, 1800 + 240])
    assert response["solved_high"] == pytest.approx(200 + 250)
    assert math.isnan(response["solved_low"])
    assert response["note"] == "lower: the plan misses the target; lower: no plan"
    assert response["adapting"] == pytest.approx(350)
    assert margin["kept_high"] == pytest.approx(2300)
    assert [margin["solved_high"], margin["adapting"]] == pytest.approx([200, 600])
    page = swings_study(found)
    assert any("it comes to customer equity between" in sentence for sentence in page.sentences)


def test_least_spend_within_boxes() -> None:
    # Everybody is called twice now: within 20 percent at least 320 times, 960; half of the 400 calls reach the target.
    rows = [{"segment": "gold", "period": t, "share": 1.0, "efforts": [["calls", 2.0]]} for t in (1, 2)]
    goal = {"kind": "spend", "target": 1900}
    found = swings(question(current_plan={"treatments": rows}, objective=goal), solved=0)
    assert found.boxes["objective"].tolist() == pytest.approx([200 + 960, 200 + 600, 800, 800])
    assert found.boxes["share_of_free"].tolist() == pytest.approx([1.45, 1.0, 1.0, 1.0])


def test_a_target_return_where_inputs_are_wrong() -> None:
    # 0.5 for 3 is a return of 1/6: at least 1/8 is asked for. At 2.8 calls lose: the plan no longer has that return.
    found = swings(question(objective={"kind": "return", "target": 0.125}))
    response = row(found, "response")
    assert found.objective == pytest.approx(2200)
    assert [response["solved_low"], response["solved_high"]] == pytest.approx([1800, 1800 + 960])
    assert response["note"] == "lower: the plan misses the target"


def test_only_the_largest_are_solved_again() -> None:
    found = swings(question(), solved=1)
    assert found.table["swing"].is_monotonic_decreasing
    assert found.table["solved_low"].notna().tolist() == [True, False, False]


def test_boxes_around_the_current_plan() -> None:
    # The current plan calls everybody once, 200 calls worth 0.5 each. Boxes of 20, 50 and 100 percent let 240, 300
    # and 400 calls happen; without a box there are 800.
    rows = [{"segment": "gold", "period": t, "share": 1.0, "efforts": [["calls", 1.0]]} for t in (1, 2)]
    boxes = swings(question(current_plan={"treatments": rows}), solved=0).boxes
    assert boxes["objective"].tolist() == pytest.approx([1920, 1950, 2000, 2200])
    assert boxes["share_of_free"].tolist()[-1] == 1.0
    assert math.isnan(boxes["width"].iloc[-1])


def test_the_best_plan_is_never_worse_than_the_plan_that_still_fits() -> None:
    found = swings(read_scenario(CASE), solved=3).table
    for side in ("low", "high"):
        fits = ~found["note"].str.contains("lower" if side == "low" else "higher") & found[f"solved_{side}"].notna()
        assert fits.any() or side == "high"
        assert (found.loc[fits, f"solved_{side}"] >= found.loc[fits, f"kept_{side}"]).all()


def test_where_treatments_adapt_commitments_and_treatments_are_kept_or_found_anew() -> None:
    # Derived in test_recourse.py: 3200 without heads; two heads cost 500 and make 400 calls in good weather, each
    # 1.4 x 5 - 3 = 4: 3500. With the response at 3 a call earns 1.2, at 7 it earns 6.8: 240 or 1360 instead of 800.
    found = swings(two_weathers(), change=0.4)
    assert found.objective == pytest.approx(3500)
    response = row(found, "response")
    assert [response["kept_low"], response["kept_high"]] == pytest.approx([2940, 4060])
    assert [response["solved_low"], response["solved_high"]] == pytest.approx([3200, 4060])
    assert response["adapting"] == pytest.approx(260)


def test_boxes_hold_in_every_shock_scenario() -> None:
    # One head calls all gold customers once in either weather, 400 in good, -200 x 2 / 2 in bad. Of these calls 80, 50
    # and 0 of 100 must stay in bad weather; a second head pays only where twice as many calls may be made.
    rows = [{"segment": "gold", "period": t, "share": 1.0, "efforts": [["calls", 1.0]]} for t in (1, 2)]
    current = {"treatments": rows, "heads": [{"resource": "desk", "period": 1, "headcount": 1}]}
    boxes = swings(two_weathers(current_plan=current), solved=0).boxes
    assert boxes["objective"].tolist() == pytest.approx([3190, 3250, 3500, 3500])


@pytest.mark.parametrize(
    "curve",
    [
        Adbudg(low=0.1, high=2.0, half=1.5, shape=2.0),
        Exponential(high=2.0, rate=0.7),
        Linear(slope=0.4),
        Points(efforts=(0.0, 1.0, 3.0), values=(0.1, 0.5, 0.4)),
    ],
)
def test_a_scaled_curve_has_scaled_values(curve: Any) -> None:
    for effort in (0.0, 0.8, 2.5):
        assert value_at(scaled(curve, 1.2), effort) == pytest.approx(1.2 * value_at(curve, effort))


def test_retention_changes_the_odds_of_staying() -> None:
    # Staying has odds of 0.6 to 0.4; a fifth more is 0.72 to 0.4. In period 2 it is 0.5, with the other pair as ever.
    moves = [
        {"from": "gold", "to": "gold", "probability": 0.6},
        {"from": "gold", "to": "rival", "probability": 0.3},
        {"from": "gold", "to": "gold", "probability": 0.5, "period": 2},
        {"from": "rival", "to": "gold", "probability": 0.1},
    ]
    segments = [{"segment": "gold", "customers": 100, "margin": 10.0, "unit": "north"}]
    segments.append({"segment": "rival", "customers": 50, "margin": 0.0, "owner": "other"})
    plain = scenario(small(model={"segments": segments, "transitions": moves}))
    changed = next(entry for entry in inputs(plain) if entry.kind == "retention").at(1.2)
    found = {(m.origin, m.destination, m.period): m.probability for m in changed.model.transitions}
    assert found["gold", "gold", None] == pytest.approx(0.72 / 1.12)
    assert found["gold", "rival", None] == pytest.approx(0.3 / 1.12)
    assert found["gold", "gold", 2] == pytest.approx(0.6 / 1.1)
    assert found["gold", "rival", 2] == pytest.approx(0.3 / 1.1)
    assert found["rival", "gold", None] == 0.1


def test_the_page_and_the_tables(tmp_path: Path) -> None:
    page = write_study(swings_study(swings(question(), solved=1)), tmp_path / "out")
    assert "The plan hangs most on the response of calls: margin_add" in page.read_text(encoding="utf-8")
    assert len(pd.read_csv(page.parent / "sensitivity.csv")) == 3
