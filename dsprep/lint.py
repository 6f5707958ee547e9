"""Findings of a data set: pass 1 maps the kernel over shards, pass 2 runs SQL over measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsprep import formats, kinds
from dsprep.engine import Engine, rows_of
from dsprep.errors import InputError, RuleCrashed
from dsprep.finding import Verdict
from dsprep.formats import Shard, Source
from dsprep.ingest import Reading
from dsprep.kernel import HITS, REF_BITS, Judged, Kernel, Task, guarded
from dsprep.rule import Rule
from dsprep.text.digest import row_id_of

# Findings on the data set as a whole stand behind those on files.
DATASET: Final = 1 << 22
FINDINGS: Final = pa.schema(
    [("file", pa.int64()), ("place", pa.int64()), *HITS, ("related", pa.string())]
)
FILES: Final = pa.schema([("file", pa.int64()), ("row_count", pa.int64())])
_VERDICTS: Final = pa.schema(
    [("seq", pa.int64()), ("code", pa.string()), ("ref", pa.int64()), ("arguments", pa.string())]
)
_RELATED: Final = pa.schema([("seq", pa.int64()), ("position", pa.int64()), ("ref", pa.int64())])
_VERDICT_PLACES: Final = """
SELECT v.seq AS seq, v.code AS code, v.ref AS ref, v.arguments AS arguments,
m.line AS line, m.row_key AS row_key
FROM verdicts v LEFT JOIN measures m ON v.ref = m.ref
"""
_RELATED_PLACES: Final = """
SELECT r.seq AS seq, r.position AS position, r.ref AS ref, m.line AS line
FROM verdict_related r JOIN measures m ON r.ref = m.ref
"""
_CHUNK: Final = 16_384


@dataclass(frozen=True)
class Counted:
    """One source with what was read of it, and the offset of each of its shards."""

    reading: Reading
    rows: int
    records: int
    shards: Sequence[tuple[Shard, int, int]]  # shard, rows before it, lines before it


def lint(
    readings: Sequence[Reading], kernel: Kernel, engine: Engine, directory: Path
) -> list[Counted]:
    """Fill the engine's tables `findings`, `measures` and `files`.

    Args:
        readings: the sources, sorted by name: their order is that of the findings.
        kernel: the rules.
        engine: where the tables are.
        directory: a place for files on the way, emptied again.

    Returns:
        One count a reading, in the same order.
    """
    engine.from_arrow("findings", [], FINDINGS)
    engine.from_arrow("measures", [], kernel.measures_schema())
    counted = _map(readings, kernel, engine, directory)
    sizes = [(index, count.rows) for index, count in enumerate(counted)]
    engine.from_arrow("files", [_batch(sizes, FILES)], FILES)
    _conclude(kernel, engine)
    for reading in readings:
        _unchanged(reading.source)
    return counted


def _map(
    readings: Sequence[Reading], kernel: Kernel, engine: Engine, directory: Path
) -> list[Counted]:
    planned = [
        (index, Task(reading, shard, str(directory / f"{index}-{number}")))
        for index, reading in enumerate(readings)
        for number, shard in enumerate(formats.load(reading.source.format).shards(reading.source))
    ]
    offsets: list[list[tuple[Shard, int, int]]] = [[] for _ in readings]
    totals = [[0, 0, 0] for _ in readings]  # rows, records, lines
    judged = engine.map(kernel, [task for _, task in planned])
    for index, task in planned:
        rows, _, lines = totals[index]
        try:
            result = next(judged)  # in the order of the tasks
        except RuleCrashed as crash:
            raise crash.behind(rows) from crash.__cause__
        offsets[index].append((task.shard, rows, lines))
        _take_up(engine, result, index, rows, lines)
        counts = (result.rows, result.records, result.lines)
        totals[index] = [a + b for a, b in zip(totals[index], counts, strict=True)]
    return [
        Counted(reading, rows, records, shards)
        for reading, (rows, records, _), shards in zip(readings, totals, offsets, strict=True)
    ]


def _take_up(engine: Engine, result: Judged, index: int, rows: int, lines: int) -> None:
    """Move what a worker wrote into the engine, counted from the start of the file."""
    for path, table, shift in (
        (result.hits, "findings", _placed_hits),
        (result.measures, "measures", _placed_measures),
    ):
        with pa.OSFile(path) as file:
            reader = pa.ipc.open_stream(file)
            moved = (shift(batch, index, rows, lines) for batch in reader)
            first = next(moved, None)
            if first is not None:
                engine.from_arrow(table, _chain(first, moved), first.schema)
        Path(path).unlink()


def _chain(first: pa.RecordBatch, others: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from others


def _placed_hits(batch: pa.RecordBatch, index: int, rows: int, lines: int) -> pa.RecordBatch:
    row = pc.add(batch.column("row"), rows)
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns |= {"row": row, "line": pc.add(batch.column("line"), lines)}
    file = pa.array(np.full(batch.num_rows, index), pa.int64())
    related = pa.nulls(batch.num_rows, pa.string())
    arrays = [file, pc.fill_null(row, -1), *columns.values(), related]
    return pa.RecordBatch.from_arrays(arrays, schema=FINDINGS)


def _placed_measures(batch: pa.RecordBatch, index: int, rows: int, lines: int) -> pa.RecordBatch:
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns["ref"] = pc.add(columns["ref"], (index << REF_BITS) + rows)
    columns["line"] = pc.add(columns["line"], lines)
    return pa.RecordBatch.from_pydict(columns, schema=batch.schema)


def _conclude(kernel: Kernel, engine: Engine) -> None:
    """Let the kinds of dataset scope judge, and give their verdicts a place."""
    verdicts = _verdicts(kernel.rules, engine)
    engine.from_arrow("verdicts", [], _VERDICTS)
    engine.from_arrow("verdict_related", [], _RELATED)
    seq = 0
    while chunk := list(islice(verdicts, _CHUNK)):
        numbered = list(enumerate(chunk, seq))
        seq += len(chunk)
        rows = [
            (at, rule.code, verdict.ref, kernel.told(verdict.arguments))
            for at, (rule, verdict) in numbered
        ]
        related = [
            (at, position, ref)
            for at, (_, verdict) in numbered
            for position, ref in enumerate(verdict.related)
        ]
        engine.from_arrow("verdicts", [_batch(rows, _VERDICTS)], _VERDICTS)
        engine.from_arrow("verdict_related", [_batch(related, _RELATED)], _RELATED)
    placed = _placed_verdicts(engine)
    while rows := list(islice(placed, _CHUNK)):
        engine.from_arrow("findings", [_batch(rows, FINDINGS)], FINDINGS)


def _verdicts(rules: Sequence[Rule], engine: Engine) -> Iterator[tuple[Rule, Verdict]]:
    for name, ruled in kinds.of_kind(rules).items():
        if kind := kinds.dataset_kind(name):
            with guarded(ruled):
                yield from kind.conclude(engine, ruled)


def _placed_verdicts(engine: Engine) -> Iterator[tuple[Any, ...]]:
    """Yield rows of FINDINGS, one a verdict."""
    related = rows_of(engine.fetch(_RELATED_PLACES, order=["seq", "position"]))
    waiting = next(related, None)
    for verdict in rows_of(engine.fetch(_VERDICT_PLACES, order=["seq"])):
        places = []
        while waiting is not None and waiting["seq"] == verdict["seq"]:
            places.append([*_file_and_row(waiting["ref"]), waiting["line"]])
            waiting = next(related, None)
        ref, key = verdict["ref"], verdict["row_key"]
        file, row = (DATASET, None) if ref is None else _file_and_row(ref)
        row_id = None if key is None else row_id_of(key)
        place = (file, -1 if row is None else row, verdict["code"], row, verdict["line"], row_id)
        told = (verdict["arguments"], None, msgspec.json.encode(places).decode())
        yield (*place, None, None, None, *told)


def _file_and_row(ref: int) -> tuple[int, int]:
    return ref >> REF_BITS, ref & ((1 << REF_BITS) - 1)


def _batch(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _unchanged(source: Source) -> None:
    """Raise where a file is no longer the one that was opened."""
    if Path(source.file).stat().st_mtime_ns != source.modified_ns:
        raise InputError(f"{source.name}: changed while it was read. Run again when it is still.")
