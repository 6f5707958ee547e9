"""JSON: an array of objects, or one object."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from dsprep.batch import Defect
from dsprep.formats import BATCH_BYTES, BATCH_ROWS, Rows, Shard, Source
from dsprep.formats._json_row import SPACED_COLON, RowDecoder
from dsprep.formats._open import open_bytes

SUFFIXES = ("json",)
SUMMARY = "JSON: an array of objects, or one object"

# Whatever can change the depth. Strings are passed over whole, so that brackets
# inside them do not count; a lone quote is a string that goes on behind the buffer.
# Possessive: no trace of a long string is kept.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},"]', re.DOTALL)
_BOM: Final = b"\xef\xbb\xbf"
_WHITE_SPACE: Final = b" \t\r\n"


def shards(source: Source) -> Sequence[Shard]:
    """Return the file as a whole: only a reader from the start knows the depth."""
    return [Shard(0, source.size)]


def read(source: Source, shard: Shard) -> Iterator[Rows]:
    """Yield the elements of the array as rows, in batches of bounded size."""
    del shard
    decoder, held = RowDecoder(), 0
    with open_bytes(source) as file:
        for text, fault in Elements(file):
            body = text.lstrip(_WHITE_SPACE)
            line = decoder.batch.line_count + text[: len(text) - len(body)].count(b"\n") + 1
            body = body.rstrip(_WHITE_SPACE)
            if fault == "byte-order-mark":
                decoder.batch.defects.append(Defect(fault, line=1, fatal=False))
            elif fault:
                decoder.refuse(body, line, fault)
            else:
                decoder.add(body, line, compact=SPACED_COLON.search(body) is None)
            decoder.batch.line_count += text.count(b"\n")
            held += len(text)
            if held >= BATCH_BYTES or decoder.batch.row_count >= BATCH_ROWS:
                yield decoder.batch
                decoder, held = RowDecoder(), 0
    yield decoder.batch


class Elements:
    """Cuts a stream of JSON into the elements of its array, holding one at a time.

    Yields the bytes of an element with the white space around it, and the fault that
    makes it unreadable, if any. What is no array is one element.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._buffer = b""
        self._start = 0  # of the element under way
        self._at = 0  # behind the last token looked at

    def __iter__(self) -> Iterator[tuple[bytes, str | None]]:
        self._grow()
        if self._buffer.startswith(_BOM):
            self._buffer = self._buffer[len(_BOM) :]
            yield b"", "byte-order-mark"
        while not self._buffer.strip(_WHITE_SPACE) and self._grow():
            pass
        head = self._buffer.lstrip(_WHITE_SPACE)
        if head.startswith(b"["):
            self._at = len(self._buffer) - len(head) + 1
            yield from self._array()
        elif head:
            while self._grow():
                pass
            yield self._buffer, None

    def _grow(self) -> bool:
        """Read on, as much again as is held, so that long elements stay linear."""
        kept = self._buffer[self._start :]
        piece = self._file.read(max(BATCH_BYTES, len(kept)))
        self._buffer = kept + piece
        self._at -= self._start
        self._start = 0
        return bool(piece)

    def _take(self, behind: int) -> bytes:
        """Return what was not taken yet up to a place, and go on behind the last token."""
        text = self._buffer[self._start : behind]
        self._start = self._at
        return text

    def _array(self) -> Iterator[tuple[bytes, str | None]]:
        opening = self._take(self._at)[:-1]
        depth, count = 1, 0
        while (token := self._token()) is not None:
            if token in b"[{":
                depth += 1
            elif token == b"," and depth == 1:
                yield opening + self._take(self._at - 1), None
                opening, count = b"", count + 1
            elif token == b"]" and depth == 1:
                last = opening + self._take(self._at - 1)
                if count or last.strip(_WHITE_SPACE):
                    yield last, None
                yield from self._behind()
                return
            elif token in b"]}" and depth > 1:
                depth -= 1
        yield opening + self._buffer[self._start :], "the array has no end"

    def _token(self) -> bytes | None:
        """Return the next bracket or comma outside strings, None at the end."""
        while True:
            match = _TOKEN.search(self._buffer, self._at)
            if match and match[0] != b'"':
                self._at = match.end()
                if match[0][:1] != b'"':
                    return match[0]
                continue
            self._at = match.start() if match else len(self._buffer)
            if not self._grow():
                return None

    def _behind(self) -> Iterator[tuple[bytes, str | None]]:
        while self._grow():
            pass
        if self._buffer[self._start :].strip(_WHITE_SPACE):
            yield self._buffer[self._start :], "there is more behind the end of the array"
