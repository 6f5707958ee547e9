"""Paths to batches of records: path → format → adapter → batch."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from dsprep import adapters, formats
from dsprep.adapters import Adapter, Detection, Sample, Unfit
from dsprep.batch import Batch, Defect, Records
from dsprep.errors import ShapeUnclear, UsageError, did_you_mean
from dsprep.formats import Rows, Shard, Source
from dsprep.record import Record, Row, canonical_json, to_batch

SAMPLE_ROWS: Final = 200
_SHOWN: Final = 400  # code points of the first record
# Where the first rows are all unreadable: rows further on are judged one by one.
_NOTHING_SEEN: Final = ("openai_chat", {"messages": "messages"})
# What a shape must say of a single row to be believed against the rest of its file.
_SURE: Final = 50
# Share of a file's rows that its shape should fit.
_MOST: Final = 0.5


@dataclass(frozen=True)
class Reading:
    """How the rows of one source are read: its shape, the mapping and the reason."""

    source: Source
    shape: str
    mapping: Mapping[str, str]
    why: str


@dataclass(frozen=True)
class Piece:
    """Some rows of a shard as records, numbered from the start of the shard."""

    records: Sequence[Record]
    rows: Sequence[Row]  # what each record was made of
    numbers: Sequence[int]  # 0-based data row of each record
    lines: Sequence[int | None]  # 1-based start line of each record
    defects: Sequence[Defect]
    row_count: int  # data rows passed, bad ones included
    line_count: int

    def batch(self) -> Batch:
        """Return the piece as Arrow columns."""
        return Batch(Records(to_batch(self.records, self.numbers, self.lines)), self.defects)


def sample_of(source: Source) -> Sample:
    """Return the first rows of a source, reading no further than there are enough."""
    rows: list[Row] = []
    reader = formats.load(source.format)
    for batch in (b for shard in reader.shards(source) for b in reader.read(source, shard)):
        rows += batch.rows[: SAMPLE_ROWS - len(rows)]
        if len(rows) >= SAMPLE_ROWS:
            break
    return Sample(rows)


def detect(
    source: Source, *, shape: str | None = None, mapping: Mapping[str, str] | None = None
) -> Reading:
    """Return how a source is to be read, by its columns and their values.

    Args:
        source: the file.
        shape: name of the shape, where the user says it.
        mapping: field to column, where the user says it; it wins over what is found.

    Raises:
        ShapeUnclear: the columns fit no shape, or two equally well.
        UsageError: a shape or field that does not exist.
    """
    sample = sample_of(source)
    wanted = mapping or {}
    if shape is not None and shape not in adapters.names():
        known = adapters.names()
        hint = did_you_mean(shape, known) or f" Known are {', '.join(known)}."
        raise UsageError(f"unknown shape {shape!r}.{hint}")
    if wanted:
        return _mapped(source, sample, shape, wanted)
    if not sample.rows:
        return Reading(source, *_NOTHING_SEEN, "no row could be read")
    found = _detections(sample, [shape] if shape else adapters.names())
    likeliest = [d.shape for d in found if _rank(sample, d) == _rank(sample, found[0])]
    if len(likeliest) != 1:
        raise ShapeUnclear(_unclear(source, sample, shape, likeliest))
    best = found[0]
    return Reading(source, best.shape, best.mapping, best.why)


def _detections(sample: Sample, shapes: Sequence[str]) -> list[Detection]:
    """Return what the adapters say, the likeliest first."""
    found = [d for name in shapes if (d := adapters.load(name).detect(sample))]
    return sorted(found, key=lambda d: (_rank(sample, d), d.shape))


def _rank(sample: Sample, detection: Detection) -> tuple[bool, int, float]:
    """Return what puts one shape before another, the likeliest least.

    A shape that most rows fit goes before one that few fit; then the surer sign wins,
    then the more rows.
    """
    share = _share(sample, detection)
    return share < _MOST, -detection.strength, -share


def _share(sample: Sample, detection: Detection) -> float:
    """Return the share of rows, 0 to 1, that a detected shape fits."""
    adapter, fitting = adapters.load(detection.shape), 0
    for row in sample.rows:
        try:
            adapter.to_record(row, detection.mapping)
        except Unfit:
            continue
        fitting += 1
    return fitting / len(sample.rows)


def _mapped(
    source: Source, sample: Sample, shape: str | None, wanted: Mapping[str, str]
) -> Reading:
    shape = shape or _shape_of_fields(wanted, sample)
    fields = adapters.load(shape).FIELDS
    for field in wanted:
        if field not in fields:
            hint = did_you_mean(field, fields) or f" Fields are {', '.join(fields)}."
            raise UsageError(f"--map {field}=...: shape {shape} has no field {field!r}.{hint}")
    named = {field: _column(column, sample) for field, column in wanted.items()}
    detected = adapters.load(shape).detect(sample)
    mapping = {**(detected.mapping if detected else {}), **named}
    if missing := [field for field in adapters.load(shape).REQUIRED if field not in mapping]:
        raise UsageError(
            f"{source.name}: --map names {', '.join(wanted)}, and shape {shape} needs "
            f"{' and '.join(missing)} too. Add {_options(missing, [])}"
        )
    return Reading(source, shape, mapping, "as mapped")


def _column(column: str, sample: Sample) -> str:
    """Return the name of a column that may be given by its number, 1-based."""
    if column in sample.columns or not column.isdecimal():
        return column
    number = int(column)
    return sample.columns[number - 1] if 0 < number <= len(sample.columns) else column


def detect_all(
    sources: Sequence[Source],
    *,
    shape: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> list[Reading]:
    """Return how each source is to be read; a mapped column must be in one of them.

    Raises:
        ShapeUnclear: see `detect`.
        UsageError: see `detect`; or a mapped column that no file has.
    """
    readings = [detect(source, shape=shape, mapping=mapping) for source in sources]
    for field in mapping or {}:
        samples = [sample_of(reading.source) for reading in readings]
        seen = dict.fromkeys(column for sample in samples for column in sample.columns)
        if seen and not any(reading.mapping[field] in seen for reading in readings):
            column = readings[0].mapping[field]
            names = ", ".join(map(repr, seen))
            hint = did_you_mean(column, seen)
            where = sources[0].name if len(sources) == 1 else f"{len(sources)} files"
            raise UsageError(
                f"{where}: no column {column!r} for --map {field}; seen: {names}.{hint}"
            )
    return readings


def _shape_of_fields(wanted: Mapping[str, str], sample: Sample) -> str:
    """Return the shape a mapping speaks of by the fields it names."""
    given = wanted.keys()
    for field, shape in (
        ("messages", "openai_chat"),
        ("conversations", "sharegpt"),
        ("instruction", "alpaca"),
        ("completion", "prompt_completion"),
        ("text", "text"),
    ):
        if field in given:
            return shape
    found = _detections(sample, adapters.names())
    fitting = [d.shape for d in found if given <= set(adapters.load(d.shape).FIELDS)]
    if fitting:
        return fitting[0]
    if {"prompt", "label"} <= given:
        return "text_label"
    raise UsageError(
        f"--map names {', '.join(sorted(given))}, which is no whole record. "
        "Map prompt and completion, prompt and label, messages, conversations or text."
    )


def _unclear(source: Source, sample: Sample, shape: str | None, equal: Sequence[str]) -> str:
    """Return what was seen and the exact option that would settle it."""
    seen = ", ".join(map(repr, sample.columns))
    if equal:
        option = " or ".join(f"--shape {name}" for name in equal)
    elif shape:
        option = _options(adapters.load(shape).REQUIRED, _texts(sample))
    else:
        option = _likely(sample)
    return f"{source.name}: cannot tell prompt and completion from the columns {seen}. Try {option}"


def _texts(sample: Sample) -> list[str]:
    return [column for column in sample.columns if sample.share(column, str) > _MOST]


def _likely(sample: Sample) -> str:
    """Return a mapping of the text columns: the one that is no label is the prompt."""
    texts = _texts(sample)
    labels = [column for column in texts if sample.is_label(column)]
    prompts = [column for column in texts if column not in labels] or texts
    if others := [column for column in labels if column != prompts[0]]:
        return _options(["prompt", "label"], [prompts[0], others[-1]])
    if len(texts) == 1:
        return _options(["text"], texts)
    return _options(["prompt", "completion"], prompts)


def _options(fields: Sequence[str], columns: Sequence[str]) -> str:
    """Return a mapping as it is typed, COLUMN where nothing is known."""
    pairs = zip_longest(fields, map(shlex.quote, columns[: len(fields)]), fillvalue="COLUMN")
    return " ".join(f"--map {field}={column}" for field, column in pairs)


def told(reading: Reading) -> str:
    """Return what a source was taken for, and why, with its first record."""
    source = reading.source
    packed = f", {source.compression}" if source.compression else ""
    mapping = ", ".join(f"{field}={column}" for field, column in reading.mapping.items())
    lines = [
        f"{source.name}: {source.format}{packed}, shape {reading.shape}: {reading.why}",
        f"  mapping: {mapping or 'none'}",
    ]
    if row := next(iter(sample_of(source).rows), None):
        try:
            record = adapters.load(reading.shape).to_record(row, reading.mapping)
            lines.append(f"  first record: {canonical_json(record)[:_SHOWN]}")
        except Unfit as unfit:
            lines.append(f"  first row does not fit: {unfit.defect} {unfit.field}")
    return "\n".join(lines)


def read(reading: Reading, shard: Shard) -> Iterator[Piece]:
    """Yield the records of one shard, numbered from the start of the shard."""
    adapter = adapters.load(reading.shape)
    row_base = line_base = 0
    for rows in formats.load(reading.source.format).read(reading.source, shard):
        yield _adapt(adapter, reading, rows, row_base, line_base)
        row_base += rows.row_count
        line_base += rows.line_count


def _adapt(adapter: Adapter, reading: Reading, rows: Rows, row_base: int, line_base: int) -> Piece:
    records: list[Record] = []
    kept: list[int] = []
    defects = [_shifted(defect, row_base, line_base) for defect in rows.defects]
    for at, row in enumerate(rows.rows):
        try:
            record = adapter.to_record(row, reading.mapping)
        except Unfit as unfit:
            place = rows.numbers[at] + row_base, _plus(rows.lines[at], line_base)
            other, defect = _other_shape(row, reading, unfit, *place)
            defects.append(defect)
            if other is None:
                continue
            record = other
        records.append(record)
        kept.append(at)
    return Piece(
        records,
        [rows.rows[at] for at in kept],
        [rows.numbers[at] + row_base for at in kept],
        [_plus(rows.lines[at], line_base) for at in kept],
        defects,
        rows.row_count,
        rows.line_count,
    )


def _other_shape(
    row: Row, reading: Reading, unfit: Unfit, number: int, line: int | None
) -> tuple[Record | None, Defect]:
    """Return the record a row makes in another shape than its file, and what is wrong."""
    sample = Sample([row])
    for found in _detections(sample, [n for n in adapters.names() if n != reading.shape]):
        if found.strength >= _SURE:
            try:
                record = adapters.load(found.shape).to_record(row, found.mapping)
            except Unfit:
                continue
            shapes = {"found": found.shape, "expected": reading.shape}
            return record, Defect("mixed-shapes", number, line, fatal=False, arguments=shapes)
    return None, Defect(
        unfit.defect, number, line, field=unfit.field, row_seen=row, arguments=unfit.arguments
    )


def _shifted(defect: Defect, rows: int, lines: int) -> Defect:
    """Return a defect that counts from the start of the shard."""
    row = None if defect.row is None else defect.row + rows
    return replace(defect, row=row, line=_plus(defect.line, lines))


def _plus(line: int | None, lines: int) -> int | None:
    return None if line is None else line + lines
