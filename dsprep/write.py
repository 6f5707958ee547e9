"""Pass 3: the sources are read again, and each row goes where it was decided."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np

from dsprep import ingest, targets
from dsprep.batch import Defect
from dsprep.decide import DROPPED, Decisions
from dsprep.engine import Engine
from dsprep.formats import Shard
from dsprep.ingest import Piece, Reading
from dsprep.kernel import REF_BITS
from dsprep.lint import Counted
from dsprep.record import Record, Row
from dsprep.split import Ints

# Files open at once while splits are put into order.
_FAN_IN: Final = 128
# Rendered lines held in a worker.
_RUN_BYTES: Final = 32 << 20
_ENCODE: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Task:
    """One shard to be written, with the fate of its records."""

    reading: Reading
    shard: Shard
    rows_before: int
    lines_before: int
    split: Ints  # of each record of the shard, in order
    rank: Ints
    codes: Mapping[int, Sequence[str]]  # of dropped rows, by row
    stem: str


@dataclass(frozen=True)
class Written:
    """One output file."""

    name: str
    rows: int | None  # null where it has none, as a page
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Renderer:
    """Writes the rows of a shard, those of each split sorted by rank. Sent to a worker once."""

    target: str | None  # None: rows as they are in the source
    plain: bool
    splits: int
    reasons: Mapping[str, str]  # rule code by the name of a defect

    def __call__(self, task: Task) -> list[int]:
        """Write a shard as sorted runs of bounded size.

        Returns:
            Records behind which each run ends. Run r of split s is `{stem}.{s}.{r}`, what
            is dropped goes to `{stem}.dropped`.
        """
        fate = zip(task.split.tolist(), task.rank.tolist(), strict=True)
        run = _Run(task.stem, self.splits)
        ends: list[int] = []
        done = 0
        with Path(f"{task.stem}.dropped").open("wb") as dropped:
            for piece in ingest.read(task.reading, task.shard):
                bad = (defect for defect in piece.defects if defect.fatal)
                lost = [_bad(defect, task, self.reasons) for defect in bad]
                for at, record in enumerate(piece.records):
                    split, rank = next(fate)
                    if split == DROPPED:
                        lost.append(_lost(piece, at, task))
                    else:
                        run.add(split, rank, self._line(record, piece.rows[at]))
                lost.sort(key=lambda entry: entry["row"])
                dropped.writelines(_ENCODE(entry) + b"\n" for entry in lost)
                done += len(piece.records)
                if run.bytes >= _RUN_BYTES:
                    run.flush(len(ends))
                    ends.append(done)
        run.flush(len(ends))
        return [*ends, done]

    def _line(self, record: Record, row: Row) -> bytes:
        if self.target is not None:
            row = targets.load(self.target).to_row(record, plain=self.plain)
        return _ENCODE(row) + b"\n"


class _Run:
    """Lines on their way to disk, sorted before they are written."""

    def __init__(self, stem: str, splits: int) -> None:
        self._stem = stem
        self._lines: list[list[tuple[int, bytes]]] = [[] for _ in range(splits)]
        self.bytes = 0

    def add(self, split: int, rank: int, line: bytes) -> None:
        self._lines[split].append((rank, line))
        self.bytes += len(line)

    def flush(self, run: int) -> None:
        for split, lines in enumerate(self._lines):
            lines.sort()
            with Path(f"{self._stem}.{split}.{run}").open("wb") as file:
                file.writelines(line for _, line in lines)
            lines.clear()
        self.bytes = 0


def _lost(piece: Piece, at: int, task: Task) -> Row:
    row, line = piece.numbers[at] + task.rows_before, piece.lines[at]
    return {
        "file": task.reading.source.name,
        "line": None if line is None else line + task.lines_before,
        "row": row,
        "codes": list(task.codes[row]),
        "record": piece.rows[at],
    }


def _bad(defect: Defect, task: Task, reasons: Mapping[str, str]) -> Row:
    """Return the sidecar entry of a row that made no record."""
    row = (defect.row or 0) + task.rows_before
    entry: dict[str, Any] = {
        "file": task.reading.source.name,
        "line": None if defect.line is None else defect.line + task.lines_before,
        "row": row,
        "codes": list(task.codes.get(row, [reasons[defect.name]])),
    }
    if defect.row_seen is not None:
        return {**entry, "record": defect.row_seen}
    return {**entry, "raw": defect.text}


def write(
    engine: Engine,
    counted: Sequence[Counted],
    decisions: Decisions,
    renderer: Renderer,
    *,
    names: Sequence[str],
    sidecar: str,
    directory: Path,
) -> list[Written]:
    """Write the splits and the sidecar into a directory.

    Args:
        engine: runs the renderer over the shards.
        counted: the sources as `lint` left them.
        decisions: the fate of every record.
        renderer: how a record is written.
        names: file name of each split.
        sidecar: file name for what is dropped.
        directory: where the files go, complete and flushed to disk.

    Returns:
        One entry a file, the sidecar last.
    """
    tasks = list(_tasks(counted, decisions, directory))
    runs = list(zip(tasks, engine.map(renderer, tasks), strict=True))
    written = []
    for split, name in enumerate(names):
        parts, ranks = _parts(runs, split)
        written.append(_join(_merged(parts, ranks), directory / name))
    dropped = [Path(f"{task.stem}.dropped") for task in tasks]
    written.append(_join(_lines_of(dropped), directory / sidecar))
    return written


def _tasks(counted: Sequence[Counted], decisions: Decisions, directory: Path) -> Iterator[Task]:
    for index, count in enumerate(counted):
        base = index << REF_BITS
        for number, (shard, rows, lines) in enumerate(count.shards):
            following = count.shards[number + 1 :]
            end = following[0][1] if following else count.rows
            part = slice(*np.searchsorted(decisions.refs, [base + rows, base + end]))
            dropped = decisions.drops.between(base + rows, base + end)
            yield Task(
                reading=count.reading,
                shard=shard,
                rows_before=rows,
                lines_before=lines,
                split=decisions.split[part],
                rank=decisions.rank[part],
                codes={ref - base: codes for ref, codes in dropped.items()},
                stem=str(directory / f"part-{index}-{number}"),
            )


def _parts(runs: Sequence[tuple[Task, list[int]]], split: int) -> tuple[list[Path], list[Ints]]:
    """Return the run files of a split, and the ranks that each of them holds."""
    parts, ranks = [], []
    for task, ends in runs:
        for run, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
            parts.append(Path(f"{task.stem}.{split}.{run}"))
            ranks.append(np.sort(task.rank[start:end][task.split[start:end] == split]))
    return parts, ranks


def _lines_of(parts: Sequence[Path]) -> Iterator[bytes]:
    for part in parts:
        with part.open("rb") as file:
            yield from file
        part.unlink()


def _merged(parts: Sequence[Path], ranks: Sequence[Ints]) -> Iterator[bytes]:
    """Yield the lines of sorted parts by rank. The ranks of each part say whose turn it is."""
    while len(parts) > _FAN_IN:
        parts, ranks = _fewer(parts, ranks)
    owners = np.repeat(np.arange(len(parts)), [len(part) for part in ranks])
    turns = owners[np.argsort(np.concatenate([*ranks, np.zeros(0, dtype=np.int64)]))]
    with ExitStack() as stack:
        files: list[BinaryIO] = [stack.enter_context(part.open("rb")) for part in parts]
        for owner in turns.tolist():
            yield files[owner].readline()
    for part in parts:
        part.unlink()


def _fewer(parts: Sequence[Path], ranks: Sequence[Ints]) -> tuple[list[Path], list[Ints]]:
    """Return the parts merged in bundles, so that few files are open at once."""
    merged, merged_ranks = [], []
    for start in range(0, len(parts), _FAN_IN):
        bundle = slice(start, start + _FAN_IN)
        target = parts[start].with_suffix(parts[start].suffix + "m")
        with target.open("wb") as file:
            file.writelines(_merged(parts[bundle], ranks[bundle]))
        merged.append(target)
        merged_ranks.append(np.sort(np.concatenate(ranks[bundle])))
    return merged, merged_ranks


def _join(lines: Iterator[bytes], path: Path) -> Written:
    """Write lines to a file and flush it to disk, counting and hashing on the way."""
    rows, size, digest = 0, 0, hashlib.sha256()
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            digest.update(line)
            rows += 1
            size += len(line)
        file.flush()
        os.fsync(file.fileno())
    return Written(path.name, rows, size, digest.hexdigest())
