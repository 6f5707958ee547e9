"""How evenly labels are spread."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import pyarrow as pa

from dsprep.batch import Batch
from dsprep.engine import Engine, rows_of
from dsprep.finding import Verdict
from dsprep.rule import Rule

PARAMETERS: Final = {
    "max-ratio": {
        "type": "number",
        "minimum": 1,
        "description": "largest to smallest label count that is let pass",
    },
    "min-count": {
        "type": "integer",
        "minimum": 1,
        "description": "records a label needs; each with fewer is a finding",
    },
}
REQUIRED: Final = ()
ARGUMENTS: Final = (
    "ratio",
    "labels",
    "largest",
    "largest_count",
    "smallest",
    "smallest_count",
    "evenness",
    "label",
    "count",
)

Counts: TypeAlias = Sequence[tuple[str, int]]
"""Labels with their counts, most first."""

COUNTS: Final = """
SELECT label, COUNT(*) AS records FROM measures WHERE label IS NOT NULL GROUP BY label
"""


def measure(batch: Batch, rules: Sequence[Rule]) -> Mapping[str, pa.Array]:
    """Return nothing: the label is a measure of its own."""
    del batch, rules
    return {}


def conclude(engine: Engine, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Verdict]]:
    """Yield one verdict for the imbalance, one a rare label."""
    rows = rows_of(engine.fetch(COUNTS, order=["label"]))
    counts = sorted(((row["label"], row["records"]) for row in rows), key=lambda c: (-c[1], c[0]))
    for rule in rules:
        if len(counts) > 1:
            yield from ((rule, Verdict(arguments=found)) for found in _judge(rule, counts))


def _judge(rule: Rule, counts: Counts) -> Iterator[dict[str, Any]]:
    if "max-ratio" in rule.parameters:
        ratio = counts[0][1] / counts[-1][1]
        if ratio > rule.parameters["max-ratio"]:
            yield _spread(counts, ratio)
    for label, count in counts:
        if count < rule.parameters.get("min-count", 0):
            yield {"label": label, "count": count}


def _spread(counts: Counts, ratio: float) -> dict[str, Any]:
    return {
        "ratio": round(ratio, 1),
        "labels": len(counts),
        "largest": counts[0][0],
        "largest_count": counts[0][1],
        "smallest": counts[-1][0],
        "smallest_count": counts[-1][1],
        "evenness": round(_evenness(counts), 3),
    }


def _evenness(counts: Counts) -> float:
    """Return Pielou's evenness: entropy over its largest value, 0 to 1."""
    total = sum(count for _, count in counts)
    shares = [count / total for _, count in counts]
    return -math.fsum(share * math.log(share) for share in shares) / math.log(len(shares))
