"""JSONTestSuite: what must be read is read, what must be refused is refused, nothing crashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsprep import formats, rulebook
from dsprep.errors import InputError
from dsprep.formats import Source

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "jsonsuite" / "parsing"
FILES = sorted(path.name for path in FOLDER.glob("*.json")) or ["absent"]
TRANSFORM = FOLDER.parent / "transform"
# Rules that speak of bytes and parsing; a value that is no object is read, and SCH002.
PARSING = {rule.parameters["defect"] for rule in rulebook.load() if rule.code.startswith("FMT")}
# Valid JSON that says one thing twice.
TWICE = ("y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json")


def read(path: Path, format_: str) -> tuple[list[Any], set[str]]:
    """Return the rows of a file and the names of its defects."""
    source = Source(str(path), path.name, format_, size=path.stat().st_size)
    rows: list[Any] = []
    defects, seen = [], 0
    for shard in formats.load(format_).shards(source):
        for batch in formats.load(format_).read(source, shard):
            rows += batch.rows
            defects += batch.defects
            seen += batch.row_count
    assert seen == len(rows) + sum(defect.fatal for defect in defects)
    return rows, {defect.name for defect in defects}


def one_line(path: Path) -> bool:
    return b"\n" not in path.read_bytes().strip(b" \t\r\n")


@pytest.mark.parametrize("format_", ["json", "jsonl"])
@pytest.mark.parametrize("name", FILES)
def test_reads_or_refuses_as_it_should(shared_data: Path, name: str, format_: str) -> None:
    path = shared_data / "jsonsuite" / "parsing" / name
    if format_ == "jsonl" and not one_line(path):
        pytest.skip("more than one line")
    try:
        rows, defects = read(path, format_)
    except InputError as error:
        assert name[0] in "ni"
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        return

    if name in TWICE:
        assert defects == {"duplicate-key"}
    elif name.startswith("y_"):
        assert not defects & PARSING
    elif name.startswith("n_"):
        assert not rows
        assert defects & PARSING or not defects


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("y_object")])
def test_reads_objects_as_the_standard_library_does(shared_data: Path, name: str) -> None:
    path = shared_data / "jsonsuite" / "parsing" / name
    if name in TWICE:
        pytest.skip("has a key twice")

    rows, _ = read(path, "json")

    assert rows == [json.loads(path.read_bytes())]


@pytest.mark.parametrize("path", sorted(TRANSFORM.glob("*.json")), ids=lambda path: path.name)
def test_reads_what_others_change(shared_data: Path, path: Path) -> None:
    """Numbers that lose digits elsewhere, keys that are there twice: read exactly, or told."""
    assert shared_data in path.parents
    rows, defects = read(path, "json")

    if not defects:
        assert rows == [json.loads(path.read_bytes())]
    assert defects <= PARSING | {"wrong-type"}
