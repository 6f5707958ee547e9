"""DuckDB in this process: memory is bounded, what does not fit spills to disk."""

from __future__ import annotations

import hashlib
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, TypeVar

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from dsprep.engine import Checkpoint
from dsprep.engine.pool import Pool
from dsprep.engine.portable import fault

Task = TypeVar("Task")
Result = TypeVar("Result")

MEMORY: Final = "256MB"
_FETCH_ROWS: Final = 16_384
_ENCODER: Final = msgspec.json.Encoder()


class DuckDB:
    """The embedded engine. Use it as a context manager, or close it."""

    def __init__(self, *, jobs: int = 1, memory: str = MEMORY) -> None:
        self._directory = Path(mkdtemp(prefix="dsprep-"))
        # Also where nobody closes: reports of the API hold their engine.
        self._cleanup = weakref.finalize(self, shutil.rmtree, self._directory, ignore_errors=True)
        self._pool = Pool(jobs)
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "temp_directory": str(self._directory / "spill"),
                "threads": max(jobs, 1),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        # Last, because it forbids to set the directory that spilling needs.
        self._connection.execute("SET enable_external_access = false")
        self._names: set[str] = set()

    @property
    def directory(self) -> Path:
        """A place for files that live as long as the engine."""
        return self._directory

    def __enter__(self) -> DuckDB:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scan(self, name: str, paths: Sequence[str]) -> None:
        """Make a table of Parquet files."""
        for path in paths:
            with pq.ParquetFile(path) as file:
                self.from_arrow(name, file.iter_batches(_FETCH_ROWS), file.schema_arrow)

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each task, in the order of the tasks."""
        return self._pool.map(function, tasks)

    def sql(self, name: str, query: str) -> None:
        """Make a table of what a portable query returns."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS {_portable(query)}")
        self._names.add(name)

    def checkpoint(self, name: str, path: str) -> Checkpoint:
        """Write a table as Parquet, sorted by all its columns in their order."""
        columns = [column[0] for column in self._connection.table(name).description]
        digest, rows = hashlib.sha256(), 0
        batches = self.fetch(f"SELECT * FROM {name}", order=columns)
        schema = self._connection.table(name).limit(0).to_arrow_table().schema
        with pq.ParquetWriter(path, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
                digest.update(_ENCODER.encode_lines(zip(*batch.to_pydict().values(), strict=True)))
                rows += batch.num_rows
        return Checkpoint(path, rows, digest.hexdigest())

    def fetch(self, query: str, order: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield what a portable query returns, at least one batch, sorted by some columns."""
        by = f" ORDER BY {', '.join(order)}" if order else ""
        # A cursor of its own: reading one result must not end another.
        cursor = self._connection.cursor()
        reader = cursor.sql(_portable(query) + by).to_arrow_reader(_FETCH_ROWS)
        empty = True
        for batch in reader:
            empty = False
            yield batch
        if empty:  # the columns are known all the same
            yield pa.RecordBatch.from_pylist([], schema=reader.schema)

    def from_arrow(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Make a table of record batches, or add them to it where it exists."""
        reader = pa.RecordBatchReader.from_batches(schema, batches)
        self._connection.register("arriving", reader)
        if name in self._names:
            self._connection.execute(f"INSERT INTO {name} SELECT * FROM arriving")
        else:
            self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arriving")
            self._names.add(name)
        self._connection.unregister("arriving")

    def close(self) -> None:
        """Let go of workers, memory and temporary files."""
        self._pool.close()
        self._connection.close()
        self._cleanup()


def _portable(query: str) -> str:
    if found := fault(query):
        raise AssertionError(f"{found}: {query}")
    return query
