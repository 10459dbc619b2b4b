"""The engine obtains what papers, books and courses print."""

import pytest

from benchmarks.published.cases import CASES, SLOW
from benchmarks.published.check import FOLDER, NotExpressed, facts

QUICK = [case for case in CASES if case not in SLOW]


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.__name__)
def test_agrees_with_the_published_numbers(case):
    findings = list(case())
    assert findings
    failed = [finding for finding in findings if not isinstance(finding, NotExpressed) and not finding.holds]
    assert failed == []


@pytest.mark.parametrize("name", sorted(path.stem for path in (FOLDER / "data").glob("*.json")))
def test_facts_name_their_source(name):
    assert facts(name)["source"]
