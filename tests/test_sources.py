"""Paths to files: which are read, as what, and which are left out and why."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsprep import sources
from dsprep.errors import InputError
from dsprep.formats import Source

LINES = b'{"a":1}\n{"a":2}\n'
ARRAY = b'[\n{"a":1}\n]\n'


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), out)
    return out.getvalue()


def arrow() -> bytes:
    out = pa.BufferOutputStream()
    table = pa.table({"a": [1]})
    with pa.ipc.new_file(out, table.schema) as file:
        file.write_table(table)
    return bytes(out.getvalue().to_pybytes())


def source_of(folder: Path, name: str, data: bytes) -> Source:
    path = folder / name
    path.write_bytes(data)
    return sources.source_of(str(path), folder)


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("x.jsonl", LINES, "jsonl"),
        ("x.ndjson", LINES, "jsonl"),
        ("x.JSONL", LINES, "jsonl"),
        ("x.v1.2.jsonl", LINES, "jsonl"),
        ("x.json", ARRAY, "json"),
        ("x.csv", b"a\n1\n", "csv"),
        ("x.tsv", b"a\n1\n", "csv"),
        ("x.parquet", parquet(), "parquet"),
        ("x.arrow", arrow(), "arrow"),
        ("x.feather", arrow(), "arrow"),
    ],
)
def test_knows_a_format_by_its_ending(tmp_path: Path, name: str, data: bytes, format_: str) -> None:
    source = source_of(tmp_path, name, data)

    assert (source.format, source.compression, source.size) == (format_, None, len(data))


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("x.json", LINES, "jsonl"),
        ("x.json", b"\xef\xbb\xbf\n" + LINES, "jsonl"),
        ("x.json", b'{\n"a": 1\n}\n', "json"),
        ("x.json", b'{"a":1}', "json"),
        ("x.json", b'{"a":1}\n', "json"),
        ("x.json", b'{"a":{\n"b":1}}', "json"),
        ("x.jsonl", ARRAY, "json"),
        ("x.jsonl", b"[1,2]\n[3,4]\n", "jsonl"),
        ("x.jsonl", b'{"a":1', "jsonl"),
        ("x.jsonl", b"nothing of the kind", "jsonl"),
        ("x", LINES, "jsonl"),
        ("x", b'{"a":1}', "jsonl"),
        ("x", b'{\n"a":1}', "json"),
        ("x", ARRAY, "json"),
        ("x.txt", LINES, "jsonl"),
        ("x", parquet(), "parquet"),
        ("x.bin", arrow(), "arrow"),
    ],
)
def test_knows_json_and_columns_by_their_first_bytes(
    tmp_path: Path, name: str, data: bytes, format_: str
) -> None:
    assert source_of(tmp_path, name, data).format == format_


@pytest.mark.parametrize("length", [1 << 16, (1 << 16) + 1, 1 << 20])
@pytest.mark.parametrize(
    ("rows", "format_"), [(b'{"a":"%s"}\n{"a":1}\n', "jsonl"), (b'[{"a":"%s"}]', "json")]
)
def test_knows_json_by_a_first_line_of_any_length(
    tmp_path: Path, rows: bytes, format_: str, length: int
) -> None:
    assert source_of(tmp_path, "x.json", rows % (b"x" * length)).format == format_


@pytest.mark.parametrize(
    ("name", "packed", "compression"),
    [
        ("x.jsonl.gz", gzip.compress(LINES, mtime=0), "gz"),
        ("x.JSONL.GZ", gzip.compress(LINES, mtime=0), "gz"),
        ("x.json.bz2", bz2.compress(LINES), "bz2"),
        ("x.gz", gzip.compress(LINES, mtime=0), "gz"),
    ],
)
def test_looks_into_compressed_files(
    tmp_path: Path, name: str, packed: bytes, compression: str
) -> None:
    source = source_of(tmp_path, name, packed)

    assert (source.format, source.compression) == ("jsonl", compression)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("x.jsonl", b"", "is empty."),
        ("x.txt", b"Once upon a time", "no known format. Known endings are"),
        ("x", b"a,b\n1,2\n", "no known format. Known endings are"),
        (
            "x.jsonl.gz",
            gzip.compress(LINES, mtime=0)[:-12],
            "cannot be read: Compressed file ended",
        ),
        ("x.jsonl.gz", LINES, "cannot be read: Not a gzipped file"),
    ],
)
def test_refuses_a_file_in_one_line(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    with pytest.raises(InputError) as caught:
        source_of(tmp_path, name, data)

    assert f"{name}: {told}" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_refuses_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.jsonl: no such file or folder\.$"):
        sources.find([str(tmp_path / "x.jsonl")], tmp_path)


def test_refuses_what_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.jsonl")

    with pytest.raises(InputError, match="is neither a file nor a folder"):
        sources.source_of(str(tmp_path / "x.jsonl"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with data, other files, hidden ones, links and an empty file."""
    monkeypatch.chdir(tmp_path)
    data = Path("data")
    (data / "deep/.git").mkdir(parents=True)
    for name in ("b.jsonl", "a.jsonl", "deep/c.jsonl", ".hidden.jsonl", "deep/.git/d.jsonl"):
        (data / name).write_bytes(LINES)
    (data / "README.md").write_bytes(b"# Data")
    (data / "empty.csv").touch()
    (data / "gone.jsonl").symlink_to("nowhere.jsonl")
    (data / "deep/loop").symlink_to("..")
    os.mkfifo(data / "pipe.jsonl")
    return data


def test_finds_the_data_of_a_folder_sorted(folder: Path) -> None:
    found = sources.find([str(folder)], folder)

    assert [s.name for s in found.sources] == ["data/a.jsonl", "data/b.jsonl", "data/deep/c.jsonl"]


def test_says_what_it_left_out_and_why(folder: Path) -> None:
    assert sources.find([str(folder)], folder).skipped == [
        ("data/README.md", "no data format"),
        ("data/empty.csv", "empty"),
        ("data/gone.jsonl", "broken link"),
        ("data/pipe.jsonl", "no regular file"),
    ]


def test_the_order_of_paths_has_no_meaning(folder: Path) -> None:
    paths = ["data/b.jsonl", "data/deep", "data/a.jsonl"]

    assert sources.find(paths, folder) == sources.find(paths[::-1], folder)


@pytest.mark.parametrize("again", ["./data/a.jsonl", "data/deep/../a.jsonl", "data/link.jsonl"])
def test_reads_a_file_of_two_names_once(folder: Path, again: str) -> None:
    (folder / "link.jsonl").symlink_to("a.jsonl")

    found = sources.find(["data/a.jsonl", again, str(Path("data/a.jsonl").resolve())], folder)

    assert len(found.sources) == 1
    assert len(found.skipped) == 2


def test_refuses_a_folder_without_data(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()

    with pytest.raises(InputError, match="no data files in this folder"):
        sources.find([str(tmp_path)], tmp_path)


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("data", "format_"),
    [(LINES, "jsonl"), (ARRAY, "json"), (parquet(), "parquet"), (b"a,b\n1,2\n", "csv")],
)
def test_reads_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, format_: str
) -> None:
    stdin(monkeypatch, data)

    (source,) = sources.find(["-"], tmp_path).sources

    assert (source.name, source.format) == ("-", format_)
    assert Path(source.path).read_bytes() == data


def test_refuses_an_empty_standard_input(tmp_path: Path, monkeypatch: Any) -> None:
    stdin(monkeypatch, b"")

    with pytest.raises(InputError, match="standard input is empty"):
        sources.find(["-"], tmp_path)


@pytest.mark.parametrize("format_", ["parquet", "arrow"])
def test_unpacks_compressed_columns(tmp_path: Path, format_: str) -> None:
    data = parquet() if format_ == "parquet" else arrow()

    source = source_of(tmp_path, f"x.{format_}.gz", gzip.compress(data, mtime=0))

    assert (source.format, source.compression) == (format_, None)
    assert source.file.endswith(f"x.{format_}.gz")
    assert Path(source.path).read_bytes() == data
