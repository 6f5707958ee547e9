"""The report as Markdown, short enough for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TextIO

from dsprep.report import Finding, Report, RuleSummary
from dsprep.report._clean import CODE_SPAN, one_line, visible
from dsprep.report._excerpt import Excerpt, clip, window
from dsprep.report._places import first_places, place_text, related_text, says_more
from dsprep.report._sentence import (
    checked,
    count,
    dropped_rows,
    dropped_total,
    percent,
    problems,
    rate,
    remarks,
    split_shares,
    verdict,
)

SUMMARY = "Markdown, for a pull request"

# GitHub refuses comments above 65,536 characters; the tables need the rest.
_PLACES_CHARS: Final = 50_000
_PLACES_SHOWN: Final = 500  # a rule; more would never fit
_LABELS_SHOWN: Final = 5  # at each end
_LABEL_CELLS: Final = 80
_EXCERPT_CELLS: Final = 100
_MARKUP: Final = re.compile(r"[][\\`*_<>&|~#@$!]")
# Also what makes a bare address a link.
_PUNCTUATION: Final = re.compile(r"[^\w\s-]|_")
_TICKS: Final = re.compile("`+")


def render(report: Report, out: TextIO, *, max_shown: int = 5) -> None:
    """Write the report, with up to `max_shown` places a rule, 0 for as many as fit."""
    out.write(f"## {verdict(report)}\n")
    said = [checked(report)] if report.rows and problems(report) else []
    said += (_entities(_MARKUP, line) for line in remarks(report))
    parts = (said and [" ".join(said)], _rules(report), _splits(report), _dropped(report))
    for part in (*parts, _labels(report), _outputs(report), _places(report, max_shown)):
        if lines := list(part):
            out.write("\n" + "\n".join(lines) + "\n")


def _code(text: str) -> str:
    """Return the text as a code span, the one place where Markdown holds no commands.

    Neither links, nor `@mentions`, nor HTML work in it. Not for table cells: a pipe ends them.
    """
    shown = visible(text)
    fence = _fence(shown, 1)
    pad = " " if shown[:1] in " `" or shown[-1:] in " `" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _cell(text: str) -> str:
    """Return the text for a table cell, every character that could be markup as an entity."""
    return f"<code>{_entities(_PUNCTUATION, text)}</code>"


def _prose(text: str) -> str:
    """Return text of ours or of a rule on one line, with its code spans."""
    # Every second piece stood between backticks.
    pieces = enumerate(CODE_SPAN.split(one_line(text)))
    return "".join(_cell(piece) if at % 2 else _entities(_MARKUP, piece) for at, piece in pieces)


def _entities(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: f"&#{ord(match[0])};", visible(text))


def _fence(text: str, shortest: int) -> str:
    """Return backticks, one more than any run of them in the text."""
    return "`" * max([shortest, *(len(run) + 1 for run in _TICKS.findall(text))])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int) -> Iterator[str]:
    """Yield a table, its last columns, so many, aligned to the right."""
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * (len(head) - numbers) + " ---: |" * numbers
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _rules(report: Report) -> Iterator[str]:
    if report.rules:
        yield from _table(
            ("Rule", "Severity", "Findings", "Per 100 rows"),
            (
                (
                    f"{_cell(rule.code)} {_prose(rule.name)}",
                    rule.severity,
                    f"{rule.count:,}",
                    _prose(rate(rule, report.rows)),
                )
                for rule in report.rules
            ),
            numbers=2,
        )


def _splits(report: Report) -> Iterator[str]:
    if report.splits:
        yield from _table(
            ("Split", "Rows", "Share", "Wanted"),
            (
                (_cell(split.name), f"{split.rows:,}", percent(share), percent(split.share))
                for split, share in zip(report.splits, split_shares(report), strict=True)
            ),
            numbers=3,
        )


def _dropped(report: Report) -> Iterator[str]:
    if report.dropped is None:
        return
    reasons = [
        f"{_code(code)} {_prose(name)} {rows:,}".replace("  ", " ")
        for code, name, rows in dropped_rows(report)
    ]
    yield dropped_total(report) + (f": {', '.join(reasons)}." if reasons else ".")


def _labels(report: Report) -> Iterator[str]:
    if not report.labels:
        return
    ranked = list(report.labels.items())
    total = sum(report.labels.values())
    hidden = max(0, len(ranked) - 2 * _LABELS_SHOWN)
    yield f"{count(len(ranked), 'label')}, most first:"
    yield ""
    for index, (label, rows) in enumerate(ranked):
        if index == _LABELS_SHOWN and hidden:
            yield f"- … {hidden:,} more …"
        if index < _LABELS_SHOWN or index >= _LABELS_SHOWN + hidden:
            share = percent(rows / total if total else 0)
            yield f"- {_code(clip(label, _LABEL_CELLS))} {rows:,} ({share})"


def _outputs(report: Report) -> Iterator[str]:
    if report.outputs:
        written = (f"{_code(file)} ({count(rows, 'row')})" for file, rows in report.outputs)
        yield f"Wrote {', '.join(written)}."


def _places(report: Report, max_shown: int) -> Iterator[str]:
    """Yield a block a rule, while there is room."""
    chosen = first_places(report, min(max_shown or _PLACES_SHOWN, _PLACES_SHOWN))
    room = _PLACES_CHARS
    for index, rule in enumerate(report.rules):
        # Blank lines on both sides, or what is in between would count as HTML.
        head = f"<details><summary>{_title(rule)}</summary>\n\n"
        tail = f"\nHelp: {_prose(rule.help)}\n\n</details>\n"
        room -= len(head) + len(tail)
        if room < 0:
            yield f"{count(len(report.rules) - index, 'more rule')} would not fit here."
            return
        items = _fitting(rule, chosen[rule.code], room)
        room -= sum(map(len, items))
        more = rule.count - len(items)
        yield head + "".join(items) + (f"- … {more:,} more\n" if more else "") + tail


def _title(rule: RuleSummary) -> str:
    summary = _prose(rule.summary.removesuffix("."))
    return f"{_cell(rule.code)} {summary} ({count(rule.count, rule.severity)})"


def _fitting(rule: RuleSummary, findings: Sequence[Finding], room: int) -> list[str]:
    """Return the first findings as list items, as many as have room."""
    items: list[str] = []
    for finding in findings:
        items.append("".join(f"{line}\n" for line in _item(finding, rule)))
        room -= len(items[-1])
        if room < 0:
            return items[:-1]
    return items


def _item(finding: Finding, rule: RuleSummary) -> Iterator[str]:
    place = place_text(finding.place)
    message = finding.message if says_more(finding, rule) else ""
    parts = (place, finding.field or "", message, related_text(finding))
    yield "- " + (" ".join(_code(part) for part in parts if part) or "the data set")
    if excerpt := window(finding, _EXCERPT_CELLS):
        yield from _fenced(excerpt)


def _fenced(excerpt: Excerpt) -> Iterator[str]:
    fence = _fence(excerpt.line, 3)
    lines = [excerpt.line, excerpt.underline] if excerpt.marked else [excerpt.line]
    yield from (f"  {line}" for line in (f"{fence}text", *lines, fence))
