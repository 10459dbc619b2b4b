"""Numbers of the planner's in the planner's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

from allocator.domain.errors import Clash
from allocator.formulation.giving import Give

_WHOLE_UNITS = ("heads", "hires", "releases", "segments", "channels", "periods", "requirement")
_EXACT_DIGITS, _DIGITS = 6, 4
"""Digits of a change that is known exactly, and of one that is known to a margin."""
_NOISE, _MARGIN_NOISE = 1e-9, 1e-7
"""Changes are round where they are within this relative distance of a round number; likewise."""


def clash(give: Give, change: float, *, margin: float) -> Clash:
    """A number with a change of it, rounded outwards to six digits, or to four with a ``margin``; NaN stays NaN.

    ``margin`` (relative to the change or to what it leaves, whichever is less) is added first, where treatments are
    priced: on the very edge of what is feasible next to no treatment will do, and pricing has to find just that.
    """
    if math.isnan(change):
        proposed = math.nan
    elif give.whole or give.unit in _WHOLE_UNITS:
        proposed = give.stated + give.direction * math.ceil(change - 1e-6)
    else:
        rounded = _outward(change, margin, give.stated + give.direction * change)
        # In decimals: what a large number and a large change leave must be as round as they are.
        exact = Decimal(repr(float(give.stated))) + int(give.direction) * Decimal(repr(rounded))
        proposed = _between(give, float(f"{exact:.12g}"))
    return Clash(give.requirement, give.path, give.stated, proposed, give.unit, _period(give))


def sentence(groups: Sequence[Sequence[Clash]], changes: Sequence[Clash]) -> str:
    """What cannot hold together, and what to change."""
    clashing = "; ".join(_together([entry.requirement for entry in group]) for group in groups)
    advice = f"to have a plan, {_listed([change.advice for change in changes])}" if changes else ""
    return "; ".join(part for part in (clashing, advice) if part)


def _together(names: Sequence[str]) -> str:
    return f"{_listed(names)} cannot hold together" if len(names) > 1 else f"no plan can meet {names[0]}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _outward(change: float, margin: float, left: float) -> float:
    """The change rounded up, unless it is as good as round already; ``left`` is the number after it, of which as many
    digits are kept."""
    digits, noise = (_DIGITS, _MARGIN_NOISE) if margin else (_EXACT_DIGITS, _NOISE)
    if change <= 0.0:
        return 0.0
    nearest = float(f"{change:.{digits}g}")
    if abs(change - nearest) <= noise * change:
        return nearest
    size = min(change, abs(left)) if abs(left) > _MARGIN_NOISE * change else change
    change += margin * size
    step = 10.0 ** (math.floor(math.log10(size)) - digits + 1)
    return float(f"{math.ceil(change / step) * step:.12g}")


def _between(give: Give, proposed: float) -> float:
    """Rounding does not lead to what the file format refuses."""
    if give.direction < 0 and give.stated >= 0.0 and give.unit != "money":
        proposed = max(proposed, 0.0)
    return min(proposed, 1.0) if _is_part(give) else proposed


def _is_part(give: Give) -> bool:
    """Whether the number is a part of a whole, at most 1."""
    return give.unit == "share" and give.stated <= 1.0 and give.family != "change"


def can_be_written(give: Give, change: float) -> bool:
    """Whether the file format allows the number with this change of it."""
    return not _is_part(give) or give.stated + give.direction * change <= 1.0 + _MARGIN_NOISE


def _period(give: Give) -> int | None:
    periods = give.periods
    return next(iter(periods)) if len(periods) == 1 else None
