"""JSON Lines for machines: a header, every finding, a summary."""

from __future__ import annotations

from typing import TextIO

from dsprep.report import Report
from dsprep.report._finding_row import FORMAT_VERSION, encode, finding_row, skipped_rows

SUMMARY = "JSON Lines for machines: every finding, one a line"


def render(report: Report, out: TextIO, *, max_shown: int = 5) -> None:
    """Write every finding as it comes; nothing is capped, so `max_shown` changes nothing."""
    header = {"type": "header", "format_version": FORMAT_VERSION, "dsprep": report.version}
    out.write(encode(header) + "\n")
    for finding in report.findings():
        out.write(encode(finding_row(finding)) + "\n")
    summary = {
        "type": "summary",
        "rows": report.rows,
        "files": len(report.files),
        "totals": report.totals,
        "skipped": skipped_rows(report.skipped),
        "partial": report.partial,
    }
    out.write(encode(summary) + "\n")
