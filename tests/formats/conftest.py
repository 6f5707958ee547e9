"""Reading bytes by one format, rows and lines counted from the start of the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dsprep import formats
from dsprep.batch import Defect
from dsprep.formats import Source


@dataclass
class Read:
    """What came of a file."""

    rows: list[Any] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    lines: list[int | None] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    row_count: int = 0
    line_count: int = 0

    @property
    def faults(self) -> list[tuple[str, int | None, int | None]]:
        """Name, row and line of each defect."""
        return [(defect.name, defect.row, defect.line) for defect in self.defects]

    def check(self) -> None:
        """Every data row is a row or a fatal defect, once, and places go up."""
        refused = [defect.row for defect in self.defects if defect.fatal]
        lines = [line for line in self.lines if line is not None]

        assert sorted([*self.numbers, *refused]) == [*range(self.row_count)]
        assert len(self.rows) == len(self.numbers) == len(self.lines)
        assert self.numbers == sorted(self.numbers)
        assert lines == sorted(lines)


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Read]:
    """Return a function that reads bytes as a file of some format, all shards of it."""
    folder = tmp_path_factory.mktemp("read")

    def call(data: bytes, format_: str, compression: str | None = None, name: str = "") -> Read:
        path = folder / f"file.{format_}"
        path.write_bytes(data)
        source = Source(str(path), name or path.name, format_, compression, len(data))
        result = Read()
        for shard in formats.load(format_).shards(source):
            for batch in formats.load(format_).read(source, shard):
                _join(result, batch)
        return result

    return call


def _join(result: Read, batch: formats.Rows) -> None:
    result.rows += batch.rows
    result.numbers += [number + result.row_count for number in batch.numbers]
    result.lines += [None if line is None else line + result.line_count for line in batch.lines]
    for defect in batch.defects:
        row = None if defect.row is None else defect.row + result.row_count
        line = None if defect.line is None else defect.line + result.line_count
        result.defects.append(dataclasses.replace(defect, row=row, line=line))
    result.row_count += batch.row_count
    result.line_count += batch.line_count
