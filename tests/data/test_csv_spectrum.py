"""csv-spectrum: each table is its JSON twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsprep import formats, sources
from dsprep.errors import InputError

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "csv"
TABLES = sorted(path.stem for path in (FOLDER / "spectrum" / "csvs").glob("*.csv"))
DEFECTIVE = sorted(path.name for path in (FOLDER / "frictionless").glob("*.csv"))


def read(path: Path) -> tuple[list[Any], list[tuple[str, int | None, int | None]]]:
    """Return the rows of a table, and name, row and line of each defect."""
    source = sources.source_of(str(path))
    (shard,) = formats.load("csv").shards(source)
    batches = list(formats.load("csv").read(source, shard))
    return [row for batch in batches for row in batch.rows], [
        (defect.name, defect.row, defect.line) for batch in batches for defect in batch.defects
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_its_json_twin(shared_data: Path, name: str) -> None:
    folder = shared_data / "csv" / "spectrum"
    twin = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))

    rows, faults = read(folder / "csvs" / f"{name}.csv")

    if name == "location_coordinates":  # its twin is one object, and has another number
        twin = [{**twin, "Contact Phone Number": "2095257564"}]
    assert (rows, faults) == (twin, [])


@pytest.mark.parametrize("name", DEFECTIVE)
def test_every_row_of_a_defective_table_is_read_or_told(shared_data: Path, name: str) -> None:
    """The manifest counts records and their cells, the header among them."""
    files = json.loads((shared_data / "manifest.json").read_text(encoding="utf-8"))["files"]
    (truth,) = (f["truth"] for f in files if f["file"] == f"csv/frictionless/{name}")
    path = shared_data / "csv" / "frictionless" / name
    try:
        rows, faults = read(path)
    except InputError as error:
        told = str(error).split(": ", 1)[1]
        assert (truth["bytes"] == 0) == ("is empty" in told)
        assert "two columns" not in told or truth["duplicate_header_cells"]
        return

    fields = {int(cells): count for cells, count in truth["field_counts"].items()}
    blank, whole = fields.pop(0, 0), fields.pop(truth["header_fields"], 0)
    assert len(rows) + len(faults) == truth["records"] - 1 - blank
    assert sum(fault[0] == "ragged-row" for fault in faults) == sum(fields.values())
    assert len(rows) <= whole - 1
    assert {fault[0] for fault in faults} - {"ragged-row"} == (
        set() if truth["utf8"] else {"invalid-utf8"}
    )
