"""Terms, in a sentence each."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.view import View

_TERMS = {
    "binding": "A limit that the plan reaches: without it, or with more of it, the plan would be different.",
    "bound": "No plan that keeps all limits can be better than this; the gap is how far the plan is from it.",
    "CLV": "Customer lifetime value: what one customer of the segment earns us from now on, in today's money.",
    "customer equity": "Discounted margin of our customers less all cash spent, plus the value of the customers "
    "left at the end of the plan.",
    "effort": "How much of a lever one customer gets in one period, such as visits.",
    "lever": "Something we can do to a customer: visit, call, mail, a better service level.",
    "margin": "Contribution of a customer per period, before the cost of levers.",
    "programme": "A capability or launch: off, then on for the rest of the plan.",
    "segment": "Customers who are alike and are treated as one group.",
    "treatment": "The efforts of all levers that a customer gets in one period.",
    "worth of one more": "Gain in customer equity per unit more of a limit, also called its price.",
}
_WITH_SHOCKS = {
    "CVaR": "Conditional value at risk: mean customer equity of the worst scenarios, as many as the confidence "
    "leaves out.",
    "shock scenario": "One way the future may turn out: factors on what customers earn.",
}


def section(view: View) -> Section | None:
    """The terms that this page uses."""
    terms = _TERMS | ({} if view.tables["risk"].empty else _WITH_SHOCKS)
    names = sorted(terms, key=str.lower)
    rows = pd.DataFrame({"term": names, "meaning": [terms[name] for name in names]})
    blocks = Blocks()
    blocks.add(Table.of(rows, [Column("term", "term", "text"), Column("meaning", "meaning", "text")]))
    return blocks.section("glossary", "Terms")
