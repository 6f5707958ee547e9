"""Bytes of a source, decompressed on the way."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa

from dsprep.errors import InputError
from dsprep.formats import Source


def _plain(path: str) -> BinaryIO:
    return Path(path).open("rb")


def _zst(path: str) -> BinaryIO:
    return cast("BinaryIO", pa.input_stream(path, compression="zstd"))


OPENERS: Final[Mapping[str | None, Callable[[str], BinaryIO]]] = {
    None: _plain,
    "gz": lambda path: cast("BinaryIO", gzip.GzipFile(path)),
    "zst": _zst,
    "bz2": lambda path: cast("BinaryIO", bz2.BZ2File(path)),
    "xz": lambda path: cast("BinaryIO", lzma.LZMAFile(path)),  # noqa: SIM115 - closed by open_bytes
}


@contextmanager
def open_bytes(source: Source) -> Iterator[BinaryIO]:
    """Open a source for reading; what is damaged on the way is an InputError."""
    try:
        with OPENERS[source.compression](source.path) as stream:
            yield stream
    except (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowInvalid) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(f"{source.name}: cannot be read: {reason}") from error
