"""The files of a results folder: which, with what columns, exact, and all or none."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest
import synthetic

from allocator.domain.errors import InternalError, InvalidInput
from allocator.domain.result import Result
from allocator.reporting import write, write_evaluation

DIGESTS = {"scenarios/电信.yaml": "ab" * 32, "models/telecom/segments.csv": "cd" * 32}
HEADERS = {
    "treatments.csv": "segment,period,treatment,customers,"
    "effort:客户拜访,effort:service_tier,effort:mailing,programmes",
    "allocation.csv": "segment,period,lever,effort_total,effort_per_customer,share_treated,hours,cost",
    "customers.csv": "segment,period,customers,acquired",
    "resources.csv": "resource,period,headcount,hires,releases,hours_available,hours_used,overtime,partner,cost,price",
    "channels.csv": "channel,period,spend,stock,new_customers",
    "programmes.csv": "programme,start",
    "budgets.csv": "name,period,amount,used,price,at_least",
    "rules.csv": "rule,period,limit,value,binding,price,segment,sense,slack",
    "equity.csv": "segment,customers_now,clv,equity,share",
    "risk.csv": "scenario,probability,equity",
}
SUMMARY_KEYS = [
    "status",
    "customer_equity",
    "objective",
    "bound",
    "gap",
    "equity_current_customers",
    "equity_new_customers",
    "terminal_value",
    "margin",
    "cost",
    "cvar",
    "confidence",
    "current_plan_equity",
    "seconds",
    "size",
    "versions",
    "inputs",
]


def write_tables(result: Result, folder: Path) -> Path:
    return write(result, folder, digests=DIGESTS, resolved="scenario: 电信\n", html=False, xlsx=False)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_of_the_format_has_its_columns_first(full: Result, tmp_path: Path) -> None:
    opened = write_tables(full, tmp_path / "out")
    assert opened == tmp_path / "out" / "summary.json"
    for name, header in HEADERS.items():
        assert (tmp_path / "out" / name).read_text(encoding="utf-8").splitlines()[0] == header, name
    names = {path.name for path in (tmp_path / "out").iterdir()}
    further = {"cash.csv", "margin.csv", "ranges.csv", "shocks.csv"}
    assert names == {*HEADERS, *further, "summary.json", "scenario.resolved.yaml"}
    assert (tmp_path / "out" / "scenario.resolved.yaml").read_text(encoding="utf-8") == "scenario: 电信\n"


def test_tables_without_rows_are_their_header(plain: Result, tmp_path: Path) -> None:
    write_tables(plain, tmp_path / "out")
    for name in ("rules.csv", "budgets.csv", "channels.csv", "programmes.csv", "risk.csv"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert text == HEADERS[name] + "\n", name


def test_numbers_read_back_to_the_last_bit(full: Result, tmp_path: Path) -> None:
    write_tables(full, tmp_path / "out")
    for name in ("allocation", "customers", "equity", "risk"):
        table = getattr(full.evaluation.tables, name)
        read = rows(tmp_path / "out" / f"{name}.csv")
        for column in table.select_dtypes("number").columns:
            assert [float(row[column]) for row in read] == table[column].tolist(), (name, column)


def test_prices_stand_beside_their_limits(full: Result, tmp_path: Path) -> None:
    write_tables(full, tmp_path / "out")
    budgets = {(row["name"], row["period"]): row["price"] for row in rows(tmp_path / "out" / "budgets.csv")}
    assert budgets["all money", ""] == "0.0"
    assert float(budgets["市场费用", "3"]) == 1.84 - 0.1 * 3
    rules = {(row["rule"], row["period"]): row["price"] for row in rows(tmp_path / "out" / "rules.csv")}
    assert rules["gold stays", "4"] == "-812.0"
    assert rules["gold stays", "5"] == ""
    resources = {(row["resource"], row["period"]): row for row in rows(tmp_path / "out" / "resources.csv")}
    assert float(resources["服务台", "2"]["price"]) == 310.5 / 2
    assert resources["network_ports", "2"]["price"] == ""


def test_limits_that_share_a_name_keep_their_own_price(tmp_path: Path) -> None:
    names = {"name": ["twin", "twin"], "period": [1, 1]}
    budgets = pd.DataFrame(names | {"amount": [5.0, 7.0], "at_least": [None, None], "used": [5.0, 7.0]})
    full, priced = synthetic.tables(), synthetic.prices()
    tables = dataclasses.replace(full, budgets=budgets)
    prices = type(priced)(priced.resources, pd.DataFrame(names | {"price": [1.5, 2.5]}), priced.rules, local=False)
    result = synthetic.result(evaluation=synthetic.evaluation(with_tables=tables), prices=prices)
    write_tables(result, tmp_path / "out")
    assert [(row["amount"], row["price"]) for row in rows(tmp_path / "out" / "budgets.csv")] == [
        ("5.0", "1.5"),
        ("7.0", "2.5"),
    ]


def test_heads_and_periods_are_whole_and_a_programme_never_started_has_no_start(full: Result, tmp_path: Path) -> None:
    write_tables(full, tmp_path / "out")
    resources = rows(tmp_path / "out" / "resources.csv")
    assert (resources[0]["headcount"], resources[0]["hires"]) == ("41", "1")
    assert {row["headcount"] for row in resources if row["resource"] == "network_ports"} == {""}
    starts = {row["programme"]: row["start"] for row in rows(tmp_path / "out" / "programmes.csv")}
    assert starts == {"data_cleaning": "1", "single_customer_view": "2", "outsourced_crm": ""}


def test_summary_has_the_keys_of_the_format_first(full: Result, tmp_path: Path) -> None:
    facts = json.loads(write_tables(full, tmp_path / "out").read_text(encoding="utf-8"))
    assert list(facts)[: len(SUMMARY_KEYS)] == SUMMARY_KEYS
    assert list(facts["seconds"]) == ["load", "build", "solve", "refine", "report"]
    assert facts["seconds"]["report"] > 0
    assert {"columns", "rows", "integers"} <= set(facts["size"])
    assert facts["inputs"] == DIGESTS
    assert {"allocator", "highspy", "pyomo", "python"} <= set(facts["versions"])
    assert facts["customer_equity"] == full.customer_equity
    assert facts["current_plan_equity"] == 140.1e6
    assert facts["gain_over_no_effort"] == full.customer_equity - 121.7e6
    assert "0.004" in facts["proof"]
    assert set(facts["files"]) == {path.name for path in (tmp_path / "out").iterdir()}


def test_summary_says_null_for_what_is_not_there(plain: Result, tmp_path: Path) -> None:
    unproven = synthetic.result(
        scenario=plain.scenario,
        evaluation=plain.evaluation,
        prices=plain.prices,
        status="stopped",
        bound=float("inf"),
        gap=float("inf"),
        current_plan=None,
    )
    facts = json.loads(write_tables(unproven, tmp_path / "out").read_text(encoding="utf-8"))
    for key in ("bound", "gap", "cvar", "confidence", "current_plan_equity", "risk"):
        assert facts[key] is None, key
    assert facts["status_words"].startswith("Stopped early")
    assert facts["proof"].startswith("Nothing is proven")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objective": {"kind": "spend", "target": 1e6}}, "cheaper than this plan's discounted spend of"),
        (
            {"risk": {"generate": {"scenarios": 60, "volatility": 0.2}, "aversion": 0.25}},
            "75 % mean equity and 25 % CVaR",
        ),
    ],
)
def test_the_proof_names_what_it_is_about(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    result = synthetic.result(scenario=synthetic.scenario(**changes))
    facts = json.loads(write_tables(result, tmp_path / "out").read_text(encoding="utf-8"))
    assert said in facts["proof"].replace("\N{NO-BREAK SPACE}", " ")


def test_risk_statistics_follow_from_the_scenarios(tmp_path: Path) -> None:
    # Equity 10, 20, 30 with probability 0.2, 0.5, 0.3: mean 21, variance 0.2*121 + 0.5*1 + 0.3*81 = 49.
    full = synthetic.tables()
    risk = pd.DataFrame({"scenario": ["c", "a", "b"], "probability": [0.3, 0.2, 0.5], "equity": [30.0, 10.0, 20.0]})
    tables = dataclasses.replace(full, risk=risk)
    rival = synthetic.evaluation(with_tables=dataclasses.replace(tables, risk=risk.assign(equity=[31.0, 9.0, 20.0])))
    result = synthetic.result(evaluation=synthetic.evaluation(with_tables=tables), current_plan=rival)
    facts = json.loads(write_tables(result, tmp_path / "out").read_text(encoding="utf-8"))
    found = facts["risk"]
    assert found["mean"] == pytest.approx(21.0)
    assert found["standard_deviation"] == pytest.approx(7.0)
    assert found["below_other"] == pytest.approx(0.3)
    assert (found["worst"], found["best"]) == (10.0, 30.0)
    assert [found[f"percentile_{q}"] for q in (5, 50, 95)] == [10.0, 20.0, 30.0]


def test_a_failure_on_the_way_leaves_old_results_as_they_were(
    full: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tables(full, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(*_: object, **__: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr("allocator.reporting.writer.json.dumps", fail)
    with pytest.raises(OSError, match="disk full"):
        write_tables(full, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failure_on_the_first_run_leaves_nothing(full: Result, tmp_path: Path) -> None:
    clash = synthetic.result(further={"budgets": pd.DataFrame({"a": [1]})})
    with pytest.raises(InternalError, match="budgets"):
        write_tables(clash, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_old_results_are_replaced_and_the_planner_s_own_files_kept(full: Result, plain: Result, tmp_path: Path) -> None:
    write_tables(full, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    write_tables(plain, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert "ranges.csv" not in names
    assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_something_else_in_it_is_refused(full: Result, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.doc").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidInput, match="holds no results"):
        write_tables(full, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.doc"]


def test_a_folder_that_cannot_be_made_is_the_planner_s_mistake(full: Result, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_tables(full, tmp_path / "file" / "out")


def test_an_evaluated_plan_has_a_summary_too(full: Result, tmp_path: Path) -> None:
    write_evaluation(full.evaluation, full.scenario, tmp_path / "out", digests=DIGESTS)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "evaluated"
    assert set(summary) >= {*SUMMARY_KEYS[5:12], "customer_equity", "objective", "feasible", "violations", "inputs"}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == summary["files"]
    write_evaluation(full.evaluation, full.scenario, tmp_path / "out", digests=DIGESTS)
