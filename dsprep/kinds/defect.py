"""What a reader or adapter could not take as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dsprep.batch import Batch
from dsprep.finding import Hit
from dsprep.rule import Rule

DEFECTS: Final = (
    "unparsable-row",
    "invalid-utf8",
    "byte-order-mark",
    "duplicate-key",
    "non-finite-number",
    "ragged-row",
    "lone-surrogate",
    "missing-field",
    "wrong-type",
    "mixed-shapes",
)
PARAMETERS: Final = {"defect": {"enum": DEFECTS, "description": "what ingest calls it"}}
REQUIRED: Final = ("defect",)
ARGUMENTS: Final = ("reason", "column", "byte", "key", "value", "found", "expected", "field")


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a defect that a rule speaks of."""
    by_defect = {rule.parameters["defect"]: rule for rule in rules}
    for defect in batch.defects:
        if rule := by_defect.get(defect.name):
            end = None if defect.start is None else defect.start + 1
            yield (
                rule,
                Hit(
                    field=defect.field,
                    start=defect.start,
                    end=end,
                    text=defect.text,
                    arguments=defect.arguments,
                    row=defect.row,
                    line=defect.line,
                ),
            )
