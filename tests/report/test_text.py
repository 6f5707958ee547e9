from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from dsprep.finding import Severity
from dsprep.report import Place, Report
from tests.report.conftest import make_finding, make_rule, with_findings

Render = Callable[..., str]
Golden = Callable[[str, str], None]


def found(report: Report, *severities: Severity, **parts: Any) -> Report:
    """Return the report with one finding of each severity instead of its own."""
    rules = []
    for severity in severities:
        rule = make_rule("TXT999", "made-up", severity, "Made up.")
        rules.append(with_findings(rule, [make_finding(rule, Place("a.jsonl", 1, 0))]))
    return replace(report, rules=rules, **parts)


def test_looks_as_agreed(report: Report, render: Render, golden: Golden) -> None:
    golden(render("text", report), "report.txt")


def test_colors_only_when_asked(report: Report, render: Render, golden: Golden) -> None:
    colored = render("text", report, color=True)

    golden(colored, "color.txt")
    assert "\x1b" not in render("text", report)
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render("text", report)


@pytest.mark.parametrize(
    ("severities", "parts", "outcome"),
    [
        ((), {}, ["All checks passed. 52,318 rows, 1 file."]),
        ((), {"files": ()}, ["No rows checked."]),
        (
            (),
            {"partial": True},
            [
                "No problems in the part that was checked. 52,318 rows, 1 file.",
                "Partial: not everything was checked.",
            ],
        ),
        (
            ("info",),
            {},
            ["All checks passed. 52,318 rows, 1 file.", "Noted 1 info finding (1 rule)."],
        ),
        (
            ("info",),
            {"fail_on": "info"},
            [
                "Checked 52,318 rows in 1 file.",
                "Found 1 problem: 1 info (1 rule).",
            ],
        ),
        (
            ("error", "error", "warning"),
            {},
            [
                "Checked 52,318 rows in 1 file.",
                "Found 3 problems: 2 errors, 1 warning (3 rules).",
            ],
        ),
        (
            ("error",),
            {"files": ()},
            ["No rows checked.", "Found 1 problem: 1 error (1 rule)."],
        ),
        (
            (),
            {"skipped": [("b", "excluded"), ("a", "Git LFS pointer"), ("c", "excluded")]},
            [
                "All checks passed. 52,318 rows, 1 file.",
                "Skipped 3 files: excluded (2), Git LFS pointer (1).",
            ],
        ),
    ],
)
def test_says_the_outcome(
    clean_report: Report,
    render: Render,
    severities: Sequence[Severity],
    parts: dict[str, Any],
    outcome: list[str],
) -> None:
    text = render("text", found(clean_report, *severities, **parts))

    assert text.split("\n\n")[-1].splitlines() == outcome


def test_never_calls_no_rows_a_success(empty_report: Report, render: Render) -> None:
    assert render("text", empty_report) == "No rows checked.\n"


def test_says_how_many_rows_could_not_be_read(report: Report, render: Render) -> None:
    assert "\n17 rows could not be read.\n" in render("text", report)


@pytest.mark.parametrize(
    ("max_shown", "places", "more"),
    [(1, 1, "59"), (2, 2, "58"), (59, 59, "1"), (0, 60, "")],
)
def test_shows_so_many_places_a_file(
    report: Report, render: Render, max_shown: int, places: int, more: str
) -> None:
    text = render("text", replace(report, rules=report.rules[:1]), max_shown=max_shown)

    assert text.count("--> data/train.jsonl:") == places
    assert re.findall(r"--> \.\.\. (\S+) more \(--max-shown 0\)", text) == [more] * bool(more)


def test_underlines_the_span(report: Report, render: Render) -> None:
    lines = render("text", report).splitlines()
    carets = next(line for line in lines if "^" in line)
    text = lines[lines.index(carets) - 1]
    start, length = carets.index("^"), carets.count("^")

    assert cell_len(text[: text.index(r"\u202e")]) == start
    assert length == len(r"\u202egnp.exe\u202c")


def test_lets_no_text_act_on_a_terminal_or_a_ci_log(report: Report, render: Render) -> None:
    text = render("text", report)

    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]", text
    )
    assert "##[" not in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


def test_cuts_excerpts_but_no_messages(clean_report: Report, render: Render) -> None:
    rule = make_rule("TXT999", "made-up", "error", "Made up.")
    finding = make_finding(
        rule, Place("a.jsonl", 1, 0), message="m" * 500, excerpt=("b" * 500, "s" * 500, "a" * 500)
    )
    text = render("text", replace(clean_report, rules=[with_findings(rule, [finding])]))

    assert "m" * 500 in text
    assert "…" + "b" * 24 + "s" * 50 + "…" + "a" * 24 + "…" in text


@pytest.mark.parametrize(
    ("name", "related", "shown"),
    [
        ("exact-duplicate", [Place("a.jsonl", 12, 11)], "same as :12"),
        ("exact-leak", [Place("b.parquet", None, 3)], "same as b.parquet#3"),
        ("near-duplicate", [Place("a.jsonl", 12, 11)], "see :12"),
        (
            "near-duplicate",
            [Place("a.jsonl", n, n) for n in range(1, 6)],
            "see :1, :2, :3 and 2 more",
        ),
    ],
)
def test_names_related_places(
    clean_report: Report, render: Render, name: str, related: list[Place], shown: str
) -> None:
    rule = make_rule("DUP999", name, "error", "Made up.")
    finding = make_finding(rule, Place("a.jsonl", 20, 19), related=related)
    text = render("text", replace(clean_report, rules=[with_findings(rule, [finding])]))

    assert f"  --> a.jsonl:20  {shown}\n" in text
