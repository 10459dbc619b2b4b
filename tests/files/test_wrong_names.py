"""Names, sums and periods that do not agree across files."""

from pathlib import Path

import pytest

from tests.files.planner_folder import FILES, SHOCKS, Wrong, check_wrong, edited, mistakes, write_folder

M, S = "model.yaml", "scenario.yaml"
SEG, MOVE, RESP, SHOCK, TREAT, PLAN = (
    "segments.csv",
    "transitions.csv",
    "responses.csv",
    "shocks.csv",
    "treated.csv",
    "plan.csv",
)


def odds(row: str, at: str, says: str, expected: str = "") -> Wrong:
    """A row of shocks that changes the odds of staying, in a scenario with recourse."""
    table = f"scenario,probability,segment,period,keep_factor\n{row}\ngood,0.5,bronze,,1.2\n"
    more = {S: edited(S, "risk:\n", "risk:\n  recourse: true\n")}
    return Wrong(SHOCK, SHOCKS, table, at, says, expected, more=more)


MODEL = [
    # transitions and measured rows
    Wrong(MOVE, "gold,gold,0.8", "gold,gould,0.8", "gould", "unknown segment `gould`", "bronze, silver", "gold"),
    Wrong(MOVE, "gold,gold,0.8", "gould,gold,0.8", "gould", "unknown segment `gould`", "bronze, silver", "gold"),
    Wrong(
        MOVE,
        "silver,gold,0.1,",
        "silver,gold,0.4,",
        "0.4",
        "the probabilities from `silver` add up to 1.1",
        "at most 1",
    ),
    Wrong(MOVE, "silver,0.08,2", "silver,0.28,2", "0.28", "the probabilities from `bronze` in period 2 add up to 1.08"),
    Wrong(MOVE, "rivals,silver,0.01,\n", "rivals,silver,0.01,\nrivals,silver,0.02,\n", "silver,0.02", "given twice"),
    Wrong(TREAT, "care,3,silver,gold", "care,3,silver,gould", "gould", "unknown segment `gould`", "", "gold"),
    Wrong(
        TREAT,
        "care,3,silver,gold",
        "car,3,silver,gold",
        "car,",
        "unknown lever `car`",
        "visits, care",
        "care",
        alone=False,
    ),
    Wrong(TREAT, "care,1,silver,silver", "care,0,silver,silver", "0,silver,silver,0.65", "effort 0", "above 0"),
    Wrong(TREAT, "care,3,silver,gold", "care,3,gold,gold", "gold,gold", "the lever `care` does not reach `gold`"),
    Wrong(
        TREAT, "care,3,silver,gold", "visits,3,silver,gold", "visits", "`silver` already has measured rows", "one lever"
    ),
    Wrong(TREAT, "silver,gold,0.14", "silver,gold,0.34", "0.34", "at effort 3 add up to more than 1", "at most 1"),
    Wrong(TREAT, "care,3,silver,gold", "care,3,silver,silver", "silver,0.14", "is given twice at this effort"),
    # resources and levers
    Wrong(
        M,
        "    pool: field_sales\n",
        "    pool: field_sales\n    unit: north\n",
        "shared_sales:\n",
        "both in the unit `north`",
        alone=False,
    ),
    Wrong(
        M,
        "    unit: north\n    head",
        "    unit: nort\n    head",
        "nort\n    head",
        "unknown unit `nort`",
        "north, north/a",
        "north",
        alone=False,
    ),
    Wrong(
        M,
        "{field_sales: 1.5}",
        "{feild_sales: 1.5}",
        "feild_sales",
        "unknown pool `feild_sales`",
        "field_sales, ports",
        "field_sales",
    ),
    Wrong(
        M,
        "    headcount: 2\n",
        "    unit: north/a\n    headcount: 2\n",
        "1.5}",
        "no resource of the pool `field_sales` serves `gold`",
    ),
    Wrong(
        M,
        "{stage: at_risk}",
        "{stage: at_rick}",
        "at_rick",
        "unknown stage `at_rick`",
        "core, at_risk",
        "at_risk",
        alone=False,
    ),
    Wrong(M, "  agency: {", '  "agency;2": {', '"agency;2"', "has a `;`", "another sign", alone=False),
    Wrong(M, "  agency: {", '  " agency": {', '" agency"', "no name that a table can hold", "blanks", alone=False),
    Wrong(M, "{stage: at_risk}", "{stge: at_risk}", "stge", "unknown column `stge`", "stage", "stage", alone=False),
    Wrong(
        M,
        "{stage: at_risk}",
        "{stage: at_risk, tier: gold}",
        "where: {stage: at_risk, t",
        "`where` selects no segment",
        alone=False,
    ),
    Wrong(
        M,
        "  ports: {kind: fixed, ",
        "  ports: {kind: fixed, pool: money, ",
        "ports: {",
        "cannot be called `money`",
        "another",
        alone=False,
    ),
    # channels
    Wrong(
        M,
        "input: field_sales",
        "input: field_sale",
        "field_sale\n",
        "unknown pool `field_sale`",
        "money, field_sales",
        "field_sales",
    ),
    Wrong(M, "input: field_sales", "input: cash", "cash\n", "unknown pool `cash`", "money, field_sales"),
    Wrong(
        M,
        "uses: {field_sales: 0.4}",
        "uses: {fieldsales: 0.4}",
        "fieldsales",
        "unknown pool `fieldsales`",
        "",
        "field_sales",
    ),
    Wrong(M, "into: {bronze: 0.8", "into: {bronce: 0.8", "bronce", "unknown segment `bronce`", "", "bronze"),
    Wrong(
        M,
        "into: {bronze: 0.8",
        "into: {bronze: 0.9",
        "into: {bronze: 0.9",
        "the shares of `into` add up to 1.1",
        "at most 1",
    ),
    Wrong(
        M,
        "adbudg, low: 0",
        "adbudg, low: -5",
        "response: {curve: ad",
        "`response` goes below 0",
        "0 or more new customers",
    ),
    Wrong(
        M,
        "    where: {unit: north}\n    input",
        "    where: {unit: nroth}\n    input",
        "nroth",
        "unknown unit `nroth`",
        "",
        "north",
        alone=False,
    ),
    # programmes
    Wrong(M, "requires: [cleaning]", "requires: [cleanin]", "cleanin]", "unknown programme `cleanin`", "", "cleaning"),
    Wrong(
        M,
        "requires: [cleaning]",
        "requires: [one_view]",
        "one_view]",
        "`one_view` requires itself",
        "another programme",
    ),
    Wrong(M, "excludes: [agency]", "excludes: [one_view]", "one_view]", "`one_view` excludes itself"),
    Wrong(M, "excludes: [agency]", "excludes: [agncy]", "agncy", "unknown programme `agncy`", "", "agency"),
    Wrong(
        M, "unlocks: [care, calls]", "unlocks: [care, call]", "call]", "unknown lever or channel `call`", "", "calls"
    ),
    Wrong(M, "boosts: {visits", "boosts: {visit", "visit: 1.2", "unknown lever `visit`", "visits, care", "visits"),
    Wrong(M, "saves: {visits", "saves: {visit", "visit: 0.8", "unknown lever `visit`", "visits, care", "visits"),
    Wrong(
        M, "adds: {field_sales", "adds: {field", "field: 50", "unknown resource `field`", "shared_sales", "field_sales"
    ),
    # responses
    Wrong(RESP, "winover,acq", "winovr,acq", "winovr", "unknown lever `winovr`", "visits, care, winover", "winover"),
    Wrong(RESP, "visits,retention,,gold", "visits,retention,,gild", "gild", "unknown tier `gild`", "", "gold"),
    Wrong(RESP, "visits,retention,,gold", "visits,retention,gould,", "gould", "unknown segment `gould`", "", "gold"),
    Wrong(
        RESP, "care,margin_add,,,at_risk", "care,margin_add,,,core", "care", "matches no segment that the lever `care`"
    ),
    Wrong(
        RESP,
        "visits,retention,,gold",
        "visits,retention,,",
        "visits,retention,,,,,,adbudg,0,1.2",
        "ties with row 1",
        "more specific",
    ),
    Wrong(RESP, "bronze,,,silver,lin", "bronze,,,slver,lin", "slver", "unknown segment `slver`", "", "silver"),
    Wrong(RESP, "bronze,,,silver,lin", "bronze,,,,lin", ",linear,,,,,,0.05", "`to` is empty", "the segment"),
    Wrong(
        RESP,
        "bronze,,,silver,lin",
        "bronze,,,gold,lin",
        "gold,linear",
        "nobody it reaches ever moves to `gold`",
        "above 0",
    ),
    Wrong(RESP, "at_risk,north,,", "at_risk,north,gold,", "gold,points", "goes with `migration` only", "empty cell"),
    Wrong(
        RESP, "winover,acquisition", "winover,retention", "retention,,,,,,linear", "does nothing", close="acquisition"
    ),
    Wrong(
        RESP,
        "visits,retention,,gold",
        "visits,acquisition,,gold",
        "acquisition,,gold",
        "does nothing",
        close="retention",
    ),
]

SCENARIO = [
    # budgets
    Wrong(
        S,
        "function: marketing,",
        "function: marketin,",
        "marketin,",
        "unknown function `marketin`",
        "sales",
        "marketing",
    ),
    Wrong(S, "levers: [visits, care]", "levers: [visits, car]", "car]", "unknown lever `car`", "visits, care", "care"),
    Wrong(S, "levers: [visits, care]", "channels: [search_ad]", "search_ad]", "unknown channel", "calls", "search_ads"),
    Wrong(S, "levers: [visits, care]", "resources: [port]", "port]", "unknown resource `port`", "ports", "ports"),
    Wrong(S, "levers: [visits, care]", "programmes: [clean]", "clean]", "unknown programme `clean`", "", "cleaning"),
    Wrong(
        S,
        "    where: {unit: north}",
        "    where: {unit: norht}",
        "norht",
        "unknown unit `norht`",
        "north, north/a",
        "north",
    ),
    Wrong(S, "    where: {unit: north}", "    where: {units: north}", "units", "unknown column `units`", "", "unit"),
    Wrong(S, "periods: [1, 2, 3]", "periods: [1, 5]", "5]\nrules", "period 5 is beyond the horizon", "1 to 4"),
    Wrong(S, "periods: [1, 2, 3]", "periods: [1, 1]", "1]\nrules", "period 1 is given twice"),
    Wrong(S, "name: marketing, ", "name: all money, ", "all money, amount: 2.5", "there are two budgets `all money`"),
    # rules
    Wrong(S, "coverage, lever: visits", "coverage, lever: visit", "visit, min", "unknown lever `visit`", "", "visits"),
    Wrong(S, "min_effort: 1,", "min_effort: 7,", "7,", "`min_effort` 7 is out of reach", "at most 6"),
    Wrong(S, "where: {tier: gold}}\n", "where: {tier: gld}}\n", "gld", "unknown tier `gld`", "", "gold"),
    Wrong(S, "periods: [5]", "periods: [6]", "6]", "period 6 is beyond the horizon", "1 to 5"),
    Wrong(
        S,
        "channels: [search_ads, calls]",
        "channels: [search_ads, cals]",
        "cals",
        "unknown channel `cals`",
        "",
        "calls",
    ),
    Wrong(
        S,
        "resources: field_sales",
        "resources: ports",
        "ports",
        "unknown labour resource `ports`",
        "field_sales, shared",
    ),
    Wrong(S, "current_plan: plan.csv\n", "", "change", "`change` needs a `current_plan`", "current_plan"),
    Wrong(S, "receivables, max", "receivables, where: {tier: silver}, max", "receivables, where", "no segment of ours"),
    # risk, terminal value and horizon
    Wrong(SHOCK, "bad,0.25,gold", "bad,0.25,gould", "gould", "unknown segment `gould`", "", "gold"),
    Wrong(SHOCK, "bad,0.25,gold", "bad,0.35,gold", "0.35", "the probability of `bad` is 0.35 here and 0.25"),
    Wrong(SHOCK, "good,0.75", "good,0.7", "0.25,bronze", "add up to 0.95", "1"),
    Wrong(SHOCK, "gold,2,", "gold,6,", "6,0.5", "period 6 is beyond the horizon", "1 to 5"),
    Wrong(SHOCK, "gold,2,", "bronze,,", "bronze,,0.5", "is given twice"),
    Wrong(SHOCK, "factor\n", "keep_factor\n", "0.7\n", "`keep_factor` needs `recourse: true`", alone=False),
    Wrong(
        S,
        "shocks: shocks.csv",
        "generate: {scenarios: 9, volatility: 0.2, by: tier, keep_volatility: 0.3}",
        "0.3}",
        "`keep_volatility` needs `recourse: true`",
    ),
    odds("bad,0.5,bronze,,0", "0\n", "`keep_factor` is `0`", "a number above 0"),
    odds("bad,0.5,rivals,,0.8", "0.8", "customers of `rivals` are not ours"),
    odds("bad,0.5,bronze,5,0.8", "0.8", "nobody moves in period 5", "1 to 4"),
    Wrong(
        S,
        "shocks: shocks.csv",
        "generate: {scenarios: 9, volatility: 0.2, by: tire}",
        "tire",
        "unknown column `tire`",
        "",
        "tier",
    ),
    Wrong(
        S,
        "shocks: shocks.csv",
        "generate: {scenarios: 9, volatility: 0.2, reduce_to: 10}",
        "10}",
        "`reduce_to` 10 is more",
    ),
    Wrong(
        S,
        "shocks: shocks.csv",
        "generate: {scenarios: 6000, volatility: 0.2, reduce_to: 10}",
        "6000",
        "compares each scenario with each, and 6,000 are too many",
        "at most 5,000",
    ),
    Wrong(
        S,
        "shocks: shocks.csv",
        "generate: {scenarios: 9, volatility: 0.2, rare: {probability: 0.1, factor: 0.5, where: {tier: gild}}}",
        "gild",
        "unknown tier `gild`",
        "",
        "gold",
    ),
    Wrong(S, "terminal: baseline", "terminal: {gold: 9, gould: 8}", "gould", "unknown segment `gould`", "", "gold"),
    # the plan
    Wrong(PLAN, "effort,visits,gold,1", "effort,visit,gold,1", "visit,gold", "unknown lever `visit`", "", "visits"),
    Wrong(PLAN, "effort,visits,gold,1", "effort,visits,gould,1", "visits,gould", "unknown segment `gould`", "", "gold"),
    Wrong(
        PLAN,
        "effort,visits,gold,1",
        "effort,visits,gold,9",
        "visits,gold,9",
        "period 9 is beyond the horizon",
        "1 to 4",
    ),
    Wrong(PLAN, "gold,2,3,0.5", "gold,2,7,0.5", "visits,gold,2", "effort 7 is out of reach of `visits`", "at most 6"),
    Wrong(PLAN, "silver,1,1,0.4", "silver,1,2,0.4", "care,silver", "effort 2 is no level of `care`", "0, 1, 3"),
    Wrong(
        PLAN, "effort,visits,gold,1", "effort,visits,rivals,1", "visits,rivals", "does not reach `rivals`", "`where`"
    ),
    Wrong(PLAN, "spend,search_ads", "spend,search_ad", "search_ad,", "unknown channel `search_ad`", "", "search_ads"),
    Wrong(PLAN, "search_ads,,1", "search_ads,,5", "search_ads,,5", "period 5 is beyond the horizon"),
    Wrong(PLAN, "headcount,field_sales", "headcount,ports", "ports", "unknown labour resource `ports`"),
    Wrong(PLAN, "programme,cleaning", "programme,clean", "clean,", "unknown programme `clean`", "", "cleaning"),
    Wrong(
        PLAN,
        "programme,cleaning,,1",
        "programme,one_view,,4",
        "one_view",
        "starts in period 4, outside its window",
        "1 to 3",
    ),
]


@pytest.mark.parametrize("wrong", MODEL, ids=str)
def test_wrong_model(tmp_path: Path, wrong: Wrong) -> None:
    check_wrong(tmp_path, wrong)


@pytest.mark.parametrize("wrong", SCENARIO, ids=str)
def test_wrong_scenario(tmp_path: Path, wrong: Wrong) -> None:
    check_wrong(tmp_path, wrong)


def test_capacity_shorter_than_the_horizon(tmp_path: Path) -> None:
    text = edited(M, "capacity: [100, 110, 120, 130]", "capacity: [100, 110]")
    (found,) = mistakes(write_folder(tmp_path, {M: text}))
    assert found.message == "`capacity` is given for 2 periods"
    assert found.place.startswith(f"{tmp_path / M}:28:")


def test_infinite_terminal_value(tmp_path: Path) -> None:
    """With no discounting and gold customers who never leave, the value of one is without end."""
    changes = {
        M: edited(M, "discount_rate: 0.10", "discount_rate: 0"),
        MOVE: edited(MOVE, "gold,gold,0.8,", "gold,gold,1.0,").replace("gold,rivals,0.1,\n", ""),
    }
    (found,) = mistakes(write_folder(tmp_path, changes))
    assert found.place == f"{tmp_path / S}:4:11"
    assert "infinite terminal value" in found.message
    assert mistakes(write_folder(tmp_path, {**changes, S: FILES[S].replace("baseline", "none")})) == []


def test_terminal_value_that_converges_without_discounting(tmp_path: Path) -> None:
    """Nobody stays for ever, so the value is finite at a rate of 0."""
    assert mistakes(write_folder(tmp_path, {M: edited(M, "discount_rate: 0.10", "discount_rate: 0")})) == []


def test_rows_stated_for_one_period_each_do_not_add_up(tmp_path: Path) -> None:
    old = "gold,gold,0.8,\ngold,rivals,0.1,\n"
    changes = {MOVE: edited(MOVE, old, "gold,gold,0.8,1\ngold,rivals,0.3,2\n")}
    assert mistakes(write_folder(tmp_path, changes)) == []


def test_row_may_miss_one_by_rounding(tmp_path: Path) -> None:
    old = "gold,gold,0.8,\ngold,rivals,0.1,\n"
    new = "gold,gold,0.70000000005,\ngold,rivals,0.30000000005,\n"
    assert mistakes(write_folder(tmp_path, {MOVE: edited(MOVE, old, new)})) == []


def test_segment_response_wins_over_many_selectors(tmp_path: Path) -> None:
    """A row that names the segment is the most specific, so there is no tie."""
    text = (
        FILES[RESP]
        + "visits,retention,gold,,,,,linear,,,,,,0.3,,\nvisits,retention,,gold,core,south,,linear,,,,,,0.2,,\n"
    )
    assert mistakes(write_folder(tmp_path, {RESP: text})) == []


def test_sound_parts_are_checked_beside_broken_ones(tmp_path: Path) -> None:
    """A wrong cell in responses.csv hides no wrong name in shocks.csv."""
    changes = {
        RESP: edited(RESP, "linear,,,,,,0.4", "linear,,,,,,steep"),
        SHOCK: edited(SHOCK, "bad,0.25,gold", "bad,0.25,gould"),
    }
    assert [Path(mistake.place).name for mistake in mistakes(write_folder(tmp_path, changes))] == [
        "responses.csv:7:14",
        "shocks.csv:3:3",
    ]
