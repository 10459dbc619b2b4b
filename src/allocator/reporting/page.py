"""report.html: one file that opens anywhere, with nothing to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from allocator.reporting.advice import advice
from allocator.reporting.numbers import percent, signed
from allocator.reporting.rendering import render
from allocator.reporting.sections import sections
from allocator.reporting.view import View

if TYPE_CHECKING:
    from allocator.domain.result import Result

_CASH_FLOW = {"start": "at the start", "middle": "in the middle", "end": "at the end"}


def write_page(result: Result, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], path: Path) -> None:
    """Write the page of ``result``; ``tables`` and ``facts`` are those written beside it."""
    view = View(result, tables, facts)
    page = render(
        "report.html",
        scenario=result.scenario.name,
        model=result.scenario.model.name,
        decision=_decision(view),
        sections=sections(view),
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def _decision(view: View) -> dict[str, Any]:
    """What the box at the top shows."""
    result, scenario, facts = view.result, view.scenario, view.facts
    rivals = {"Current plan": result.current_plan, "No effort": result.no_effort}
    return {
        "equity": view.money(result.customer_equity, 5),
        "rivals": [
            {
                "name": name,
                "equity": view.money(other.customer_equity, 5),
                "gain": signed(result.customer_equity - other.customer_equity, scenario.model.currency),
                "feasible": other.feasible,
            }
            for name, other in rivals.items()
            if other is not None
        ],
        "solved": result.status == "optimal",
        "status": facts["status_words"],
        "proof": facts["proof"],
        "advice": advice(view),
        "facts": _terms(view),
    }


def _terms(view: View) -> list[tuple[str, str]]:
    """The terms the plan is measured in: name and value."""
    scenario, model = view.scenario, view.scenario.model
    found = [
        ("horizon", f"{scenario.horizon} {view.period}s" if scenario.horizon > 1 else f"1 {view.period}"),
        ("currency", model.currency or "not stated"),
        ("discount rate", f"{percent(model.discount_rate)} a year"),
        ("money counts", f"{_CASH_FLOW[model.cash_flow]} of the {view.period}"),
    ]
    if scenario.objective.kind != "equity":
        goal = {"spend": "least spend for the equity asked", "return": "most equity at the return asked"}
        found.append(("objective", goal[scenario.objective.kind]))
    if view.result.evaluation.cvar is not None:
        label = f"CVaR {percent(scenario.risk.confidence)}"
        found.append((label, view.money(view.result.evaluation.cvar)))
    return found
