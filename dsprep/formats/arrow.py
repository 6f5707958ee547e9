"""Arrow IPC: the file that data frames are handed over in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from dsprep.formats import Rows, Shard, Source
from dsprep.formats._arrow_rows import damaged, rows_of, without_text

SUFFIXES = ("arrow", "feather")
SUMMARY = "Arrow IPC, Feather 2"


def shards(source: Source) -> Sequence[Shard]:
    """Return one shard a record batch."""
    with _opened(source) as file:
        return [Shard(at, at + 1) for at in range(file.num_record_batches)]


def read(source: Source, shard: Shard) -> Iterator[Rows]:
    """Yield the rows of some record batches."""
    with _opened(source) as file:
        for at in range(shard.start, shard.stop):
            try:
                yield rows_of(_sound(file.get_batch(at)))
            except (pa.ArrowException, OSError, ValueError) as error:
                raise damaged(source, "Arrow", error) from error


def _sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch that points at nothing outside its file; text may be anything."""
    without_text(batch).validate(full=True)
    return batch


def _opened(source: Source) -> pa.RecordBatchFileReader:
    try:
        return pa.ipc.open_file(pa.memory_map(source.path))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(source, "Arrow", error) from error
