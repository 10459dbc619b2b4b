"""Values of the wrong kind or out of range, in the planner's words."""

from pathlib import Path

import pytest

from tests.files.planner_folder import Wrong, check_wrong, mistakes, write_folder

M, S = "model.yaml", "scenario.yaml"

WRONG = [
    # unknown keys
    Wrong(M, "currency: EUR", "curency: EUR", "curency", "unknown key `curency`", "one of: ", "currency"),
    Wrong(M, "    setup: 500", "    set_up: 500", "set_up", "unknown key `set_up`", "one of: ", "setup"),
    Wrong(M, "hire: {cost: 2000,", "hire: {cots: 2000,", "cots", "unknown key `cots`", "cost, max, ramp", "cost"),
    Wrong(M, "curve: adbudg, low: 0", "curve: adbudg, lo: 0", "lo: 0", "unknown key `lo`", "low, high", "low"),
    Wrong(S, "gap: 1e-4", "gpa: 1e-4", "gpa", "unknown key `gpa`", "gap, time_limit, threads", "gap"),
    Wrong(S, "horizon: 4\n", "horizon: 4\noverides: {}\n", "overides", "unknown key `overides`", "", "overrides"),
    Wrong(S, "min_share: 0.2,", "minshare: 0.2, min_share: 0.2,", "minshare", "unknown key", "", "min_share"),
    Wrong(M, "effort: {max: 6}", "effort: {max: 6, maxx: 6}", "maxx", "unknown key `maxx`", "max", "max"),
    # names
    Wrong(S, "scenario: small-growth", "scenario: ../small", "../small", "no folder of results can have this name"),
    Wrong(S, "scenario: small-growth", "scenario: /small", "/small", "no folder of results can have this name"),
    Wrong(S, "scenario: small-growth", 'scenario: "small\\n"', '"small', "no folder of results can have this name"),
    # empty lists, which might be all or nothing
    Wrong(S, "periods: [1, 2, 3]", "periods: []", "periods: []", "`periods` is an empty list", "at least 1 item"),
    Wrong(
        M,
        "where: {stage: at_risk}",
        "where: {stage: []}",
        "stage: []",
        "`stage` is an empty list",
        "at least 1 item",
        alone=False,
    ),
    # missing keys
    Wrong(M, "    effort: {max: 6}\n", "", "visits:\n", "`effort` is missing"),
    Wrong(M, "period: quarter\n", "", "model: small", "`period` is missing"),
    Wrong(S, "horizon: 4\n", "", "scenario: small-growth", "`horizon` is missing"),
    Wrong(S, "model: model.yaml\n", "", "scenario: small-growth", "`model` is missing"),
    Wrong(M, "segments: segments.csv\n", "", "model: small", "`segments` is missing"),
    Wrong(M, "transitions: transitions.csv\n", "", "model: small", "`transitions` is missing"),
    Wrong(M, "spend: {max: 200}", "spend: {min: 20}", "spend: {min: 20}", "`max` is missing"),
    # numbers
    Wrong(M, "    cost: 20\n", "    cost: cheap\n", "cheap", "`cost` is `cheap`", "a number"),
    Wrong(M, "    cost: 20\n", "    cost: 1,200\n", "1,200", "`cost` is `1,200`", "without thousands separators"),
    Wrong(M, "    cost: 20\n", "    cost: 12,5\n", "12,5", "`cost` is `12,5`", "with a decimal point"),
    Wrong(M, "    cost: 20\n", "    cost: -20\n", "-20", "`cost` is `-20`", "a number at least 0"),
    Wrong(M, "    cost: 20\n", "    cost: .nan\n", ".nan", "`cost` is `nan`", "a finite number"),
    Wrong(M, "    cost: 20\n", "    cost: .inf\n", ".inf", "`cost` is `inf`", "a finite number"),
    Wrong(M, "    cost: 20\n", "    cost: true\n", "true", "`cost` is `true`", "a number"),
    Wrong(M, "    cost: 20\n", "    cost:\n", "\n    setup: 500", "`cost` is empty", "a number"),
    Wrong(M, "    cost: 20\n", "    cost: [20]\n", "cost: [20]", "`cost` is a list", "a number"),
    Wrong(M, "headcount: 4\n", "headcount: 4.5\n", "4.5", "`headcount` is `4.5`", "a whole number"),
    Wrong(M, "carryover: 0.3", "carryover: 1.5", "1.5\n    response", "`carryover` is `1.5`", "at most 1"),
    Wrong(M, "overtime: {share: 0.1", "overtime: {share: 1.1", "1.1", "`share` is `1.1`", "a number at most 1"),
    Wrong(M, "discount_rate: 0.10", "discount_rate: -1", "-1", "`discount_rate`", "a number above -1"),
    Wrong(M, "ramp: [0.5, 0.8]", "ramp: [0.5, 1.8]", "1.8", "item 2 of `ramp` is `1.8`", "a number at most 1"),
    Wrong(S, "horizon: 4", "horizon: 0", "0\nterminal", "`horizon` is `0`", "a number at least 1"),
    Wrong(S, "horizon: 4", "horizon: four", "four", "`horizon` is `four`", "a whole number"),
    Wrong(S, "periods: [1, 2, 3]", "periods: [1, 0]", "0]\nrules", "item 2 of `periods`", "at least 1"),
    # choices
    Wrong(
        M, "period: quarter", "period: quater", "quater", "unknown period `quater`", "month, quarter, year", "quarter"
    ),
    Wrong(M, "cash_flow: end", "cash_flow: ending", "ending", "unknown cash_flow", "start, middle, end", "end"),
    Wrong(M, "{kind: fixed", "{kind: fixd", "fixd", "unknown kind `fixd`", "labour, fixed", "fixed", alone=False),
    Wrong(M, "{kind: fixed, ", "{", "ports: {", "`kind` is missing", "labour, fixed", alone=False),
    Wrong(
        M, "{curve: adbudg", "{curve: adbug", "adbug", "unknown curve `adbug`", "exponential, linear, points", "adbudg"
    ),
    Wrong(S, "{rule: coverage", "{rule: covrage", "covrage", "unknown rule `covrage`", "coverage, effort", "coverage"),
    Wrong(S, "{rule: coverage, ", "{", "{lever: visits, min_effort", "`rule` is missing", "one of: coverage"),
    Wrong(S, "by: tier", "by: teir", "teir", "unknown by `teir`", "segment, tier, stage, unit", "tier"),
    Wrong(S, "per: period", "per: quarter", "quarter", "unknown per `quarter`", "one of: period"),
    Wrong(S, "terminal: baseline", "terminal: basline", "basline", "unknown terminal", "baseline, none", "baseline"),
    Wrong(S, "terminal: baseline", "terminal: {gold: much}", "much", "`gold` is `much`", "a number"),
    # shapes
    Wrong(M, "capacity: [100, 110, 120, 130]", "capacity: [100, -1]", "-1", "item 2 of `capacity`", "at least 0"),
    Wrong(M, "capacity: [100, 110, 120, 130]", "capacity: lots", "lots", "`capacity` is `lots`", "a number"),
    Wrong(M, "levels: [0, 1, 3]", "levels: [0, -1]", "-1", "item 2 of `levels`", "at least 0"),
    Wrong(M, "levels: [0, 1, 3]", "levels: 3", "3}\n    uses", "`levels` is `3`", "a list"),
    Wrong(M, "effort: {max: 6}", "effort: {max: 0}", "0}\n    uses: {field", "`max` is `0`", "above 0"),
    Wrong(M, "effort: {max: 6}", "effort: 6", "6\n    uses: {field", "`effort` is `6`", "keys and values"),
    Wrong(M, "window: [1, 3]", "window: [3, 1]", "one_view:\n", "window starts in period 3, after its end 1"),
    Wrong(M, "window: [1, 3]", "window: [1]", "window", "`window`"),
    Wrong(M, "into: {bronze: 1.0}", "into: bronze", "bronze\nprogrammes", "`into` is `bronze`", "keys and values"),
    Wrong(M, "{min: 1000, max: 50000", "{min: 60000, max: 50000", "spend: {min: 6", "min 60000 is above max 50000"),
    Wrong(M, "model: small", "model: [2026]", "model: [2026]", "`model` is a list", "text"),
    Wrong(
        S, "amount: 900e3}", "amount: 900e3, at_least: 1e6}", "{name: all money", "`at_least` 1e+06 is above `amount`"
    ),
    Wrong(S, ", amount: 900e3}", "}", "{name: all money}", "needs `amount` or `at_least`"),
    Wrong(
        S, "rule: effort, lever: care, max: 2.5", "rule: effort, lever: care", "{rule: effort", "needs `min` or `max`"
    ),
    Wrong(S, "  confidence: 0.5", "  confidence: 1", "1\n  cvar", "`confidence` is `1`", "below 1"),
    Wrong(S, "  shocks: shocks.csv\n", "", "risk:", "needs `shocks` or `generate`"),
    Wrong(
        S,
        "  confidence: 0.5",
        "  generate: {scenarios: 3, volatility: 0.1}",
        "risk:",
        "has both `shocks` and `generate`",
    ),
    Wrong(S, "rules:\n", "rules:\n  - coverage\n", "coverage\n  - {rule: cov", "is `coverage`", "keys and values"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_wrong(tmp_path: Path, wrong: Wrong) -> None:
    check_wrong(tmp_path, wrong)


def test_no_words_of_the_validator(tmp_path: Path) -> None:
    """A planner never meets the words of the library that checks the types."""
    text = "scenario: [3]\nmodel: model.yaml\nhorizon: {}\nbudgets: 3\nrules: [[]]\nrisk: no\nterminal: []\nsolver: 1\n"
    found = mistakes(write_folder(tmp_path, {"scenario.yaml": text}))
    assert len(found) == 7
    for mistake in found:
        for word in ("pydantic", "tuple", "dict", "str", "instance", "Input", "discriminator", "literal", "union"):
            assert word not in str(mistake).removeprefix(str(tmp_path)), str(mistake)
