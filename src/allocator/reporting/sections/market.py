"""Two scorecards of the market, to be argued over: by customers' future, and by today's products."""

from __future__ import annotations

import pandas as pd

from allocator.domain.model import MARKET, OWN
from allocator.reporting.blocks import Blocks, Column, Prose, Section, Table
from allocator.reporting.numbers import percent
from allocator.reporting.view import View
from allocator.response.table import ResponseTable

LEAD = (
    "Customer equity share looks ahead: what each owner's customers will earn it over the plan and after, before "
    "cost, in today's money. Sales, product margin and market share look at what is sold now."
)
_MEASURES = {"equity": "customer equity", "margin": "product margin", "sales": "sales", "customers": "customers"}


def section(view: View) -> Section | None:
    """Customer-side and product-side shares by owner; only where a competitor is in the model."""
    owners = [OWN, *dict.fromkeys(s.owner for s in view.scenario.model.segments if s.owner not in (OWN, MARKET))]
    blocks = Blocks()
    if len(owners) == 1:
        return None
    card = scorecard(view, owners)
    blocks.add(Prose((_sentence(card),)))
    blocks.add(
        Table.of(
            card,
            [
                Column("owner", "owner", "text"),
                Column("equity", f"customer equity before cost ({view.currency})"),
                Column("equity_share", "customer equity share", "bar"),
                Column("final_customers_share", "share of customers at the end", "bar"),
            ],
            title="By customers, over the plan and after",
        )
    )
    product = [Column("owner", "owner", "text")]
    if card["sales"].gt(0.0).any():
        heading = f"sales a {view.period} ({view.currency})"
        product += [Column("sales", heading), Column("sales_share", "share of sales", "bar")]
    product += [Column("margin", f"product margin a {view.period} ({view.currency})")]
    product += [Column("margin_share", "share of product margin", "bar")]
    product += [Column("customers", "customers now"), Column("customers_share", "market share", "bar")]
    blocks.add(Table.of(card, product, title="By products, now"))
    return blocks.section("market", "Our share of the market, seen two ways", LEAD)


def scorecard(view: View, owners: list[str]) -> pd.DataFrame:
    """Per owner: equity, sales, margin, customers, final_customers, and `<measure>_share` of each.

    Equity is discounted margin before cost plus terminal value, each owner's customers at their own
    margins; sales, margin and customers are those of the start, per period.
    """
    segments = view.scenario.model.segments
    final = view.tables["customers"]
    last = final[final["period"] == view.scenario.horizon + 1].set_index("segment")["customers"]
    rows = []
    for owner in owners:
        held = [segment for segment in segments if segment.owner == owner]
        rows.append(
            {
                "owner": "we" if owner == OWN else owner,
                "equity": _equity(view, owner, last),
                "sales": sum(s.customers * (s.revenue or 0.0) for s in held),
                "margin": sum(s.customers * s.margin for s in held),
                "customers": sum(s.customers for s in held),
                "final_customers": sum(float(last.get(s.name, 0.0)) for s in held),
            }
        )
    card = pd.DataFrame(rows)
    for measure in ("equity", "sales", "margin", "customers", "final_customers"):
        total = float(card[measure].sum())
        card[f"{measure}_share"] = card[measure] / total if total else float("nan")
    return card


def _equity(view: View, owner: str, last: pd.Series[float]) -> float:
    evaluation = view.result.evaluation
    if owner == OWN:
        return evaluation.margin + evaluation.terminal_value
    calendar = view.scenario.calendar
    table = view.tables["margin"]
    earned = table[table["owner"] == owner]
    weights = earned["period"].map(calendar.weight)
    worth = ResponseTable(view.scenario.model).terminal_values(view.scenario, owner)
    names = [segment.name for segment in view.scenario.model.segments]
    left = float(last.reindex(names).fillna(0.0).to_numpy() @ worth)
    return float((earned["margin"] * weights).sum()) + calendar.weight(calendar.horizon + 1) * left


def _sentence(card: pd.DataFrame) -> str:
    """Our share by each measure, in one sentence."""
    ours = card.iloc[0]
    shares = {name: ours[f"{key}_share"] for key, name in _MEASURES.items() if ours[f"{key}_share"] > 0.0}
    return "We hold " + ", ".join(f"{percent(share)} of {name}" for name, share in shares.items()) + "."
