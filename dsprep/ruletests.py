"""The tests inside rule files: each is run as a lint of its rows by the rule alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from dsprep import formats, ingest, prepare
from dsprep.engine.duckdb import DuckDB
from dsprep.errors import DsprepError
from dsprep.formats import Source
from dsprep.prepare import Input
from dsprep.report import Finding
from dsprep.rule import Rule
from dsprep.rulebook import Rulebook


@dataclass(frozen=True)
class TestResult:
    """How one test of a rule came out; `fault` is None where it passed."""

    rule: Rule
    name: str
    fault: str | None


def run(rulebook: Rulebook) -> Iterator[TestResult]:
    """Yield the result of every test of every rule."""
    for rule in rulebook:
        for test in rule.tests:
            yield TestResult(rule, test["name"], fault(rule, test))


def fault(rule: Rule, test: Mapping[str, Any]) -> str | None:
    """Return how the findings differ from what a test expects, or None."""
    with TemporaryDirectory() as directory:
        try:
            book = Rulebook([rule]).configure({rule.code: test.get("config", {})})
            found = _findings(_source(test, Path(directory)), book)
        except DsprepError as error:
            return f"could not be run: {error}"
    expected = test["expect"]
    if len(found) != len(expected):
        places = ", ".join(f"row {f.place.row} {f.message!r}" for f in found) or "none"
        return f"{len(expected)} findings expected, found {len(found)}: {places}"
    for nth, (finding, wanted) in enumerate(zip(found, expected, strict=True)):
        for key, value in wanted.items():
            if (seen := _seen(finding, key)) != value:
                return f"finding {nth}: {key} {value!r} expected, found {seen!r}"
    return None


def _seen(finding: Finding, key: str) -> Any:
    """Return what a test may ask of a finding."""
    if key in ("row", "line"):
        return getattr(finding.place, key)
    if key == "related":
        return [place.row for place in finding.related]
    if key == "match":
        return finding.excerpt[1] if finding.excerpt else None
    return getattr(finding, key)


def _findings(source: Source, book: Rulebook) -> list[Finding]:
    with DuckDB() as engine:
        given = Input([ingest.detect(source)], (), book, book)
        return list(prepare.judge(given, engine, engine.directory).findings())


def _source(test: Mapping[str, Any], directory: Path) -> Source:
    name, _, encoding = test.get("format", "jsonl").partition("+")
    path = directory / f"rows.{formats.load(name).SUFFIXES[0]}"
    if "raw" in test:
        path.write_bytes(test["raw"].encode(encoding or "utf-8"))
    else:
        lines = [msgspec.json.encode(row) + b"\n" for row in test["rows"]]
        path.write_bytes(b"".join(lines))
    status = path.stat()
    return Source(str(path), path.name, name, None, status.st_size, status.st_mtime_ns)
