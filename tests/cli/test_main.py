"""Exit codes, and the one line that says what could not be done and what to do."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dsprep
from dsprep import report
from dsprep.batch import Batch
from dsprep.cli import root
from dsprep.finding import Hit
from dsprep.kinds import absent
from dsprep.rule import Rule
from tests.cli.conftest import ROWS, Run, codes, write

COMMANDS = ("convert", "formats", "lint", "prepare", "rule", "rules", "split", "verify")
LINT = ("lint", "good.jsonl")


def test_says_its_version(run: Run) -> None:
    ran = run("--version")

    assert (ran.code, ran.out, ran.err) == (0, f"dsprep {dsprep.__version__}\n", "")


@pytest.mark.parametrize("words", [("--help",), ("-h",), *((name, "-h") for name in COMMANDS)])
def test_helps(run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)

    assert ran.code == 0
    assert "Usage: dsprep" in ran.out


@pytest.mark.parametrize("words", [(), ("rules",)])
def test_helps_who_names_no_command(run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: dsprep")
    assert "\nCommands:\n" in ran.err


def test_finds_its_commands() -> None:
    assert tuple(root.list_commands(None)) == COMMANDS  # type: ignore[arg-type]  # it is not used


# -- 0 and 1 ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--select", "DUP"), 0),
        ((), 0),  # a warning: there are few rows
        (("--fail-on", "warning"), 1),
        (("--fail-on", "warning", "--ignore", "SIZ101"), 0),
        (("--fail-on", "info", "--config", "lint.rules.SIZ101.severity=info"), 1),
        (("--fail-on", "warning", "--config", "lint.rules.SIZ101.severity=info"), 0),
        (("--config", "lint.rules.SIZ101.severity=error"), 1),
        (("--config", "lint.fail-on=warning"), 1),
        (("--config", "lint.fail-on=warning", "--fail-on", "error"), 0),
    ],
)
def test_exits_by_the_severity_that_fails(run: Run, words: tuple[str, ...], code: int) -> None:
    assert run(*LINT, *words).code == code


@pytest.mark.parametrize("output_format", report.formats())
@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1)])
def test_output_format_never_changes_the_exit_code(
    run: Run, output_format: str, fail_on: str, code: int
) -> None:
    assert run(*LINT, "--fail-on", fail_on, "--output-format", output_format).code == code


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("blank.jsonl", "\n \n", ("lint",)),
        ("head.csv", "prompt,completion\n", ("lint",)),
        ("none.json", "[]", ("lint",)),
        ("none.json", "[]", ("convert", "-o", "o.jsonl")),
        ("head.csv", "prompt,completion\n", ("prepare", "--out", "o")),
    ],
)
def test_zero_rows_are_never_a_success(
    run: Run, tmp_path: Path, name: str, text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(text)

    ran = run(words[0], name, *words[1:])

    assert (ran.code, ran.err) == (1, "")
    assert "No rows checked." in ran.out
    assert "SCH005 empty-dataset" in ran.out


@pytest.mark.parametrize("words", [("--select", "DUP"), ("--ignore", "SCH005"), ("-q",)])
def test_zero_rows_fail_whatever_is_selected(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "blank.jsonl").write_text("\n")

    ran = run("lint", "blank.jsonl", *words)

    assert ran.code == 1
    assert "No rows checked." in ran.out


# -- 2 ------------------------------------------------------------------------------


def fill(folder: Path) -> None:
    """Put files into a folder with which something is wrong."""
    (folder / "empty.jsonl").touch()
    (folder / "notes.txt").write_text("hello")
    (folder / "bare").mkdir()
    (folder / "papers").mkdir()
    (folder / "papers" / "notes.txt").write_text("hello")
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n' * 99)[:-20])
    (folder / "not.jsonl.gz").write_text("hello")
    for name in ("not.parquet", "not.arrow"):
        (folder / name).write_text("hello, hello, hello")
    write(folder / "unclear.jsonl", [{"a": "some words", "b": "other words"}] * 2)
    (folder / "broken.toml").write_text("[lint\n")
    (folder / "typo.toml").write_text("[lint]\nselct = []\n")
    (folder / "latin.toml").write_bytes(b"# caf\xe9\n")
    (folder / "full").mkdir()
    (folder / "full" / "train.jsonl").mkdir(parents=True)
    (folder / "manifest.json").write_text('{"manifest_version": 1}')
    (folder / "rules").mkdir()
    (folder / "rules" / "bad.yaml").write_text("schema: 1\nkind: mach\n")


CANNOT = [
    # what is asked for, what the line says, what it says to do
    (("lnt", "a"), "unknown command 'lnt'", "Did you mean lint?"),
    (("frobnicate",), "unknown command", "Known are convert, formats, lint, prepare"),
    (("rules", "lst"), "lst", "Did you mean 'list'?"),
    ((*LINT, "--selct", "A"), "--selct", "--select"),
    ((*LINT, "--jobs", "0"), "--jobs", "x>=1"),
    ((*LINT, "--max-shown", "-1"), "--max-shown", "x>=0"),
    (("lint",), "Missing", "PATHS"),
    (("prepare", "good.jsonl"), "Missing", "--out"),
    (("convert", "good.jsonl"), "Missing", "--output"),
    ((*LINT, "--select", "DUP11"), "unknown rule 'DUP11'", "Did you mean DUP101"),
    ((*LINT, "--select", "qqq"), "unknown rule 'qqq'", "`dsprep rules list`"),
    ((*LINT, "--ignore", "exact-duplicat"), "unknown rule", "exact-duplicate"),
    ((*LINT, "--select", ""), "--select", "it names no rule"),
    ((*LINT, "--ignore", " , "), "--ignore", "it names no rule"),
    ((*LINT, "-o", ""), "--output", "it is empty"),
    (("prepare", "good.jsonl", "--out", ""), "--out", "it is empty"),
    (("split", "good.jsonl", "--out", ""), "--out", "it is empty"),
    (("convert", "good.jsonl", "-o", ""), "--output", "it is empty"),
    ((*LINT, "--extend-select", "DUPE"), "unknown rule", "Did you mean "),
    (("prepare", "good.jsonl", "--out", "o", "--drop", "DUPE"), "unknown rule", "Did you mean "),
    (("prepare", "good.jsonl", "--out", "o", "--keep", "DUPE"), "unknown rule", "Did you mean "),
    (("rule", "DUPE"), "unknown rule 'DUPE'", "Did you mean "),
    (("rule", "DUP"), "'DUP' names", "Name one"),
    ((*LINT, "--config", "lint.selct=1"), "unknown key 'lint.selct'", "Did you mean select?"),
    ((*LINT, "--config", "x=1"), "unknown key 'x'", "Known are ingest, lint"),
    ((*LINT, "--config", "lint.select=DUP"), "'lint.select'", "a list of strings"),
    ((*LINT, "--config", "lint.max-shown=-1"), "'lint.max-shown'", "0 or more"),
    ((*LINT, "--config", "lint.rules.over-lengt.limit=1"), "over-lengt", "over-length?"),
    ((*LINT, "--config", "lint.rules.TOK101.limt=1"), "no parameter 'limt'", "limit?"),
    ((*LINT, "--config", "lint.rules.TOK101.limit=x"), "TOK101: limit", "'integer'"),
    ((*LINT, "--config", "lint.fail-on=eror"), "unknown severity", "Did you mean error?"),
    ((*LINT, "--config", "lint.fail-on=qq"), "unknown severity", "error, warning, info"),
    ((*LINT, "--fail-on", "no"), "--fail-on", "'error', 'warning', 'info'"),
    ((*LINT, "--config", "gone.toml"), "gone.toml", "Give a file or KEY=VALUE"),
    ((*LINT, "--config", "broken.toml"), "broken.toml", "line 1"),
    ((*LINT, "--config", "typo.toml"), "typo.toml", "Did you mean select?"),
    ((*LINT, "--config", "latin.toml"), "latin.toml", "utf-8"),
    ((*LINT, "--config", "rules-dirs=['gone']"), "gone", "no such rule folder"),
    ((*LINT, "--config", "rules-dirs=['rules']"), "rules/bad.yaml:2", "Did you mean match?"),
    ((*LINT, "--map", "prompt=quest"), "no column 'quest'", "'prompt', 'completion'"),
    ((*LINT, "--map", "promt=prompt"), "promt", "Map prompt and completion"),
    ((*LINT, "--map", "prompt"), "--map prompt", "--map FIELD=COLUMN"),
    ((*LINT, "--shape", "sharegtp"), "unknown shape", "Did you mean sharegpt?"),
    ((*LINT, "--shape", "qqq"), "unknown shape", "Known are alpaca"),
    ((*LINT, "--target", "openaichat"), "unknown target", "Did you mean openai-chat?"),
    ((*LINT, "--target", "qqq"), "unknown target", "Known are"),
    ((*LINT, "--output-format", "jsonlines"), "unknown output format", "json-lines"),
    ((*LINT, "--output-format", "qqq"), "unknown output format", "Known are html, json"),
    ((*LINT, "-o", "gone/report.txt"), "gone/report.txt", "No such file or directory"),
    ((*LINT, "-o", "bare"), "bare", "is a folder"),
    ((*LINT, "-o", "good.jsonl"), "would be overwritten", "Name another"),
    (("lint", "gone.jsonl"), "gone.jsonl", "no such file or folder"),
    (("lint", ""), "a path is empty", "give the name"),
    (("lint", "empty.jsonl"), "empty.jsonl", "is empty"),
    (("lint", "bare"), "bare", "no data files in this folder"),
    (("lint", "papers"), "papers", "no data files in this folder"),
    (("lint", "notes.txt"), "no known format", "Known endings are"),
    (("lint", "cut.jsonl.gz"), "cut.jsonl.gz", "cannot be read"),
    (("lint", "not.jsonl.gz"), "not.jsonl.gz", "cannot be read"),
    (("lint", "not.parquet"), "not.parquet", "not readable as Parquet"),
    (("lint", "not.arrow"), "not.arrow", "not readable as Arrow"),
    (("lint", "unclear.jsonl"), "cannot tell prompt and completion", "Try --map prompt=a"),
    (("formats", "gone.jsonl"), "gone.jsonl", "no such file or folder"),
    (("split", "good.jsonl", "--out", "o", "--split", "a=0.5"), "0.5", "add up to"),
    (("split", "good.jsonl", "--out", "o", "--split", "a:1"), "--split a:1", "NAME=SHARE"),
    (("split", "good.jsonl", "--out", "o", "--split", "../a=1"), "'../a'", "letters"),
    (("split", "good.jsonl", "--out", "o", "--group", "promt"), "'promt'", "mean prompt?"),
    (("split", "good.jsonl", "--out", "o", "--stratify", "qq"), "'qq'", "seen: "),
    (("split", "good.jsonl", "--out", "good.jsonl"), "good.jsonl", "cannot be written"),
    (("split", "good.jsonl", "--out", "good.jsonl/o"), "good.jsonl/o", "cannot be written"),
    (("split", "good.jsonl", "--out", ".", "--split", "good=1"), "is read", "Name another"),
    (("prepare", "good.jsonl", "--out", ".", "--split", "good=1"), "is read", "Name another"),
    (("prepare", "good.jsonl", "--out", "o", "--split", "findings=1"), "twice", "otherwise"),
    (("prepare", "good.jsonl", "--out", "full"), "full/train.jsonl", "is a folder"),
    (("convert", "good.jsonl", "-o", "good.jsonl"), "is read", "Name another"),
    (("convert", "good.jsonl", "-o", "bare"), "bare", "is a folder"),
    (("verify", "gone"), "gone/manifest.json", "Name a folder that dsprep wrote"),
    (("verify", "."), "manifest.json", "is no dsprep manifest"),
    (("rules", "validate", "gone"), "gone", "no such file or folder"),
    (("rules", "test", "--select", "DUPE"), "unknown rule", "Did you mean "),
    (("rules", "list", "--config", "x=1"), "unknown key", "Known are"),
]


@pytest.mark.parametrize(("words", "what", "remedy"), CANNOT, ids=[" ".join(c[0]) for c in CANNOT])
def test_says_in_one_line_what_cannot_be_done(
    run: Run, tmp_path: Path, words: tuple[str, ...], what: str, remedy: str
) -> None:
    fill(tmp_path)

    ran = run(*words)

    assert ran.code == 2
    assert ran.err.startswith("dsprep: ")
    assert ran.err.count("\n") == 1
    assert what in ran.err
    assert remedy in ran.err
    assert ran.out == ""


def test_leaves_the_data_alone_when_it_cannot(run: Run, tmp_path: Path) -> None:
    before = (tmp_path / "good.jsonl").read_bytes()

    run("convert", "good.jsonl", "-o", "good.jsonl")
    run("prepare", "good.jsonl", "--out", ".", "--split", "good=1")
    run(*LINT, "-o", "good.jsonl")

    assert (tmp_path / "good.jsonl").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["good.jsonl"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_names_a_file_that_may_not_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").chmod(0)

    ran = run(*LINT)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("dsprep: good.jsonl: ")
    assert ran.err.count("\n") == 1


def test_breaks_commands_to_terminals_and_ci_in_names_of_files(run: Run) -> None:
    ran = run("lint", "\x1b[31m##[error]\u202e\nx.jsonl")

    assert ran.code == 2
    assert ran.err == "dsprep: \\x1b[31m##\\x5berror]\\u202e x.jsonl: no such file or folder.\n"


def test_a_name_that_is_not_utf8_is_told(run: Run) -> None:
    ran = run("lint", os.fsdecode(b"caf\xe9.jsonl"))

    assert ran.code == 2
    assert ran.err == "dsprep: caf\\udce9.jsonl: no such file or folder.\n"


def test_a_crashed_rule_is_no_finding(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_batch: Batch, _rules: list[Rule]) -> Iterator[tuple[Rule, Hit]]:
        raise KeyError("oops")

    monkeypatch.setattr(absent, "find", crash)

    ran = run(*LINT)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("dsprep: rule CHT102 raised KeyError at good.jsonl row 0")
    assert ran.err.count("\n") == 1


def test_a_fault_of_dsprep_is_no_finding(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(report, "load", crash)

    ran = run(*LINT)

    assert ran.code == 2
    assert "ZeroDivisionError" in ran.err
    assert ran.err.endswith("dsprep: this is a fault in dsprep, not in your data.\n")


# -- 130 ----------------------------------------------------------------------------


SIGNALLED = """
import os
from dsprep import cli
from dsprep.kinds import absent

def stop(_batch, _rules):
    os.kill(os.getpid(), NUMBER)
    yield from ()

absent.find = stop
cli.main()
"""


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGINT, ("lint",)), (signal.SIGTERM, ("prepare", "--out", "o"))]
)
def test_an_interrupted_run_writes_nothing(
    tmp_path: Path, number: signal.Signals, words: tuple[str, ...]
) -> None:
    write(tmp_path / "good.jsonl", ['{"prompt": "Why?", "completion": "Because."}'])
    script = SIGNALLED.replace("NUMBER", str(int(number)))

    ran = subprocess.run(
        [sys.executable, "-c", script, words[0], "good.jsonl", *words[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (130, "")
    assert ran.stderr.lstrip() == "dsprep: interrupted: nothing was written.\n"  # behind ^C
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "good.jsonl"]


# -- standard output that nobody takes ----------------------------------------------


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = line.replace("dsprep", f"{sys.executable} -m dsprep")
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_reader_that_has_seen_enough_does_not_hide_findings(tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", ["{"] * 5000)

    ran = shell(
        "dsprep lint many.jsonl --output-format json-lines | head -1; exit ${PIPESTATUS[0]}",
        tmp_path,
    )

    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("words", ["--version", "lint good.jsonl"])
def test_a_full_disk_is_told(tmp_path: Path, words: str) -> None:
    write(tmp_path / "good.jsonl", ROWS)

    ran = shell(f"dsprep {words} > /dev/full", tmp_path)

    assert (ran.returncode, ran.stderr) == (2, "dsprep: No space left on device.\n")


@pytest.mark.skipif(not Path("/dev/stdout").is_symlink(), reason="there is no /dev/stdout")
@pytest.mark.parametrize("end", ["| cat", "> report.txt; cat report.txt"])
def test_output_may_be_a_device(tmp_path: Path, end: str) -> None:
    write(tmp_path / "good.jsonl", ROWS)

    ran = shell(f"dsprep lint good.jsonl -o /dev/stdout {end}", tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("\nFound 1 problem: 1 warning (1 rule).\n")
    assert Path("/dev/stdout").is_symlink()


def test_standard_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    write(tmp_path / "chat.jsonl", [{"prompt": "深い海", "completion": "-----"}] * 2)
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    words = [sys.executable, "-m", "dsprep", "formats", "chat.jsonl"]

    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, env=environment, check=False)

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "深い海" in ran.stdout.decode()


def test_totals_are_those_of_the_findings(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "bad.jsonl", ["{", *ROWS, ROWS[0]])

    ran = run("lint", "bad.jsonl", "--output-format", "json-lines")

    assert codes(ran) == {"DUP101": 1, "FMT001": 1, "SIZ101": 1}
