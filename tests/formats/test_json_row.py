"""One JSON text: keys that are there twice, nesting, and the place of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dsprep.formats._json_row import SPACED_COLON, RowDecoder, keys_written, repeated_key
from dsprep.record import MAX_DEPTH, keys_and_depth


def decode(text: bytes) -> RowDecoder:
    decoder = RowDecoder()
    decoder.add(text, 1, compact=SPACED_COLON.search(text) is None)
    return decoder


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b'{"a":1,"a":1}', "a"),
        (b'{"a":1,"b":{"c":1,"d":[{"c":1,"e":2,"c":3}]}}', "c"),
        (b'{"a":1,"\\u0061":2}', "a"),
        (b'{"":1,"":2}', ""),
        (b'{"a" :1,"a" :2}', "a"),
        (b'{"a"\t:1,"a":2}', "a"),
        (b'{"say \\"hi\\":":1,"say \\"hi\\":":2}', 'say "hi":'),
        (b'{"a":"x\\":y","a":2}', "a"),
        ('{"é":1,"\\u00e9":2}'.encode(), "é"),
    ],
)
def test_finds_a_key_that_is_there_twice(text: bytes, key: str) -> None:
    (defect,) = decode(text).batch.defects

    assert (defect.name, defect.arguments) == ("duplicate-key", {"key": key})


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
        b'{"a":"{\\"b\\": 1, \\"b\\": 2}"}',
        b'{"say \\"a\\":":1,"a":2}',
        b'{"a":": \\":\\": \\" :"}',
        b'{"a":"\\\\","b":"\\\\\\":"}',
        b'{"a" : "x" , "b" : "y" }',
    ],
)
def test_finds_no_key_twice_in_strings_or_other_objects(text: bytes) -> None:
    batch = decode(text).batch

    assert (batch.rows, batch.defects) == ([json.loads(text)], [])


@pytest.mark.parametrize(
    ("value", "keys", "depth"),
    [
        (1, 0, 0),
        ("{[", 0, 0),
        ([], 0, 1),
        ({"a": 1}, 1, 1),
        ({"a": {"b": [{"c": 1, "d": None}]}, "e": []}, 5, 4),
        ([[], [[]], {"a": [{}]}], 1, 4),
    ],
)
def test_counts_keys_and_levels(value: Any, keys: int, depth: int) -> None:
    assert keys_and_depth(value) == (keys, depth)


@pytest.mark.parametrize("text", [b'{"a":1,"b":{"c":[]}}', b'{"a":"\\":"}', b"[]"])
def test_counts_no_fewer_keys_written_than_read(text: bytes) -> None:
    assert keys_written(text) >= keys_and_depth(json.loads(text))[0]


def test_repeated_key_is_none_where_there_is_none() -> None:
    assert repeated_key(b'{"a":{"a":[{"a":1}]}}') is None


def nested(levels: int, opening: bytes, closing: bytes) -> bytes:
    return b'{"a":' + opening * (levels - 1) + b"1" + closing * (levels - 1) + b"}"


@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'{"a" :', b"}")]
)
@pytest.mark.parametrize("levels", [2, 100, MAX_DEPTH])
def test_reads_what_is_nested(levels: int, opening: bytes, closing: bytes) -> None:
    batch = decode(nested(levels, opening, closing)).batch

    assert (batch.row_count, batch.defects) == (1, [])
    assert keys_and_depth(batch.rows[0])[1] == levels


@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'{"a" :', b"}")]
)
@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 500, 700, 900, 990, 2_000, 100_000])
def test_refuses_what_is_nested_too_deeply(levels: int, opening: bytes, closing: bytes) -> None:
    """Some of these are read by one decoder and exhaust the stack of another."""
    (defect,) = decode(nested(levels, opening, closing)).batch.defects

    assert defect.name == "unparsable-row"
    assert defect.arguments["reason"] == "nested more than 256 levels deep"


@pytest.mark.parametrize("text", [b'{"a":' * 900 + b"1", b'{"a":' * 100_000, b"[" * 100_000 + b"]"])
def test_refuses_what_is_nested_and_broken(text: bytes) -> None:
    (defect,) = decode(text).batch.defects

    assert defect.name == "unparsable-row"


@pytest.mark.parametrize("frames", [1, 300, 600])
def test_reads_the_same_however_deep_the_stack_is(frames: int) -> None:
    def called_from(deeper: int) -> int:
        if deeper:
            return called_from(deeper - 1)
        return len(decode(nested(MAX_DEPTH, b'{"a" :', b"}")).batch.rows)

    assert called_from(frames) == 1


@pytest.mark.parametrize(
    ("text", "start", "column", "line"),
    [
        (b'{"a" 1}', 5, 6, 1),
        (b'{"a":1}{"b":2}', 7, 8, 1),
        (b'{"a":1} x', 8, 9, 1),
        (b'{"a":1', 6, 7, 1),
        (b'{\n"a": 1,\n"b" 2}', 14, 5, 3),
        ('{"ä":"ö" x}'.encode(), 9, 10, 1),
        (b'{"a":01}', 6, 7, 1),
    ],
)
def test_says_where_a_text_stops_to_be_json(
    text: bytes, start: int, column: int, line: int
) -> None:
    (defect,) = decode(text).batch.defects

    assert defect.name == "unparsable-row"
    assert (defect.start, defect.arguments["column"], defect.line) == (start, column, line)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (b'{"NaN":"NaN","a":NaN}', 17),
        (b'{"a":"\\"NaN","b":[1,-Infinity]}', 20),
        (b'{"a":Infinity}', 5),
    ],
)
def test_says_where_a_number_is_not_finite(text: bytes, start: int) -> None:
    (defect,) = decode(text).batch.defects

    assert (defect.name, defect.start) == ("non-finite-number", start)


@pytest.mark.parametrize(
    "digits", ["1" * 19, "1" * 20, "-" + "9" * 30, "1" * 400, "0.1", "1e308", "5e-324", "-0.0"]
)
def test_reads_numbers_exactly(digits: str) -> None:
    batch = decode(b'{"a":%s,"b" :0}' % digits.encode()).batch

    assert batch.rows == [{"a": json.loads(digits), "b": 0}]


def test_refuses_a_number_of_5000_digits() -> None:
    (defect,) = decode(b'{"a" :%s}' % (b"1" * 5_000)).batch.defects

    assert defect.name == "unparsable-row"
