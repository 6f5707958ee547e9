"""How rows lie in files: one module a format, found by being here.

A format module has
    SUFFIXES            file name endings, without the dot
    SUMMARY             one line for `dsprep formats`
    shards(source)      how the file can be cut for several workers
    read(source, shard) the rows of one shard, in bounded batches
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Final, Protocol, cast

from dsprep.batch import Defect
from dsprep.record import Row

BATCH_BYTES: Final = 4 << 20
BATCH_ROWS: Final = 4096


@dataclass(frozen=True)
class Source:
    """One input file."""

    path: str  # where the bytes are
    name: str  # as the user wrote it, used in findings
    format: str  # name of a module of this package
    compression: str | None = None  # gz, zst, bz2, xz
    size: int = 0  # bytes on disk
    modified_ns: int = 0
    original: str = ""  # path of the file that was unpacked to `path`, if it was

    @property
    def file(self) -> str:
        """Path of the file as the user has it."""
        return self.original or self.path


@dataclass(frozen=True)
class Shard:
    """Part of a source for one worker: a half-open range of bytes or of row groups."""

    start: int
    stop: int


@dataclass
class Rows:
    """Some rows of a shard. `numbers` and `lines` count from where this batch begins."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # 0-based data row
    lines: list[int | None] = field(default_factory=list)  # 1-based, null without lines
    defects: list[Defect] = field(default_factory=list)
    row_count: int = 0  # data rows, unreadable ones included
    line_count: int = 0  # physical lines passed


class Format(Protocol):
    """What a module of this package offers."""

    SUFFIXES: Sequence[str]
    SUMMARY: str

    def shards(self, source: Source) -> Sequence[Shard]:
        """Return how the source can be cut for several workers, in order."""

    def read(self, source: Source, shard: Shard) -> Iterator[Rows]:
        """Yield the rows of one shard in batches of bounded size."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_"))


@cache
def load(name: str) -> Format:
    """Return one format by name."""
    return cast("Format", import_module(f"{__name__}.{name}"))
