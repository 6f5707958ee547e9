"""How evenly labels are spread: figures that can be had by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from dsprep.kinds import balance


def arguments(engine: Any, rule: Any, counts: Mapping[str | None, int]) -> list[dict[str, Any]]:
    """Return the arguments of each verdict on so many records a label."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    batch = pa.record_batch({"label": pa.array(labels, pa.string())})
    engine.from_arrow("measures", [batch], batch.schema)
    return [verdict.arguments for _, verdict in balance.conclude(engine, [rule])]


@pytest.mark.parametrize(
    ("counts", "evenness"),
    [
        ({"a": 5, "b": 5}, 1),
        ({"a": 2, "b": 2, "c": 2, "d": 2}, 1),
        ({"a": 1, "b": 1, "c": 2}, 0.946),  # 1.5 bits of log2(3) = 1.585
        ({"a": 3, "b": 1}, 0.811),  # 2 - 3/4 log2(3) bits
        ({"a": 999, "b": 1}, 0.011),
        ({"a": 5, "b": 5, None: 90}, 1),
    ],
)
def test_evenness_is_entropy_over_its_largest_value(
    engine: Any, make_rule: Any, counts: dict[str | None, int], evenness: float
) -> None:
    (found,) = arguments(engine, make_rule("balance", max_ratio=0.5), counts)

    assert found["evenness"] == pytest.approx(evenness, abs=5e-4)


def test_names_the_largest_and_the_smallest(engine: Any, make_rule: Any) -> None:
    """Of labels of one count the first by name is the larger."""
    (found,) = arguments(
        engine, make_rule("balance", max_ratio=2), {"c": 1, "b": 7, "a": 1, "d": 7, None: 99}
    )

    shares = [7 / 16, 7 / 16, 1 / 16, 1 / 16]
    assert found == {
        "ratio": 7.0,
        "labels": 4,
        "largest": "b",
        "largest_count": 7,
        "smallest": "c",
        "smallest_count": 1,
        "evenness": round(-sum(share * math.log(share, 4) for share in shares), 3),
    }


@pytest.mark.parametrize(
    ("counts", "ratio", "findings"),
    [
        ({"a": 20, "b": 2}, 10, 0),
        ({"a": 21, "b": 2}, 10, 1),
        ({"a": 21}, 10, 0),
        ({None: 21}, 10, 0),
        ({}, 10, 0),
    ],
)
def test_speaks_beyond_the_ratio_alone(
    engine: Any, make_rule: Any, counts: dict[str | None, int], ratio: int, findings: int
) -> None:
    assert len(arguments(engine, make_rule("balance", max_ratio=ratio), counts)) == findings


def test_names_each_label_that_is_too_rare(engine: Any, make_rule: Any) -> None:
    counts = {"c": 2, "a": 3, "b": 1, "d": 2, None: 1}

    found = arguments(engine, make_rule("balance", min_count=3), counts)

    assert found == [
        {"label": "c", "count": 2},
        {"label": "d", "count": 2},
        {"label": "b", "count": 1},
    ]
