"""The receipt of a run: what went in, what came out, and what would do it again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from dsprep import __version__
from dsprep.errors import InputError
from dsprep.lint import Counted
from dsprep.rule import Rule
from dsprep.write import Written

NAME: Final = "manifest.json"
VERSION: Final = 1
_CHUNK: Final = 1 << 20


class _File(msgspec.Struct):
    """What a receipt must say of a file, so that it can be checked."""

    name: str
    bytes: int
    sha256: str
    rows: int | None


class _Input(_File):
    in_project: bool


class _Files(msgspec.Struct):
    """What a receipt must hold."""

    inputs: list[_Input]
    outputs: list[_File]


def manifest(
    counted: Sequence[Counted],
    rules: Iterable[Rule],
    options: Mapping[str, Any],
    outputs: Sequence[Written],
) -> dict[str, Any]:
    """Return the receipt: no dates, no machine, no paths outside the project."""
    return {
        "manifest_version": VERSION,
        "dsprep": __version__,
        "options": dict(options),
        "inputs": [_input(count) for count in counted],
        "outputs": [
            {"name": out.name, "rows": out.rows, "bytes": out.bytes, "sha256": out.sha256}
            for out in outputs
        ],
        "rules": {rule.code: _rule(rule) for rule in rules},
    }


def _input(count: Counted) -> dict[str, Any]:
    source = count.reading.source
    name = project_name(source.name)
    return {
        "name": name,
        "in_project": Path(name) == Path(os.path.relpath(source.name)),
        "format": source.format,
        "shape": count.reading.shape,
        "mapping": dict(count.reading.mapping),
        "rows": count.rows,
        "records": count.records,
        "bytes": Path(source.file).stat().st_size,
        "sha256": sha256_of(Path(source.file)),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    told = {"name": rule.name, "severity": rule.severity, "parameters": dict(rule.parameters)}
    digest = hashlib.sha256(msgspec.json.encode([rule.kind, rule.scope, told], order="sorted"))
    return {**told, "version": digest.hexdigest()[:12]}


def project_name(name: str) -> str:
    """Return a path relative to the working folder, the bare file name outside of it."""
    path = Path(os.path.normpath(Path.cwd() / name))
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.name


def encoded(receipt: Mapping[str, Any]) -> bytes:
    """Return a receipt as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def verify(folder: Path) -> Iterator[tuple[str, bool | None, str]]:
    """Yield each file of a receipt, whether it is as the receipt says, and what is found.

    Of an input that is not found from here, only its name is known: None.

    Raises:
        InputError: there is no receipt, or it cannot be read.
    """
    receipt = load(folder)
    for output in receipt["outputs"]:
        yield output["name"], *_checked(folder / output["name"], output)
    for source in receipt["inputs"]:
        path = Path(source["name"])
        if source["in_project"] and path.is_file():
            yield source["name"], *_checked(path, source)
        else:
            yield source["name"], None, "input not found from here, not checked"


def load(folder: Path) -> dict[str, Any]:
    """Return the receipt of a folder."""
    path = folder / NAME
    try:
        receipt: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        version = receipt["manifest_version"]
        if version == VERSION:
            msgspec.convert(receipt, _Files)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}. Name a folder that dsprep wrote.") from error
    except (msgspec.DecodeError, RecursionError, UnicodeError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is no dsprep manifest.") from error
    if version != VERSION:
        raise InputError(f"{path}: version {version} is not known to dsprep {__version__}.")
    return receipt


def written_before(folder: Path, again: Collection[str] = ()) -> list[str]:
    """Return the files that an earlier run wrote into a folder and nobody changed since.

    Args:
        folder: where a receipt may be.
        again: names that are of no interest, because they are written again.
    """
    try:
        outputs = load(folder)["outputs"]
    except InputError:
        return []
    before = [output for output in outputs if output["name"] not in again]
    return [out["name"] for out in before if _checked(folder / Path(out["name"]).name, out)[0]]


def _checked(path: Path, told: Mapping[str, Any]) -> tuple[bool, str]:
    if not path.is_file():
        return False, "missing"
    if path.stat().st_size != told["bytes"]:
        return False, f"{path.stat().st_size} bytes, not {told['bytes']}"
    if sha256_of(path) != told["sha256"]:
        return False, "other content than was written"
    rows = told["rows"]
    return True, "as written" if rows is None else f"{rows:,} row{'s' * (rows != 1)}"
