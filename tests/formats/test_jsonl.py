"""JSON Lines: a row a line, whatever stands in it, however the file is cut."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.errors import InputError
from dsprep.formats import jsonl

PIECES = [b'{"a":1}', b'{"a" :', b"[]", b'"', b"\\", b"\n", b"\r\n", b" ", b"\xff", b"\xef\xbb\xbf"]
PIECES += [b'{"a":"\\ud800"}', b"NaN", b"1e999", b'{"a":1,"a":2}', b"\x00", b"\xe2\x80\xa8"]
ANY_BYTES = st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
ROWS = st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=5)


@pytest.mark.parametrize(
    ("data", "rows", "lines"),
    [
        (b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}], [1, 2]),
        (b'{"a":1}\n{"a":2}', [{"a": 1}, {"a": 2}], [1, 2]),
        (b'{"a":1}\r\n{"a":2}\r\n', [{"a": 1}, {"a": 2}], [1, 2]),
        (b'\n \t\r\n{"a":1}\n\n{"a":2}\n\n', [{"a": 1}, {"a": 2}], [3, 5]),
        ('{"a":"\u2028\x85"}\n{"a":2}'.encode(), [{"a": "\u2028\x85"}, {"a": 2}], [1, 2]),
        (b'  {"a" : [1, {"b":null}]}  ', [{"a": [1, {"b": None}]}], [1]),
        (b"", [], []),
        (b"\n\n", [], []),
    ],
)  # fmt: skip
def test_reads_a_row_a_line(read: Any, data: bytes, rows: list[Any], lines: list[int]) -> None:
    result = read(data, "jsonl")

    assert (result.rows, result.lines, result.defects) == (rows, lines, [])


@pytest.mark.parametrize(
    ("data", "fault", "arguments"),
    [
        (b'{"a":1', "unparsable-row", {"reason": "it ends too early", "column": 7}),
        (b"{'a':1}", "unparsable-row", {"column": 2}),
        (b'{"a":1}{"a":2}', "unparsable-row", {"column": 8}),
        (b'{"a":"caf\xe9"}', "invalid-utf8", {"byte": "0xe9", "column": 10}),
        ('{"ä":"'.encode() + b'\xff"}', "invalid-utf8", {"byte": "0xff", "column": 7}),
        ('{"a":1}'.encode("utf-16"), "invalid-utf8", {"byte": "0xff", "column": 1}),
        (b'{"a":NaN}', "non-finite-number", {"value": "NaN"}),
        (b'{"a":-Infinity}', "non-finite-number", {"value": "-Infinity"}),
        (b'{"a":-1e999}', "non-finite-number", {}),
        (b'{"a":"\\ud83d"}', "lone-surrogate", {}),
        (b'{"a":1,"b":2,"a":3}', "duplicate-key", {"key": "a"}),
        (b"[1]", "wrong-type", {"found": "an array"}),
        (b'"a"', "wrong-type", {"found": "a string"}),
        (b"1.5", "wrong-type", {"found": "a number"}),
        (b"true", "wrong-type", {"found": "a boolean"}),
        (b"null", "wrong-type", {"found": "null"}),
    ],
)
def test_refuses_a_line_and_says_why(
    read: Any, data: bytes, fault: str, arguments: dict[str, Any]
) -> None:
    (defect,) = read(b'{"a":0}\n\n' + data + b'\n{"a":0}\n', "jsonl").defects

    assert (defect.name, defect.row, defect.line, defect.fatal) == (fault, 1, 3, True)
    assert defect.arguments.items() >= arguments.items()
    assert defect.text == data.decode(errors="backslashreplace")


def test_takes_a_byte_order_mark_off_the_first_line(read: Any) -> None:
    result = read(b'\xef\xbb\xbf{"a":1}\n{"a":2}\n', "jsonl")

    assert result.rows == [{"a": 1}, {"a": 2}]
    assert [(d.name, d.row, d.line, d.fatal) for d in result.defects] == [
        ("byte-order-mark", None, 1, False)
    ]


def test_refuses_a_byte_order_mark_further_on(read: Any) -> None:
    result = read(b'{"a":1}\n\xef\xbb\xbf{"a":2}\n', "jsonl")

    assert result.faults == [("unparsable-row", 1, 2)]


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"' + b"x" * (8 << 20) + b'"}\n',
        b'{"a":"' + b"\\n" * (4 << 20) + b'"}\n',
        b'{"a":"' + b'\\": ' * (2 << 20) + b'"}\n',
        b'{"a":"' + b"x" * (8 << 20) + b"\n",
        b'{"a":"' + b"x" * (8 << 20) + b'\xff"}\n',
        b'{"a":NaN,"b":"' + b"\\\\x" * (3 << 20) + b'"}\n',
    ],
    ids=["long", "escapes", "quotes and colons", "unclosed", "not UTF-8", "not finite"],
)
def test_a_long_line_takes_linear_time_and_memory(
    read: Any, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    """Read in 8,192 pieces: were each joined to what there is, 32 GB would be copied."""
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 1 << 10)
    tracemalloc.start()
    begin = time.process_time()

    result = read(line, "jsonl")
    taken, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert result.row_count == 1
    assert taken < 4
    assert peak < 12 * len(line)


def whole_and_cut(read: Any, data: bytes, shard_bytes: int, batch_bytes: int) -> tuple[Any, Any]:
    with pytest.MonkeyPatch.context() as patch:
        whole = read(data, "jsonl")
        patch.setattr(jsonl, "SHARD_BYTES", shard_bytes)
        patch.setattr(jsonl, "BATCH_BYTES", batch_bytes)
        return whole, read(data, "jsonl")


@given(
    lines=st.lists(st.sampled_from(PIECES[:6] + PIECES[8:]).map(lambda piece: piece + b"\n")),
    ending=st.sampled_from(PIECES),
    shard_bytes=st.integers(1, 40),
    batch_bytes=st.integers(1, 40),
)
@settings(deadline=None, database=None)
def test_shards_give_the_rows_and_lines_of_the_whole(
    read: Any, lines: list[bytes], ending: bytes, shard_bytes: int, batch_bytes: int
) -> None:
    whole, cut = whole_and_cut(read, b"".join(lines) + ending, shard_bytes, batch_bytes)

    assert cut == whole


def test_cuts_a_large_file_into_several_shards(read: Any) -> None:
    data = b"".join(b'{"a":%d}\n' % number for number in range(1000))

    whole, cut = whole_and_cut(read, data, 100, 1 << 20)

    assert cut == whole
    assert whole.rows == [{"a": number} for number in range(1000)]


@given(ANY_BYTES)
@settings(deadline=None, database=None)
def test_any_bytes_are_rows_and_defects(read: Any, data: bytes) -> None:
    try:
        read(data, "jsonl").check()
    except InputError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


@given(ROWS, st.booleans(), st.booleans())
@settings(deadline=None, database=None)
def test_reads_back_what_was_written(
    read: Any, rows: list[dict[str, Any]], spaced: bool, ascii_only: bool
) -> None:
    separators = (", ", " : ") if spaced else (",", ":")
    lines = [json.dumps(row, ensure_ascii=ascii_only, separators=separators) for row in rows]

    result = read("\n".join(lines).encode(), "jsonl")

    assert (result.rows, result.defects) == (rows, [])
    assert result.lines == [*range(1, len(rows) + 1)]
