from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TextIO, cast

import pytest

from dsprep.report import Finding, Place, Report, load
from tests.report.conftest import make_finding, make_rule

Render = Callable[..., str]
Golden = Callable[[str, str], None]

KEYS = ["type", "code", "name", "severity", "file", "line", "row", "field", "start", "end"]
KEYS += ["message", "row_id", "related", "fix"]


def test_looks_as_agreed(report: Report, render: Render, golden: Golden) -> None:
    golden(render("json-lines", report), "report.jsonl")


def test_begins_with_a_header_and_ends_with_a_summary(report: Report, render: Render) -> None:
    header, *findings, summary = map(json.loads, render("json-lines", report).splitlines())

    assert header == {"type": "header", "format_version": 1, "dsprep": "0.1.0"}
    assert summary == {
        "type": "summary",
        "rows": 152_321,
        "files": 3,
        "totals": Counter(finding["code"] for finding in findings),
        "skipped": [{"file": file, "reason": reason} for file, reason in report.skipped],
        "partial": False,
    }


def test_gives_every_finding_whatever_is_shown(report: Report, render: Render) -> None:
    _, *findings, _ = map(json.loads, render("json-lines", report, max_shown=1).splitlines())

    assert len(findings) == sum(report.totals.values())
    assert all(list(finding) == KEYS for finding in findings)


def test_streams(clean_report: Report) -> None:
    """A finding is written before the next one is asked for."""
    written: list[str] = []
    rule = make_rule("TXT999", "made-up", "error", "Made up.")

    class Out:
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    def findings() -> Iterator[Finding]:
        for line in range(1, 4):
            assert len(written) == line
            yield make_finding(rule, Place("a.jsonl", line, line - 1))

    load("json-lines").render(replace(clean_report, findings=findings), cast("TextIO", Out()))

    assert len(written) == len(["header", "summary"]) + 3


@pytest.mark.parametrize(
    ("message", "decoded"),
    [
        ("##[stop-commands]x ##vso[task]", "##[stop-commands]x ##vso[task]"),
        ('\x1b[31m "quoted" \\', '\x1b[31m "quoted" \\'),
        ("not UTF-8 \udcff", r"not UTF-8 \udcff"),
    ],
)
def test_keeps_text_but_no_commands(
    clean_report: Report, render: Render, message: str, decoded: str
) -> None:
    rule = make_rule("TXT999", "made-up", "error", "Made up.")
    finding = make_finding(rule, Place("a.jsonl", 1, 0), message=message)
    text = render("json-lines", replace(clean_report, findings=lambda: iter([finding])))

    assert json.loads(text.splitlines()[1])["message"] == decoded
    assert "##[" not in text
    assert "##vso[" not in text
    assert "\x1b" not in text
