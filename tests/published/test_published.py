"""The engine obtains what papers, books and courses print."""

import pytest

from benchmarks.published.cases import CASES
from benchmarks.published.check import NotExpressed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_agrees_with_the_published_numbers(case):
    findings = list(case())
    assert findings
    failed = [finding for finding in findings if not isinstance(finding, NotExpressed) and not finding.holds]
    assert failed == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_names_its_source(case):
    from benchmarks.published.check import facts

    assert facts(case.__name__)["source"]
