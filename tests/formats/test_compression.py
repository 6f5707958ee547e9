"""Compressed files read as if they were not, and damaged ones told in one line."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from dsprep.errors import InputError
from dsprep.formats import jsonl

ROWS = [{"a": number, "b": "é" * (number % 7)} for number in range(3_000)]
LINES = "".join(f'{{"a":{row["a"]},"b":"{row["b"]}"}}\n' for row in ROWS).encode()


def zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return bytes(out.getvalue().to_pybytes())


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
every = pytest.mark.parametrize("compression", PACK)


@every
def test_reads_what_is_compressed(read: Any, compression: str) -> None:
    plain = read(LINES, "jsonl")

    assert read(PACK[compression](LINES), "jsonl", compression) == plain
    assert plain.rows == ROWS


@every
@pytest.mark.parametrize("format_", ["json", "csv"])
def test_reads_any_format_with_lines(read: Any, compression: str, format_: str) -> None:
    data = {"json": b'[{"a":"1"},\n{"a":"2"}]', "csv": b"a\n1\n2\n"}[format_]

    assert read(PACK[compression](data), format_, compression).rows == [{"a": "1"}, {"a": "2"}]


@every
def test_reads_several_members_as_one_file(read: Any, compression: str) -> None:
    """Cut within a line: members have no meaning for rows, as `cat a.gz b.gz` makes them."""
    pack, middle = PACK[compression], LINES.index(b"\n", 10_000) + 5

    result = read(pack(LINES[:middle]) + pack(LINES[middle:]), "jsonl", compression)

    assert (result.rows, result.defects) == (ROWS, [])


@every
def test_reads_nothing_where_nothing_was_compressed(read: Any, compression: str) -> None:
    assert read(PACK[compression](b""), "jsonl", compression).row_count == 0


@every
def test_is_one_shard_however_long(
    read: Any, compression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "SHARD_BYTES", 10)
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 1000)

    assert read(PACK[compression](LINES), "jsonl", compression).rows == ROWS


@every
@pytest.mark.parametrize("format_", ["jsonl", "json", "csv"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
def test_refuses_a_file_that_was_cut_off(
    read: Any, compression: str, format_: str, share: float
) -> None:
    """Not a byte of what can still be read is taken for the whole."""
    packed = PACK[compression](LINES.replace(b'"', b"") if format_ == "csv" else LINES)

    with pytest.raises(InputError, match=rf"^file.{format_}: cannot be read: [^\n]+$"):
        read(packed[: int(len(packed) * share)], format_, compression)


@every
def test_refuses_what_is_not_compressed(read: Any, compression: str) -> None:
    with pytest.raises(InputError, match=r"^file.jsonl: cannot be read: [^\n]+$"):
        read(LINES, "jsonl", compression)


@every
@pytest.mark.parametrize("format_", ["parquet", "arrow"])
def test_refuses_compressed_columns(read: Any, compression: str, format_: str) -> None:
    with pytest.raises(InputError, match=rf"^file.{format_}: not readable as [^\n]+$"):
        read(PACK[compression](b"PAR1"), format_, compression)


@every
def test_any_byte_may_be_wrong(read: Any, compression: str) -> None:
    """Each byte in turn is another: rows, defects or one line, and nothing else."""
    packed = PACK[compression](LINES[:2_000])
    for at in range(len(packed)):
        broken = bytearray(packed)
        broken[at] ^= 0xFF
        try:
            read(bytes(broken), "jsonl", compression).check()
        except InputError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - either is right
