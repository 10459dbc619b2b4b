"""Numbers as people read them: thousands separators, as many digits as matter, the currency beside money."""

from __future__ import annotations

import math
from collections.abc import Sequence

MISSING = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def number(value: float, digits: int = 4) -> str:
    """At least ``digits`` significant figures, all digits before the decimal point, no trailing zeros."""
    if not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(decimals, 12)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", _MINUS) if text not in ("0", "-0") else "0"


def decimals(values: Sequence[float], digits: int = 4) -> int:
    """Decimals that a column of ``values`` needs so that its numbers line up.

    As many as give the largest value ``digits`` significant figures, or the smallest but then at most two;
    fewer where all values end before.
    """
    shown = [abs(value) for value in values if math.isfinite(value) and value != 0]
    if not shown:
        return 0
    needed = [digits - 1 - math.floor(math.log10(value)) for value in (max(shown), min(shown))]
    most = min(12, max(0, needed[0], min(2, needed[1])))
    texts = [f"{value:.{most}f}" for value in shown]
    return max(len(text.rstrip("0").partition(".")[2]) for text in texts)


def column(values: Sequence[float], digits: int = 4) -> list[str]:
    """Numbers of one column, all with the same decimals; a plain 0 where there is nothing."""
    places = decimals(values, digits)
    return [_fixed(value, places) for value in values]


def percents(shares: Sequence[float], digits: int = 3) -> list[str]:
    """Shares of 1 in percent, as one column."""
    texts = column([100 * share for share in shares], digits)
    return [text if text == MISSING else f"{text}{_SPACE}%" for text in texts]


def _fixed(value: float, places: int) -> str:
    if not math.isfinite(value):
        return MISSING
    return "0" if value == 0 else f"{value:,.{places}f}".replace("-", _MINUS)


def short(value: float, digits: int = 4) -> str:
    """``digits`` significant figures, with million, billion or trillion written out."""
    for scale, name in _SCALES:
        if math.isfinite(value) and abs(value) >= scale:
            return f"{number(value / scale, digits)}{_SPACE}{name}"
    return number(value, digits)


def money(value: float, currency: str, digits: int = 4) -> str:
    """Money for a sentence: the currency, then the short number."""
    return f"{currency}{_SPACE}{short(value, digits)}" if currency else short(value, digits)


def signed(value: float, currency: str) -> str:
    """A difference in money, with its sign."""
    text = money(abs(value), currency)
    if value == 0:
        return text
    return f"{_MINUS}{text}" if value < 0 else f"+{text}"


def percent(share: float, digits: int = 3) -> str:
    """A share of 1 in percent."""
    return f"{number(100 * share, digits)}{_SPACE}%" if math.isfinite(share) else MISSING


def listed(items: list[str]) -> str:
    """Words in a row: `a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
