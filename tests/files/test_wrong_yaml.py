"""What is wrong with a YAML document as such."""

from pathlib import Path

import pytest

from allocator.files import yaml_reader
from tests.files.planner_folder import FILES, Wrong, check_wrong, edited, mistakes, write_folder

WRONG = [
    Wrong(
        "model.yaml", "currency: EUR\n", "currency: EUR\ncurrency: CNY\n", "currency: CNY", "`currency` is given twice"
    ),
    Wrong("model.yaml", "    cost: 20\n", "    cost: 20\n    cost: 21\n", "cost: 21", "first in line 35"),
    Wrong("model.yaml", "{stage: at_risk}", "&x {stage: at_risk, y: *x}", "*x", "`*x` stands before"),
    Wrong("model.yaml", "currency: EUR", "currency: *money", "*money", "or there is none"),
    Wrong("model.yaml", "currency: EUR", "currency: !!python/name:os EUR", "!!python", "tag"),
    Wrong("model.yaml", "currency: EUR", "[a, b]: EUR", "[a, b]", "key cannot be a list"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_wrong(tmp_path: Path, wrong: Wrong) -> None:
    check_wrong(tmp_path, wrong)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("- a\n- b\n", 1, "not a mapping"),
        ("just text\n", 1, "not a mapping"),
        ("model: a\n---\nmodel: b\n", 2, "second YAML document"),
        ("levers:\n\tvisits: {}\n", 2, "a tab is used for indentation"),
        ("model: [a, b\nperiod: year\n", 2, "not valid YAML"),
        ("model: 'a\n", 1, "not valid YAML"),
        ("model: a: b\n", 1, "not valid YAML"),
        ("model: a\nperiod: \x07\n", 2, "not valid YAML"),
        ("model: a\nperiod\ncurrency: EUR\n", 2, "a `:` is missing after a key"),
        ("a: {b: 1\nc: 2\n", 2, "a `,` or `}` is missing"),
        ("levers:\n  a: 1\n b: 2\n", 3, "is the indentation right?"),
    ],
)
def test_not_a_document(tmp_path: Path, text: str, line: int, says: str) -> None:
    (found,) = mistakes(write_folder(tmp_path, {"model.yaml": text}))
    assert found.place.startswith(f"{tmp_path / 'model.yaml'}:{line}:")
    assert says in found.message


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = write_folder(tmp_path)
    (tmp_path / "model.yaml").write_bytes(b"model: small\ncurrency: \xa3\n")
    (found,) = mistakes(path)
    assert found.place == f"{tmp_path / 'model.yaml'}:2:11"
    assert found.message == "byte 24 (0xa3) is not UTF-8"
    assert "UTF-8" in found.expected


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = write_folder(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert mistakes(path) == []


def test_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = write_folder(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode())
    assert mistakes(path) == []


def test_aliases_are_allowed(tmp_path: Path) -> None:
    text = edited("model.yaml", "    where: {stage: [core, at_risk], owner: us}", "    where: &ours {owner: us}")
    text = text.replace("where: {stage: at_risk}", "where: *ours")
    responses = edited("responses.csv", "care,margin_add,,,at_risk,north", "care,margin_add,,,,")
    assert mistakes(write_folder(tmp_path, {"model.yaml": text, "responses.csv": responses})) == []


def test_alias_bomb_is_refused(tmp_path: Path) -> None:
    """Ten levels of ten aliases each are ten thousand million values in 400 bytes."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (found,) = mistakes(write_folder(tmp_path, {"model.yaml": "\n".join(levels)}))
    assert found.message == "aliases blow the document up to more than 1,000,000 values"
    assert found.place.startswith(f"{tmp_path / 'model.yaml'}:6:")


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "- " * 5000, "a: " + "{b: " * 500 + "1" + "}" * 500])
def test_deep_nesting_is_refused(tmp_path: Path, text: str) -> None:
    (found,) = mistakes(write_folder(tmp_path, {"model.yaml": text}))
    assert found.message == f"nested more than {yaml_reader.DEPTH_LIMIT} levels deep"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30e6", 30e6),
        ("2.5e6", 2.5e6),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("1_000", 1000),
        ("-3", -3),
        ("007", "007"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("'30'", "30"),
        ("1:30", "1:30"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    """The core schema of YAML 1.2; digits with leading zeros stay text, because names look like that."""
    content = yaml_reader.parse_yaml(f"a: {text}", "x.yaml").mapping["a"].content
    assert content == value
    assert type(content) is type(value)


def test_without_the_compiled_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_folder(tmp_path)
    monkeypatch.setattr(yaml_reader, "CParser", None)
    assert mistakes(path) == []
    (tmp_path / "model.yaml").write_text("model: [a\nperiod: year\n")
    (found,) = mistakes(path)
    assert "not valid YAML" in found.message
