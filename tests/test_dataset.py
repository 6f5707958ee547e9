"""The pandas-style API: paths or data frames in, reports and files out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import dsprep
from dsprep import dataset
from dsprep.dataset import Dataset, FindingsError, LintReport
from dsprep.errors import DsprepError, InputError, ShapeUnclear, UsageError

ROWS = [
    {"prompt": "Is water wet?", "completion": "It is."},
    {"prompt": "Is fire hot?", "completion": " "},
    {"prompt": "Is water wet?", "completion": "It is."},
    {"prompt": "Is ice cold?", "completion": "Ask zoe@harbour.org."},
]
FOUND = {"CHT102": 1, "DUP101": 1, "PII101": 1, "SIZ101": 1}
FRAMES: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "pandas": pd.DataFrame,
    "pandas-index": lambda rows: pd.DataFrame(rows, index=list("wxyz")[: len(rows)]),
    "polars": pl.DataFrame,
    "pyarrow": pa.Table.from_pylist,
    "batch": pa.RecordBatch.from_pylist,
    "duckdb": lambda rows: duckdb.from_arrow(pa.Table.from_pylist(rows)),
}


def write(path: Path, rows: list[Any]) -> Path:
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "in.jsonl", ROWS)


@pytest.fixture
def found(file: Path) -> LintReport:
    return dsprep.read(file).lint()


# -- what is exported ---------------------------------------------------------------


def test_the_package_exports_what_it_says() -> None:
    for name in dsprep.__all__:
        assert getattr(dsprep, name) is getattr(dataset, name)
    with pytest.raises(AttributeError, match="no attribute 'lnt'"):
        dsprep.lnt  # noqa: B018


@pytest.mark.parametrize("first", ["read", "Dataset", "lint", "Split"])
def test_no_name_depends_on_which_is_used_first(first: str) -> None:
    program = f"import dsprep; dsprep.{first}; assert callable(dsprep.lint), dsprep.lint"

    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_docstring_example_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dsprep.__doc__ is not None
    example = dsprep.__doc__[dsprep.__doc__.index("import dsprep") :]
    (file.parent / "data").mkdir()
    file.rename(file.parent / "data" / "in.jsonl")
    monkeypatch.chdir(file.parent)

    exec(example, {})

    assert (file.parent / "out" / "train.jsonl").is_file()


# -- lint ---------------------------------------------------------------------------


def test_lint_counts_findings(found: LintReport) -> None:
    assert found.totals == FOUND
    assert found.report.rows == 4


def test_findings_are_a_frame(file: Path, found: LintReport) -> None:
    frame = found.findings

    assert list(frame.columns) == [
        *("code", "name", "severity", "file", "line", "row", "field", "start", "end"),
        *("message", "row_id", "related", "fix"),
    ]
    assert frame["code"].tolist() == ["CHT102", "DUP101", "PII101", "SIZ101"]
    assert [str(frame[name].dtype) for name in ("line", "row", "start", "end")] == ["Int64"] * 4
    mail = frame.set_index("code").loc["PII101"]
    assert (mail["file"], mail["line"], mail["row"]) == (str(file), 4, 3)
    assert (mail["field"], mail["start"], mail["end"]) == ("messages[1].content", 4, 19)
    assert mail["message"] == "E-mail address z**@*******.***"
    assert frame.set_index("code").loc["DUP101", "related"] == [0]
    assert frame["row"].isna().tolist() == [False, False, False, True]


def test_no_findings_are_a_frame_too(file: Path) -> None:
    frame = dsprep.read(file).lint(select=["LBL101"]).findings

    assert len(frame) == 0
    assert str(frame["row"].dtype) == "Int64"


def test_a_summary_is_a_frame(found: LintReport) -> None:
    frame = found.summary().set_index("code")

    assert list(frame.columns) == ["name", "severity", "findings", "rate"]
    assert frame.loc["DUP101", "findings"] == 1
    assert frame.loc["DUP101", "rate"] == 0.25
    assert frame["rate"].isna()["SIZ101"]


@pytest.mark.parametrize(
    ("word", "rows"),
    [("DUP101", [2]), ("exact-duplicate", [2]), ("DUP", [2]), ("privacy", [3]), ("SIZ101", [])],
)
def test_rows_say_where(found: LintReport, word: str, rows: list[int]) -> None:
    assert list(found.rows(word)) == rows


def test_rows_of_a_rule_that_is_not_there_are_no_rows(found: LintReport) -> None:
    with pytest.raises(UsageError, match=r"unknown rule 'DUP11'\. Did you mean "):
        found.rows("DUP11")


def test_a_row_is_named_once(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", [{"prompt": "a@b.org c@d.org", "completion": "e@f.org"}])

    assert list(dsprep.read(file).lint().rows("PII101")) == [0]


@pytest.mark.parametrize(
    ("options", "ok"),
    [({}, True), ({"fail_on": "warning"}, False), ({"fail_on": "warning", "select": "TOK"}, True)],
)
def test_ok_is_as_asked(file: Path, options: dict[str, Any], ok: bool) -> None:
    assert dsprep.read(file).lint(ignore=["CHT"], **options).ok is ok


def test_raises_for_errors_where_asked(tmp_path: Path) -> None:
    data = dsprep.read(write(tmp_path / "in.jsonl", [*ROWS, "{"]))

    with pytest.raises(FindingsError, match=r"^findings at or above error: .*FMT001 1"):
        data.lint().raise_for_errors()
    data.lint(select=["DUP"]).raise_for_errors()


def test_no_rows_raise_as_well(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("\n")

    with pytest.raises(FindingsError, match="no rows"):
        dsprep.read(tmp_path / "in.jsonl").lint(select=["DUP"]).raise_for_errors()


@pytest.mark.parametrize("select", ["DUP", ["DUP"], ("DUP",), iter(["DUP"]), {"DUP": 1}])
def test_rules_can_be_given_in_any_way(file: Path, select: Any) -> None:
    assert dsprep.read(file).lint(select=select).totals == {"DUP101": 1}


def test_a_report_prints_as_on_the_command_line(found: LintReport) -> None:
    told = str(found)

    assert told.endswith("(4 rules).\n")
    assert "DUP101 exact-duplicate: " in told
    assert "zoe@" not in told


def test_settings_are_those_of_a_config_file(file: Path) -> None:
    settings = {"lint": {"select": ["TOK"], "rules": {"over-length": {"limit": 1}}}}

    assert dsprep.read(file, settings=settings).lint().totals == {"TOK101": 4}


# -- data frames --------------------------------------------------------------------


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_is_judged_as_its_file_is(file: Path, kind: str) -> None:
    expected = dsprep.read(file).lint().findings

    frame = dsprep.lint(FRAMES[kind](ROWS)).findings

    same = ["code", "severity", "row", "field", "start", "end", "message", "row_id", "related"]
    assert frame[same].to_dict("list").__repr__() == expected[same].to_dict("list").__repr__()
    assert frame["line"].isna().all()
    assert set(frame["file"].dropna()) == {"<frame>"}


@pytest.mark.parametrize("kind", FRAMES)
def test_the_records_of_a_frame_are_those_of_its_file(file: Path, kind: str) -> None:
    expected = dsprep.read(file).to_pandas()

    records = dsprep.read(FRAMES[kind](ROWS)).to_pandas()

    assert records["row_id"].tolist() == expected["row_id"].tolist()
    assert records["extra"].isna().all()


@pytest.mark.parametrize(
    "index",
    [
        list("wxyz"),
        [10, 20, 30, 40],
        [7, 7, 8, 8],
        pd.MultiIndex.from_product([["a", "b"], [1, 2]]),
        pd.Index(["Is", "this", "a", "text?"], name="text"),
        pd.date_range("2026-01-01", periods=4),
    ],
)
def test_rows_index_the_frame(index: Any) -> None:
    frame = pd.DataFrame(ROWS, index=index)

    rows = dsprep.lint(frame).rows("DUP101")

    assert list(rows) == [frame.index[2]]
    assert frame.loc[rows, "prompt"].tolist()[0] == "Is water wet?"


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "duckdb"])
def test_a_column_named_index_is_no_index(kind: str) -> None:
    frame = FRAMES[kind]([{**row, "index": "i"} for row in ROWS])

    assert list(dsprep.lint(frame).rows("DUP101")) == [2]


def test_an_index_with_a_name_is_data(tmp_path: Path) -> None:
    frame = pd.DataFrame([{**row, "customer": "ab"[n % 2]} for n, row in enumerate(ROWS)])
    data = dsprep.read(frame.set_index("customer"))

    data.split(shares={"a": 0.5, "b": 0.5}, group="customer").write(tmp_path / "out")

    sides = [{row["customer"] for row in lines(tmp_path / "out" / f"{n}.jsonl")} for n in "ab"]
    assert not sides[0] & sides[1]


@pytest.mark.parametrize("kind", ["pandas", "pandas-index", "polars", "pyarrow"])
def test_the_frame_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    frame, twin = FRAMES[kind](ROWS), FRAMES[kind](ROWS)
    data = dsprep.read(frame)

    data.lint()
    data.prepare(tmp_path / "out")

    assert frame.equals(twin)


def test_a_stream_that_can_be_read_once_is_read_once() -> None:
    data = dsprep.read(pa.Table.from_pylist(ROWS).to_reader())

    assert data.lint().totals == data.lint().totals == FOUND


def test_a_frame_without_rows_is_no_success() -> None:
    report = dsprep.lint(pd.DataFrame(ROWS).iloc[:0])

    assert not report.ok
    assert report.totals == {"SCH005": 1}


def test_types_of_a_frame_may_be_any(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "text": pd.Series(["Card lost", "Card stolen", "Card eaten"], dtype="string"),
            "label": pd.Categorical(["a", "b", "a"]),
            "when": pd.to_datetime(["2026-01-01"] * 3),
            "score": [1.5, None, 2.5],
        }
    )

    dsprep.read(frame).split().write(tmp_path / "out")

    rows = lines(tmp_path / "out/train.jsonl") + lines(tmp_path / "out/validation.jsonl")
    assert {(row["text"], row["label"], row["score"]) for row in rows} == {
        ("Card lost", "a", 1.5),
        ("Card stolen", "b", None),
        ("Card eaten", "a", 2.5),
    }


# -- paths --------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [str, Path, lambda path: [path], lambda path: (str(path),)])
def test_a_path_can_be_given_in_any_way(file: Path, wrap: Callable[[Path], Any]) -> None:
    assert dsprep.lint(wrap(file)).totals == FOUND


def test_several_paths_are_one_data_set(tmp_path: Path, file: Path) -> None:
    other = write(tmp_path / "more.jsonl", ROWS[:1])

    assert dsprep.read(file, other).lint(select="DUP").totals == {"DUP101": 2}
    assert dsprep.lint([file, other], select="DUP").totals == {"DUP101": 2}


def test_a_file_that_changed_is_read_again(file: Path) -> None:
    data = dsprep.read(file)
    assert data.lint().totals == FOUND

    write(file, ROWS[:2])

    assert data.lint().totals == {"CHT102": 1, "SIZ101": 1}
    assert data.lint().report.rows == 2


def test_records_are_a_frame(file: Path) -> None:
    frame = dsprep.read(file).to_pandas()

    assert frame["file"].tolist() == [str(file)] * 4
    assert frame["row"].tolist() == [0, 1, 2, 3]
    assert frame["line"].tolist() == [1, 2, 3, 4]
    assert [message["content"] for message in frame["messages"][0]] == ["Is water wet?", "It is."]


def test_mapping_and_shape_are_taken(tmp_path: Path) -> None:
    file = write(tmp_path / "ab.jsonl", [{"a": "some words", "b": "other words"}])
    data = dsprep.read(file, mapping={"prompt": "b", "completion": "a"})

    (messages,) = data.to_pandas()["messages"]
    assert [message["content"] for message in messages] == ["other words", "some words"]
    assert data.readings[0].shape == "prompt_completion"


# -- what is written ----------------------------------------------------------------


def test_prepare_reports_what_it_wrote(tmp_path: Path, file: Path) -> None:
    report = dsprep.read(file).prepare(tmp_path / "out", shares={"a": 0.5, "b": 0.5}, keep="DUP")

    written = {name: len(lines(tmp_path / "out" / f"{name}.jsonl")) for name in ("a", "b")}
    assert sum(written.values()) == 3
    assert dict(report.report.outputs) == {
        "a.jsonl": written["a"],
        "b.jsonl": written["b"],
        "dropped.jsonl": 1,
    }
    assert report.report.dropped == {"CHT102": 1}
    assert report.totals == FOUND


def test_prepare_is_what_the_command_does(tmp_path: Path, file: Path) -> None:
    from click.testing import CliRunner

    from dsprep.cli import root

    words = [str(file), "--out", str(tmp_path / "one"), "--seed", "5", "--drop", "PII"]
    CliRunner().invoke(root, ["prepare", *words])

    dsprep.read(file).prepare(tmp_path / "two", seed=5, drop=["PII"])

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_split_waits_to_be_written(tmp_path: Path, file: Path) -> None:
    split = dsprep.read(file).split(shares={"a": 0.5, "b": 0.5}, seed=3)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]

    report = split.write(tmp_path / "out")

    written = lines(tmp_path / "out/a.jsonl") + lines(tmp_path / "out/b.jsonl")
    assert sorted(map(str, written)) == sorted(map(str, ROWS))
    assert [part.name for part in report.report.splits] == ["a", "b"]


def test_write_keeps_the_order(tmp_path: Path, file: Path) -> None:
    report = dsprep.read(file).write(tmp_path / "out.jsonl", target="openai-chat")

    prompts = [row["messages"][0]["content"] for row in lines(tmp_path / "out.jsonl")]
    assert prompts == [row["prompt"] for row in ROWS]
    assert report.ok


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (lambda data, folder: data.write(folder / "in.jsonl"), "in.jsonl"),
        (lambda data, folder: data.write(folder / "link.jsonl"), "link.jsonl"),
        (lambda data, folder: data.prepare(folder, shares={"in": 1.0}), "in.jsonl"),
        (lambda data, folder: data.split(shares={"in": 1.0}).write(folder), "in.jsonl"),
    ],
)
def test_what_is_read_is_never_overwritten(
    file: Path, act: Callable[[Dataset, Path], object], name: str
) -> None:
    (file.parent / "link.jsonl").symlink_to(file)
    before = file.read_bytes()

    with pytest.raises(UsageError, match=f"{name}: is read, and would be overwritten"):
        act(dsprep.read(file), file.parent)

    assert file.read_bytes() == before


# -- what cannot be done ------------------------------------------------------------


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        (pl.LazyFrame({"a": [1]}), "cannot read this LazyFrame. Give a pandas, polars"),
        ({"prompt": ["a"]}, "cannot read this dict. Give"),
        ([{"prompt": "a"}], "cannot read this dict. Give"),
        (b"in.jsonl", "cannot read this bytes. Give"),
        (5, "cannot read this int. Give"),
        (None, "cannot read this NoneType. Give"),
        ([], "nothing to read: give paths or a data frame"),
        ("", "a path is empty"),
        (pd.Series(["a"]), "cannot read this Series as a table: "),
        (pl.Series(["a"]), "cannot read this Series as a table: "),
        (pd.DataFrame([["a", "b"]], columns=["x", "x"]), "cannot read this DataFrame as a table: "),
        (pd.DataFrame({"a": [1, "b"]}), "cannot read this DataFrame as a table: "),
    ],
)
def test_what_cannot_be_read_is_told(thing: Any, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        dsprep.lint(thing)

    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("act", "error", "told"),
    [
        (lambda data: data.lint(select=["DUPE"]), UsageError, "unknown rule 'DUPE'"),
        (lambda data: data.lint(ignore="qqq"), UsageError, "`dsprep rules list`"),
        (lambda data: data.lint(fail_on="eror"), UsageError, "Did you mean error?"),
        (lambda data: data.lint(fail_on="qqq"), UsageError, "Known are error, warning, info."),
        (lambda data: data.lint(target="openaichat"), UsageError, "Did you mean openai-chat?"),
        (lambda data: data.prepare("o", target="qqq"), UsageError, "Known are "),
        (lambda data: data.prepare("o", drop=["DUPE"]), UsageError, "unknown rule 'DUPE'"),
        (lambda data: data.prepare("o", keep="DUPE"), UsageError, "unknown rule 'DUPE'"),
        (lambda data: data.write("o.jsonl", target="qqq"), UsageError, "unknown target"),
        (lambda data: data.split(mode="exakt"), UsageError, "Did you mean exact?"),
        (lambda data: data.split(shares={"a": 0.5}), UsageError, "add up to 0.5, not 1"),
        (lambda data: data.split(shares={"dropped": 1}), UsageError, "split 'dropped'"),
        (lambda data: data.split(stratify="promt"), UsageError, "Did you mean prompt?"),
        (lambda data: data.split(group="qqq"), UsageError, "no column 'qqq'; seen: "),
    ],
)
def test_what_is_not_there_is_told(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Dataset], object],
    error: type[DsprepError],
    told: str,
) -> None:
    monkeypatch.chdir(file.parent)

    with pytest.raises(error) as raised:
        act(dsprep.read(file))

    assert told in str(raised.value)
    assert [path.name for path in file.parent.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"shape": "sharegtp"}, UsageError, "Did you mean sharegpt?"),
        ({"mapping": {"prompt": "quest"}}, UsageError, "no column 'quest'"),
        ({"mapping": {"promt": "prompt"}}, UsageError, "promt"),
        ({"settings": {"lint": {"selct": 1}}}, UsageError, "Did you mean select?"),
        ({"settings": {"rules-dirs": ["gone"]}}, DsprepError, "no such rule folder"),
        ({"settings": {"lint": {"rules": {"TOK": {"limit": 0}}}}}, UsageError, "TOK101: limit"),
    ],
)
def test_options_that_do_not_fit_are_told(
    file: Path, options: dict[str, Any], error: type[DsprepError], told: str
) -> None:
    with pytest.raises(error) as raised:
        dsprep.lint(file, **options)

    assert told in str(raised.value)


def test_options_that_do_not_exist_are_python_errors(file: Path) -> None:
    with pytest.raises(TypeError, match="selct"):
        dsprep.lint(file, selct="DUP")
    with pytest.raises(TypeError, match=r"'selct'\. Did you mean select\?"):
        dsprep.read(file).prepare("o", selct="DUP")


def test_paths_that_hold_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.jsonl: no such file or folder"):
        dsprep.lint(tmp_path / "gone.jsonl")
    with pytest.raises(InputError, match="no data files in this folder"):
        dsprep.lint(tmp_path)
    with pytest.raises(UsageError, match="nothing to read"):
        dsprep.read()
    with pytest.raises(UsageError, match="one data frame, or paths, not both"):
        dsprep.read(pd.DataFrame(ROWS), "in.jsonl")


def test_columns_that_say_nothing_are_told(tmp_path: Path) -> None:
    rows = [{"a": f"some {n} words", "b": f"other {n} words"} for n in range(9)]
    file = write(tmp_path / "ab.jsonl", rows)

    with pytest.raises(ShapeUnclear, match="Try --map prompt=a --map completion=b"):
        dsprep.lint(file)
