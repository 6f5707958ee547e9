"""How many records there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from dsprep.batch import Batch
from dsprep.engine import Engine, rows_of
from dsprep.finding import Verdict
from dsprep.rule import Rule

PARAMETERS: Final = {
    "of": {
        "enum": ["rows", "records"],
        "description": "rows: whatever was read; records: what could be trained on",
    },
    "at-least": {"type": "integer", "minimum": 1},
}
REQUIRED: Final = ("of", "at-least")
ARGUMENTS: Final = ("count", "at_least")

_RECORDS: Final = "SELECT COUNT(*) AS found FROM measures"
_ROWS: Final = "SELECT COALESCE(SUM(row_count), 0) AS found FROM files"


def measure(batch: Batch, rules: Sequence[Rule]) -> Mapping[str, pa.Array]:
    """Return nothing: there is a line a record as it is."""
    del batch, rules
    return {}


def conclude(engine: Engine, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Verdict]]:
    """Yield a verdict a rule where there are too few, but some, unless rows are counted."""
    for rule in rules:
        query = _ROWS if rule.parameters["of"] == "rows" else _RECORDS
        count = int(next(rows_of(engine.fetch(query)))["found"])
        least = rule.parameters["at-least"]
        if count < least and (count or rule.parameters["of"] == "rows"):
            yield rule, Verdict(arguments={"count": count, "at_least": least})
