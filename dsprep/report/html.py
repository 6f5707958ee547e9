"""The report as one page that needs nothing else: no script, no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TextIO, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dsprep.report import Finding, Report
from dsprep.report._clean import CODE_SPAN, one_line, visible
from dsprep.report._excerpt import Excerpt, clip, window
from dsprep.report._finding_row import encode
from dsprep.report._places import first_places, place_text, related_text, says_more
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

SUMMARY = "one page for a browser, without script or network"

_PLACES_SHOWN: Final = 50  # a rule, unless more are asked for
_COMMON_SHOWN: Final = 20  # labels, most frequent first
_RARE_SHOWN: Final = 5  # labels at the other end
_FILES_SHOWN: Final = 100
_EXCERPT_CELLS: Final = 320  # a few lines
_LABEL_CELLS: Final = 80

T = TypeVar("T")


def render(report: Report, out: TextIO, *, max_shown: int = 5) -> None:
    """Write the page, with the first places of each rule: 50, more if `max_shown` is above."""
    page = _environment().get_template("report.html.jinja")
    for piece in page.generate(_context(report, max(max_shown, _PLACES_SHOWN))):
        out.write(piece)


@cache
def _environment() -> Environment:
    """Return templates that escape, and clean, everything they print."""
    environment = Environment(
        loader=PackageLoader("dsprep.report", "_html"),
        autoescape=True,
        finalize=_shown,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "count": count,
        "counted": counted,
        "csp_hash": _csp_hash,
        "excerpt": _excerpt,
        "label": _label,
        "option": _option,
        "percent": percent,
        "place": place_text,
        "prose": _prose,
        "related": related_text,
    }
    environment.tests["saying_more_than"] = says_more
    return environment


def _shown(value: Any) -> Any:
    """Return a value as the page shows it: text visible, whole numbers in groups of three."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return visible(value)
    return f"{value:,}" if isinstance(value, int) else value


def _context(report: Report, limit: int) -> dict[str, Any]:
    return {
        "report": report,
        "verdict": verdict(report),
        "checked": checked(report) if report.rows and problems(report) else "",
        "remarks": remarks(report),
        "places": first_places(report, limit),
        "splits": list(zip(report.splits, split_shares(report), strict=True)),
        "strata": _ends(_strata(report)),
        "labels": _ends(list(report.labels.items())),
        "most": max(report.labels.values(), default=0) or 1,
        "labelled": sum(report.labels.values()) or 1,
        "dropped": dropped_rows(report),
        "dropped_total": dropped_total(report),
        "files_shown": _FILES_SHOWN,
    }


def _ends(ranked: Sequence[T]) -> tuple[Sequence[T], int, Sequence[T]]:
    """Return the first, how many stand between, and the last; all are first where few."""
    if len(ranked) <= _COMMON_SHOWN + _RARE_SHOWN:
        return ranked, 0, []
    between = len(ranked) - _COMMON_SHOWN - _RARE_SHOWN
    return ranked[:_COMMON_SHOWN], between, ranked[-_RARE_SHOWN:]


def _strata(report: Report) -> list[tuple[str, list[int]]]:
    """Return labels with their rows in each split, most first."""
    labels = {label for split in report.splits for label in split.labels}
    table = [(label, [split.labels.get(label, 0) for split in report.splits]) for label in labels]
    return sorted(table, key=lambda stratum: (-sum(stratum[1]), stratum[0]))


def _excerpt(finding: Finding) -> Excerpt | None:
    return window(finding, _EXCERPT_CELLS)


def _prose(text: str) -> Markup:
    """Return text of a rule on one line, with its code spans."""
    # Every second piece stood between backticks.
    pieces = enumerate(CODE_SPAN.split(one_line(text)))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(piece) if at % 2 else piece for at, piece in pieces)


def _label(text: str) -> str:
    return clip(text, _LABEL_CELLS)


def _option(value: Any) -> str:
    return value if isinstance(value, str) else encode(value)


def _csp_hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
