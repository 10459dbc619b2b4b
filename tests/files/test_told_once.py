"""One mistake is told once, and brings no others that are none."""

from pathlib import Path

import pytest

from tests.files.planner_folder import FILES, edited, mistakes, write_folder

M, SEG, SHOCK, RESP = "model.yaml", "segments.csv", "shocks.csv", "responses.csv"


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        ("    hours: 400\n    wage", "    hour: 400\n    wage", "hours"),
        ("\nlevers:", "\nlever:", "levers"),
        ("\nresources:", "\nresource:", "resources"),
        ("\nprogrammes:", "\nprograms:", "programmes"),
        ("\nchannels:", "\nchanels:", "channels"),
        ("\nsegments:", "\nsegment:", "segments"),
        ("\nperiod:", "\nperiods:", "period"),
    ],
)
def test_a_mistyped_key(old: str, new: str, close: str, tmp_path: Path) -> None:
    """Neither is the right key said to be missing, nor what stands below it to be unknown."""
    (found,) = mistakes(write_folder(tmp_path, {M: edited(M, old, new)}))
    assert found.message.startswith("unknown key")
    assert found.close_match == close


def test_owner_in_capitals(tmp_path: Path) -> None:
    """`US` would be a competitor; that no lever reaches them then follows from it."""
    (found,) = mistakes(write_folder(tmp_path, {SEG: edited(SEG, "gold,us", "gold,US")}))
    assert "write `us`" in found.message


def test_one_row_with_another_probability_than_the_rest(tmp_path: Path) -> None:
    text = FILES[SHOCK].replace("bad,0.25,bronze", "bad,0.35,bronze") + "bad,0.25,silver,,0.9\n"
    (found,) = mistakes(write_folder(tmp_path, {SHOCK: text}))
    assert found.message == "the probability of `bad` is 0.35 here and 0.25 in other rows"


def test_a_thousands_separator_before_an_empty_field(tmp_path: Path) -> None:
    """The number falls into two fields, and the row would seem to end with a field too many that is empty."""
    text = "segment,margin,customers,tier\ngold,5,1,000,\niron,3,200,\n"
    found = mistakes(write_folder(tmp_path, {SEG: text}))
    assert str(found[0]).startswith(f"{tmp_path / SEG}:2:5: the row has 5 fields, the header has 4")


def test_a_header_with_a_name_too_few(tmp_path: Path) -> None:
    """Told at the header, also where most rows end with empty fields."""
    (found,) = mistakes(write_folder(tmp_path, {RESP: edited(RESP, ",curve,", ",")}))
    assert found.message == "the header has 15 fields, every row has 16"


def test_a_unit_that_is_mistyped(tmp_path: Path) -> None:
    """That its resource then serves nobody follows from it."""
    text = edited(M, "    unit: north\n", "    unit: nort\n").replace("    pool: field_sales\n", "")
    (found,) = mistakes(write_folder(tmp_path, {M: text}))
    assert found.message == "unknown unit `nort`"


def test_a_quote_that_is_not_closed(tmp_path: Path) -> None:
    """Told where it begins, not where the file ends."""
    (found,) = mistakes(write_folder(tmp_path, {M: edited(M, "currency: EUR", 'currency: "EUR')}))
    assert str(found).startswith(f"{tmp_path / M}:2:11: not valid YAML: a quote is not closed")


def test_programmes_that_wait_for_each_other(tmp_path: Path) -> None:
    text = edited(M, "requires: [cleaning]", "requires: [cleaning]\n    lead: 1")
    (found,) = mistakes(
        write_folder(tmp_path, {M: text.replace("  cleaning:\n", "  cleaning:\n    requires: [one_view]\n")})
    )
    assert found.message == "none of `cleaning`, `one_view` can ever start, for each waits for the others"


def test_a_programme_that_excludes_what_it_requires(tmp_path: Path) -> None:
    text = edited(M, "excludes: [agency]", "excludes: [agency, cleaning]")
    (found,) = mistakes(write_folder(tmp_path, {M: text}))
    assert found.message == "`one_view` requires `cleaning` and excludes it"
