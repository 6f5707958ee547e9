"""From the engine's tables to the report: what was found, counted and put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Any, Final

import msgspec

from dsprep.engine import Engine, rows_of
from dsprep.finding import SEVERITIES
from dsprep.kinds import match
from dsprep.kinds.balance import COUNTS
from dsprep.lint import DATASET, Counted
from dsprep.report import FileSummary, Finding, Place, RuleSummary
from dsprep.rule import Rule

_TOTALS: Final = "SELECT code, file, COUNT(*) AS found FROM findings GROUP BY code, file"
# `nth` numbers the findings of a rule in a file, so that the first few can be shown.
_NUMBERED: Final = """
SELECT file, place, code, row, line, row_id, field, start, stop, arguments, excerpt, related,
ROW_NUMBER() OVER (PARTITION BY code, file ORDER BY place, field, start, stop, arguments) AS nth
FROM findings
"""
_FIRST: Final = "SELECT * FROM findings_numbered WHERE nth <= {shown}"
_ALL: Final = "SELECT * FROM findings"
_ORDER: Final = ("file", "place", "code", "field", "start", "stop", "arguments")


class Findings:
    """The findings of an engine as the report shows them."""

    def __init__(self, engine: Engine, counted: Sequence[Counted], rules: Sequence[Rule]) -> None:
        self._engine = engine
        self._names = [count.reading.source.name for count in counted]
        self._rules = {rule.code: rule for rule in rules}

    def __call__(self) -> Iterator[Finding]:
        """Yield all findings by file, row and code."""
        return map(self._finding, rows_of(self._engine.fetch(_ALL, order=_ORDER)))

    def summaries(self, shown: int) -> list[RuleSummary]:
        """Return what each rule found, errors first, then by count.

        Args:
            shown: findings kept a rule and file, 0 for all.
        """
        totals: dict[str, dict[str | None, int]] = {}
        for row in rows_of(self._engine.fetch(_TOTALS, order=["code", "file"])):
            totals.setdefault(row["code"], {})[self._name(row["file"])] = row["found"]
        first: dict[str, list[Finding]] = {}
        for finding in self._first(shown) if shown else self():
            first.setdefault(finding.code, []).append(finding)
        found = [self._summary(code, files, first[code]) for code, files in totals.items()]
        return sorted(found, key=lambda r: (SEVERITIES.index(r.severity), -r.count, r.code))

    def _first(self, shown: int) -> Iterator[Finding]:
        self._engine.sql("findings_numbered", _NUMBERED)
        return map(self._finding, rows_of(self._engine.fetch(_FIRST.format(shown=shown), _ORDER)))

    def _summary(
        self, code: str, files: Mapping[str | None, int], shown: Sequence[Finding]
    ) -> RuleSummary:
        rule = self._rules[code]
        return RuleSummary(
            code=code,
            name=rule.name,
            severity=rule.severity,
            summary=rule.summary,
            why=rule.why,
            help=rule.help,
            count=sum(files.values()),
            files=files,
            shown=shown,
        )

    def _name(self, file: int) -> str | None:
        return None if file == DATASET else self._names[file]

    def _finding(self, row: Mapping[str, Any]) -> Finding:
        rule = self._rules[row["code"]]
        related = msgspec.json.decode(row["related"]) if row["related"] else []
        excerpt = msgspec.json.decode(row["excerpt"]) if row["excerpt"] else None
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            place=Place(self._name(row["file"]), row["line"], row["row"]),
            field=row["field"],
            start=row["start"],
            end=row["stop"],
            row_id=row["row_id"],
            message=message(rule, msgspec.json.decode(row["arguments"])),
            related=[Place(self._name(file), line, at) for file, at, line in related],
            fix=rule.fix,
            excerpt=None if excerpt is None else tuple(excerpt),
        )


class _Filled(Formatter):
    """Fills in what a finding has; a name it lacks is left out."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        value = kwargs.get(str(key))
        return "" if value is None else value


def message(rule: Rule, arguments: Mapping[str, Any]) -> str:
    """Return a rule's message with the arguments of one finding filled in."""
    return _Filled().vformat(rule.message, (), arguments)


def files(counted: Sequence[Counted]) -> list[FileSummary]:
    """Return what was read of each file."""
    return [
        FileSummary(
            name=count.reading.source.name,
            format=count.reading.source.format,
            shape=count.reading.shape,
            why=count.reading.why,
            bytes=count.reading.source.size,
            rows=count.rows,
            records=count.records,
        )
        for count in counted
    ]


def labels(engine: Engine, private: Sequence[Rule]) -> dict[str, int]:
    """Return records by label, most first, what is private in a label hidden."""
    counts: dict[str, int] = {}
    for row in rows_of(engine.fetch(COUNTS)):
        label = match.masked(row["label"], private)
        counts[label] = counts.get(label, 0) + row["records"]
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
