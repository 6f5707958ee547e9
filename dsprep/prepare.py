"""The main job: lint, decide, write, report, receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from dsprep import __version__, report, reporting
from dsprep.decide import DROPPED, Decisions, decide
from dsprep.engine import Engine
from dsprep.finding import Severity
from dsprep.ingest import Reading
from dsprep.kernel import Kernel
from dsprep.kinds import match
from dsprep.lint import Counted, lint
from dsprep.manifest import NAME as MANIFEST
from dsprep.manifest import encoded, manifest, sha256_of, written_before
from dsprep.publish import publish, workspace
from dsprep.report import Report, SplitSummary
from dsprep.rule import Rule
from dsprep.rulebook import Rulebook
from dsprep.split import Plan
from dsprep.write import Renderer, Written, write

# Findings kept in memory a rule and file, for the reports that show a few.
SHOWN: Final = 50
_REPORTS: Final = {
    "findings.jsonl": "json-lines",
    "report.html": "html",
    "report.md": "markdown",
    "report.json": "json",
}


@dataclass(frozen=True)
class Judgement:
    """What `lint` found of some sources, the tables still in the engine."""

    command: str
    readings: Sequence[Reading]
    skipped: Sequence[tuple[str, str]]
    rules: Rulebook  # all there are
    selected: Rulebook  # those judged by
    engine: Engine
    counted: Sequence[Counted]
    findings: reporting.Findings
    fail_on: Severity

    def report(self, *, shown: int = SHOWN, **more: Any) -> Report:
        """Return the report of what was found, with what a command adds to it."""
        return Report(
            version=__version__,
            command=self.command,
            files=reporting.files(self.counted),
            rules=self.findings.summaries(shown),
            labels=reporting.labels(self.engine, self.rules.private),
            findings=self.findings,
            skipped=self.skipped,
            fail_on=self.fail_on,
            **more,
        )


@dataclass(frozen=True)
class Input:
    """What a command reads and what it judges by."""

    readings: Sequence[Reading]
    skipped: Sequence[tuple[str, str]]
    rules: Rulebook
    selected: Rulebook
    fail_on: Severity = "error"


@dataclass(frozen=True)
class Order:
    """What is to be written."""

    command: str  # prepare, split or convert
    folder: Path
    names: Mapping[str, str]  # file name by split
    sidecar: str = "dropped.jsonl"
    plan: Plan = field(default_factory=Plan)
    target: str | None = None  # None: rows as they are in the source
    stratify: str | None = None
    group: str | None = None
    dropping: frozenset[str] = frozenset()
    shuffle: bool = True
    reports: bool = True
    receipt: bool = True

    @property
    def files(self) -> list[str]:
        """Names of all files that may be written."""
        names = [*self.names.values(), self.sidecar, *(_REPORTS if self.reports else ())]
        return [*names, MANIFEST] if self.receipt else names


def judge(
    given: Input,
    engine: Engine,
    directory: Path,
    command: str = "lint",
    *,
    stratify: str | None = None,
    group: str | None = None,
) -> Judgement:
    """Return the judgement of some sources; `directory` is for files on the way."""
    kernel = Kernel(given.selected.rules, given.rules.private, stratum=stratify, group=group)
    counted = lint(given.readings, kernel, engine, directory)
    return Judgement(
        command=command,
        readings=given.readings,
        skipped=given.skipped,
        rules=given.rules,
        selected=given.selected,
        engine=engine,
        counted=counted,
        findings=reporting.Findings(engine, counted, given.selected.rules),
        fail_on=given.fail_on,
    )


def produce(given: Input, order: Order, engine: Engine, *, shown: int = SHOWN) -> Report:
    """Write what is ordered and return the report on it.

    Files appear under their final names at the end, all of them whole. Where no
    record is left to be written, no split file appears.
    """
    with workspace(order.folder) as space:
        judged = judge(
            given, engine, space, order.command, stratify=order.stratify, group=order.group
        )
        decisions = decide(engine, order.plan, order.dropping, shuffle=order.shuffle)
        renderer = Renderer(order.target, decisions.plain, len(order.names), _reasons(given.rules))
        names = list(order.names.values())
        written = write(
            engine,
            judged.counted,
            decisions,
            renderer,
            names=names,
            sidecar=order.sidecar,
            directory=space,
        )
        if not any(out.rows for out in written[:-1]):
            written = written[-1:]
        splits = _splits(order, decisions, given.rules.private)
        told = judged.report(
            shown=shown and max(shown, SHOWN),
            splits=splits,
            dropped=_dropped(judged, decisions, written[-1].rows or 0),
            outputs=[(out.name, out.rows or 0) for out in written],
            options=_options(order),
        )
        if order.reports:
            written += _render(told, space)
        if order.receipt:
            receipt = manifest(judged.counted, given.selected, _options(order), written)
            (space / MANIFEST).write_bytes(encoded(receipt))
        names = [out.name for out in written] + ([MANIFEST] if order.receipt else [])
        stale = written_before(order.folder, names) if order.receipt else ()
        publish(space, order.folder, names, stale)
        return told


def _reasons(rules: Rulebook) -> dict[str, str]:
    """Return the code of the rule that speaks of each defect."""
    return {rule.parameters["defect"]: rule.code for rule in rules if rule.kind == "defect"}


def _splits(order: Order, decisions: Decisions, private: Sequence[Rule]) -> list[SplitSummary]:
    if order.command == "convert":  # one file is no split
        return []
    plan = order.plan
    shares = plan.fractions / plan.fractions.sum()
    found = []
    for at, name in enumerate(plan.names):
        chosen = decisions.split == at
        counts = np.bincount(decisions.stratum[chosen], minlength=len(decisions.strata)).tolist()
        strata = zip(decisions.strata, counts, strict=True)
        by_label: dict[str, int] = {}
        for stratum, count in strata:
            if stratum is not None:
                label = match.masked(stratum, private)
                by_label[label] = by_label.get(label, 0) + count
        found.append(SplitSummary(name, float(shares[at]), int(chosen.sum()), by_label))
    return found


def _dropped(judged: Judgement, decisions: Decisions, rows: int) -> dict[str, int]:
    """Return dropped rows by the first of their codes, most first."""
    counts = decisions.drops.by_first()
    if unnamed := rows - sum(counts.values()):  # bad rows whose rule was not selected
        counts["unreadable"] = unnamed
    total = sum(count.rows for count in judged.counted)
    kept = int((decisions.split != DROPPED).sum())
    if kept + rows != total:
        raise AssertionError(f"{total} rows were read, but {kept} kept and {rows} dropped")
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _options(order: Order) -> dict[str, Any]:
    return {
        "command": order.command,
        "target": order.target,
        "split": dict(order.plan.shares),
        "split_mode": order.plan.mode,
        "seed": order.plan.seed,
        "stratify": order.stratify or "label",
        "group": order.group or "group",
        "dropping": sorted(order.dropping),
    }


def _render(told: Report, space: Path) -> list[Written]:
    found = []
    for name, format_ in _REPORTS.items():
        path = space / name
        with path.open("w", encoding="utf-8", newline="\n") as out:
            report.load(format_).render(told, out, max_shown=SHOWN)
        rows = None if name != "findings.jsonl" else sum(told.totals.values())
        found.append(Written(name, rows, path.stat().st_size, sha256_of(path)))
    return found
