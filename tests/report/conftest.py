"""One report by hand: several rules, files with and without lines, hostile text in every place."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from dsprep.finding import Severity
from dsprep.report import (
    FileSummary,
    Finding,
    Place,
    Report,
    RuleSummary,
    SplitSummary,
    load,
)

LINES = "data/train.jsonl"
ROWS = "data/old.parquet"
SCRIPT = "<script>alert(1)</script>"
ANSI = "\x1b[31mred\x1b[0m"
BIDI = "\u202egnp.exe\u202c"
COMMAND = "##[stop-commands]x"
MARKUP = "| a `b` | **c** <!-- @someone #1 https://x.test"
MEGABYTE = "x" * 1_000_000

Render = Callable[..., str]
Found = tuple[RuleSummary, list[Finding]]


def make_finding(rule: RuleSummary, place: Place, **parts: Any) -> Finding:
    """Return a finding of a rule, with the rule's summary as message."""
    empty: dict[str, Any] = {
        "field": None,
        "start": None,
        "end": None,
        "row_id": None,
        "message": rule.summary,
        "related": (),
        "fix": "none",
        "excerpt": None,
    }
    return Finding(
        code=rule.code, name=rule.name, severity=rule.severity, place=place, **{**empty, **parts}
    )


def make_rule(code: str, name: str, severity: Severity, summary: str) -> RuleSummary:
    """Return a rule that has found nothing yet."""
    return RuleSummary(
        code=code,
        name=name,
        severity=severity,
        summary=summary,
        why=f"Why {name} matters.",
        help=f"Use\n`--ignore {code}` for <{name}>.",
        count=0,
        files={},
        shown=(),
    )


def with_findings(rule: RuleSummary, findings: Sequence[Finding], kept: int = 2) -> RuleSummary:
    """Return the rule with its findings counted, so many kept a file."""
    by_file: dict[str | None, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.place.file, []).append(finding)
    return replace(
        rule,
        count=len(findings),
        files={file: len(group) for file, group in by_file.items()},
        shown=[finding for group in by_file.values() for finding in group[:kept]],
    )


def _duplicates() -> Found:
    rule = make_rule("DUP101", "exact-duplicate", "error", "The row repeats another row.")
    lines = [
        make_finding(
            rule,
            Place(LINES, 800 + row, 799 + row),
            row_id="00112233445566aa",
            related=[Place(LINES, 12, 11)] + [Place(ROWS, None, at) for at in range(row % 7)],
            fix="unsafe",
        )
        for row in range(60)
    ]
    rows = [make_finding(rule, Place(ROWS, None, 7), related=[Place(LINES, 12, 11)])]
    return rule, [*rows, *lines]


def _spans() -> Found:
    rule = make_rule("TXT103", "invisible-characters", "error", "The text holds unseen characters.")
    excerpts = [
        ("深い海 ", BIDI, f" {SCRIPT} after"),
        ("##", "[", f"stop-commands] {ANSI}\nsecond line"),
        (MEGABYTE, "needle", MEGABYTE),
        ("", MARKUP, ""),
        ("between", "", "words"),
        ("", "", ""),
    ]
    return rule, [
        make_finding(
            rule,
            Place(LINES, line, line - 1),
            field=f"messages[{line}].content",
            start=len(excerpt[0]),
            end=len(excerpt[0]) + len(excerpt[1]),
            excerpt=excerpt,
        )
        for line, excerpt in enumerate(excerpts, start=1)
    ]


def _hostile() -> Found:
    rule = make_rule("TXT210", "refusal", "warning", f"The answer refuses. {MARKUP}")
    place = Place(f"data/{SCRIPT}{ANSI}.jsonl", 3, 2)
    texts = (SCRIPT, ANSI, BIDI, COMMAND, MARKUP)
    return rule, [make_finding(rule, place, field="completion", message=text) for text in texts]


def _of_the_data_set() -> Found:
    rule = make_rule("LBL201", "imbalance", "warning", "Some labels are far more frequent.")
    place = Place(None, None, None)
    return rule, [make_finding(rule, place, message=f"`{COMMAND}` has 40 times the rows of `b`")]


def _of_a_file() -> Found:
    rule = make_rule("FMT003", "byte-order-mark", "info", "The file starts with a byte order mark.")
    return rule, [make_finding(rule, Place(LINES, None, None))]


def _order(finding: Finding) -> tuple[bool, str, int, str]:
    place = finding.place
    return place.file is None, place.file or "", place.row or 0, finding.code


@pytest.fixture
def report() -> Report:
    """Return a report of `prepare` with everything in it."""
    found = [_duplicates(), _spans(), _hostile(), _of_the_data_set(), _of_a_file()]
    rules = [with_findings(rule, findings) for rule, findings in found]
    findings = sorted((finding for _, group in found for finding in group), key=_order)
    labels = {f"label {n:02}": 400 - 10 * n for n in range(30)} | {f"{COMMAND}{SCRIPT}": 3}
    strata = {"label 00": 300, SCRIPT: 2}
    return Report(
        version="0.1.0",
        command="prepare",
        files=[
            FileSummary(ROWS, "parquet", "alpaca", "instruction, output", 90_000, 52_318, 52_318),
            FileSummary(LINES, "jsonl", "openai_chat", f"messages {ANSI}", 1234, 100_000, 99_983),
            FileSummary(f"data/{SCRIPT}{ANSI}.jsonl", "jsonl", "sharegpt", COMMAND, 99, 3, 3),
        ],
        rules=rules,
        labels=labels,
        findings=lambda: iter(findings),
        skipped=[("a.bin", "excluded"), ("b.bin", "excluded"), (f"{SCRIPT}.jsonl", MARKUP)],
        splits=[
            SplitSummary("train", 0.9, 1080, strata),
            SplitSummary("::error", 0.08, 96, {"label 00": 20}),
            SplitSummary(f"{SCRIPT}|{ANSI}", 0.02, 24, {}),
        ],
        dropped={"FMT001": 17, "DUP101": 61},
        outputs=[("train.jsonl", 1080), (f"{COMMAND}.jsonl", 1)],
        options={"seed": 0, "split": {"train": 0.9, "test": 0.1}, "note": SCRIPT},
    )


@pytest.fixture
def clean_report(report: Report) -> Report:
    """Return a report of `lint` that found nothing."""
    return Report(
        version="0.1.0",
        command="lint",
        files=report.files[:1],
        rules=(),
        labels={},
        findings=lambda: iter(()),
    )


@pytest.fixture
def empty_report() -> Report:
    """Return a report of `lint` that read nothing."""
    return Report(
        version="0.1.0",
        command="lint",
        files=(),
        rules=(),
        labels={},
        findings=lambda: iter(()),
    )


@pytest.fixture
def render() -> Render:
    """Return what a renderer writes."""

    def call(name: str, report: Report, **options: Any) -> str:
        out = io.StringIO()
        load(name).render(report, out, **options)
        return out.getvalue()

    return call
