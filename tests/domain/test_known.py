"""The quick selection of segments is the one that `where` means."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.domain.checks.known import Known
from allocator.domain.model import Model, Segment
from allocator.domain.selection import matches

UNITS = st.sampled_from(["", "a", "a/b", "a/b/c", "ab", "d"])
TIERS = st.sampled_from(["", "gold", "silver"])


@st.composite
def models(draw: st.DrawFn) -> Model:
    count = draw(st.integers(1, 6))
    segments = [
        Segment(
            name=f"s{number}",
            customers=1,
            margin=1,
            unit=draw(UNITS),
            tier=draw(TIERS),
            extra=draw(st.dictionaries(st.just("region"), st.sampled_from(["x", "y"]))),
        )
        for number in range(count)
    ]
    return Model(name="m", period="year", discount_rate=0.1, segments=tuple(segments))


WHERES = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.lists(UNITS, min_size=1, max_size=2).map(tuple),
        "tier": st.lists(TIERS, min_size=1, max_size=2).map(tuple),
        "region": st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=2).map(tuple),
        "nothing": st.just(("x",)),
    },
)


@settings(max_examples=100)
@given(model=models(), where=WHERES)
def test_selection(model: Model, where: dict[str, Any]) -> None:
    expected = [segment for segment in model.segments if matches(where, segment.tags)]
    assert Known(model).selected(where) == expected
