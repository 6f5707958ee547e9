"""Parquet: columns in row groups, no lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from dsprep.formats import BATCH_ROWS, Rows, Shard, Source
from dsprep.formats._arrow_rows import damaged, rows_of

SUFFIXES = ("parquet",)
SUMMARY = "Parquet: columns in row groups"


def shards(source: Source) -> Sequence[Shard]:
    """Return one shard a row group."""
    with _opened(source) as file:
        return [Shard(group, group + 1) for group in range(file.metadata.num_row_groups)]


def read(source: Source, shard: Shard) -> Iterator[Rows]:
    """Yield the rows of some row groups."""
    with _opened(source) as file:
        for group in range(shard.start, shard.stop):
            try:
                yield from _row_group(file, group)
            except (pa.ArrowException, OSError, ValueError) as error:
                raise damaged(source, "Parquet", error) from error


def _row_group(file: pq.ParquetFile, group: int) -> Iterator[Rows]:
    read = 0
    for batch in file.iter_batches(BATCH_ROWS, row_groups=[group], use_threads=False):
        yield rows_of(batch)
        read += batch.num_rows
    stated = file.metadata.row_group(group).num_rows
    # Of columns of unlike length pyarrow gives the shortest, and says nothing.
    if read != stated:
        raise ValueError(f"row group {group} holds {read} rows and not {stated} as stated")


def _opened(source: Source) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(source, "Parquet", error) from error
