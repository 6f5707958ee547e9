"""Parquet: rows as JSON would have them, and damage told in one line."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.errors import InputError
from dsprep.formats import parquet

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": TEXT | st.none(),
            "number": st.integers(-(2**63), 2**63 - 1) | st.none(),
            "score": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
            "done": st.booleans() | st.none(),
            "messages": st.lists(
                st.fixed_dictionaries({"role": TEXT, "weight": st.none() | TEXT}), max_size=3
            ),
        }
    ),
    min_size=1,
    max_size=5,
)


def written(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def column(values: Any, type_: Any = None) -> bytes:
    return written(pa.table({"a": pa.array(values, type_)}))


def invalid_text(*cells: bytes) -> pa.Array:
    """Return a column of strings that may hold any bytes, as a careless writer makes it."""
    return pa.array(cells, pa.binary()).view(pa.string())


def test_reads_rows_without_lines(read: Any) -> None:
    result = read(written(pa.table({"a": ["x", None], "b": [1, 2]})), "parquet")

    assert result.rows == [{"a": "x", "b": 1}, {"a": None, "b": 2}]
    assert (result.numbers, result.lines, result.defects) == ([0, 1], [None, None], [])


def test_makes_a_shard_of_each_row_group(read: Any, tmp_path: Any) -> None:
    table = pa.table({"a": [*range(10)]})
    path = tmp_path / "x.parquet"
    path.write_bytes(data := written(table, row_group_size=3))
    source = parquet.Source(str(path), "x.parquet", "parquet")

    assert [(s.start, s.stop) for s in parquet.shards(source)] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [row["a"] for row in read(data, "parquet").rows] == [*range(10)]


def test_reads_in_bounded_batches(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(pa.table({"a": [*range(10)]}))
    whole = read(data, "parquet")
    monkeypatch.setattr(parquet, "BATCH_ROWS", 3)

    assert read(data, "parquet") == whole


def test_reads_no_rows(read: Any) -> None:
    assert read(written(pa.table({"a": pa.array([], pa.string())})), "parquet").row_count == 0


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        ([float("nan"), 1.5, None, float("-inf")], pa.float64(), [None, 1.5, None, None]),
        ([[float("nan")], [2.5], None], pa.list_(pa.float32()), [[None], [2.5], None]),
        ([{"w": float("nan")}, {"w": 1.0}], None, [{"w": None}, {"w": 1.0}]),
        ([1.5], pa.float16(), [1.5]),
        ([dt.date(2024, 2, 29), None], pa.date32(), ["2024-02-29", None]),
        ([2**62], pa.timestamp("ns"), ["2116-02-20 23:53:38.427387904"]),
        ([0], pa.timestamp("ms", "UTC"), ["1970-01-01 00:00:00.000Z"]),
        ([[dt.datetime(9999, 1, 1)]], pa.list_(pa.timestamp("ms")), [["9999-01-01 00:00:00.000"]]),
        ([dt.time(1, 2)], pa.time32("ms"), ["01:02:00.000"]),
        ([5], pa.duration("us"), [5]),
        ([Decimal("1.50"), None], pa.decimal128(5, 2), ["1.50", None]),
        ([b"abc", "é".encode(), None], pa.binary(), ["abc", "é", None]),
        ([{"bytes": b"abc"}], None, [{"bytes": "abc"}]),
        ([b"abc"], pa.binary(3), ["abc"]),
        ([b"\xff\xd8"], pa.binary(), [b"\xff\xd8"]),
        (["x", "y", "x"], pa.dictionary(pa.int32(), pa.string()), ["x", "y", "x"]),
        (["x"], pa.large_string(), ["x"]),
        ([[("k", 1.5)]], pa.map_(pa.string(), pa.float64()), [[["k", 1.5]]]),
        ([[1, 2], [3, 4]], pa.list_(pa.int8(), 2), [[1, 2], [3, 4]]),
        ([2**64 - 1], pa.uint64(), [2**64 - 1]),
        ([None, None], pa.null(), [None, None]),
    ],
)
def test_reads_values_as_json_has_them(
    read: Any, values: Any, type_: Any, expected: list[Any]
) -> None:
    assert [row["a"] for row in read(column(values, type_), "parquet").rows] == expected


def test_refuses_a_row_whose_text_is_not_utf8(read: Any) -> None:
    table = pa.table({"p": ["x", "y", "z"], "a": invalid_text(b"one", b"caf\xe9s", b"")})

    result = read(written(table), "parquet")

    assert result.rows == [{"p": "x", "a": "one"}, {"p": "z", "a": ""}]
    assert result.numbers == [0, 2]
    (defect,) = result.defects
    assert (defect.name, defect.row, defect.line, defect.field) == ("invalid-utf8", 1, None, "a")
    assert (defect.start, defect.text) == (3, "caf\\xe9s")
    assert defect.row_seen == {"p": "y", "a": "caf\\xe9s"}


def test_refuses_a_row_whose_nested_text_is_not_utf8(read: Any) -> None:
    content = invalid_text(b"Hi", b"\xff", b"Bye")
    parts = pa.StructArray.from_arrays([pa.array(["user"] * 3), content], ["role", "content"])
    messages = pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), parts)

    result = read(written(pa.table({"messages": messages})), "parquet")

    assert result.rows == [{"messages": [{"role": "user", "content": "Bye"}]}]
    assert result.defects[0].row_seen == {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "\\xff"}]
    }


def test_refuses_two_columns_of_one_name(read: Any) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    with pytest.raises(InputError, match=r"^file.parquet: .*: two columns have one name: 'a'"):
        read(written(table), "parquet")


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"PAR1PAR1", b"x" * 100, column([1])[:-1], column([1])[5:]]
)
def test_refuses_what_is_no_parquet(read: Any, data: bytes) -> None:
    with pytest.raises(InputError, match=r"^file.parquet: not readable as Parquet: [^\n]+$"):
        read(data, "parquet")


def test_any_byte_may_be_wrong(read: Any) -> None:
    """Each byte of a file in turn is another: rows or one line, and nothing else."""
    data = written(pa.table({"a": ["one", None, "three"], "b": [[1.5], [], None]}))
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        try:
            read(bytes(broken), "parquet").check()
        except InputError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


@given(st.binary())
@settings(deadline=None, database=None)
def test_any_bytes_are_rows_or_one_line(read: Any, data: bytes) -> None:
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        read(data, "parquet")


@given(ROWS)
@settings(deadline=None, database=None)
def test_reads_back_what_was_written(read: Any, rows: list[dict[str, Any]]) -> None:
    result = read(written(pa.Table.from_pylist(rows)), "parquet")

    assert (result.rows, result.defects) == (rows, [])
