"""JSON: the elements of an array one by one, their lines, and what is wrong with them."""

from __future__ import annotations

import json as stdlib
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.errors import InputError
from dsprep.formats import json

PIECES = [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\n", b" ", b'{"a":1}', b'"]"', b"1"]
PIECES += [b"\xff", b"\xef\xbb\xbf", b'{"a":"\\""}', b'{"a":"\\ud800"}', b"NaN", b"\x00", b"nul"]
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
        (b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}], [1, 1]),
        (b'\n\n[\n{"a":1},\n\n{"a":2}\n]\n', [{"a": 1}, {"a": 2}], [4, 6]),
        (b'[\r\n  {\r\n    "a": 1\r\n  },\r\n  {"a": 2}\r\n]', [{"a": 1}, {"a": 2}], [2, 5]),
        (b'[{"a":1}\n,\n{"a":2}]', [{"a": 1}, {"a": 2}], [1, 3]),
        (b'{"a":1}', [{"a": 1}], [1]),
        (b'\n{\n"a": 1\n}\n', [{"a": 1}], [2]),
        (b'[{"a":"],[{\\"},\\\\"},{"a":2}]', [{"a": '],[{"},\\'}, {"a": 2}], [1, 1]),
        (b'[{"a":[[],{}]},{"a":[{"b":[1,2]}]}]', [{"a": [[], {}]}, {"a": [{"b": [1, 2]}]}], [1, 1]),
        (b"[]", [], []),
        (b" [ \n ] ", [], []),
        (b"", [], []),
        (b" \n ", [], []),
    ],
)  # fmt: skip
def test_reads_elements_and_their_lines(
    read: Any, data: bytes, rows: list[Any], lines: list[int]
) -> None:
    result = read(data, "json")

    assert (result.rows, result.lines, result.defects) == (rows, lines, [])


@pytest.mark.parametrize("size", [3, 4, 5, 8, 13])
def test_reads_the_same_in_pieces_of_any_size(
    read: Any, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    data = b'\xef\xbb\xbf\n[ {"a":"],\\"\\\\"},\n {"b":[1,{"c":"\xc3\xa9"}]},\nnope, {"d":2} ]\n'
    whole = read(data, "json")
    monkeypatch.setattr(json, "BATCH_BYTES", size)

    assert read(data, "json") == whole
    assert whole.lines == [2, 3, 4]


@pytest.mark.parametrize(
    ("data", "good", "faults", "reason"),
    [
        (b'[{"a":1},\n{"a":2', 1, [("unparsable-row", 1, 2)], "the array has no end"),
        (b'[{"a":1},\n', 1, [("unparsable-row", 1, 2)], "the array has no end"),
        (b'[{"a":1},\n"abc', 1, [("unparsable-row", 1, 2)], "the array has no end"),
        (b'[{"a":1}]\n{"a":2}', 1, [("unparsable-row", 1, 2)], "there is more behind the end"),
        (b'[{"a":1},\n]', 1, [("unparsable-row", 1, 2)], ""),
        (b'[\n,{"a":1}]', 1, [("unparsable-row", 0, 2)], ""),
        (b'[{"a":1},\n{"a" 2},\n{"a":3}]', 2, [("unparsable-row", 1, 2)], "expected ':'"),
        (b'[{"a":1},\n{"a":\n3]},\n{"a":3}]', 2, [("unparsable-row", 1, 3)], ""),
        (b'[{"a":1}\n{"a":2}]', 0, [("unparsable-row", 0, 2)], "trailing characters"),
        (b'{"a":1}\n{"a":2}', 0, [("unparsable-row", 0, 2)], "trailing characters"),
    ],
)
def test_refuses_an_element_and_says_where(
    read: Any, data: bytes, good: int, faults: list[Any], reason: str
) -> None:
    result = read(data, "json")

    assert (len(result.rows), result.faults) == (good, faults)
    assert reason in result.defects[0].arguments["reason"]


@pytest.mark.parametrize(
    ("element", "fault"),
    [
        (b'{"a":"\xe9"}', "invalid-utf8"),
        (b'{"a":NaN}', "non-finite-number"),
        (b'{"a":"\\udc00"}', "lone-surrogate"),
        (b'{"a":1,"a":2}', "duplicate-key"),
        (b'{"b":[{"a":1,"a":2}]}', "duplicate-key"),
        (b'{"a"\n:1, "a"\n:2}', "duplicate-key"),
        (b"[]", "wrong-type"),
        (b"7", "wrong-type"),
    ],
)
def test_reads_on_behind_a_bad_element(read: Any, element: bytes, fault: str) -> None:
    result = read(b'[{"a":0},\n' + element + b',\n{"a":2}]', "json")

    assert result.faults == [(fault, 1, 2)]
    assert result.numbers == [0, 2]


@pytest.mark.parametrize("body", [b'[{"a":1}]', b'{"a":1}'])
def test_takes_a_byte_order_mark_off(read: Any, body: bytes) -> None:
    result = read(b"\xef\xbb\xbf" + body, "json")

    assert (result.rows, result.faults) == ([{"a": 1}], [("byte-order-mark", None, 1)])


@pytest.mark.parametrize(
    "data",
    [
        b'[{"a":"' + b"x" * (8 << 20) + b'"}]',
        b'[{"a":"' + b"\\n" * (4 << 20) + b'"}]',
        b'{"a":"' + b'\\"' * (4 << 20) + b'"}',
        b'[{"a":"' + b"\\\\" * (4 << 20),
        b" " * (8 << 20) + b'[{"a":1}]',
        b'[{"a":1}]' + b" " * (8 << 20),
    ],
    ids=["long", "escapes", "object", "unclosed", "blank before", "blank behind"],
)
def test_a_long_element_takes_linear_time_and_memory(
    read: Any, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(json, "BATCH_BYTES", 1 << 10)
    tracemalloc.start()
    begin = time.process_time()

    result = read(data, "json")
    taken, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert result.row_count == 1
    assert taken < 4
    assert peak < 12 * len(data)


@pytest.mark.parametrize("element", [b'{"a":1}', b"1", b'"a,b"'])
def test_many_small_elements_take_linear_time(read: Any, element: bytes) -> None:
    begin = time.process_time()

    result = read(b"[" + b",\n".join([element] * 100_000) + b"]", "json")

    assert result.row_count == 100_000
    assert time.process_time() - begin < 6


@given(ANY_BYTES, st.integers(1, 50))
@settings(deadline=None, database=None)
def test_any_bytes_are_rows_and_defects(read: Any, data: bytes, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json, "BATCH_BYTES", size)
        try:
            read(data, "json").check()
        except InputError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


@given(ROWS, st.sampled_from([None, 0, 2]), st.booleans())
@settings(deadline=None, database=None)
def test_reads_back_what_was_written(
    read: Any, rows: list[dict[str, Any]], indent: int | None, ascii_only: bool
) -> None:
    text = stdlib.dumps(rows, ensure_ascii=ascii_only, indent=indent)

    result = read(text.encode(), "json")

    assert (result.rows, result.defects) == (rows, [])
