"""What a run found, computed once; one renderer a module, found by being here.

A renderer module has
    SUMMARY                          one line for `--help`
    render(report, out, max_shown)   the report as text
and may have `color`, a keyword argument of render, where a terminal reads it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import Any, Protocol, TextIO, cast

from dsprep.finding import SEVERITIES, Severity


@dataclass(frozen=True)
class FileSummary:
    """One input file as it was read."""

    name: str
    format: str
    shape: str
    why: str  # this shape
    bytes: int
    rows: int  # data rows, bad ones included
    records: int  # rows that became records


@dataclass(frozen=True)
class Place:
    """Where something stands; row is null for a file, file for the data set."""

    file: str | None
    line: int | None  # 1-based
    row: int | None  # 0-based


@dataclass(frozen=True)
class Finding:
    """One finding, ready to be shown: its text is cleaned and masked."""

    code: str
    name: str
    severity: Severity
    place: Place
    field: str | None
    start: int | None  # code points in the decoded field
    end: int | None
    row_id: str | None
    message: str
    related: Sequence[Place]
    fix: str  # safe, unsafe or none
    excerpt: tuple[str, str, str] | None  # before, span, after


@dataclass(frozen=True)
class RuleSummary:
    """What one rule found."""

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    help: str
    count: int
    files: Mapping[str | None, int]  # findings by file, None for the data set
    shown: Sequence[Finding]  # the first of each file


@dataclass(frozen=True)
class SplitSummary:
    """One split as it came out."""

    name: str
    share: float  # wanted, 0 to 1
    rows: int
    labels: Mapping[str, int]  # rows by stratum, empty without strata


@dataclass(frozen=True)
class Report:
    """Everything the renderers say; equal input gives an equal report on any day."""

    version: str
    command: str  # lint, prepare, split or convert
    files: Sequence[FileSummary]
    rules: Sequence[RuleSummary]  # those that found something: errors first, then by count
    labels: Mapping[str, int]  # rows by label, most first
    findings: Callable[[], Iterator[Finding]]  # all of them: by file, row and code
    skipped: Sequence[tuple[str, str]] = ()  # file and reason
    splits: Sequence[SplitSummary] = ()
    dropped: Mapping[str, int] | None = None  # rows by the code that dropped them first
    outputs: Sequence[tuple[str, int]] = ()  # file name and rows written
    options: Mapping[str, Any] | None = None
    fail_on: Severity = "error"
    partial: bool = False

    @cached_property
    def rows(self) -> int:
        """Data rows read, bad ones included."""
        return sum(file.rows for file in self.files)

    @cached_property
    def records(self) -> int:
        """Rows that became records."""
        return sum(file.records for file in self.files)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        """Findings by code, sorted by code."""
        return {rule.code: rule.count for rule in sorted(self.rules, key=lambda rule: rule.code)}

    @cached_property
    def by_severity(self) -> Mapping[Severity, int]:
        """Findings by severity, all three named."""
        return {
            severity: sum(rule.count for rule in self.rules if rule.severity == severity)
            for severity in SEVERITIES
        }

    @cached_property
    def ok(self) -> bool:
        """Whether rows were read and nothing was found at or above `fail_on`."""
        failing = SEVERITIES[: SEVERITIES.index(self.fail_on) + 1]
        return self.rows > 0 and not any(self.by_severity[severity] for severity in failing)


class Renderer(Protocol):
    """What a module of this package offers."""

    SUMMARY: str

    def render(self, report: Report, out: TextIO, *, max_shown: int = 5) -> None:
        """Write the report."""


@cache
def formats() -> tuple[str, ...]:
    """Return the names of all renderers as `--output-format` takes them, sorted."""
    modules = (m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_")
    return tuple(sorted(name.replace("_", "-") for name in modules))


@cache
def load(name: str) -> Renderer:
    """Return one renderer by name."""
    return cast("Renderer", import_module(f"{__name__}.{name.replace('-', '_')}"))
