"""CSV and its relatives: a header, then one row a record, quoted newlines allowed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from dsprep.batch import Defect
from dsprep.errors import InputError
from dsprep.formats import BATCH_BYTES, BATCH_ROWS, Rows, Shard, Source
from dsprep.formats._open import open_bytes
from dsprep.formats._utf8 import not_utf8
from dsprep.record import Row

SUFFIXES = ("csv", "tsv")
SUMMARY = "CSV, TSV or semicolons: a header, then one row a record"

_DELIMITERS: Final = ",;\t|"
_QUOTED: Final = re.compile(r'"[^"]*+"?')
# A field may be as long as a row; the module's own limit is 128 KiB.
csv.field_size_limit(2**31 - 1)


def shards(source: Source) -> Sequence[Shard]:
    """Return the file as a whole: only a reader from the start knows what is quoted."""
    return [Shard(0, source.size)]


def read(source: Source, shard: Shard) -> Iterator[Rows]:
    """Yield rows as column → text, ragged and broken ones as defects with their line."""
    del shard
    with open_bytes(source) as file:
        # Undecodable bytes become surrogates, which no valid UTF-8 can hold, so
        # that the row they stand in can be named.
        text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
        lines = _Lines(text)
        first = lines.peek()
        if not first:
            return
        reader = csv.reader(lines, delimiter=delimiter_of(first, source.name), strict=True)
        yield from _batches(reader, lines, _header(reader, source))


def delimiter_of(header: str, name: str) -> str:
    """Return the delimiter that cuts a header line into the most columns."""
    if ".tsv" in PurePath(name.lower()).suffixes:
        return "\t"
    bare = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=lambda mark: (bare.count(mark), mark == ","))


class _Lines:
    """Physical lines on their way to the CSV reader, those of the row under way kept."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._first: str | None = None
        self.held: list[str] = []
        self.passed = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._first if self._first is not None else self._text.readline()
        self._first = None
        if not line:
            raise StopIteration
        self.held.append(line)
        self.passed += 1
        return line

    def peek(self) -> str:
        """Return the first line that is not blank, which stays to be read."""
        while (line := self._text.readline()) and not line.strip():
            self.passed += 1
        self._first = line
        return line

    def drop(self) -> None:
        """Forget the lines of the row that is done."""
        self.held.clear()
        self.passed = 0


def _header(reader: Iterator[list[str]], source: Source) -> list[str]:
    try:
        header = next(reader)
    except csv.Error as error:
        raise InputError(f"{source.name}:1: the header cannot be read: {_told(error)}") from error
    if not all(map(_is_text, header)):
        raise InputError(f"{source.name}:1: the header is not UTF-8. Save the file as UTF-8.")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        named = ", ".join(repr(name) for name in repeated)
        raise InputError(f"{source.name}:1: two columns have one name: {named}. Rename one.")
    return header


def _batches(reader: Iterator[list[str]], lines: _Lines, header: list[str]) -> Iterator[Rows]:
    batch, held = Rows(line_count=lines.passed), 0
    lines.drop()
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            _refuse(batch, lines, "unparsable-row", {"reason": _told(error)})
        else:
            _add(batch, lines, header, cells)
        held += sum(map(len, lines.held))
        batch.line_count += lines.passed
        lines.drop()
        if held >= BATCH_BYTES or batch.row_count >= BATCH_ROWS:
            yield batch
            batch, held = Rows(), 0
    yield batch


def _told(error: csv.Error) -> str:
    """Return what is wrong with the quotes of a row."""
    if "unexpected end" in str(error):
        return "a quote is never closed"
    return "text stands behind a closing quote" if "expected after" in str(error) else str(error)


def _add(batch: Rows, lines: _Lines, header: list[str], cells: list[str]) -> None:
    if not cells:  # a blank line
        return
    if len(cells) != len(header):
        counts: Row = {"found": len(cells), "expected": len(header)}
        _refuse(batch, lines, "ragged-row", counts)
    elif not all(map(_is_text, cells)):
        _refuse(batch, lines, "invalid-utf8", {})
    else:
        batch.rows.append(dict(zip(header, cells, strict=True)))
        batch.numbers.append(batch.row_count)
        batch.lines.append(batch.line_count + 1)
        batch.row_count += 1


def _is_text(cell: str) -> bool:
    """Return whether a cell holds no byte that is not UTF-8."""
    if cell.isascii():
        return True
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(batch: Rows, lines: _Lines, name: str, arguments: Row) -> None:
    raw = "".join(lines.held).encode(errors="surrogateescape").rstrip(b"\r\n")
    row, line = batch.row_count, batch.line_count + 1
    defect = not_utf8(raw, row=row, line=line) if name == "invalid-utf8" else None
    text = raw.decode(errors="backslashreplace")
    batch.defects.append(defect or Defect(name, row, line, text=text, arguments=arguments))
    batch.row_count += 1
