from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from dsprep.report import Place, Report, SplitSummary
from tests.report.conftest import (
    ANSI,
    BIDI,
    COMMAND,
    MARKUP,
    SCRIPT,
    make_finding,
    make_rule,
    with_findings,
)

Render = Callable[..., str]
Golden = Callable[[str, str], None]

COMMENT_CHARS = 65_536  # what GitHub takes
HOSTILE = (
    SCRIPT,
    ANSI,
    BIDI,
    COMMAND,
    MARKUP,
    "`",
    "``` ~~~",
    "\\|\\` x",
    "a\\",
    " `x",
    "</details>\n\n# head",
    "![x](https://x.test) [y]: https://x.test <https://x.test>",
)


def to_html(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


def outline(markdown: str) -> list[str]:
    """Return the tags of what the Markdown renders to: its structure without its text."""
    return re.findall(r"</?[a-z][^>]*>|<!--", to_html(markdown))


def test_looks_as_agreed(report: Report, render: Render, golden: Golden) -> None:
    golden(render("markdown", report), "report.md")


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("clean_report", "## All checks passed. 52,318 rows, 1 file.\n"),
        ("empty_report", "## No rows checked.\n"),
    ],
)
def test_is_the_verdict_alone_where_nothing_was_found(
    request: pytest.FixtureRequest, render: Render, name: str, verdict: str
) -> None:
    assert render("markdown", request.getfixturevalue(name)) == verdict


def with_text(report: Report, text: str) -> Report:
    """Return a report that holds the text in every place where data can put one."""
    rule = make_rule("TXT999", "made-up", "error", "Made up.")
    finding = make_finding(
        rule,
        Place(text, 1, 0),
        field=text,
        start=1,
        message=text,
        related=[Place(f"b{text}", 1, 0)],
        excerpt=(text, text, text),
    )
    return replace(
        report,
        rules=[with_findings(rule, [finding])],
        labels={text: 1},
        splits=[SplitSummary(text, 1, 1, {text: 1})],
        outputs=[(text, 1)],
        skipped=[(text, text)],
        dropped={text: 1},
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_lets_no_text_become_markup(clean_report: Report, render: Render, text: str) -> None:
    hostile = render("markdown", with_text(clean_report, text))

    assert outline(hostile) == outline(render("markdown", with_text(clean_report, "x")))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", hostile)
    assert "##[" not in hostile


@pytest.mark.parametrize("text", [MARKUP, SCRIPT, "a\\", "\\|\\` x", " `x"])
def test_shows_text_as_it_is(clean_report: Report, render: Render, text: str) -> None:
    shown = to_html(render("markdown", with_text(clean_report, text)))
    escaped = text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert shown.count(escaped) >= len(["place", "field", "message", "split", "label", "output"])


@pytest.mark.parametrize("max_shown", [5, 0])
def test_fits_a_comment(clean_report: Report, render: Render, max_shown: int) -> None:
    rules = []
    for number in range(80):
        rule = make_rule(f"TXT{number:03}", "made-up", "error", "s" * 100)
        findings = [
            make_finding(rule, Place("data.jsonl", line, line), excerpt=("b" * 99, "s", ""))
            for line in range(400)
        ]
        rules.append(with_findings(rule, findings, kept=400))
    text = render("markdown", replace(clean_report, rules=rules), max_shown=max_shown)

    assert len(text) < COMMENT_CHARS
    assert "more rules would not fit here." in text
    assert text.count("<details>") == text.count("</details>") > 0


def test_shows_the_ends_of_many_labels(report: Report, render: Render) -> None:
    items = re.findall(r"^- (?:`(label \d\d)`|… (\d+) more …)", render("markdown", report), re.M)

    assert [label or more for label, more in items] == [
        *(f"label {n:02}" for n in range(5)),
        "21",
        *(f"label {n:02}" for n in range(26, 30)),
    ]
