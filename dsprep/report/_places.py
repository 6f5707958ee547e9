"""Where findings stand, and which of them are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from dsprep.report import Finding, Place, Report, RuleSummary


@dataclass(frozen=True)
class Group:
    """What one rule found in one file, or in the data set as a whole."""

    file: str | None
    total: int
    shown: Iterable[Finding]  # read once


def groups(report: Report, rule: RuleSummary, limit: int) -> Iterator[Group]:
    """Yield one group a file, sorted, the data set last.

    Args:
        report: where more findings come from, if the rule kept too few.
        rule: whose findings.
        limit: findings shown a group, 0 for all.
    """
    kept: dict[str | None, list[Finding]] = {file: [] for file in rule.files}
    for finding in rule.shown:
        kept[finding.place.file].append(finding)
    if any(len(kept[file]) < min(limit or total, total) for file, total in rule.files.items()):
        # More is asked for than was kept. A pass a rule takes time, but no memory.
        found = (finding for finding in report.findings() if finding.code == rule.code)
        streams: Iterable[tuple[str | None, Iterable[Finding]]] = groupby(found, _file_of)
    else:
        streams = sorted(kept.items(), key=lambda group: (group[0] is None, group[0] or ""))
    for file, findings in streams:
        yield Group(file, rule.files[file], islice(findings, limit or None))


def first_places(report: Report, limit: int) -> dict[str, list[Finding]]:
    """Return up to `limit` findings of each rule, 0 for all, by code."""
    chosen = {rule.code: list(rule.shown[: limit or None]) for rule in report.rules}
    short = {
        rule.code
        for rule in report.rules
        if len(chosen[rule.code]) < min(limit or rule.count, rule.count)
    }
    if not short:
        return chosen
    chosen |= {code: [] for code in short}
    for finding in report.findings():
        if finding.code in short:
            chosen[finding.code].append(finding)
            if len(chosen[finding.code]) == limit:
                short.remove(finding.code)
        if not short:
            break
    return chosen


def place_text(place: Place, seen_from: str | None = None) -> str:
    """Return `file:line`, or `file#row` without lines, without the file if seen from it."""
    file = "" if place.file is None or place.file == seen_from else place.file
    if place.line is not None:
        return f"{file}:{place.line}"
    return file if place.row is None else f"{file}#{place.row}"


def related_text(finding: Finding, limit: int = 3) -> str:
    """Return `same as :12` with the first related places and how many there are besides."""
    if not finding.related:
        return ""
    # Only a rule named exact-... has proved them the same.
    verb = "same as" if finding.name.startswith("exact-") else "see"
    shown = (place_text(place, finding.place.file) for place in finding.related[:limit])
    more = len(finding.related) - limit
    return f"{verb} {', '.join(shown)}" + (f" and {more:,} more" if more > 0 else "")


def says_more(finding: Finding, rule: RuleSummary) -> bool:
    """Return whether the message holds more than the rule's summary."""
    return _bare(finding.message) != _bare(rule.summary)


def _bare(sentence: str) -> str:
    return sentence.strip().rstrip(".").casefold()


def _file_of(finding: Finding) -> str | None:
    return finding.place.file
