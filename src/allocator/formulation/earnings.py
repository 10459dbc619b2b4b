"""What customers earn us: discounted margin and terminal value, in total and by segment.

margin   sum over t and our segments s of weight_t E[f(s,t)] margin[s,t]
terminal sum over s of weight_(T+1) E[f(s,T+1)] V[s] customers[s,T+1]
"""

from __future__ import annotations

from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Terms


def declare(ledger: Ledger) -> None:
    """Post margin and terminal value to the objective."""
    for s in range(len(ledger.instance.segments)):
        ledger.objective["margin"].extend(margin_of(ledger, s))
        ledger.objective["terminal"].extend(terminal_of(ledger, s))


def margin_of(ledger: Ledger, segment: int) -> Terms:
    """Expected discounted margin earned in a segment; nothing where its owner is not us."""
    instance = ledger.instance
    terms = Terms()
    if instance.ours[segment]:
        margin = ledger.account("margin").variables
        values = (instance.weights * instance.mean_factor[segment])[:-1].tolist()
        terms = Terms(values, [margin[segment, t] for t in instance.periods])
    return terms


def terminal_of(ledger: Ledger, segment: int) -> Terms:
    """Expected discounted value of the customers left in a segment at the end."""
    instance = ledger.instance
    value = instance.weights[-1] * instance.mean_factor[segment, -1] * instance.terminal[segment]
    return Terms().add(value, ledger.final[segment])


def earned_by(ledger: Ledger, segments: list[int]) -> Terms:
    """Customer equity of segments: margin less lever cost (set-ups are none) there, plus terminal value."""
    chosen = set(segments)
    terms = Terms()
    for s in segments:
        terms.extend(margin_of(ledger, s)).extend(terminal_of(ledger, s))
    for item in (item for item in ledger.cash if item.kind == "lever"):
        terms.extend(item.on(chosen), -float(ledger.instance.weights[item.period - 1]))
    return terms
