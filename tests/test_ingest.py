"""From files to records: the shape by names and values, mappings, rows that do not fit."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsprep import formats, ingest, sources
from dsprep.errors import InputError, ShapeUnclear, UsageError
from dsprep.formats import Source, jsonl
from dsprep.ingest import Piece, Reading
from dsprep.record import Message, row_id

CHAT = {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}
TURNS = {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}
PAIR = {"prompt": "Q", "completion": "A"}
TASK = {"instruction": "Q", "input": "", "output": "A"}
QUESTION = {"prompt": "Question", "completion": "Answer"}
LONG = {"a": "x" * 99, "b": "y" * 99}
QA = {"q": "Q", "a": "A"}
Make = Callable[[Sequence[Mapping[str, Any]]], Source]


def same(*fields: str) -> dict[str, str]:
    """Return a mapping of fields to columns of their names."""
    return {field: field for field in fields}


@pytest.fixture
def source(tmp_path: Path) -> Make:
    """Return a function that writes rows as JSON Lines."""

    def call(rows: Sequence[Mapping[str, Any]]) -> Source:
        path = tmp_path / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return sources.source_of(str(path))

    return call


def pieces(reading: Reading) -> list[Piece]:
    shards = formats.load(reading.source.format).shards(reading.source)
    return [piece for shard in shards for piece in ingest.read(reading, shard)]


def texts(reading: Reading) -> list[list[str | None]]:
    return [
        [message.content for message in record.messages]
        for piece in pieces(reading)
        for record in piece.records
    ]


@pytest.mark.parametrize(
    ("row", "shape", "mapping"),
    [
        (CHAT, "openai_chat", {"messages": "messages"}),
        (TURNS, "sharegpt", {"conversations": "conversations"}),
        (TASK, "alpaca", same("instruction", "input", "output")),
        (PAIR, "prompt_completion", same("prompt", "completion")),
        ({"Q": "q", "Question": "Q", "Answer": "A"}, "prompt_completion", QUESTION),
        ({"text": "Q", "label": "A"}, "text_label", {"prompt": "text", "label": "label"}),
        ({"text": "Q"}, "text", {"text": "text"}),
        ({**CHAT, **PAIR}, "openai_chat", {"messages": "messages"}),
        ({**TASK, "text": "QA"}, "alpaca", same("instruction", "input", "output")),
        (
            {**PAIR, "label": "l", "group": "g", "split": "s"},
            "prompt_completion",
            same("prompt", "completion", "label", "group", "split"),
        ),
    ],
)
def test_detects_a_shape_by_names(
    source: Make, row: dict[str, Any], shape: str, mapping: dict[str, str]
) -> None:
    reading = ingest.detect(source([row]))

    assert (reading.shape, reading.mapping) == (shape, mapping)
    assert reading.why


@pytest.mark.parametrize(
    ("rows", "shape"),
    [
        ([{"messages": "none", **PAIR}], "prompt_completion"),
        ([{"messages": [], **PAIR}] * 3, "prompt_completion"),
        ([{"conversations": 5, **TASK}], "alpaca"),
        ([{"prompt": n, "completion": n, "text": "x"} for n in range(3)], "text"),
        ([{"text": f"t{n}", "label": f"l{n % 3}"} for n in range(30)], "text_label"),
    ],
)
def test_detects_a_shape_by_values(source: Make, rows: list[dict[str, Any]], shape: str) -> None:
    assert ingest.detect(source(rows)).shape == shape


@pytest.mark.parametrize(
    ("row", "option"),
    [
        ({"title": "T", "body": "B" * 99}, "--map prompt=body --map label=title"),
        (LONG, "--map prompt=a --map completion=b"),
        ({"id": 1, "a": "x" * 99}, "--map text=a"),
        ({"text": "x", "label": None}, "--map text=text"),
        ({"a": "x"}, "--map text=a"),
        ({"my text": "x"}, "--map text='my text'"),
        ({"it's": "x"}, """--map text='it'"'"'s'"""),
        ({"a": 1, "b": 2}, "--map prompt=COLUMN --map completion=COLUMN"),
        ({"text": "x", "content": "y"}, "--map prompt=text --map label=content"),
        ({**CHAT, **TURNS}, "--shape openai_chat or --shape sharegpt"),
    ],
)
def test_stops_at_unclear_columns_with_the_way_out(
    source: Make, row: dict[str, Any], option: str
) -> None:
    with pytest.raises(ShapeUnclear) as caught:
        ingest.detect(source([row]))

    seen = ", ".join(map(repr, row))
    told = f"rows.jsonl: cannot tell prompt and completion from the columns {seen}. Try {option}"
    assert str(caught.value).endswith(told)
    assert len(str(caught.value).splitlines()) == 1


def test_stops_at_as_many_rows_of_one_shape_as_of_another(source: Make) -> None:
    with pytest.raises(ShapeUnclear, match=r"Try --shape openai_chat or --shape sharegpt$"):
        ingest.detect(source([CHAT, TURNS]))


def test_stops_where_the_columns_do_not_fit_the_shape_asked_for(source: Make) -> None:
    with pytest.raises(ShapeUnclear, match=r"--map instruction=prompt --map output=completion$"):
        ingest.detect(source([PAIR]), shape="alpaca")


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ([{"title": "T", "body": "B" * 99}], {"prompt": "body", "label": "title"}),
        ([LONG], {"prompt": "a", "completion": "b"}),
        ([{"my text": "x"}], {"text": "my text"}),
    ],
)
def test_the_way_out_is_one(source: Make, rows: list[Any], options: dict[str, str]) -> None:
    assert len(texts(ingest.detect(source(rows), mapping=options))) == 1


@pytest.mark.parametrize(
    ("row", "mapping", "shape", "said"),
    [
        (QA, {"prompt": "q", "completion": "a"}, "prompt_completion", "QA"),
        (QA, {"prompt": "1", "completion": "2"}, "prompt_completion", "QA"),
        (QA, {"prompt": "2", "completion": "1"}, "prompt_completion", "AQ"),
        ({"2": "Q", "x": "A"}, {"prompt": "2", "completion": "x"}, "prompt_completion", "QA"),
        (QA, {"prompt": "q", "label": "a"}, "text_label", "QA"),
        (QA, {"text": "q"}, "text", "Q"),
        (QA, {"prompt": "q", "completion": "q"}, "prompt_completion", "QQ"),
        ({"talk": CHAT["messages"]}, {"messages": "talk"}, "openai_chat", "QA"),
        ({"talk": TURNS["conversations"]}, {"conversations": "talk"}, "sharegpt", "QA"),
        ({"i": "Q", "o": "A"}, {"instruction": "i", "output": "o"}, "alpaca", "QA"),
        ({**PAIR, "sys": "S"}, {"system": "sys"}, "prompt_completion", "SQA"),
        ({**PAIR, "other": "B"}, {"completion": "other"}, "prompt_completion", "QB"),
    ],
)
def test_maps_columns_by_name_and_number(
    source: Make, row: dict[str, Any], mapping: dict[str, str], shape: str, said: str
) -> None:
    (reading,) = ingest.detect_all([source([row])], mapping=mapping)

    assert (reading.shape, texts(reading)) == (shape, [[*said]])


@pytest.mark.parametrize(
    ("row", "shape", "mapping", "told"),
    [
        (PAIR, "aplaca", {}, "unknown shape 'aplaca'. Did you mean alpaca?"),
        (PAIR, None, {"promt": "a", "completion": "b"}, "'promt'. Did you mean prompt?"),
        (QA, None, {"prompt": "q"}, "--map names prompt, which is no whole record"),
        (QA, None, {"completion": "a"}, "Add --map prompt=COLUMN"),
        (QA, "alpaca", {"instruction": "q"}, "Add --map output=COLUMN"),
        (QA, None, {"prompt": "Q", "completion": "a"}, "seen: 'q', 'a'. Did you mean q?"),
        (QA, None, {"prompt": "1", "completion": "3"}, "no column '3' for --map completion"),
        (PAIR, None, {"system": "x"}, "no column 'x' for --map system; seen: 'prompt', 'comple"),
    ],
)
def test_refuses_a_mapping_in_one_line(
    source: Make, row: dict[str, Any], shape: str | None, mapping: dict[str, str], told: str
) -> None:
    with pytest.raises((UsageError, InputError)) as caught:
        ingest.detect_all([source([row])], shape=shape, mapping=mapping)

    assert told in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_mapped_column_may_be_missing_from_some_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"q":"Q","a":"A"}\n', encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"q":"Q"}\n', encoding="utf-8")
    found = sources.find([str(tmp_path)], tmp_path).sources

    readings = ingest.detect_all(found, mapping={"prompt": "q", "completion": "a"})

    (defect,) = pieces(readings[1])[0].defects
    assert (defect.name, defect.field, defect.row) == ("missing-field", "a", 0)


@pytest.mark.parametrize(
    ("row", "found"), [(CHAT, "openai_chat"), (TURNS, "sharegpt"), (TASK, "alpaca")]
)
def test_reads_a_row_of_another_shape_and_says_so(
    source: Make, row: dict[str, Any], found: str
) -> None:
    reading = ingest.detect(source([PAIR, PAIR, row, PAIR]))

    (piece,) = pieces(reading)
    (defect,) = piece.defects
    assert (defect.name, defect.row, defect.line, defect.fatal) == ("mixed-shapes", 2, 3, False)
    assert defect.arguments == {"found": found, "expected": "prompt_completion"}
    assert texts(reading) == [["Q", "A"]] * 4
    assert len({row_id(record) for record in piece.records}) == 1


def test_the_shape_of_most_rows_is_that_of_the_file(source: Make) -> None:
    for rows, shape in (([CHAT] * 3 + [TURNS], "openai_chat"), ([TURNS] * 3 + [CHAT], "sharegpt")):
        reading = ingest.detect(source(rows))

        assert reading.shape == shape
        assert [defect.name for defect in pieces(reading)[0].defects] == ["mixed-shapes"]


@pytest.mark.parametrize(
    ("row", "fault", "field"),
    [
        ({"prompt": "Q"}, "missing-field", "completion"),
        ({"prompt": "Q", "completion": None}, "missing-field", "completion"),
        ({"prompt": None, "completion": None}, "missing-field", "prompt"),
        ({"prompt": "Q", "completion": 5}, "wrong-type", "completion"),
        ({}, "missing-field", "prompt"),
        ({"text": "Q"}, "missing-field", "prompt"),
    ],
)
def test_a_row_that_does_not_fit_is_a_defect(
    source: Make, row: dict[str, Any], fault: str, field: str
) -> None:
    (piece,) = pieces(ingest.detect(source([PAIR, PAIR, row, PAIR])))

    (defect,) = piece.defects
    assert (defect.name, defect.field, defect.row, defect.line) == (fault, field, 2, 3)
    assert (defect.fatal, defect.row_seen) == (True, row)
    assert (piece.numbers, piece.lines, piece.row_count) == ([0, 1, 3], [1, 2, 4], 4)


def test_null_never_becomes_a_word(source: Make) -> None:
    row = {
        "messages": [{"role": "assistant", "content": None, "name": None, "tool_calls": None}],
        "tools": None,
        "label": None,
        "group": None,
        "split": None,
        "note": None,
    }

    (piece,) = pieces(ingest.detect(source([row, {**CHAT, "label": "a"}])))

    record = piece.records[0]
    assert record.messages == [Message(role="assistant")]
    assert (record.label, record.group, record.split, record.tools) == (None,) * 4
    assert record.extra == {"note": None}
    (values, _) = piece.batch().records.batch.to_pylist()
    assert values["messages"][0]["content"] is None
    assert (values["label"], values["tools"], values["extra"]) == (None, None, '{"note":null}')


def test_a_missing_label_of_a_data_frame_is_no_label(tmp_path: Path) -> None:
    """Pandas has NaN for it, which must not become a class of its own."""
    path = tmp_path / "x.parquet"
    labels = pa.array([1.0, float("nan"), None, 2.0])
    pq.write_table(pa.table({"text": ["a", "b", "c", "d"], "label": labels}), path)

    (piece,) = pieces(ingest.detect(sources.source_of(str(path))))

    assert [record.label for record in piece.records] == ["1", "2"]
    assert [(d.name, d.row, d.field) for d in piece.defects] == [
        ("missing-field", 1, "label"),
        ("missing-field", 2, "label"),
    ]


def test_extra_keys_ride_along(source: Make) -> None:
    extra = {"id": 7, "tags": ["a", {"b": None}], "score": 0.5, "ä": "ö"}

    (piece,) = pieces(ingest.detect(source([{**PAIR, **extra}, PAIR])))

    assert [record.extra for record in piece.records] == [extra, None]
    assert piece.rows[0] == {**PAIR, **extra}


def test_values_that_only_arrow_has_ride_along(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    when = pa.array([0], pa.timestamp("ns"))
    image = pa.array([{"bytes": b"\xff\xd8", "path": None}])
    table = pa.table({"prompt": ["Q"], "completion": ["A"], "when": when, "image": image})
    pq.write_table(table, path)

    (piece,) = pieces(ingest.detect(sources.source_of(str(path))))

    (extra,) = piece.batch().records.column("extra")
    assert json.loads(extra) == {
        "when": "1970-01-01 00:00:00.000000000",
        "image": {"bytes": "/9g=", "path": None},
    }


@pytest.mark.parametrize("depth", [100, 255, 300, 700, 900, 5_000])
@pytest.mark.parametrize("key", ["extra", "messages", "text"])
def test_survives_deep_nesting_anywhere(tmp_path: Path, depth: int, key: str) -> None:
    """In a column of its own, within a message, and in tool calls that are JSON in a string."""
    nest = "[" * depth + "]" * depth
    row = {
        "extra": f'{{"messages":[{{"role":"user","content":"x"}}],"extra":{nest}}}',
        "messages": f'{{"messages":[{{"role":"user","content":"x","meta":{nest}}}]}}',
        "text": f'{{"messages":[{{"role":"assistant","tool_calls":"{nest}"}}],"tools":"{nest}"}}',
    }[key]
    path = tmp_path / "x.jsonl"
    path.write_text(f"{row}\n{json.dumps(CHAT)}\n", encoding="utf-8")

    found = pieces(ingest.detect(sources.source_of(str(path))))

    assert sum(piece.row_count for piece in found) == 2
    assert sum(len(piece.batch().records) for piece in found) in (1, 2)


def test_looks_for_its_sample_behind_an_empty_batch(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    table = pa.table({"text": [f"text {n}" for n in range(9)], "label": ["a", "b", "c"] * 3})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist([], schema=table.schema))
        writer.write_table(table)

    assert ingest.detect(sources.source_of(str(path))).shape == "text_label"


def test_says_what_a_file_was_taken_for(source: Make) -> None:
    told = ingest.told(ingest.detect(source([{**PAIR, "id": 7}])))

    assert "rows.jsonl: jsonl, shape prompt_completion: columns 'prompt' and 'completion'" in told
    assert "mapping: prompt=prompt, completion=completion" in told
    assert '"content":"Q"' in told


def test_a_file_whose_rows_are_all_broken_is_read_for_its_defects(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("nope\n{\n", encoding="utf-8")

    (piece,) = pieces(ingest.detect(sources.source_of(str(path))))

    assert [(d.name, d.row, d.line) for d in piece.defects] == [
        ("unparsable-row", 0, 1),
        ("unparsable-row", 1, 2),
    ]


def test_counts_rows_and_lines_from_the_start_of_the_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    lines = [json.dumps(PAIR), "", "nope", json.dumps({"prompt": "Q"})] * 20
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 100)

    found = pieces(ingest.detect(sources.source_of(str(path))))

    assert len(found) > 5
    assert [n for piece in found for n in piece.numbers] == [*range(0, 60, 3)]
    assert [n for piece in found for n in piece.lines] == [*range(1, 80, 4)]
    places = sorted((d.row, d.line) for piece in found for d in piece.defects)
    assert places == sorted(
        place for at in range(20) for place in ((3 * at + 1, 4 * at + 3), (3 * at + 2, 4 * at + 4))
    )


def test_reads_a_table_as_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["id", "text", "label"], ["7", "one\ntwo", "a"], ["8", "", "b"]]
        )

    (piece,) = pieces(ingest.detect(sources.source_of(str(path))))

    assert [record.messages[0].content for record in piece.records] == ["one\ntwo", ""]
    assert (piece.lines, piece.records[0].extra) == ([2, 4], {"id": "7"})
