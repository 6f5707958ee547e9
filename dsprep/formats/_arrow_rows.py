"""Arrow columns to rows, for the columnar formats."""

from __future__ import annotations

import pyarrow as pa

from dsprep.formats import Rows


def rows_of(batch: pa.RecordBatch) -> Rows:
    """Return the rows of a record batch; columnar formats have no lines."""
    count = batch.num_rows
    return Rows(
        rows=batch.to_pylist(),
        numbers=list(range(count)),
        lines=[None] * count,
        row_count=count,
    )
