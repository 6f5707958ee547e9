"""Where keyed work and maps run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pyarrow as pa

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Checkpoint:
    """A table written down: the place a later step, or a later run, takes it up."""

    path: str
    rows: int
    digest: str  # SHA-256 of the rows in the order of their columns


class Engine(Protocol):
    """The seven things dsprep asks of what computes for it.

    Tables are named and live as long as the engine. SQL is the portable subset that
    `dsprep.engine.portable` checks: it means the same on DuckDB and on Spark.
    """

    def scan(self, name: str, paths: Sequence[str]) -> None:
        """Make a table of Parquet files."""

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each task, in the order of the tasks."""

    def sql(self, name: str, query: str) -> None:
        """Make a table of what a portable query returns."""

    def checkpoint(self, name: str, path: str) -> Checkpoint:
        """Write a table as Parquet, sorted by all its columns in their order."""

    def fetch(self, query: str, order: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield what a portable query returns, at least one batch, sorted by some columns."""

    def from_arrow(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Make a table of record batches, or add them to it where it exists."""

    def close(self) -> None:
        """Let go of workers, memory and temporary files."""


def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """Yield the rows of record batches as dictionaries."""
    for batch in batches:
        yield from batch.to_pylist()
