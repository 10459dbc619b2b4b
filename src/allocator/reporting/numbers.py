"""Numbers as people read them: thousands separators, as many digits as matter, the currency beside money."""

from __future__ import annotations

import math

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
    return f"{_MINUS}{text}" if value < 0 else f"+{text}"


def percent(share: float, digits: int = 3) -> str:
    """A share of 1 in percent."""
    return f"{number(100 * share, digits)}{_SPACE}%" if math.isfinite(share) else MISSING


def listed(items: list[str]) -> str:
    """Words in a row: `a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
