"""Records that are equal in one part and differ in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

import pyarrow as pa

from dsprep.batch import Batch
from dsprep.engine import Engine, rows_of
from dsprep.finding import Verdict
from dsprep.kinds._keys import key_columns
from dsprep.rule import Rule

PARAMETERS: Final = {
    "same": {"enum": ["text", "prompt"], "description": "the part that is equal up to N1"},
    "differs": {"enum": ["label", "completion"], "description": "the part that differs"},
}
REQUIRED: Final = ("same", "differs")
ARGUMENTS: Final = ("rows", "variants")

_GROUPS: Final = """
SELECT {same}1 AS k1, {same}2 AS k2, COUNT(*) AS rows_in
FROM measures
WHERE {same}1 IS NOT NULL AND {differs} IS NOT NULL
GROUP BY {same}1, {same}2
HAVING MIN({differs}) <> MAX({differs})
"""
_ROWS: Final = """
SELECT g.k1 AS k1, g.k2 AS k2, m.ref AS ref, m.{differs} AS variant
FROM measures m JOIN {table} g ON m.{same}1 = g.k1 AND m.{same}2 = g.k2
WHERE m.{differs} IS NOT NULL
"""


def measure(batch: Batch, rules: Sequence[Rule]) -> Mapping[str, pa.Array]:
    """Return digests of the parts compared; the label is a measure of its own."""
    parts = {rule.parameters[key] for rule in rules for key in ("same", "differs")}
    columns: dict[str, pa.Array] = {}
    for part in sorted(parts - {"label"}):
        columns |= key_columns(batch.records, part)
    return columns


def conclude(engine: Engine, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Verdict]]:
    """Yield one verdict a conflict: on its first record, the others related."""
    for rule in rules:
        table = f"conflict_{rule.code.lower()}"
        differs = rule.parameters["differs"]
        parts = {
            "same": rule.parameters["same"],
            "differs": differs if differs == "label" else f"{differs}1",
            "table": table,
        }
        engine.sql(table, _GROUPS.format(**parts))
        rows = rows_of(engine.fetch(_ROWS.format(**parts), order=["k1", "k2", "ref"]))
        for _, members in groupby(rows, key=itemgetter("k1", "k2")):
            yield rule, _verdict(list(members))


def _verdict(members: list[dict[str, int]]) -> Verdict:
    refs = [member["ref"] for member in members]
    variants = len({member["variant"] for member in members})
    return Verdict(refs[0], refs[1:], {"rows": len(refs), "variants": variants})
