"""Every rule against hand calculation; most use the flows of nobody treated.

Gold 100, 80, 64 customers; bronze 200, 120, 77; prospects 1000, 900, 810.
"""

from typing import get_args

import pytest
from small_scenario import CALLS, SEGMENTS, calls, plan, scenario

from allocator.domain.errors import InvalidInput
from allocator.domain.rules import Rule
from allocator.evaluation import evaluate
from allocator.evaluation.rules import READERS

HALF = plan(calls("gold", 1, 2, share=0.5))
ADS = {
    "function": "marketing",
    "where": {"unit": "north"},
    "spend": {"max": 100},
    "response": {"curve": "linear", "slope": 0},
    "into": {"gold": 1},
}


def run(rule, asked=HALF, *, model=None, **keys):
    return evaluate(scenario(model=model, rules=[rule], **keys), asked)


def values(rule, asked=HALF, **keys):
    table = run(rule, asked, **keys).tables.rules
    return dict(zip(zip(table["period"].tolist(), table["sense"], strict=True), table["value"], strict=True))


def broken(rule, asked=HALF, **keys):
    return [(v.kind, v.period, round(v.excess, 9)) for v in run(rule, asked, **keys).violations]


def test_every_kind_of_rule_is_read():
    union = get_args(Rule)[0]
    assert set(READERS) == set(get_args(union))


def test_coverage():
    # 50 of 300 customers of ours get 2 calls in period 1, nobody in period 2.
    rule = {"rule": "coverage", "lever": "calls", "min_effort": 2, "min_share": 0.1, "where": {"owner": "us"}}
    assert values(rule) == pytest.approx({(1, "min"): 50 / 300, (2, "min"): 0})
    assert broken(rule) == [("coverage", 2, 0.1)]
    assert values({**rule, "min_effort": 2.5, "periods": 1}) == {(1, "min"): 0}
    assert values({**rule, "min_share": None, "max_share": 0.1, "periods": 1}) == {(1, "max"): pytest.approx(1 / 6)}


def test_coverage_of_each_segment_alone():
    rule = {"rule": "coverage", "lever": "calls", "min_effort": 1, "min_share": 0.5, "each": "segment", "periods": 1}
    table = run({**rule, "where": {"owner": "us"}}).tables.rules
    assert table[["segment", "value", "binding"]].values.tolist() == [["gold", 0.5, True], ["bronze", 0, False]]
    assert table["slack"].tolist() == [0, -0.5]


def test_coverage_of_nobody_holds():
    empty = [{**SEGMENTS[0], "customers": 0}, *SEGMENTS[1:]]
    rule = {"rule": "coverage", "lever": "calls", "min_effort": 1, "min_share": 0.5, "where": {"tier": "gold"}}
    result = run(rule, model={"segments": empty})
    assert result.feasible
    assert result.tables.rules["value"].isna().all()


def test_effort():
    # 100 calls over 100 gold customers.
    rule = {"rule": "effort", "lever": "calls", "min": 0.5, "max": 1, "where": {"tier": "gold"}}
    result = run(rule)
    assert values(rule) == {(1, "min"): 1, (1, "max"): 1, (2, "min"): 0, (2, "max"): 0}
    assert result.tables.rules["binding"].tolist() == [False, True, False, False]
    assert broken(rule) == [("effort", 2, 0.5)]


def test_customers_may_be_counted_at_the_end():
    rule = {"rule": "customers", "where": {"owner": "us"}, "min": 150, "periods": [1, 3]}
    assert values(rule) == {(1, "min"): 300, (3, "min"): pytest.approx(141)}
    assert broken(rule) == [("customers", 3, 9)]
    assert list(values({"rule": "customers", "max": 10_000})) == [(1, "max"), (2, "max")]


def test_equity():
    # Gold earns 1000 + 800 and 100 more of margin for 300 of cost; terminal value 64 x 52.
    rule = {"rule": "equity", "where": {"tier": "gold"}, "min": 5000}
    result = run(rule, terminal="baseline")
    assert result.tables.rules["value"].tolist() == pytest.approx([1600 + 3328])
    assert broken(rule, terminal="baseline") == [("equity", None, 72)]


def test_equity_counts_prospects_at_the_end():
    rule = {"rule": "equity", "min": 0, "each": "segment"}
    table = run(rule, plan(), terminal="baseline").tables.rules
    assert table["value"].tolist() == pytest.approx([1800 + 3328, 640 + 308, 324])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"min": 1}, {(1, "min"): 300 + 100 + 50, (2, "min"): 100}),
        ({"max": 1, "where": {"tier": "gold"}}, {(1, "max"): 300, (2, "max"): 0}),
        ({"max": 1, "where": {"unit": "north"}}, {(1, "max"): 350, (2, "max"): 0}),
        ({"max_share": 0.5, "where": {"unit": "north"}}, {(1, "max"): 350 / 450, (2, "max"): 0}),
        ({"min_share": 0.5, "where": {"tier": "bronze"}, "periods": 1}, {(1, "min"): 0}),
    ],
)
def test_spend(rule, expected):
    asked = plan(calls("gold", 1, 2, share=0.5), spend=[{"channel": "ads", "period": 1, "spend": 50}])
    assert values({"rule": "spend", **rule}, asked, model={"channels": {"ads": ADS}}) == pytest.approx(expected)


def test_spend_on_each_segment_leaves_channels_out():
    asked = plan(calls("gold", 1, 2, share=0.5), spend=[{"channel": "ads", "period": 1, "spend": 50}])
    rule = {"rule": "spend", "max": 250, "each": "segment", "where": {"unit": "north"}, "periods": 1}
    assert broken(rule, asked, model={"channels": {"ads": ADS}}) == [("spend", 1, 50)]


def test_concentration():
    # Gold 1800, bronze 640, prospects nothing.
    rule = {"rule": "concentration", "by": "tier", "max": 0.7}
    table = run(rule, plan()).tables.rules
    assert table["rule"].tolist() == ["concentration (gold)", "concentration (bronze)", "concentration (no tier)"]
    assert table["value"].tolist() == pytest.approx([1800 / 2440, 640 / 2440, 0])
    assert broken(rule, plan()) == [("concentration", None, round(1800 / 2440 - 0.7, 9))]
    assert run({**rule, "by": "segment"}, plan()).tables.rules["segment"].tolist() == ["gold", "bronze", "prospect"]


def test_concentration_of_next_to_nothing_is_rounding():
    # Four calls cost gold all it earns, 8 + 4 - 12, but for 1e-12; bronze earns nothing: gold has all of 1.8e-10.
    margins = {"gold": 8.0 + 1e-12, "bronze": 0.0, "prospect": 0.0}
    model = {"segments": [{**each, "margin": margins[each["segment"]]} for each in SEGMENTS]}
    asked = plan(calls("gold", 1, 4), calls("gold", 2, 4))
    assert broken({"rule": "concentration", "by": "tier", "max": 0.4}, asked, model=model) == []


def test_concentration_counts_those_whom_channels_bring_and_the_equity_table_does_not():
    # 10 more customers of gold in period 2 earn 10 each; nothing is left at the end.
    rule = {"rule": "concentration", "by": "tier", "max": 0.9}
    ads = {"channels": {"ads": {**ADS, "response": {"curve": "linear", "slope": 0.2}}}}
    brought = run(rule, plan(spend=[{"channel": "ads", "period": 1, "spend": 50}]), model=ads).tables
    assert brought.rules["value"].tolist() == pytest.approx([1900 / 2540, 640 / 2540, 0])
    assert brought.equity["equity"].tolist() == pytest.approx(run(rule, plan()).tables.equity["equity"].tolist())


def test_equity_share():
    # The rival's 50 customers stay for ever with 0.5: margin 4 x (50 + 25), then 4 / 0.5 for each of 12.5 left.
    # Ours: 2440 and the terminal value of 3960; prospects belong to the market.
    rival = {"segment": "rival", "customers": 50, "margin": 4.0, "owner": "rival"}
    stay = {"from": "rival", "to": "rival", "probability": 0.5}
    base = scenario().model
    transitions = [*[row.model_dump(by_alias=True) for row in base.transitions], stay]
    model = {"segments": [*SEGMENTS, rival], "transitions": transitions}
    rule = {"rule": "equity_share", "min": 0.95}
    share = (2440 + 3960) / (2440 + 3960 + 4 * 75 + 12.5 * 8)
    result = run(rule, plan(), model=model, terminal="baseline")
    assert result.tables.rules["value"].tolist() == pytest.approx([share])
    assert result.violations[0].excess == pytest.approx(0.95 - share)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (plan(), []),
        (plan(calls("gold", 1, 2)), []),
        (plan(calls("gold", 1, 2, share=0.5), calls("gold", 1, 2, share=0.5)), []),
        (HALF, [("uniform", 1, 1)]),
        (plan(calls("gold", 1, 2, share=0.5), calls("gold", 1, 1, share=0.3)), [("uniform", 1, 2)]),
    ],
)
def test_uniform(asked, expected):
    assert broken({"rule": "uniform"}, asked) == expected


def test_uniform_in_one_lever():
    model = {"levers": {"calls": CALLS, "mail": {"function": "marketing", "effort": {"max": 1}}}}
    both = {"segment": "gold", "period": 1, "share": 0.5, "efforts": [["calls", 2], ["mail", 1]]}
    asked = plan(both, calls("gold", 1, 2, share=0.5))
    assert broken({"rule": "uniform", "lever": "calls"}, asked, model=model) == []
    assert broken({"rule": "uniform", "lever": "mail"}, asked, model=model) == [("uniform", 1, 1)]


def test_active_segments():
    asked = plan(calls("gold", 1, 1, share=0.1), calls("bronze", 1, 1, share=0.1))
    rule = {"rule": "active", "lever": "calls", "max": 1}
    assert values(rule, asked) == {(1, "max"): 2, (2, "max"): 0}
    assert broken(rule, asked) == [("active", 1, 1)]
    assert broken({**rule, "where": {"tier": "gold"}}, asked) == []


def test_active_channels():
    asked = plan(spend=[{"channel": name, "period": 1, "spend": 5} for name in ("ads", "fairs")])
    channels = {"ads": ADS, "fairs": ADS, "other": ADS}
    rule = {"rule": "active", "channels": ["ads", "fairs"], "max": 1}
    assert values(rule, asked, model={"channels": channels}) == {(1, "max"): 2, (2, "max"): 0}


def test_headcount():
    rule = {"rule": "headcount", "resources": ["desk"], "min": 3, "max": 4, "periods": 2}
    assert broken(rule) == [("headcount", 2, 1)]


def test_change():
    # The current plan makes 100 calls in period 1; between 80 and 120 are allowed, and none in period 2.
    rule = {"rule": "change", "lever": "calls", "max": 0.2, "where": {"tier": "gold"}}
    assert broken(rule, HALF, current_plan=HALF) == []
    asked = plan(calls("gold", 1, 2.6, share=0.5), calls("gold", 2, 1, share=0.1))
    assert broken(rule, asked, current_plan=HALF) == [("change", 1, 10), ("change", 2, 8)]
    asked = plan(calls("gold", 1, 1, share=0.5))
    table = run({**rule, "lever": None}, asked, current_plan=HALF).tables.rules
    assert table["rule"].unique().tolist() == ["change (calls)"]
    assert table.query("period == 1")[["limit", "value"]].values.tolist() == [[80, 50], [120, 50]]


def test_change_needs_a_current_plan():
    with pytest.raises(InvalidInput, match="current_plan"):
        run({"rule": "change", "max": 0.1})


def test_receivables():
    # Gold owes 100 x 36.5 x 30 / 365 = 300 in period 1 and 240 in period 2; bronze does not say.
    segments = [{**SEGMENTS[0], "revenue": 36.5, "collection_days": 30}, {**SEGMENTS[1], "revenue": 5}, SEGMENTS[2]]
    rule = {"rule": "receivables", "max": 250}
    assert values(rule, model={"segments": segments}) == {
        (1, "max"): pytest.approx(300),
        (2, "max"): pytest.approx(240),
    }
    assert broken(rule, model={"segments": segments}) == [("receivables", 1, 50)]


def test_customer_value():
    model = {"levers": {"calls": {**CALLS, "customer_value": 12}}}
    rule = {"rule": "customer_value", "min": 1300, "periods": 1, "name": "promise"}
    assert values(rule, model=model) == {(1, "min"): 1200}
    assert broken(rule, model=model) == [("customer_value", 1, 100)]
    assert run(rule, model=model).tables.rules["rule"].tolist() == ["promise"]


def test_objectives_with_a_target():
    spend = run({"rule": "uniform"}, plan(), objective={"kind": "spend", "target": 3000})
    assert spend.objective == pytest.approx(200)
    assert [(v.kind, v.excess) for v in spend.violations] == [("target", pytest.approx(760))]
    # Twice the margin of the calls: 200 calls earn 400 more for 600.
    response = {"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 2}}
    asked = plan(calls("gold", 1, 2))
    back = evaluate(scenario(model={"responses": [response]}, objective={"kind": "return", "target": 0.1}), asked)
    assert [(v.kind, round(v.value, 9)) for v in back.violations] == [("target", round(-200 / 600, 9))]


def test_a_set_up_is_no_lever_cost_of_the_equity_of_segments():
    """As in test_equity; the set-up of 40 is a cost, but none of the segment."""
    rule = {"rule": "equity", "where": {"tier": "gold"}, "min": 0}
    model = {"levers": {"calls": {**CALLS, "setup": 40}}}
    plain, found = (run(rule, terminal="baseline", model=changed) for changed in (None, model))
    assert found.tables.rules["value"].tolist() == pytest.approx([1600 + 3328])
    assert plain.customer_equity - found.customer_equity == pytest.approx(40)
