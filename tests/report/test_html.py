from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dsprep.report import Report
from tests.report.conftest import ANSI, BIDI, COMMAND, SCRIPT

Render = Callable[..., str]
Golden = Callable[[str, str], None]

VOID = {"meta", "rect"}


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether every tag was closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.style = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_looks_as_agreed(report: Report, render: Render, golden: Golden) -> None:
    golden(render("html", report), "report.html")


def test_begins_with_the_verdict(report: Report, render: Render) -> None:
    text = render("html", report)

    assert text.startswith("<!doctype html>")
    assert "<h1>Found 73 problems: 67 errors, 6 warnings (4 rules).</h1>" in text


@pytest.mark.parametrize(
    ("name", "verdict", "state"),
    [
        ("clean_report", "All checks passed. 52,318 rows, 1 file.", "passed"),
        ("empty_report", "No rows checked.", "failed"),
    ],
)
def test_says_so_where_nothing_was_found(
    request: pytest.FixtureRequest, render: Render, name: str, verdict: str, state: str
) -> None:
    text = render("html", request.getfixturevalue(name))

    assert f"<h1>{verdict}</h1>" in text
    assert f'<header class="{state}">' in text
    assert '<h2 id="findings">' not in text


def test_runs_nothing_and_loads_nothing(report: Report, render: Render) -> None:
    text = render("html", report)
    page = Page(text)
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    names = {name for _, attributes in page.tags for name in attributes}

    assert page.all("meta")[1]["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not names & {"src", "href", "style", "srcset"}
    assert not [name for name in names if name.startswith("on")]
    assert not re.search(r"url\(|@import", page.style)
    assert not {"script", "link", "img", "iframe", "a"} & {tag for tag, _ in page.tags}


def test_escapes_and_shows_hostile_text(report: Report, render: Render) -> None:
    text = render("html", report)
    page = Page(text)

    assert page.open == []
    assert SCRIPT in page.text
    for hidden in (SCRIPT, ANSI, BIDI, COMMAND, "##["):
        assert hidden not in text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)


def test_marks_the_span(report: Report, render: Render) -> None:
    text = render("html", report)

    assert r"<mark>\u202egnp.exe\u202c</mark>" in text
    assert "between<mark></mark>words" in text
    assert "xxx<mark>needle</mark>xxx" in text
    assert len(text) < 100_000


def test_shows_fifty_places_a_rule(report: Report, render: Render) -> None:
    text = render("html", replace(report, rules=report.rules[:1]))

    assert text.count("<li>") == 50 + len(report.skipped)
    assert "11 more in findings.jsonl." in text


def test_is_accessible(report: Report, render: Render) -> None:
    page = Page(render("html", report))
    tags = Counter(tag for tag, _ in page.tags)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    named = [a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a]

    assert page.all("html") == [{"lang": "en"}]
    assert tags["h1"] == tags["main"] == 1
    assert tags["table"] == tags["caption"] > 0
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    assert len(ids) == len(set(ids))
    assert set(named) <= set(ids)
    assert all(attributes.get("aria-hidden") for attributes in page.all("svg"))


def luminance(color: str) -> float:
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(
        weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("text", ["text", "quiet", "error", "warning", "info"])
@pytest.mark.parametrize("ground", ["page", "card", "code"])
def test_has_contrast_in_light_and_dark(
    empty_report: Report, render: Render, theme: int, text: str, ground: str
) -> None:
    """WCAG 2.2, AA for normal text: 4.5 to 1."""
    style = Page(render("html", empty_report)).style
    colors = dict(re.findall(r"--([\w-]+): (#\w{6})", style.split(":root")[theme + 1]))
    dark, light = sorted((luminance(colors[text]), luminance(colors[ground])))

    assert (light + 0.05) / (dark + 0.05) >= 4.5
