"""CSV: cells as text, the physical line a row starts on, and no row lost to a bad quote."""

from __future__ import annotations

import csv as stdlib
import io
import re
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.errors import InputError
from dsprep.formats import csv

PIECES = [b"a", b",", b";", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b" ", b"\x00", b"\xff"]
PIECES += [b"\xef\xbb\xbf", b"\xc3\xa9", b"a,b\n", b'"x\ny",z\n', b"\x1c", b"\xe2\x80\xa8"]
ANY_BYTES = st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join))
CELLS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(',;"\n\r\x00 '))


@pytest.mark.parametrize(
    ("data", "rows", "lines"),
    [
        (b"a,b\n1,2\n3,4\n", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"a,b\r\n1,2\r\n3,4", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"a,b\r1,2\r3,4\r", [["1", "2"], ["3", "4"]], [2, 3]),
        (b"a;b\n1,5;2\n", [["1,5", "2"]], [2]),
        (b"a\tb\n1\t2,3,4\n", [["1", "2,3,4"]], [2]),
        (b"a|b\n1|2\n", [["1", "2"]], [2]),
        (b'"a, b, c";d\n1;2\n', [["1", "2"]], [2]),
        (b'a,b\n"one\ntwo\r\nthree",2\n3,4\n', [["one\ntwo\r\nthree", "2"], ["3", "4"]], [2, 5]),
        (b'a,b\n"say ""hi""","x,y"\n', [['say "hi"', "x,y"]], [2]),
        (b"a,b\n5\" disk,it's\n", [['5" disk', "it's"]], [2]),
        (b"a,b\n\n1,2\n\n\r\n3,4\n\n", [["1", "2"], ["3", "4"]], [3, 6]),
        (b"\n \r\na,b\n1,2\n", [["1", "2"]], [4]),
        (b'"a\nb",c\n1,2\n', [["1", "2"]], [3]),
        (b"\xef\xbb\xbfa,b\n1,\xef\xbb\xbf2\n", [["1", "\ufeff2"]], [2]),
        (b"a,b\n1,\x002\n\x00,4\n", [["1", "\x002"], ["\x00", "4"]], [2, 3]),
        (b"a,b\nnull,None\nNaN,\n", [["null", "None"], ["NaN", ""]], [2, 3]),
        (b"a,b\n,\n", [["", ""]], [2]),
        ("a,b\n\u2028x,\x85y\n".encode(), [["\u2028x", "\x85y"]], [2]),
        (b"a\n1\n2\n", [["1"], ["2"]], [2, 3]),
        (b"a,,b\n1,2,3\n", [["1", "2", "3"]], [2]),
        (b"a,b\n", [], []),
        (b"a,b", [], []),
        (b"\n\n", [], []),
        (b"", [], []),
    ],
)
def test_reads_cells_as_text_and_their_lines(
    read: Any, data: bytes, rows: list[list[str]], lines: list[int]
) -> None:
    result = read(data, "csv")

    assert [[*row.values()] for row in result.rows] == rows
    assert (result.lines, result.defects) == (lines, [])


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        (b"\xef\xbb\xbfprompt,completion\n1,2\n", ["prompt", "completion"]),
        (b'"a, b, c";d\n1;2\n', ["a, b, c", "d"]),
        (b'"a\nb",c\n1,2\n', ["a\nb", "c"]),
        (b"a,,b\n1,2,3\n", ["a", "", "b"]),
        ("é,\U0001f642\n1,2\n".encode(), ["é", "\U0001f642"]),
    ],
)
def test_names_columns_by_the_header(read: Any, data: bytes, columns: list[str]) -> None:
    assert [*read(data, "csv").rows[0]] == columns


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [("x.tsv", "\t"), ("X.TSV", "\t"), ("x.tsv.gz", "\t"), ("x.csv", ","), ("x.csv.zst", ",")],
)
def test_takes_tabs_for_granted_in_a_tsv(name: str, delimiter: str) -> None:
    assert csv.delimiter_of("question, if any", name) == delimiter


@pytest.mark.parametrize(
    ("row", "fault", "arguments"),
    [
        (b"1", "ragged-row", {"found": 1, "expected": 2}),
        (b"1,2,3", "ragged-row", {"found": 3, "expected": 2}),
        (b'"1\n2",3,4', "ragged-row", {"found": 3, "expected": 2}),
        (b" ", "ragged-row", {"found": 1, "expected": 2}),
        (b'"1"2,3', "unparsable-row", {"reason": "text stands behind a closing quote"}),
        (b'"1\n2"3,4', "unparsable-row", {"reason": "text stands behind a closing quote"}),
        (b"caf\xe9,2", "invalid-utf8", {"byte": "0xe9", "column": 4}),
        (b'"\xc3\xa9\n",\xff\xfe', "invalid-utf8", {"byte": "0xff", "column": 6}),
        (b"1,\xed\xa0\x80", "invalid-utf8", {"byte": "0xed", "column": 3}),
        (b"1,2,\xe9", "ragged-row", {"found": 3, "expected": 2}),
    ],
)
def test_refuses_a_row_and_reads_on(
    read: Any, row: bytes, fault: str, arguments: dict[str, Any]
) -> None:
    result = read(b"a,b\n0,0\n" + row + b"\r\n8,9\n", "csv")

    assert result.faults == [(fault, 1, 3)]
    assert result.defects[0].arguments == arguments
    assert result.defects[0].text == row.decode(errors="backslashreplace")
    assert result.rows == [{"a": "0", "b": "0"}, {"a": "8", "b": "9"}]
    assert result.numbers == [0, 2]


def test_points_at_the_byte_that_is_not_utf8(read: Any) -> None:
    (defect,) = read("a,b\nçà,1\n".encode() + b"\xc3\xa9t\xe9,2\n", "csv").defects

    assert (defect.row, defect.line, defect.start) == (1, 3, 2)
    assert defect.text[defect.start :] == "\\xe9,2"


@pytest.mark.parametrize(
    ("opened", "line"),
    [(b'1,"2\n3,4\n5,6\n', 3), (b'"1\n2","3\n4,5\n', 3), (b'"', 3), (b'1,"', 3), (b'x,"\n\n\n', 3)],
)
def test_an_unclosed_quote_swallows_nothing_in_silence(read: Any, opened: bytes, line: int) -> None:
    """What follows the quote is one bad row with all its text."""
    result = read(b"a,b\n0,0\n" + opened, "csv")

    assert result.faults == [("unparsable-row", 1, line)]
    assert result.defects[0].arguments["reason"] == "a quote is never closed"
    assert result.defects[0].text == opened.decode().rstrip("\n")
    assert result.rows == [{"a": "0", "b": "0"}]


def test_a_stray_quote_costs_the_rows_up_to_the_next_one(read: Any) -> None:
    result = read(b'a,b\n"1,2\n3,4\n5,"6"\n7,8\n', "csv")

    assert result.faults == [("unparsable-row", 0, 2)]
    assert result.defects[0].text == '"1,2\n3,4\n5,"6"'
    assert (result.rows, result.lines) == ([{"a": "7", "b": "8"}], [5])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a,b,a\n1,2,3\n", "two columns have one name: 'a'. Rename one."),
        (b"a,,\n1,2,3\n", "two columns have one name: ''. Rename one."),
        (b"caf\xe9,b\n1,2\n", "the header is not UTF-8. Save the file as UTF-8."),
        ("a,b\n1,2\n".encode("utf-16"), "the header is not UTF-8. Save the file as UTF-8."),
        (b'a,"b\n1,2\n', "the header cannot be read: a quote is never closed"),
        (b'"a"b,c\n1,2\n', "the header cannot be read: text stands behind a closing quote"),
    ],
)
def test_refuses_a_file_by_its_header(read: Any, data: bytes, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data, "csv", name="x.csv")

    assert str(caught.value) == f"x.csv:1: {told}"


def test_reads_in_bounded_batches(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'a,b\n1,"2\n3"\n\nbad\n' * 50
    whole = read(data, "csv")
    monkeypatch.setattr(csv, "BATCH_ROWS", 3)

    assert read(data, "csv") == whole
    assert whole.lines[:3] == [2, 6, 7]


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n"' + b"x" * (8 << 20) + b'",y\n',
        b"a,b\n" + b"x" * (8 << 20) + b",y\n",
        b'a,b\n"' + b"x" * (8 << 20),
        b'a,b\n"' + b"x,y\n" * (1 << 17) + b'",y\n',
        b'a,b\n"' + b"x,y\n" * (1 << 17),
        b"a,b\n" + b"x" * (8 << 20) + b"\xff,y\n",
    ],
    ids=["quoted", "bare", "unclosed", "newlines", "unclosed newlines", "not UTF-8"],
)
def test_a_long_cell_takes_linear_time_and_memory(read: Any, data: bytes) -> None:
    tracemalloc.start()
    begin = time.process_time()

    result = read(data, "csv")
    taken, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert result.row_count == 1
    assert taken < 5
    assert peak < 24 * len(data)


def test_a_long_header_takes_linear_time(read: Any) -> None:
    begin = time.process_time()

    assert read(b"x" * (8 << 20) + b"\n1\n", "csv").row_count == 1
    assert time.process_time() - begin < 3


@given(ANY_BYTES, st.sampled_from(["x.csv", "x.tsv"]))
@settings(deadline=None, database=None)
def test_any_bytes_are_rows_and_defects(read: Any, data: bytes, name: str) -> None:
    try:
        read(data, "csv", name=name).check()
    except InputError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right


@given(
    rows=st.lists(st.tuples(CELLS, CELLS)),
    delimiter=st.sampled_from(",;\t|"),
    dialect=st.sampled_from([("\n", stdlib.QUOTE_ALL), ("\r\n", stdlib.QUOTE_MINIMAL)]),
)
@settings(deadline=None, database=None)
def test_reads_back_what_was_written(
    read: Any, rows: list[tuple[str, str]], delimiter: str, dialect: tuple[str, int]
) -> None:
    text, lines = io.StringIO(newline=""), []
    end, quoting = dialect
    writer = stdlib.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["prompt", "completion"])
    for row in rows:
        lines.append(len(re.findall(r"\r\n|\r|\n", text.getvalue())) + 1)
        writer.writerow(row)

    result = read(text.getvalue().encode(), "csv")

    assert [(row["prompt"], row["completion"]) for row in result.rows] == rows
    assert (result.lines, result.defects) == (lines, [])
