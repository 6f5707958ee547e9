"""Parquet: columns in row groups, no lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from dsprep.errors import InputError
from dsprep.formats import BATCH_ROWS, Rows, Shard, Source
from dsprep.formats._arrow_rows import rows_of

SUFFIXES = ("parquet",)
SUMMARY = "Parquet: columns in row groups"


def shards(source: Source) -> Sequence[Shard]:
    """Return one shard a row group."""
    with _opened(source) as file:
        return [Shard(group, group + 1) for group in range(file.metadata.num_row_groups)]


def read(source: Source, shard: Shard) -> Iterator[Rows]:
    """Yield the rows of some row groups."""
    groups = list(range(shard.start, shard.stop))
    with _opened(source) as file:
        try:
            for batch in file.iter_batches(BATCH_ROWS, row_groups=groups, use_threads=False):
                yield rows_of(batch)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(source, error) from error


def _opened(source: Source) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source, error) from error


def _damaged(source: Source, error: Exception) -> InputError:
    return InputError(f"{source.name}: not readable as Parquet: {str(error).splitlines()[0]}")
