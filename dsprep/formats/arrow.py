"""Arrow IPC: the file that data frames are handed over in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from dsprep.errors import InputError
from dsprep.formats import Rows, Shard, Source
from dsprep.formats._arrow_rows import rows_of

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
            yield rows_of(file.get_batch(at))


def _opened(source: Source) -> pa.RecordBatchFileReader:
    try:
        return pa.ipc.open_file(pa.memory_map(source.path))
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{source.name}: not readable as Arrow: {reason}") from error
