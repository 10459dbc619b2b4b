"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.reporting import numbers
from allocator.reporting.words import by_reason, gap_in_words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234567.4, "1,234,567"),
        (12.3456, "12.35"),
        (-0.00012345, "−0.0001234"),
        (900.0, "900"),
        (math.inf, "–"),
        (math.nan, "–"),
    ],
)
def test_number_keeps_the_figures_that_matter(value: float, text: str) -> None:
    assert numbers.number(value) == text


def test_money_names_its_scale_and_currency() -> None:
    assert numbers.money(151.234e6, "CNY").split() == ["CNY", "151.2", "million"]
    assert numbers.money(-2.5e9, "").split() == ["−2.5", "billion"]
    assert numbers.signed(-53468.1, "CNY").split() == ["−CNY", "53,468"]
    assert numbers.percent(0.00004).split() == ["0.004", "%"]


def test_a_column_lines_up() -> None:
    assert numbers.column([310.5, 1.74, 0.0, math.nan]) == ["310.50", "1.74", "0", "–"]
    assert numbers.column([2.5e6, 831730.4]) == ["2,500,000", "831,730"]
    assert numbers.column([0.00123, -0.5]) == ["0.0012", "−0.5000"]
    assert numbers.column([]) == []


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=6))
def test_every_column_of_floats_can_be_shown(values: list[float]) -> None:
    texts = numbers.column(values)
    ends = {
        len(text.partition(".")[2]) for text, value in zip(texts, values, strict=True) if math.isfinite(value) and value
    }
    assert len(ends) <= 1


def test_names_in_a_row() -> None:
    assert [numbers.listed(list("abc")[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


def test_a_gap_has_no_digits_that_mean_nothing() -> None:
    assert gap_in_words(0.0) == "0\N{NO-BREAK SPACE}%"
    assert gap_in_words(4.26e-8) == "less than 0.0001\N{NO-BREAK SPACE}%"
    assert gap_in_words(1.31e-5) == "0.00131\N{NO-BREAK SPACE}%"


def test_a_reason_stands_once_after_all_it_holds_for() -> None:
    note = "lower: no plan; higher: the plan no longer fits; again: no plan"
    assert by_reason(note, {"again": "once more"}) == "lower, once more: no plan; higher: the plan no longer fits"
    assert by_reason("", {}) == ""
