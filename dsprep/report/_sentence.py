"""The numbers of a report in words, the same in every renderer."""

from __future__ import annotations

from collections import Counter
from typing import Final

from dsprep.finding import SEVERITIES, Severity
from dsprep.report import Report, RuleSummary
from dsprep.report._clean import visible

_FINEST: Final = 0.01  # rate that is still shown as a number
_FINEST_SHARE: Final = 0.001
_MASS_NOUN: Final = "info"
_NAMED: Final = 2  # skipped files that are named


def count(number: int, noun: str) -> str:
    """Return `1,204 rows` or `1 row`."""
    plural = noun if number == 1 or noun == _MASS_NOUN else f"{noun}s"
    return f"{number:,} {plural}"


def rate(rule: RuleSummary, rows: int) -> str:
    """Return how often a rule found something, or nothing where it judged no rows.

    Not a share of rows: a row can hold several findings of one rule.
    """
    of_rows = None not in rule.files and all(f.place.row is not None for f in rule.shown)
    if not (of_rows and rows):
        return ""
    value = 100 * rule.count / rows
    return f"<{_FINEST}" if 0 < value < _FINEST else f"{value:,.2f}"


def counted(rule: RuleSummary, rows: int) -> str:
    """Return the findings of a rule as `1,204 errors, 0.79 per 100 rows`."""
    often = rate(rule, rows)
    return count(rule.count, rule.severity) + (f", {often} per 100 rows" if often else "")


def percent(share: float) -> str:
    """Return a share between 0 and 1 as `12.5%`."""
    return f"<{_FINEST_SHARE:.1%}" if 0 < share < _FINEST_SHARE else f"{share:.1%}"


def checked(report: Report) -> str:
    """Return what was read."""
    return f"Checked {count(report.rows, 'row')} in {count(len(report.files), 'file')}."


def verdict(report: Report) -> str:
    """Return the outcome in one sentence, or two. No rows are never a success."""
    if not report.rows:
        return "No rows checked."
    if problems(report):
        return _found(report)
    size = f"{count(report.rows, 'row')}, {count(len(report.files), 'file')}."
    if report.partial:
        return f"No problems in the part that was checked. {size}"
    judged = report.command in ("lint", "prepare")  # the others judge only what they must
    return f"{'All checks passed' if judged else 'Every row could be written'}. {size}"


def remarks(report: Report) -> list[str]:
    """Return what else must be known of the outcome, a sentence each."""
    lines = [_found(report)] if not report.rows and problems(report) else []
    if (info := report.by_severity["info"]) and "info" not in _problem_severities(report):
        lines.append(f"Noted {count(info, 'info finding')} ({_rule_count(report, 'info')}).")
    if unread := report.rows - report.records:
        lines.append(f"{count(unread, 'row')} could not be read.")
    if report.partial:
        lines.append("Partial: not everything was checked.")
    if report.skipped:
        lines.append(f"Skipped {_skipped(report)}.")
    return lines


def split_shares(report: Report) -> list[float]:
    """Return the share of all written rows that each split got."""
    total = sum(split.rows for split in report.splits)
    return [split.rows / total if total else 0.0 for split in report.splits]


def dropped_rows(report: Report) -> list[tuple[str, str, int]]:
    """Return code, name and rows of what was dropped, most first."""
    names = {rule.code: rule.name for rule in report.rules}
    ranked = sorted((report.dropped or {}).items(), key=lambda item: (-item[1], item[0]))
    return [(code, names.get(code, ""), rows) for code, rows in ranked]


def dropped_total(report: Report) -> str:
    """Return how many rows were dropped, out of how many."""
    return f"Dropped {sum((report.dropped or {}).values()):,} of {count(report.rows, 'row')}"


def problems(report: Report) -> int:
    """Return how many findings there are, info only where it fails the run."""
    return sum(report.by_severity[severity] for severity in _problem_severities(report))


def _problem_severities(report: Report) -> tuple[Severity, ...]:
    return SEVERITIES if report.fail_on == "info" else ("error", "warning")


def _found(report: Report) -> str:
    severities = _problem_severities(report)
    parts = ", ".join(
        count(number, severity)
        for severity in severities
        if (number := report.by_severity[severity])
    )
    total = count(problems(report), "problem")
    return f"Found {total}: {parts} ({_rule_count(report, *severities)})."


def _rule_count(report: Report, *severities: Severity) -> str:
    return count(sum(rule.severity in severities for rule in report.rules), "rule")


def _skipped(report: Report) -> str:
    """Return the files left out by name where they are few, else by reason."""
    if len(report.skipped) <= _NAMED:
        return ", ".join(f"{visible(name)} ({visible(why)})" for name, why in report.skipped)
    return f"{count(len(report.skipped), 'file')}: {_reasons(report)}"


def _reasons(report: Report) -> str:
    ranked = Counter(visible(reason) for _, reason in report.skipped).most_common()
    ranked.sort(key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} ({number:,})" for reason, number in ranked)
