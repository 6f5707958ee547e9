"""One JSON document for machines: what a run found, with every finding."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TextIO

from dsprep.report import Report, RuleSummary
from dsprep.report._finding_row import FORMAT_VERSION, encode, finding_row, skipped_rows

SUMMARY = "one JSON document for machines, with every finding"


def render(report: Report, out: TextIO, *, max_shown: int = 5) -> None:
    """Write one object, its findings last and one a line; `max_shown` changes nothing."""
    out.write(encode(_head(report))[:-1] + ',"findings":[')
    separator = "\n"
    for finding in report.findings():
        out.write(separator + encode(finding_row(finding)))
        separator = ",\n"
    out.write("\n]}\n")


def _head(report: Report) -> dict[str, Any]:
    return {
        "type": "report",
        "format_version": FORMAT_VERSION,
        "dsprep": report.version,
        "command": report.command,
        "ok": report.ok,
        "fail_on": report.fail_on,
        "partial": report.partial,
        "rows": report.rows,
        "records": report.records,
        "severities": report.by_severity,
        "totals": report.totals,
        "rules": [_rule(rule) for rule in report.rules],
        "files": [asdict(file) for file in report.files],
        "skipped": skipped_rows(report.skipped),
        "labels": dict(report.labels),
        "splits": [asdict(split) for split in report.splits],
        "dropped": dict(report.dropped) if report.dropped is not None else None,
        "outputs": [{"file": file, "rows": rows} for file, rows in report.outputs],
        "options": dict(report.options or {}),
    }


def _rule(rule: RuleSummary) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "summary": rule.summary,
        "why": rule.why,
        "help": rule.help,
        "count": rule.count,
        "files": [{"file": file, "count": count} for file, count in rule.files.items()],
    }
