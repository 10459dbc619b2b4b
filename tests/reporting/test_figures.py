"""What stands in charts."""

from __future__ import annotations

import pytest

from allocator.reporting.figures import wrapped


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("visits: retention (gold)", ["visits: retention", "(gold)"]),
        (
            "retention: \u91d1\u5361\u5ba2\u6237\uff08\u5357\u4eac\uff09",
            ["retention: \u91d1\u5361\u5ba2\u6237", "\uff08\u5357\u4eac\uff09"],
        ),
        ("an_unbreakably_long_name: margin", ["an_unbreakably_long_name:", "margin"]),
        ("", [""]),
    ],
)
def test_labels_are_wrapped_by_what_they_are_wide(words: str, lines: list[str]) -> None:
    assert wrapped(words, 20) == lines
