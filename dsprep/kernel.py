"""The one function a worker runs: a shard in, findings and measures out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dsprep import ingest, kinds
from dsprep.adapters import scalar_text
from dsprep.batch import Batch, Records
from dsprep.errors import RuleCrashed
from dsprep.finding import Hit
from dsprep.formats import Shard
from dsprep.ingest import Reading
from dsprep.kinds import match
from dsprep.kinds._keys import key_columns
from dsprep.record import to_batch
from dsprep.rule import Rule
from dsprep.targets.prompt_completion import plain
from dsprep.text.digest import digest64, key_of_hex
from dsprep.text.excerpt import Spans, excerpt, mask

# A record's ref is unique in a run: which file, and which row of it.
REF_BITS: Final = 40
# Fields of the adapters that become the prompt, and those that become the completion.
PROMPTS: Final = ("prompt", "instruction", "text")
COMPLETIONS: Final = ("completion", "output")
_LONGEST_ARGUMENT: Final = 200
_TEXTS_SEEN: Final = 16

HITS: Final = pa.schema(
    [
        ("code", pa.string()),
        ("row", pa.int64()),
        ("line", pa.int64()),
        ("row_id", pa.string()),
        ("field", pa.string()),
        ("start", pa.int64()),
        ("stop", pa.int64()),
        ("arguments", pa.string()),
        ("excerpt", pa.string()),
    ]
)


@dataclass(frozen=True)
class Task:
    """One shard to be judged, and where its findings and measures are to be put."""

    reading: Reading
    shard: Shard
    stem: str  # path of the files to be written, less their endings


@dataclass(frozen=True)
class Judged:
    """What came of a task. Rows and lines in its files count from the start of the shard."""

    hits: str  # Arrow IPC stream of HITS
    measures: str  # Arrow IPC stream, one row a record
    rows: int
    records: int
    lines: int


@dataclass(frozen=True)
class Kernel:
    """The rules to judge by. Sent to a worker once, called for every shard."""

    rules: Sequence[Rule]
    private: Sequence[Rule]  # what excerpts hide, whatever is selected
    stratum: str | None = None  # column the split is stratified by; the label where null
    group: str | None = None  # column that holds the group; the field group where null

    def __call__(self, task: Task) -> Judged:
        """Judge one shard."""
        rows = records = lines = 0
        with _Sink(f"{task.stem}.hits") as hits, _Sink(f"{task.stem}.measures") as sink:
            for piece in ingest.read(task.reading, task.shard):
                batch = piece.batch()
                hits.write(self._hits(batch, task.reading))
                sink.write(self._measures(batch, task.reading.mapping))
                rows += piece.row_count
                records += len(batch.records)
                lines += piece.line_count
            if not rows:  # a file without rows still has tables, empty ones
                hits.write(pa.RecordBatch.from_pylist([], schema=HITS))
                sink.write(pa.RecordBatch.from_pylist([], schema=self.measures_schema()))
        return Judged(hits.path, sink.path, rows, records, lines)

    def measures_schema(self) -> pa.Schema:
        """Return the columns of the measures these rules need."""
        return self._measures(Batch(Records(to_batch([], [], []))), {}).schema

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Rule]]:
        return kinds.of_kind(self.rules)

    def _hits(self, batch: Batch, reading: Reading) -> pa.RecordBatch:
        rows = []
        for name, rules in self._by_kind.items():
            if kind := kinds.record_kind(name):
                rows += [
                    self._row(rule, hit, batch.records)
                    for rule, hit in _found(kind.find, batch, rules, reading)
                ]
        columns = zip(*rows, strict=True) if rows else [()] * len(HITS)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, HITS, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=HITS)

    def _row(self, rule: Rule, hit: Hit, records: Records) -> tuple[Any, ...]:
        row, line, row_id = hit.row, hit.line, None
        if hit.index is not None:
            at = {name: records.batch.column(name)[hit.index] for name in ("row", "line", "row_id")}
            row, line, row_id = (value.as_py() for value in at.values())
        shown = None
        if hit.text is not None and hit.start is not None and hit.end is not None:
            shown = excerpt(hit.text, hit.start, hit.end, self._private_spans(hit.text))
        return (
            rule.code,
            row,
            line,
            row_id,
            hit.field,
            hit.start,
            hit.end,
            self.told(self._without_private(hit)),
            None if shown is None else msgspec.json.encode(shown).decode(),
        )

    def _without_private(self, hit: Hit) -> Mapping[str, Any]:
        """Return the arguments of a hit, those taken from its span masked as the text is."""
        if hit.text is None or hit.start is None:
            return hit.arguments
        found = hit.text[hit.start : hit.end]
        hidden = mask(hit.text, self._private_spans(hit.text))[hit.start : hit.end]
        return {key: hidden if value == found else value for key, value in hit.arguments.items()}

    def told(self, arguments: Mapping[str, Any]) -> str:
        """Return arguments as JSON text that may be shown: none long, nothing private."""
        shown = {key: self._shown(value) for key, value in arguments.items()}
        return msgspec.json.encode(shown).decode()

    def _shown(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = mask(value, self._private_spans(value))
        return text if len(text) <= _LONGEST_ARGUMENT else text[: _LONGEST_ARGUMENT - 1] + "…"

    def _private_spans(self, text: str) -> Spans:
        """Return what of a text must not be shown, looked for in the whole of it.

        Kept for the last texts: one may have many findings.
        """
        if text not in self._seen:
            if len(self._seen) >= _TEXTS_SEEN:
                self._seen.clear()
            found = (span for rule in self.private for span in match.spans(rule, text))
            self._seen[text] = sorted(found)
        return self._seen[text]

    @cached_property
    def _seen(self) -> dict[str, Spans]:
        return {}

    def _measures(self, batch: Batch, mapping: Mapping[str, str]) -> pa.RecordBatch:
        records = batch.records
        columns: dict[str, pa.Array] = {
            "ref": records.batch.column("row"),
            "line": records.batch.column("line"),
            "row_key": pa.array(key_of_hex(records.column("row_id"))),
            "label": records.batch.column("label"),
            "stratum": pa.array(_field(records, self.stratum or "label", mapping), pa.string()),
            "grouping": pa.array(_field(records, self.group or "group", mapping), pa.string()),
            "split": records.batch.column("split"),
            "beside": pa.array(_beside(records)),
            "plain": pa.array(list(map(int, plain(records))), pa.int64()),
            **key_columns(records, "text"),
        }
        for name, rules in self._by_kind.items():
            if kind := kinds.dataset_kind(name):
                with guarded(rules):
                    columns |= kind.measure(batch, rules)
        return pa.RecordBatch.from_pydict(columns)


def _field(records: Records, column: str, mapping: Mapping[str, str]) -> list[str | None]:
    """Return a column of the source: the field it was mapped to, or what rode along.

    Prompt and completion are compared by N1, as everywhere.
    """
    name = next((field for field, mapped in mapping.items() if mapped == column), column)
    if name in ("label", "group", "split"):
        return records.column(name)
    if name in PROMPTS:
        return list(records.normalized_prompts)
    if name in COMPLETIONS:
        return list(records.normalized_completions)
    extras = (msgspec.json.decode(extra) if extra else {} for extra in records.column("extra"))
    return [scalar_text(extra.get(column)) for extra in extras]


def _beside(records: Records) -> NDArray[np.int64]:
    """Return a digest of what a row_id does not cover, so that equal ids have an order."""
    columns = zip(*(records.column(name) for name in ("extra", "group", "split")), strict=True)
    digests = (digest64(msgspec.json.encode(row)) if any(row) else 0 for row in columns)
    return np.fromiter(digests, dtype=np.uint64).view(np.int64)


class _Sink:
    """An Arrow IPC stream file, its schema that of the first batch."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._writer: pa.RecordBatchStreamWriter | None = None

    def __enter__(self) -> _Sink:
        self._file = pa.OSFile(self.path, "wb")
        return self

    def write(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._file, batch.schema)
        if batch.num_rows:
            self._writer.write_batch(batch)

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
        self._file.close()


@contextmanager
def guarded(rules: Sequence[Rule]) -> Iterator[None]:
    """Turn what a kind raises over the data set into a fault of its rules."""
    try:
        yield
    except Exception as error:
        codes = "/".join(rule.code for rule in rules)
        raise RuleCrashed(codes, _told(error), None, None) from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


Find = Callable[[Batch, Sequence[Rule]], Iterator[tuple[Rule, Hit]]]


def _found(
    find: Find, batch: Batch, rules: Sequence[Rule], reading: Reading
) -> list[tuple[Rule, Hit]]:
    """Return the hits of a kind; what it raises is a fault in a rule, with its place."""
    name = reading.source.name
    try:
        return list(find(batch, rules))
    except Exception as error:
        code, row = _culprit(find, batch, rules)
        raise RuleCrashed(code, _told(error), name, row) from error


def _culprit(find: Find, batch: Batch, rules: Sequence[Rule]) -> tuple[str, int | None]:
    """Return the first rule and row of the shard that raise when judged alone."""
    for at in range(len(batch.records)):
        alone = Batch(Records(batch.records.batch.slice(at, 1)))
        for rule in rules:
            try:
                list(find(alone, [rule]))
            except Exception:  # the question is only whether it raises
                return rule.code, alone.records.column("row")[0]
    return "/".join(rule.code for rule in rules), None
