"""Paths to sources: which files are meant, and the format of each."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dsprep import formats
from dsprep.errors import InputError
from dsprep.formats import Source
from dsprep.formats._open import open_bytes
from dsprep.text.digest import digest64

COMPRESSIONS: Final = ("gz", "zst", "bz2", "xz")
STDIN: Final = "-"
# What standard input is taken for that is neither JSON nor a columnar format.
_TABLE: Final = "csv"
_COLUMNAR: Final = ("arrow", "parquet")
_PARQUET: Final = b"PAR1"
_ARROW: Final = b"ARROW1"
_HEAD: Final = 1 << 16
_LONGEST_LINE: Final = 1 << 26


@dataclass(frozen=True)
class Found:
    """The sources of a run, sorted by name, and the files left out with the reason."""

    sources: Sequence[Source]
    skipped: Sequence[tuple[str, str]]


def find(paths: Iterable[str], directory: Path) -> Found:
    """Return the data files that paths name.

    Args:
        paths: files, folders (searched all the way down), or "-" for standard input.
        directory: where standard input is kept while it is read twice, and columnar
            files are unpacked.

    Raises:
        InputError: a path is missing, unreadable or empty, or a folder holds no data.
    """
    sources: dict[str, Source] = {}
    skipped: list[tuple[str, str]] = []
    for path in paths:
        if path == STDIN:
            sources[STDIN] = _from_stdin(directory / "stdin")
        elif Path(path).is_dir():
            within, left = _walk(Path(path), directory)
            sources |= within
            skipped += left
        else:
            sources[path] = source_of(path, directory)
    return _each_once([sources[name] for name in sorted(sources)], skipped)


def _each_once(sources: Sequence[Source], skipped: Sequence[tuple[str, str]]) -> Found:
    """Leave out a file that is there under two names: its rows would be copies of themselves."""
    by_file: dict[str, Source] = {}
    copies = []
    for source in sources:
        first = by_file.setdefault(os.path.realpath(source.file), source)
        if first is not source:
            copies.append((source.name, f"is {first.name}"))
    return Found([*by_file.values()], sorted([*skipped, *copies]))


def source_of(path: str, directory: Path = Path()) -> Source:
    """Return the source a path names; `directory` is for what must be unpacked.

    Raises:
        InputError: it is missing, unreadable, empty or of no known format.
    """
    file = Path(path)
    try:
        status = file.stat()
    except OSError as error:
        reason = (
            "no such file or folder" if isinstance(error, FileNotFoundError) else error.strerror
        )
        raise InputError(f"{path}: {reason}.") from error
    if not file.is_file():
        raise InputError(f"{path}: is neither a file nor a folder.")
    if status.st_size == 0:
        raise InputError(f"{path}: is empty.")
    compression = file.suffix[1:].lower() if file.suffix[1:].lower() in COMPRESSIONS else None
    source = Source(path, path, "", compression, status.st_size, status.st_mtime_ns)
    source = _with_format(source, _named_format(file))
    return _unpacked(source, directory) if compression and source.format in _COLUMNAR else source


def _unpacked(source: Source, directory: Path) -> Source:
    """Return a columnar file unpacked: it is read from its end, which a stream has not."""
    path = directory / f"unpacked-{digest64(source.path.encode()):016x}"
    with open_bytes(source) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return replace(
        source,
        path=str(path),
        original=source.path,
        compression=None,
        size=path.stat().st_size,
    )


def _named_format(file: Path) -> str | None:
    suffixes = [
        suffix[1:].lower() for suffix in file.suffixes if suffix[1:].lower() not in COMPRESSIONS
    ]
    if not suffixes:
        return None
    for name in formats.names():
        if suffixes[-1] in formats.load(name).SUFFIXES:
            return name
    return None


def _with_format(source: Source, named: str | None) -> Source:
    """Return the source with the format its name and its first bytes speak of."""
    name = named
    if named in (None, "json", "jsonl"):
        name = _json_or_lines(_head(source), named)
    if name is None:
        known = ", ".join(
            f".{suffix}" for f in formats.names() for suffix in formats.load(f).SUFFIXES
        )
        raise InputError(f"{source.name}: no known format. Known endings are {known}.")
    return replace(source, format=name)


def _head(source: Source) -> bytes:
    """Return the first bytes, as many as it takes to see where the first line ends."""
    with open_bytes(source) as file:
        head = file.read(_HEAD)
        while b"\n" not in head.strip() and len(head) < _LONGEST_LINE:
            if not (piece := file.read(len(head))):
                break
            head += piece
    return head


def _json_or_lines(head: bytes, named: str | None) -> str | None:
    """Return json or jsonl by the first bytes: files are often named for the other one."""
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(_ARROW):
        return "arrow"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    first, _, others = text.partition(b"\n")
    first, others = first.strip(), others.strip()
    if text.startswith(b"["):
        # Lines that are arrays each close on the line they open on.
        return "jsonl" if named == "jsonl" and first.endswith(b"]") and others else "json"
    if text.startswith(b"{"):
        one_a_line = first.endswith(b"}") and (
            named == "jsonl" or others[:1] == b"{" or named is None
        )
        return "jsonl" if one_a_line or named == "jsonl" else "json"
    return named


def _walk(folder: Path, directory: Path) -> tuple[dict[str, Source], list[tuple[str, str]]]:
    sources: dict[str, Source] = {}
    skipped: list[tuple[str, str]] = []
    for path in _files(folder):
        name = path.as_posix()
        if _named_format(path) is None:
            skipped.append((name, "no data format"))
        elif not path.is_file():
            skipped.append((name, "no regular file" if path.exists() else "broken link"))
        elif path.stat().st_size == 0:
            skipped.append((name, "empty"))
        else:
            sources[name] = source_of(name, directory)
    if not sources:
        raise InputError(f"{folder.as_posix()}: no data files in this folder.")
    return sources, skipped


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, hidden ones and links to folders left out."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not _is_ours(Path(root, name))
        )
        yield from (Path(root, name) for name in sorted(names) if not name.startswith("."))


def _is_ours(folder: Path) -> bool:
    """Return whether dsprep wrote a folder: what it wrote is not read again unasked."""
    try:
        return b'"manifest_version"' in (folder / "manifest.json").read_bytes()[:64]
    except OSError:
        return False


def _from_stdin(path: Path) -> Source:
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    status = path.stat()
    if status.st_size == 0:
        raise InputError("standard input is empty.")
    source = Source(str(path), STDIN, "", None, status.st_size, status.st_mtime_ns)
    return _with_format(source, _json_or_lines(_head(source), None) or _TABLE)
