"""summary.json: the answer in numbers, and what it was computed from and with."""

from __future__ import annotations

import dataclasses
import math
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from allocator.evaluation import risk_statistics
from allocator.reporting.words import proof, status_words

if TYPE_CHECKING:
    from allocator.domain.evaluation import Evaluation
    from allocator.domain.result import Result
    from allocator.domain.scenario import Scenario

_PACKAGES = ("allocator", "pyomo", "highspy", "numpy", "pandas", "scipy", "pydantic")


def summary(result: Result, digests: Mapping[str, str]) -> dict[str, Any]:
    """Keys of the file format first, in its order, then comparisons, risk and words.

    All money is discounted to today. A number that is not known, or not finite, is None.
    """
    evaluation = result.evaluation
    known = {
        "status": result.status,
        "customer_equity": evaluation.customer_equity,
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        **_parts(evaluation, result.scenario),
        "current_plan_equity": _equity(result.current_plan),
        "seconds": dict(result.seconds),
        "size": {
            "columns": result.size.columns,
            "rows": result.size.rows,
            "integers": result.size.integers,
            "treatments": result.size.treatments,
            "rounds": result.size.rounds,
        },
        "versions": versions(),
        "inputs": dict(digests),
    }
    finite: dict[str, Any] = _finite(known | _further(result))
    return finite


def evaluation_summary(evaluation: Evaluation, scenario: Scenario, digests: Mapping[str, str]) -> dict[str, Any]:
    """The same of a plan that was evaluated: its status is `evaluated`, and there is no proof."""
    known = {
        "status": "evaluated",
        "customer_equity": evaluation.customer_equity,
        "objective": evaluation.objective,
        **_parts(evaluation, scenario),
        "versions": versions(),
        "inputs": dict(digests),
        **_question(scenario),
        "feasible": evaluation.feasible,
        **_breaches(evaluation),
    }
    finite: dict[str, Any] = _finite(known)
    return finite


def _parts(evaluation: Evaluation, scenario: Scenario) -> dict[str, Any]:
    return {
        "equity_current_customers": evaluation.equity_current_customers,
        "equity_new_customers": evaluation.equity_new_customers,
        "terminal_value": evaluation.terminal_value,
        "margin": evaluation.margin,
        "cost": evaluation.cost,
        "cvar": evaluation.cvar,
        "confidence": scenario.risk.confidence if scenario.risk.present else None,
    }


def _question(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "model": scenario.model.name,
        "currency": scenario.model.currency,
        "period": scenario.model.period,
        "horizon": scenario.horizon,
        "discount_rate": scenario.model.discount_rate,
    }


def _breaches(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "violations": [str(violation) for violation in evaluation.violations],
        "scaled": list(evaluation.scaled),
    }


def versions() -> dict[str, str]:
    """Version of this program, of Python and of the libraries that the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _further(result: Result) -> dict[str, Any]:
    evaluation = result.evaluation
    return {
        **_question(result.scenario),
        "status_words": status_words(result),
        "proof": proof(result),
        "no_effort_equity": _equity(result.no_effort),
        "gain_over_current_plan": _gain(evaluation, result.current_plan),
        "gain_over_no_effort": _gain(evaluation, result.no_effort),
        "risk": _risk(result),
        "recourse": None if result.recourse is None else dataclasses.asdict(result.recourse),
        "prices_local": result.prices.local,
        **_breaches(evaluation),
    }


def _risk(result: Result) -> dict[str, float | None] | None:
    """Statistics over the shock scenarios, their extremes, and the chance to lose against the current plan."""
    table, wanted = result.evaluation.tables.risk, result.scenario.risk
    if table.empty:
        return None
    target = None if wanted.chance is None else wanted.chance.target
    other = None if result.current_plan is None else result.current_plan.tables.risk
    found = dataclasses.asdict(risk_statistics(table, wanted.confidence, target=target, other=other))
    return found | {"worst": table["equity"].min(), "best": table["equity"].max()}


def _equity(evaluation: Evaluation | None) -> float | None:
    return None if evaluation is None else evaluation.customer_equity


def _gain(evaluation: Evaluation, other: Evaluation | None) -> float | None:
    return None if other is None else evaluation.customer_equity - other.customer_equity


def _finite(value: Any) -> Any:
    """``value`` with every number that JSON cannot hold as None, and numpy's numbers as Python's."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
