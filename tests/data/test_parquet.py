"""parquet-testing: good files are read as pyarrow reads them, bad ones refused in one line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dsprep import formats
from dsprep.errors import InputError
from dsprep.formats import Source

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "parquet"
GOOD = sorted(path.name for path in (FOLDER / "good").glob("*.parquet"))
BAD = sorted(path.name for path in (FOLDER / "bad").iterdir()) if FOLDER.is_dir() else []


@pytest.fixture(scope="module")
def truths(shared_data: Path) -> dict[str, dict[str, Any]]:
    """Return what the manifest says of each file."""
    files = json.loads((shared_data / "manifest.json").read_text(encoding="utf-8"))["files"]
    return {file["file"]: file["truth"] for file in files if file["file"].startswith("parquet/")}


def rows_of(path: Path) -> list[Any]:
    source = Source(str(path), path.name, "parquet", size=path.stat().st_size)
    reader = formats.load("parquet")
    batches = [batch for shard in reader.shards(source) for batch in reader.read(source, shard)]
    assert not any(batch.defects for batch in batches)
    return [row for batch in batches for row in batch.rows]


@pytest.mark.parametrize("name", GOOD)
def test_reads_good_files(shared_data: Path, truths: dict[str, dict[str, Any]], name: str) -> None:
    truth = truths[f"parquet/good/{name}"]
    if name == "large_string_map.brotli.parquet":
        pytest.skip("4 KB unpack to 2 GB in half a minute, and pyarrow cannot convert them")
    path = shared_data / "parquet" / "good" / name

    rows = rows_of(path)

    assert len(rows) == truth["rows"]
    assert all([*row] == truth["columns"] for row in rows)
    assert msgspec.json.encode(rows)  # every value has a form in JSON


@pytest.mark.parametrize("name", BAD)
def test_refuses_bad_files_in_one_line(shared_data: Path, name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: not readable as Parquet: [^\n]+$"):
        rows_of(shared_data / "parquet" / "bad" / name)


def test_reads_text_as_its_table(shared_data: Path) -> None:
    with (shared_data / "parquet/good/delta_byte_array_expect.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        expected = list(csv.DictReader(file))

    rows = rows_of(shared_data / "parquet/good/delta_byte_array.parquet")

    assert [{key: value or "" for key, value in row.items()} for row in rows] == expected
