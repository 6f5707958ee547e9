"""The pandas-style API: what the command line does, on paths and on data frames."""

from __future__ import annotations

import os
import re
import shutil
import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa

from dsprep import config, formats, ingest, manifest, report, rulebook, sources, targets
from dsprep import split as splitting
from dsprep.decide import dropping
from dsprep.engine.duckdb import DuckDB
from dsprep.errors import DsprepError, UsageError, did_you_mean
from dsprep.finding import SEVERITIES
from dsprep.ingest import Reading
from dsprep.kernel import COMPLETIONS, PROMPTS
from dsprep.kinds import match
from dsprep.prepare import SHOWN, Input, Order, judge, produce
from dsprep.report import Report
from dsprep.rulebook import Rulebook, words
from dsprep.split import Plan

if TYPE_CHECKING:
    import pandas as pd

# What pandas calls an index that has no name.
_UNNAMED_INDEX: Final = re.compile(r"__index_level_\d+__")
# A worker costs a third of a second to start: below this, one process is faster.
_ONE_PROCESS_BYTES: Final = 4 << 20


class ArrowStream(Protocol):
    """Any data frame that can be read as Arrow: pandas, polars, pyarrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a capsule of an Arrow stream."""


class FindingsError(DsprepError):
    """Findings at or above the severity that fails."""


@dataclass(frozen=True)
class LintReport:
    """What was found. Findings are in `findings`, as a data frame."""

    report: Report
    rules: Rulebook
    index: Any = None  # of the user's frame, where there was one

    @property
    def ok(self) -> bool:
        """Whether rows were read, some were written if that was the job, and nothing fails."""
        only_a_sidecar = len(self.report.outputs) == 1
        return self.report.ok and not only_a_sidecar

    @property
    def totals(self) -> Mapping[str, int]:
        """Findings by code."""
        return self.report.totals

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All findings, one a row: by file, row and code."""
        import pandas as pd  # noqa: PLC0415 - slow to import, not needed on the command line

        columns = ["code", "name", "severity", "file", "line", "row", "field", "start", "end"]
        rows = [
            {
                **{name: getattr(finding, name, None) for name in columns},
                "file": finding.place.file,
                "line": finding.place.line,
                "row": finding.place.row,
                "message": finding.message,
                "row_id": finding.row_id,
                "related": [place.row for place in finding.related],
                "fix": finding.fix,
            }
            for finding in self.report.findings()
        ]
        columns += ["message", "row_id", "related", "fix"]
        frame = pd.DataFrame(rows, columns=columns)
        whole = dict.fromkeys(("line", "row", "start", "end"), "Int64")
        return frame.astype(whole)

    def rows(self, rule: str) -> Any:
        """Return where a rule found something: an index into the user's frame, or row numbers.

        Args:
            rule: code, name, prefix of codes or tag.

        Raises:
            UsageError: there is no such rule.
        """
        frame = self.findings
        mine = frame["code"].isin([one.code for one in self.rules.named(rule)])
        numbers = frame.loc[mine & frame["row"].notna(), "row"].astype(int).unique()
        return numbers if self.index is None else self.index[numbers]

    def summary(self) -> pd.DataFrame:
        """Return one row a rule: code, name, severity, findings, findings a row.

        The rate is missing for findings on the data set or a file.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import, not needed on the command line

        rules, rows = self.report.rules, max(self.report.rows, 1)
        head = attrgetter("code", "name", "severity", "count")
        return pd.DataFrame(
            [(*head(rule), None if None in rule.files else rule.count / rows) for rule in rules],
            columns=["code", "name", "severity", "findings", "rate"],
        )

    def raise_for_errors(self) -> None:
        """Raise FindingsError where something fails."""
        if not self.ok:
            failing = SEVERITIES[: SEVERITIES.index(self.report.fail_on) + 1]
            rules = [rule for rule in self.report.rules if rule.severity in failing]
            found = ", ".join(f"{rule.code} {rule.count}" for rule in rules)
            raise FindingsError(f"findings at or above {self.report.fail_on}: {found or 'no rows'}")

    def __str__(self) -> str:
        return rendered(self.report, "text")


def rendered(told: Report, output_format: str, *, max_shown: int = 5) -> str:
    """Return a report as text in one of the output formats."""
    import io  # noqa: PLC0415

    out = io.StringIO()
    report.load(output_format).render(told, out, max_shown=max_shown)
    return out.getvalue()


class Dataset:
    """Data files, or a data frame, and how they are read. Nothing is read twice without need."""

    def __init__(
        self,
        paths: Iterable[str | os.PathLike[str]] = (),
        *,
        frame: ArrowStream | None = None,
        shape: str | None = None,
        mapping: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        jobs: int | None = None,
    ) -> None:
        self.settings = dict(settings or {})
        config.check(self.settings, "settings")
        self._jobs = jobs
        self._frame = frame
        self._paths = [os.fspath(path) for path in paths]
        if "" in self._paths:  # pathlib takes it for the working folder
            raise UsageError("a path is empty: give the name of a file or folder.")
        asked = self.settings.get("ingest", {})
        self._shape = shape or asked.get("shape")
        self._mapping = {**asked.get("map", {}), **(mapping or {})}
        self.index = _index_of(frame)

    # -- what is read ------------------------------------------------------------

    @cached_property
    def _directory(self) -> Path:
        """A place for standard input, data frames and what must be unpacked first."""
        path = Path(mkdtemp(prefix="dsprep-"))
        weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)
        return path

    @cached_property
    def _found(self) -> sources.Found:
        if self._frame is not None:
            return sources.Found([_spooled(self._frame, self._directory)], [])
        return sources.find(self._paths, self._directory)

    @cached_property
    def readings(self) -> Sequence[Reading]:
        """How each file is read: format, shape, mapping and why."""
        found = self._found.sources
        return ingest.detect_all(found, shape=self._shape, mapping=self._mapping or None)

    @cached_property
    def rulebook(self) -> Rulebook:
        """All rules, with the parameters that the settings give them."""
        return rulebook.of_settings(self.settings)

    def _engine(self) -> DuckDB:
        size = sum(reading.source.size for reading in self.readings)
        jobs = self._jobs if self._jobs is not None else (os.cpu_count() or 1)
        return DuckDB(jobs=1 if size < _ONE_PROCESS_BYTES else max(jobs, 1))

    def _given(
        self,
        select: Iterable[str] | None,
        ignore: Iterable[str] | None,
        fail_on: str | None,
        *,
        extend_select: Iterable[str] | None = None,
        target: str | None = None,
        writing: bool = False,
    ) -> Input:
        """Return what is read and judged by; `writing`: the target's rules are not optional."""
        if self._frame is None and sources.STDIN not in self._paths:
            for seen in ("_found", "readings"):  # files may have changed since
                self.__dict__.pop(seen, None)
        asked = self.settings.get("lint", {})
        fail_on = fail_on or asked.get("fail-on") or "error"
        if fail_on not in SEVERITIES:
            hint = did_you_mean(fail_on, SEVERITIES) or f" Known are {', '.join(SEVERITIES)}."
            raise UsageError(f"unknown severity {fail_on!r}.{hint}")
        rules = self.rulebook
        if target is not None:
            targets.load(target)
            rules = rules.configure({"TGT301": {"target": target}})
        extend = extend_select if extend_select is not None else asked.get("extend-select", ())
        selected = rules.select(
            select if select is not None else asked.get("select", ()),
            [*words(extend), "TGT"] if writing else extend,
            ignore if ignore is not None else asked.get("ignore", ()),
        )
        return Input(self.readings, self._found.skipped, rules, selected, fail_on)

    # -- what is done ------------------------------------------------------------

    def lint(
        self,
        *,
        select: Iterable[str] | None = None,
        extend_select: Iterable[str] | None = None,
        ignore: Iterable[str] | None = None,
        target: str | None = None,
        fail_on: str | None = None,
        shown: int = SHOWN,
    ) -> LintReport:
        """Return what the rules find; never raises on findings.

        Args:
            select: codes, names, prefixes or tags of the rules wanted instead of the usual.
            extend_select: rules wanted beside the usual.
            ignore: rules not wanted.
            target: judge the records as they are for this target.
            fail_on: lowest severity at which `ok` is false.
            shown: findings that `summary` and printing keep a rule and file, 0 for all.
        """
        given = self._given(select, ignore, fail_on, extend_select=extend_select, target=target)
        engine = self._engine()
        judged = judge(given, engine, engine.directory)
        return LintReport(judged.report(shown=shown), given.rules, self.index)

    def prepare(
        self,
        out: str | os.PathLike[str],
        *,
        target: str | None = None,
        shares: Mapping[str, float] | None = None,
        seed: int | None = None,
        mode: str | None = None,
        stratify: str | None = None,
        group: str | None = None,
        drop: Iterable[str] | None = None,
        keep: Iterable[str] | None = None,
        shown: int = SHOWN,
        **lint_options: Any,
    ) -> LintReport:
        """Lint, split, write and report into a folder: the main job.

        Args:
            out: folder for train.jsonl, validation.jsonl, dropped.jsonl, findings.jsonl,
                report.html, report.md, report.json and manifest.json.
            target: what the files are written for; prompt-completion if not said.
            shares: share by name of split.
            seed: fixes every random choice.
            mode: exact, or stable where added rows must never move old ones.
            stratify: field whose shares must hold in each split; the label if not said.
            group: field whose rows must share a split.
            drop: rules whose findings drop a row beside the usual ones.
            keep: rules whose findings do not drop a row.
            shown: as of `lint`.
            lint_options: select, extend_select, ignore and fail_on, as of `lint`.
        """
        asked = self.settings.get("prepare", {})
        target = target or asked.get("target") or targets.DEFAULT
        given = self._given(**_lint_options(lint_options), target=target, writing=True)
        plan = self._plan(shares, seed, mode)
        order = Order(
            command="prepare",
            folder=Path(out),
            names={name: f"{name}.jsonl" for name in plan.names},
            plan=plan,
            target=target,
            stratify=self._field(stratify, "stratify"),
            group=self._field(group, "group"),
            dropping=dropping(
                given.rules,
                words(drop if drop is not None else asked.get("drop", ())),
                words(keep if keep is not None else asked.get("keep", ())),
            ),
        )
        return self._produce(given, order, shown)

    def split(
        self,
        *,
        shares: Mapping[str, float] | None = None,
        seed: int | None = None,
        mode: str | None = None,
        stratify: str | None = None,
        group: str | None = None,
    ) -> Split:
        """Return how the records are to be split; `write` does it.

        Rows stay as they are in the source, and only those that cannot be read are dropped.
        """
        plan = self._plan(shares, seed, mode)
        return Split(self, plan, self._field(stratify, "stratify"), self._field(group, "group"))

    def write(
        self,
        path: str | os.PathLike[str],
        *,
        target: str | None = None,
        shown: int = SHOWN,
    ) -> LintReport:
        """Write all records to one file for a target, in the order they came in.

        What the target cannot hold goes to `{stem}.dropped.jsonl` beside it.
        """
        file = Path(path)
        target = target or self.settings.get("prepare", {}).get("target") or targets.DEFAULT
        given = self._given(("FMT", "SCH", "TGT"), (), None, target=target)
        order = Order(
            command="convert",
            folder=file.parent,
            names={"all": file.name},
            sidecar=f"{file.stem}.dropped{file.suffix}",
            plan=Plan(shares={"all": 1.0}),
            target=target,
            dropping=dropping(given.rules, ("TGT",), ("CHT", "DUP101")),
            shuffle=False,
            reports=False,
            receipt=False,
        )
        return self._produce(given, order, shown)

    def records(self) -> Iterator[pa.RecordBatch]:
        """Yield the records as Arrow batches of `dsprep.record.SCHEMA`, with their file."""
        for reading in self.readings:
            for shard in formats.load(reading.source.format).shards(reading.source):
                for piece in ingest.read(reading, shard):
                    batch = piece.batch().records.batch
                    name = pa.array([reading.source.name] * batch.num_rows, pa.string())
                    yield batch.add_column(0, "file", name)

    def formats(self) -> Iterator[str]:
        """Yield for each file what it was taken for, and why, as text."""
        for reading in self.readings:
            told = ingest.told(reading)
            yield match.masked(told, self.rulebook.private)

    def to_pandas(self) -> pd.DataFrame:
        """Return the records as a data frame, one a row."""
        batches = list(self.records())
        frame: pd.DataFrame = pa.Table.from_batches(batches).to_pandas()
        return frame

    def _produce(self, given: Input, order: Order, shown: int) -> LintReport:
        files = order.files
        for name in files:
            if files.count(name) > 1:
                raise UsageError(f"{name}: would be written twice. Name the split otherwise.")
        self.protect(order.folder / name for name in files)
        engine = self._engine()
        told = produce(given, order, engine, shown=shown)
        return LintReport(told, given.rules, self.index)

    def protect(self, outputs: Iterable[Path]) -> None:
        """Raise UsageError where an output would overwrite what is read, or is a folder."""
        for path in outputs:
            if path.is_dir():
                raise UsageError(f"{path}: is a folder. Name another.")
            for reading in self.readings:
                if path.exists() and path.samefile(reading.source.path):
                    raise UsageError(f"{path}: is read, and would be overwritten. Name another.")

    def _plan(self, shares: Mapping[str, float] | None, seed: int | None, mode: str | None) -> Plan:
        asked = self.settings.get("split", {})
        return splitting.plan(
            shares or asked.get("shares"),
            seed if seed is not None else asked.get("seed"),
            mode or asked.get("mode"),
        )

    def _field(self, given: str | None, name: str) -> str | None:
        """Return the column to stratify or group by; it must be in some file."""
        column: str | None = given or self.settings.get("split", {}).get(name)
        if column is None:
            return None
        known: dict[str, None] = dict.fromkeys(("label", "group", "split"))
        for reading in self.readings:
            known |= dict.fromkeys(ingest.sample_of(reading.source).columns)
            fields = [field for field, mapped in reading.mapping.items() if mapped == column]
            if fields and fields[0] not in (*PROMPTS, *COMPLETIONS, "label", "group", "split"):
                raise UsageError(f"--{name} {column}: it is read as {fields[0]}; name another.")
        if column not in known:
            hint = did_you_mean(column, known)
            seen = ", ".join(known)
            raise UsageError(f"--{name} {column}: no column {column!r}; seen: {seen}.{hint}")
        return column


@dataclass(frozen=True)
class Split:
    """Records on their way into splits."""

    dataset: Dataset
    plan: Plan
    stratify: str | None = None
    group: str | None = None

    def write(
        self,
        out: str | os.PathLike[str],
        *,
        target: str | None = None,
        shown: int = SHOWN,
    ) -> LintReport:
        """Write one file a split, what could not be read, and the receipt."""
        select = ("FMT", "SCH", "TGT") if target else ("FMT", "SCH")
        given = self.dataset._given(select, (), None, target=target)
        order = Order(
            command="split",
            folder=Path(out),
            names={name: f"{name}.jsonl" for name in self.plan.names},
            plan=self.plan,
            target=target,
            stratify=self.stratify,
            group=self.group,
            dropping=dropping(given.rules, (), ("CHT", "DUP101")),
            reports=False,
        )
        return self.dataset._produce(given, order, shown)


def load_rules(settings: Mapping[str, Any] | None = None) -> Rulebook:
    """Return all rules, with the parameters that settings give them.

    `load_rules().one("DUP101")` is one of them, and `dsprep.rulebook.page` puts it into words.
    """
    return rulebook.of_settings(settings or {})


def verify(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """Return each file a manifest names, whether it is as it says, and what was found."""
    import pandas as pd  # noqa: PLC0415 - slow to import, not needed on the command line

    return pd.DataFrame(manifest.verify(Path(folder)), columns=["file", "ok", "found"])


def _lint_options(given: Mapping[str, Any]) -> dict[str, Any]:
    known = ("select", "ignore", "fail_on", "extend_select")
    for name in given:
        if name not in known:
            raise TypeError(f"prepare() has no option {name!r}.{did_you_mean(name, known)}")
    return {name: given.get(name) for name in known}


def _index_of(frame: object) -> Any:
    """Return the index of a pandas frame. Others have none, if perhaps a column of that name."""
    pandas = sys.modules.get("pandas")
    return frame.index if pandas and isinstance(frame, pandas.DataFrame) else None


def _spooled(frame: ArrowStream, directory: Path) -> formats.Source:
    """Return a data frame as a source: an Arrow file, read like any other."""
    if not hasattr(frame, "__arrow_c_stream__"):
        raise UsageError(_unreadable(frame))
    path = directory / "frame.arrow"
    try:
        _spool(pa.RecordBatchReader.from_stream(frame), path)
    except (ValueError, TypeError, NotImplementedError) as error:  # Arrow's are among these
        name, reason = type(frame).__name__, str(error).partition("\n")[0]
        raise UsageError(f"cannot read this {name} as a table: {reason}") from error
    status = path.stat()
    return formats.Source(str(path), "<frame>", "arrow", None, status.st_size, status.st_mtime_ns)


def _unreadable(thing: object) -> str:
    name = type(thing).__name__
    return f"cannot read this {name}. Give a pandas, polars, pyarrow or DuckDB table, or paths."


def _spool(reader: pa.RecordBatchReader, path: Path) -> None:
    schema = reader.schema
    columns = [at for at, name in enumerate(schema.names) if not _UNNAMED_INDEX.fullmatch(name)]
    kept = pa.schema([schema.field(at) for at in columns])
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, kept) as writer:
        for batch in reader:
            for start in range(0, batch.num_rows, formats.BATCH_ROWS):
                part = batch.slice(start, formats.BATCH_ROWS)
                arrays = [part.column(at) for at in columns]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=kept))


def read(
    *paths: str | os.PathLike[str] | ArrowStream,
    shape: str | None = None,
    mapping: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
) -> Dataset:
    """Return the data set of some files and folders, or of a data frame.

    Args:
        paths: files, folders, "-" for standard input; or one data frame.
        shape: name of the shape, where it is not to be detected.
        mapping: column by field, such as {"prompt": "question", "label": "topic"}.
        settings: what a config file may hold, as nested dictionaries.
        jobs: worker processes; the cores of the machine if not said.
    """
    if not paths:
        raise UsageError("nothing to read: give paths or a data frame.")
    frames = [path for path in paths if not isinstance(path, str | os.PathLike)]
    for frame in frames:
        if not hasattr(frame, "__arrow_c_stream__"):
            raise UsageError(_unreadable(frame))
    if frames and len(paths) > 1:
        raise UsageError("give one data frame, or paths, not both.")
    return Dataset(
        [path for path in paths if isinstance(path, str | os.PathLike)],
        frame=frames[0] if frames else None,
        shape=shape,
        mapping=mapping,
        settings=settings,
        jobs=jobs,
    )


def lint(data: Any, **options: Any) -> LintReport:
    """Return what the rules find in a data frame, a path or several.

    Options are those of `read` and of `Dataset.lint`.
    """
    reading = {
        key: options.pop(key) for key in ("shape", "mapping", "settings", "jobs") if key in options
    }
    many = isinstance(data, list | tuple)
    return read(*(data if many else [data]), **reading).lint(**options)


# The import of the module `dsprep.lint` has put that module where users look for the function.
vars(sys.modules["dsprep"])["lint"] = lint
