"""The report for a terminal: by rule, then by file, then the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TextIO, TypeAlias

from rich.cells import cell_len

from dsprep.report import Finding, Report, RuleSummary
from dsprep.report._clean import one_line, visible
from dsprep.report._excerpt import window
from dsprep.report._places import Group, groups, place_text, related_text, says_more
from dsprep.report._sentence import (
    checked,
    count,
    counted,
    dropped_rows,
    dropped_total,
    percent,
    problems,
    remarks,
    split_shares,
    verdict,
)

SUMMARY = "for people, in a terminal"

Paint: TypeAlias = Callable[[str, str], str]  # text and style to text

_ANSI: Final = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "bold": "\x1b[1m",
    "dim": "\x1b[2m",
    "good": "\x1b[1;32m",
}
_RESET: Final = "\x1b[0m"
_EXCERPT_CELLS: Final = 100
_GAP: Final = "  "


def render(report: Report, out: TextIO, *, max_shown: int = 5, color: bool = False) -> None:
    """Write the report, up to `max_shown` places a rule and file, 0 for all."""
    paint = _ansi if color else _plain
    for rule in report.rules:
        _write(out, _rule_lines(report, rule, max_shown, paint))
        out.write("\n")
    for table in (_splits(report), _dropped(report), _outputs(report)):
        _write(out, table)
    _write(out, _outcome(report, paint))


def _write(out: TextIO, lines: Iterator[str]) -> None:
    out.writelines(f"{line}\n" for line in lines)


def _plain(text: str, _style: str) -> str:
    return text


def _ansi(text: str, style: str) -> str:
    return f"{_ANSI[style]}{text}{_RESET}"


def _rule_lines(report: Report, rule: RuleSummary, max_shown: int, paint: Paint) -> Iterator[str]:
    code = paint(visible(rule.code), rule.severity)
    name = paint(visible(rule.name), "bold")
    what = one_line(rule.summary).removesuffix(".")
    yield f"{code} {name}: {what} ({counted(rule, report.rows)})"
    for group in groups(report, rule, max_shown):
        yield from _group_lines(group, rule, paint)
    yield f"  {paint('help:', 'dim')} {one_line(rule.help)}"


def _group_lines(group: Group, rule: RuleSummary, paint: Paint) -> Iterator[str]:
    shown = 0
    for finding in group.shown:
        shown += 1
        yield from _finding_lines(finding, rule, paint)
    if more := group.total - shown:
        yield f"  {paint('-->', 'dim')} ... {more:,} more (--max-shown 0)"


def _finding_lines(finding: Finding, rule: RuleSummary, paint: Paint) -> Iterator[str]:
    place = "" if finding.place.file is None else place_text(finding.place)
    message = finding.message if says_more(finding, rule) else ""
    parts = [place, finding.field or "", message, related_text(finding)]
    columns = [visible(part) for part in parts if part]
    if columns:
        yield f"  {paint('-->' if place else '=', 'dim')} {_GAP.join(columns)}"
    if excerpt := window(finding, _EXCERPT_CELLS):
        gutter = f"      {paint('|', 'dim')} "
        yield gutter + excerpt.line
        if excerpt.marked:
            yield gutter + paint(excerpt.underline, rule.severity)


def _splits(report: Report) -> Iterator[str]:
    if not report.splits:
        return
    rows: list[Sequence[str]] = [("split", "rows", "share", "wanted")]
    for split, share in zip(report.splits, split_shares(report), strict=True):
        rows.append((visible(split.name), f"{split.rows:,}", percent(share), percent(split.share)))
    yield from _table(rows)
    yield ""


def _dropped(report: Report) -> Iterator[str]:
    if report.dropped is None:
        return
    total = dropped_total(report)
    yield f"{total}:" if report.dropped else f"{total}."
    yield from _table(
        [(visible(f"{code} {name}"), f"{rows:,}") for code, name, rows in dropped_rows(report)]
    )
    yield ""


def _outputs(report: Report) -> Iterator[str]:
    for file, rows in report.outputs:
        yield f"Wrote {count(rows, 'row')} to {visible(file)}."


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows behind a gutter, the first column to the left, the others to the right.

    The gutter keeps a split named `::error` from starting a line, where CI obeys it.
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        name = first + " " * (widths[0] - cell_len(first))
        cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        yield f"  | {_GAP.join([name, *cells])}"


def _outcome(report: Report, paint: Paint) -> Iterator[str]:
    failed = bool(problems(report)) or not report.rows
    if report.rows and failed:
        yield checked(report)
    yield paint(verdict(report), "bold" if failed else "good")
    yield from remarks(report)
