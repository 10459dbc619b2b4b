"""What the commands print. Imported when there is something to print: it pulls in rich."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from allocator.reporting.numbers import money, number, percent, signed
from allocator.reporting.words import gap_in_words

if TYPE_CHECKING:
    from allocator.domain.errors import Clash
    from allocator.domain.result import Result
    from allocator.domain.scenario import Scenario
    from allocator.engine import Evaluated, RunOutcome

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""


def show_run(outcome: RunOutcome) -> None:
    """The plan's worth, its proof, and where the report is, on stdout."""
    facts = list(_facts_of(outcome.result))
    facts.append(("Report", str(outcome.report)))
    _console().print(_facts(outcome.result.scenario.name, facts))


def show_evaluation(evaluated: Evaluated, folder: Path | None) -> None:
    """What a plan gives, what it breaks, and where its tables are, on stdout."""
    evaluation, currency = evaluated.evaluation, evaluated.scenario.model.currency
    worth = {
        "Customer equity": evaluation.customer_equity,
        "Margin": evaluation.margin,
        "Terminal value": evaluation.terminal_value,
        "Cost": evaluation.cost,
    }
    if evaluation.cvar is not None:
        worth["CVaR"] = evaluation.cvar
    facts = [(name, money(value, currency)) for name, value in worth.items()]
    if folder is not None:
        facts.append(("Tables", str(folder)))
    console = _console()
    console.print(_facts("Plan as given" if evaluation.feasible else "Plan as far as it fits", facts))
    for line in (*evaluation.scaled, *map(str, evaluation.violations)):
        console.print(Text(line), soft_wrap=True)
    if evaluation.feasible:
        console.print(Text("The plan breaks no limit."))


def show_scenario(scenario: Scenario) -> None:
    """What a scenario that has no mistakes consists of, on stdout."""
    model = scenario.model
    parts = [
        _counted(len(model.segments), "segment"),
        _counted(len(model.levers), "lever"),
        _counted(len(model.channels), "channel"),
        _counted(len(model.resources), "resource"),
        _counted(len(model.programmes), "programme"),
        _counted(len(scenario.budgets), "budget"),
        _counted(len(scenario.rules), "rule"),
        _counted(scenario.horizon, model.period),
    ]
    _console().print(Text(f"{scenario.name}: {', '.join(parts)}. No mistakes found."), soft_wrap=True)


def show_clashes(clashes: Sequence[Clash], changes: Sequence[Clash]) -> None:
    """The requirements that cannot hold together, and the least change that would do, on stderr."""
    console = _console(stderr=True)
    if clashes:
        console.print(_clash_table("What cannot hold together", "Alone would do", clashes))
    if changes:
        title = "The least change, in percent of each limit, that makes a plan possible"
        console.print(_clash_table(title, "To", changes))


def _clash_table(title: str, proposal: str, clashes: Sequence[Clash]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("Requirement", "Period", "Limit", proposal, "Change", "Where"):
        table.add_column(heading, justify="right" if heading in ("Limit", proposal, "Change") else "left")
    for clash in clashes:
        impossible = math.isnan(clash.proposed)
        sized = not impossible and clash.unit != "requirement"
        table.add_row(
            Text(clash.requirement),
            "" if clash.period is None else str(clash.period),
            _limit(clash.limit, clash.unit),
            "nothing" if impossible else _limit(clash.proposed, clash.unit),
            ("+" if clash.change > 0 else "") + _limit(clash.change, clash.unit) if sized else "",
            Text(clash.place or ".".join(map(str, clash.path)), overflow="fold"),
        )
    return table


def _facts_of(result: Result) -> Iterator[tuple[str, str]]:
    currency = result.scenario.model.currency
    equity = result.customer_equity
    yield "Customer equity", money(equity, currency)
    for name, other in (("Over no effort", result.no_effort), ("Over the current plan", result.current_plan)):
        if other is not None:
            yield name, _gain(equity, other.customer_equity, currency)
    if not math.isclose(result.objective, equity, rel_tol=1e-9):
        yield "Objective", money(result.objective, currency)
    if math.isfinite(result.bound):
        yield "Bound", money(result.bound, currency, digits=6)
        reached = "proven" if result.status == "optimal" else "stopped before the gap asked for"
        yield "Gap", f"{gap_in_words(result.gap)} ({reached})"
    else:
        yield "Gap", "unknown (stopped before anything was proven)"
    yield "Time", f"{sum(result.seconds.values()):.1f} s"


def _gain(equity: float, other: float, currency: str) -> str:
    gain = equity - other
    relative = f" ({percent(gain / abs(other))})" if other else ""
    return signed(gain, currency) + relative


def _facts(title: str, facts: Sequence[tuple[str, str]]) -> Table:
    table = Table(title=Text(title), title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, Text(value))
    return table


def _limit(value: float, unit: str) -> str:
    """A limit as the planner would write it down: to the last digit that matters, for a rounded one may not do."""
    if unit == "requirement":
        return "drop" if value <= 0.0 else "holds"
    if unit == "share":
        return percent(value, digits=6)
    unit = "" if unit == "money" else unit.removesuffix("s") if abs(value) == 1.0 else unit
    return f"{number(value, digits=10)} {unit}".rstrip()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)
