"""Active: at most so many segments use a lever, or so many channels are used, in a period.

active  sum of usage[l,s,t] <= max      or      sum of use[c,t] <= max
"""

from __future__ import annotations

from allocator.domain.errors import InternalError
from allocator.domain.rules import Active
from allocator.formulation.rules.subject import Posted, Subject
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Active) -> None:
    """Write the rule's rows."""
    for subject in posted.subjects():
        terms = _segments(posted, rule.lever, subject) if rule.lever else _channels(posted, rule, subject)
        posted.write(subject, "max", terms, "segments" if rule.lever else "channels")


def _segments(posted: Posted, lever: str, subject: Subject) -> Terms:
    usage = posted.ledger.usage(posted.ledger.instance.lever_index[lever])
    terms = Terms()
    for s in subject.segments:
        if (s, subject.period) in usage:
            terms.add(1.0, usage[s, subject.period or 1])
    return terms


def _channels(posted: Posted, rule: Active, subject: Subject) -> Terms:
    terms = Terms()
    for name in rule.channels or ():
        use = posted.ledger.channels[name, subject.period or 1].use
        if use is None:
            raise InternalError(f"channel {name} has no switch although a rule counts it")
        terms.add(1.0, use)
    return terms
