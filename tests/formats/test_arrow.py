"""Arrow IPC: a shard a record batch, and a damaged file told in one line."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.errors import InputError
from dsprep.formats import arrow

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": TEXT | st.none(),
            "score": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
            "messages": st.lists(
                st.fixed_dictionaries({"role": TEXT, "weight": st.none() | TEXT}), max_size=3
            ),
        }
    ),
    min_size=1,
    max_size=5,
)


def written(table: pa.Table, rows: int | None = None, compression: str | None = None) -> bytes:
    out = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(out, table.schema, options=options) as file:
        file.write_table(table, max_chunksize=rows)
    return bytes(out.getvalue().to_pybytes())


def test_reads_rows_without_lines(read: Any) -> None:
    result = read(written(pa.table({"a": ["x", None], "b": [1, 2]})), "arrow")

    assert result.rows == [{"a": "x", "b": 1}, {"a": None, "b": 2}]
    assert (result.numbers, result.lines, result.defects) == ([0, 1], [None, None], [])


def test_makes_a_shard_of_each_record_batch(read: Any, tmp_path: Any) -> None:
    path = tmp_path / "x.arrow"
    path.write_bytes(data := written(pa.table({"a": [*range(7)]}), 3))
    source = arrow.Source(str(path), "x.arrow", "arrow")

    assert [(s.start, s.stop) for s in arrow.shards(source)] == [(0, 1), (1, 2), (2, 3)]
    assert [row["a"] for row in read(data, "arrow").rows] == [*range(7)]


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_reads_compressed_batches(read: Any, compression: str) -> None:
    data = written(pa.table({"a": ["x" * 1000] * 9}), 4, compression)

    assert read(data, "arrow").rows == [{"a": "x" * 1000}] * 9


def test_reads_views_and_dictionaries(read: Any) -> None:
    table = pa.table(
        {
            "view": pa.array(["a", "b" * 99, None], pa.string_view()),
            "word": pa.array(["x", "x", "y"]).dictionary_encode(),
            "list": pa.array([[1], None, []], pa.large_list(pa.int8())),
        }
    )

    assert read(written(table), "arrow").rows == [
        {"view": "a", "word": "x", "list": [1]},
        {"view": "b" * 99, "word": "x", "list": None},
        {"view": None, "word": "y", "list": []},
    ]


def test_refuses_a_row_whose_text_is_not_utf8(read: Any) -> None:
    cells = pa.array([b"one", b"caf\xe9"], pa.binary()).view(pa.string())

    result = read(written(pa.table({"a": cells})), "arrow")

    assert (result.rows, result.faults) == ([{"a": "one"}], [("invalid-utf8", 1, None)])
    assert result.defects[0].row_seen == {"a": "caf\\xe9"}


def test_refuses_offsets_that_point_outside_the_file(read: Any) -> None:
    data = written(pa.table({"a": ["one", "two", "six"]}))
    offsets = pa.array([0, 3, 6, 9], pa.int32()).buffers()[1].to_pybytes()[:16]
    assert data.count(offsets) == 1
    beyond = offsets[:12] + (1 << 30).to_bytes(4, "little")

    with pytest.raises(InputError, match=r"^file.arrow: not readable as Arrow: [^\n]+$"):
        read(data.replace(offsets, beyond), "arrow")


def test_refuses_two_columns_of_one_name(read: Any) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    with pytest.raises(InputError, match="two columns have one name: 'a'"):
        read(written(table), "arrow")


def test_any_byte_may_be_wrong(read: Any) -> None:
    """Each byte of a file in turn is another: rows or one line, and nothing else."""
    data = written(pa.table({"a": ["one", None, "three"], "b": [[1.5], [], None]}))
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        try:
            read(bytes(broken), "arrow").check()
        except InputError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


@pytest.mark.parametrize("cut", [0, 1, 6, 100, -1, -8])
def test_refuses_a_file_that_was_cut_off(read: Any, cut: int) -> None:
    with pytest.raises(InputError, match=r"^file.arrow: not readable as Arrow: [^\n]+$"):
        read(written(pa.table({"a": ["x"] * 50}))[:cut], "arrow")


@given(st.binary())
@settings(deadline=None, database=None)
def test_any_bytes_are_refused_in_one_line(read: Any, data: bytes) -> None:
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        read(data, "arrow")


@given(ROWS, st.integers(1, 4))
@settings(deadline=None, database=None)
def test_reads_back_what_was_written(read: Any, rows: list[dict[str, Any]], size: int) -> None:
    result = read(written(pa.Table.from_pylist(rows), size), "arrow")

    assert (result.rows, result.defects) == (rows, [])
