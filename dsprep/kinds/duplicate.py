"""Records whose texts are equal up to N1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa

from dsprep.batch import Batch
from dsprep.engine import Engine, rows_of
from dsprep.finding import Verdict
from dsprep.kinds._keys import key_columns
from dsprep.rule import Rule

PARAMETERS: Final = {"by": {"enum": ["text"], "description": "what must be equal"}}
REQUIRED: Final = ("by",)
ARGUMENTS: Final = ("copies",)

_GROUPS: Final = """
SELECT text1, text2, MIN(row_key) AS row_key, COUNT(*) AS copies
FROM measures GROUP BY text1, text2 HAVING 1 < COUNT(*)
"""
# The smallest row_id is kept, of equal ones the earliest place.
_KEPT: Final = """
SELECT g.text1 AS text1, g.text2 AS text2, g.copies AS copies, MIN(m.ref) AS kept
FROM duplicate_groups g JOIN measures m
ON m.text1 = g.text1 AND m.text2 = g.text2 AND m.row_key = g.row_key
GROUP BY g.text1, g.text2, g.copies
"""
_COPIES: Final = """
SELECT m.ref AS ref, k.kept AS kept, k.copies AS copies
FROM measures m JOIN duplicate_kept k ON m.text1 = k.text1 AND m.text2 = k.text2
WHERE m.ref <> k.kept
"""


def measure(batch: Batch, rules: Sequence[Rule]) -> Mapping[str, pa.Array]:
    """Return the digest of N1 of the record text."""
    del rules
    return key_columns(batch.records, "text")


def conclude(engine: Engine, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Verdict]]:
    """Yield one verdict a copy that is not kept, naming the one that is."""
    engine.sql("duplicate_groups", _GROUPS)
    engine.sql("duplicate_kept", _KEPT)
    for rule in rules:
        for row in rows_of(engine.fetch(_COPIES, order=["ref"])):
            yield rule, Verdict(row["ref"], [row["kept"]], {"copies": row["copies"]})
