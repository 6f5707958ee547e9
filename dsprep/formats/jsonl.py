"""JSON Lines: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from dsprep.batch import Defect
from dsprep.formats import BATCH_BYTES, BATCH_ROWS, Rows, Shard, Source
from dsprep.formats._json_row import SPACED_COLON, RowDecoder
from dsprep.formats._open import open_bytes

SUFFIXES = ("jsonl", "ndjson")
SUMMARY = "JSON Lines: one JSON object a line"

SHARD_BYTES: Final = 32 << 20
_BOM: Final = b"\xef\xbb\xbf"


def shards(source: Source) -> Sequence[Shard]:
    """Return byte ranges that end behind a newline; one where the file is compressed."""
    if source.compression or source.size <= SHARD_BYTES:
        return [Shard(0, source.size)]
    cuts = [0]
    with Path(source.path).open("rb") as file:
        while (cut := cuts[-1] + SHARD_BYTES) < source.size:
            file.seek(cut)
            _skip_line(file)
            cuts.append(min(file.tell(), source.size))
    if cuts[-1] < source.size:
        cuts.append(source.size)
    return [Shard(start, stop) for start, stop in pairwise(cuts)]


def _skip_line(file: BinaryIO) -> None:
    """Move behind the next newline without holding the line."""
    while (piece := file.readline(BATCH_BYTES)) and not piece.endswith(b"\n"):
        pass


def read(source: Source, shard: Shard) -> Iterator[Rows]:
    """Yield rows and defects, blank lines passed over, in batches of bounded size."""
    with open_bytes(source) as file:
        if shard.start:
            file.seek(shard.start)
        length = None if source.compression else shard.stop - shard.start
        for number, block in enumerate(_blocks_of_lines(file, length)):
            yield from _decode_block(block, first=number == 0 and shard.start == 0)


def _blocks_of_lines(file: BinaryIO, length: int | None) -> Iterator[bytes]:
    """Yield blocks of whole lines, each about BATCH_BYTES or one line."""
    pieces: list[bytes] = []
    left = length
    while left != 0 and (
        piece := file.read(BATCH_BYTES if left is None else min(BATCH_BYTES, left))
    ):
        left = None if left is None else left - len(piece)
        end = piece.rfind(b"\n") + 1
        if not end:
            pieces.append(piece)
            continue
        yield b"".join([*pieces, piece[:end]])
        pieces = [piece[end:]] if end < len(piece) else []
    if pieces:
        yield b"".join(pieces)


def _decode_block(block: bytes, *, first: bool) -> Iterator[Rows]:
    decoder = RowDecoder()
    compact = SPACED_COLON.search(block) is None
    if first and block.startswith(_BOM):
        block = block[len(_BOM) :]
        decoder.batch.defects.append(Defect("byte-order-mark", line=1, fatal=False))
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for text in lines:
        decoder.batch.line_count += 1
        if text and not text.isspace():
            decoder.add(text, decoder.batch.line_count, compact=compact)
        if decoder.batch.row_count == BATCH_ROWS:
            yield decoder.batch
            decoder = RowDecoder()
    yield decoder.batch
