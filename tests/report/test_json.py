from __future__ import annotations

import json
from collections.abc import Callable

from dsprep.report import Report
from tests.report.conftest import SCRIPT

Render = Callable[..., str]
Golden = Callable[[str, str], None]


def test_looks_as_agreed(report: Report, render: Render, golden: Golden) -> None:
    golden(render("json", report), "report.json")


def test_is_one_document(report: Report, render: Render) -> None:
    document = json.loads(render("json", report))

    assert list(document)[:3] == ["type", "format_version", "dsprep"]
    assert (document["type"], document["format_version"]) == ("report", 1)
    assert document["ok"] is False
    assert document["rows"] - document["records"] == 17
    assert document["splits"][0]["labels"] == {"label 00": 300, SCRIPT: 2}
    assert document["dropped"] == {"FMT001": 17, "DUP101": 61}
    assert document["outputs"][0] == {"file": "train.jsonl", "rows": 1080}


def test_holds_the_findings_of_json_lines(report: Report, render: Render) -> None:
    _, *lines, summary = map(json.loads, render("json-lines", report).splitlines())
    document = json.loads(render("json", report, max_shown=1))

    assert document["findings"] == lines
    assert document["totals"] == summary["totals"]


def test_is_valid_without_findings(empty_report: Report, render: Render) -> None:
    document = json.loads(render("json", empty_report))

    assert document["findings"] == []
    assert document["dropped"] is None
    assert document["ok"] is False
