"""The canonical record: one id in every format, canonical JSON, and Arrow columns."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep import formats, ingest, sources
from dsprep.record import (
    MAX_DEPTH,
    SCHEMA,
    Message,
    Record,
    canonical_json,
    json_text,
    json_value,
    row_id,
    text_of,
    to_batch,
)

Rows = Sequence[Mapping[str, Any]]
CALL = {"id": "a1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def as_csv(rows: Rows, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


def as_jsonl(rows: Rows, path: Path) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="")


def as_json(rows: Rows, path: Path) -> None:
    text = json.dumps([dict(reversed(row.items())) for row in rows], indent=2)
    path.write_text(text, encoding="utf-8")


def as_parquet(rows: Rows, path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(list(rows)), path)


def as_arrow(rows: Rows, path: Path) -> None:
    table = pa.Table.from_pylist(list(rows))
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


WRITE: dict[str, Callable[[Rows, Path], None]] = {
    "csv": as_csv,
    "jsonl": as_jsonl,
    "json": as_json,
    "parquet": as_parquet,
    "arrow": as_arrow,
}


def ids(rows: Rows, folder: Path, format_: str) -> list[str]:
    """Return the id of each row, written and read in a format."""
    path = folder / f"rows.{format_}"
    WRITE[format_](rows, path)
    source = sources.source_of(str(path))
    assert source.format == format_
    reading = ingest.detect(source)
    found = [
        piece.batch().records.column("row_id")
        for shard in formats.load(format_).shards(source)
        for piece in ingest.read(reading, shard)
    ]
    return [id_ for batch in found for id_ in batch]


@pytest.mark.parametrize("format_", WRITE)
def test_a_pair_has_one_id_in_every_format(tmp_path: Path, format_: str) -> None:
    rows = [
        {"id": "1", "prompt": "Is water wet?", "completion": "It is."},
        {
            "id": "2",
            "prompt": 'Quote "this",\nplease\r\n',
            "completion": "\t; é 深い \U0001f642\x00",
        },
        {"id": "3", "prompt": "None", "completion": ""},
    ]
    records = [
        Record([Message(row["prompt"], role="user"), Message(row["completion"], role="assistant")])
        for row in rows
    ]

    assert ids(rows, tmp_path, format_) == [row_id(record) for record in records]


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
@settings(deadline=None, database=None, max_examples=40)
def test_any_text_has_one_id_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    rows = [{"prompt": prompt, "completion": completion} for prompt, completion in pairs]

    expected = ids(rows, folder, "jsonl")

    assert all(ids(rows, folder, format_) == expected for format_ in WRITE)
    assert len(set(expected)) == len(set(pairs))


@pytest.mark.parametrize("format_", ["jsonl", "json", "parquet", "arrow"])
def test_a_conversation_has_one_id_in_every_format(tmp_path: Path, format_: str) -> None:
    """Arrow adds nulls to structs and makes 1 a 1.0: neither is another conversation."""
    rows: list[dict[str, Any]] = [
        {"messages": [{"role": "user", "content": "Hi"}], "tools": None},
        {
            "messages": [
                {"role": "user", "content": "f of 1?", "name": "Ann"},
                {"role": "assistant", "content": None, "tool_calls": [CALL], "weight": 1},
                {"role": "tool", "content": "5", "tool_call_id": "a1"},
                {"role": "assistant", "content": "5", "weight": 0.5},
            ],
            "tools": [TOOL],
        },
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "g"}}]}]},
    ]
    (tmp_path / "expected").mkdir()

    assert ids(rows, tmp_path, format_) == ids(rows, tmp_path / "expected", "jsonl")


@pytest.mark.parametrize("format_", WRITE)
def test_a_label_has_one_id_in_every_format(tmp_path: Path, format_: str) -> None:
    rows = [{"text": f"text {n}", "label": str(n % 2)} for n in range(8)]
    numbers = [{**row, "label": int(row["label"])} for row in rows]
    (tmp_path / "numbers").mkdir()

    assert ids(rows, tmp_path, format_) == ids(numbers, tmp_path / "numbers", format_)


RECORD = Record(
    [
        Message("ä\u2028\x7f\x1f\"\\/", "Ann", "user"),
        Message(role="assistant", tool_calls='[{"function":{}}]', weight=1),
        Message("", role="tool", tool_call_id="a1", weight=0.5),
    ],
    rejected=[Message("no", role="assistant")],
    label="x",
    tools='[{"name":"f"}]',
)  # fmt: skip


def test_the_id_is_the_digest_of_canonical_json() -> None:
    """Written out by hand, so that an id never changes unseen."""
    text = (
        '{"label":"x","messages":['
        '{"content":"ä\u2028\x7f\\u001f\\"\\\\/","name":"Ann","role":"user"},'
        '{"role":"assistant","tool_calls":"[{\\"function\\":{}}]","weight":1},'
        '{"content":"","role":"tool","tool_call_id":"a1","weight":0.5}],'
        '"rejected":[{"content":"no","role":"assistant"}],"tools":"[{\\"name\\":\\"f\\"}]"}'
    )

    assert row_id(RECORD) == blake2b(text.encode(), digest_size=8).hexdigest()
    assert row_id(Record([])) == blake2b(b'{"messages":[]}', digest_size=8).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        Record([Message("a", role="user")], label="x"),
        Record([Message("a", role="user")], tools="[]"),
        Record([Message("a", role="user")], rejected=[]),
        Record([Message("a", role="assistant")]),
        Record([Message("a")]),
        Record([Message("a", role="user", weight=0)]),
        Record([Message("a", role="user"), Message("", role="user")]),
    ],
)
def test_another_record_has_another_id(other: Record) -> None:
    assert row_id(other) != row_id(Record([Message("a", role="user")]))


def test_what_is_beside_a_record_has_no_part_in_its_id() -> None:
    bare = Record([Message("a", role="user")])
    beside = Record(bare.messages, group="g", split="train", extra={"id": 7})

    assert row_id(beside) == row_id(bare)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": {"d": None, "c": [1.0, 2]}}, '{"a":{"c":[1.0,2],"d":null},"b":1}'),
        ({"é": "\u2028"}, '{"é":"\u2028"}'),
        ([], "[]"),
        (True, "true"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_canonical_json_has_sorted_keys_and_no_spaces(value: Any, text: str) -> None:
    assert canonical_json(value) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=5,
    )
)
@settings(deadline=None, database=None)
def test_canonical_json_is_that_of_the_standard_library(value: Any) -> None:
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert json.loads(canonical_json(value)) == value
    assert canonical_json(value) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        ([], None),
        ("null", None),
        ("[]", None),
        ('""', None),
        ([CALL], canonical_json([CALL])),
        (json.dumps([CALL], indent=2), canonical_json([CALL])),
        ('{"b":1,"a":2}', '{"a":2,"b":1}'),
        ({}, "{}"),
        ("f(x)", "f(x)"),
        ('"f"', '"f"'),
        ("[" * 5_000, "[" * 5_000),
        ("[" * MAX_DEPTH + "]" * MAX_DEPTH, "[" * MAX_DEPTH + "]" * MAX_DEPTH),
        ("[" * 800 + " ]" * 800, "[" * 800 + " ]" * 800),
        ("[" * 100_000 + "]" * 100_000, "[" * 100_000 + "]" * 100_000),
    ],
)
def test_json_text_is_canonical_where_it_is_json(value: Any, text: str | None) -> None:
    assert json_text(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":[1]}', {"a": [1]}),
        ("f(x)", "f(x)"),
        ("", ""),
        ("[" * 800 + "]" * 800, "[" * 800 + "]" * 800),
        ("[" * 100_000 + "]" * 100_000, "[" * 100_000 + "]" * 100_000),
    ],
)
def test_json_value_is_the_text_where_that_is_no_json(text: str, value: Any) -> None:
    assert json_value(text) == value


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (Message("a", role="user"), "a"),
        (Message("a", tool_calls="[1]"), "a"),
        (Message("", tool_calls="[1]"), "[1]"),
        (Message(tool_calls="[1]"), "[1]"),
        (Message(), ""),
    ],
)
def test_text_of_a_message(message: Message, said: str) -> None:
    assert text_of(message) == said


def test_a_batch_holds_every_field() -> None:
    record = Record(RECORD.messages, RECORD.rejected, "x", "g", "train", "[]", {"ä": [None, 1.5]})

    batch = to_batch([record, Record([])], [3, 5], [7, None])

    assert batch.schema == SCHEMA
    batch.validate(full=True)
    empty = dict.fromkeys(SCHEMA.names[4:])
    first, second = batch.to_pylist()
    assert second == {"row": 5, "line": None, "row_id": row_id(Record([])), "messages": [], **empty}
    assert [first[name] for name in ("row", "line", "row_id")] == [3, 7, row_id(record)]
    assert [first[name] for name in SCHEMA.names[5:9]] == ["x", "g", "train", "[]"]
    assert json.loads(first["extra"]) == record.extra
    assert [Message(**message) for message in first["messages"]] == record.messages
    assert [Message(**message) for message in first["rejected"]] == record.rejected


MESSAGES = st.builds(
    Message,
    content=TEXT | st.none(),
    name=TEXT | st.none(),
    role=TEXT | st.none(),
    tool_call_id=TEXT | st.none(),
    tool_calls=TEXT | st.none(),
    weight=st.none() | st.floats(0, 1) | st.integers(0, 1),
)
RECORDS = st.builds(
    Record,
    st.lists(MESSAGES, max_size=3),
    rejected=st.none() | st.lists(MESSAGES, max_size=2),
    label=TEXT | st.none(),
    group=TEXT | st.none(),
    split=TEXT | st.none(),
    tools=TEXT | st.none(),
    extra=st.none() | st.dictionaries(TEXT, st.none() | st.integers() | TEXT, max_size=2),
)


def from_row(row: dict[str, Any]) -> Record:
    """Return the record that a row of a batch was made of."""
    return Record(
        [Message(**message) for message in row["messages"]],
        row["rejected"] and [Message(**message) for message in row["rejected"]],
        *(row[field] for field in ("label", "group", "split", "tools")),
        extra=None if row["extra"] is None else json.loads(row["extra"]),
    )


@given(st.lists(RECORDS, max_size=4))
@settings(deadline=None, database=None)
def test_records_come_back_from_a_batch(records: list[Record]) -> None:
    batch = to_batch(records, range(len(records)), [None] * len(records))

    assert [from_row(row) for row in batch.to_pylist()] == records


@pytest.mark.parametrize("weight", [math.inf, math.nan])
def test_a_weight_that_no_adapter_gives_still_has_an_id(weight: float) -> None:
    assert len(row_id(Record([Message("a", weight=weight)]))) == 16
