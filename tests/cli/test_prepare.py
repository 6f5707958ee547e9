"""`dsprep prepare`: everything in one folder, every row accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROWS, Run, lines, write

FILES = {
    "dropped.jsonl",
    "findings.jsonl",
    "manifest.json",
    "report.html",
    "report.json",
    "report.md",
    "train.jsonl",
    "validation.jsonl",
}
BAD = '{"prompt": "Is it cut'


@pytest.fixture
def mix(tmp_path: Path) -> str:
    """Return a file of 24 rows: 20 good ones, a copy, and three that cannot be trained on."""
    good = [{"prompt": f"Is {n} odd?", "completion": f"{n % 2 == 1}"} for n in range(20)]
    write(tmp_path / "mix.jsonl", [BAD, *good, good[3], {"prompt": "Why?"}, "[1]"])
    return "mix.jsonl"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_writes_everything_it_says(run: Run, tmp_path: Path, mix: str) -> None:
    ran = run("prepare", mix, "--out", "out")

    assert (ran.code, ran.err) == (1, "")
    assert names(tmp_path / "out") == FILES
    assert "Wrote 18 rows to train.jsonl." in ran.out
    assert "Wrote 2 rows to validation.jsonl." in ran.out
    assert "Wrote 4 rows to dropped.jsonl." in ran.out
    assert ran.out.endswith("\nReport: out/report.html\n")


def test_every_row_is_written_or_dropped(run: Run, tmp_path: Path, mix: str) -> None:
    run("prepare", mix, "--out", "out")

    written = [row for name in ("train", "validation") for row in lines(Path(f"out/{name}.jsonl"))]
    expected = [json.loads(line) for line in (tmp_path / mix).read_text().splitlines()[1:21]]
    assert sorted(map(json.dumps, written)) == sorted(map(json.dumps, expected))


def test_dropped_rows_say_where_they_stood_and_why(run: Run, mix: str) -> None:
    run("prepare", mix, "--out", "out")

    assert lines(Path("out/dropped.jsonl")) == [
        {"file": mix, "line": 1, "row": 0, "codes": ["FMT001"], "raw": BAD},
        {
            "file": mix,
            "line": 22,
            "row": 21,
            "codes": ["DUP101"],
            "record": {"prompt": "Is 3 odd?", "completion": "True"},
        },
        {"file": mix, "line": 23, "row": 22, "codes": ["SCH001"], "record": {"prompt": "Why?"}},
        {"file": mix, "line": 24, "row": 23, "codes": ["SCH002"], "raw": "[1]"},
    ]


def test_findings_are_those_of_the_report(run: Run, mix: str) -> None:
    ran = run("prepare", mix, "--out", "out", "--output-format", "json-lines")

    assert Path("out/findings.jsonl").read_text() == ran.out
    found = json.loads(Path("out/report.json").read_text())
    totals = lines(Path("out/findings.jsonl"))[-1]["totals"]
    assert totals == {"DUP101": 1, "FMT001": 1, "SCH001": 1, "SCH002": 1, "SIZ101": 1}
    assert {rule["code"]: rule["count"] for rule in found["rules"]} == totals


def test_the_receipt_counts_what_was_read_and_written(run: Run, mix: str) -> None:
    run("prepare", mix, "--out", "out")

    receipt = json.loads(Path("out/manifest.json").read_text())
    rows = {file["name"]: file["rows"] for file in receipt["outputs"]}
    assert set(rows) == FILES - {"manifest.json"}
    assert (rows["train.jsonl"], rows["validation.jsonl"], rows["dropped.jsonl"]) == (18, 2, 4)
    assert [(file["name"], file["rows"], file["records"]) for file in receipt["inputs"]] == [
        (mix, 24, 21)
    ]


def test_the_same_run_writes_the_same_bytes(run: Run, tmp_path: Path, mix: str) -> None:
    run("prepare", mix, "--out", "one")
    run("prepare", mix, "--out", "two", "--jobs", 1)

    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_an_earlier_run_wrote_goes(run: Run, tmp_path: Path, mix: str) -> None:
    run("prepare", mix, "--out", "out", "--split", "train=0.8,validation=0.1,test=0.1")
    (tmp_path / "out" / "mine.txt").write_text("hello")

    run("prepare", mix, "--out", "out")

    assert names(tmp_path / "out") == FILES | {"mine.txt"}


def test_what_was_changed_since_an_earlier_run_stays(run: Run, tmp_path: Path, mix: str) -> None:
    run("prepare", mix, "--out", "out", "--split", "train=0.8,validation=0.1,test=0.1")
    (tmp_path / "out" / "test.jsonl").write_text("mine")

    run("prepare", mix, "--out", "out")

    assert (tmp_path / "out" / "test.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "dropped"),
    [
        ((), ["FMT001", "DUP101", "SCH001", "SCH002"]),
        (("--keep", "DUP"), ["FMT001", "SCH001", "SCH002"]),
        (("--drop", "over-length"), ["FMT001", "TOK101", "DUP101", "SCH001", "SCH002"]),
        (("--config", "prepare.keep=['DUP101']"), ["FMT001", "SCH001", "SCH002"]),
        (("--drop", "TOK", "--keep", "TOK"), ["FMT001", "DUP101", "SCH001", "SCH002"]),
    ],
)
def test_what_drops_a_row_is_chosen(
    run: Run, tmp_path: Path, mix: str, words: tuple[str, ...], dropped: list[str]
) -> None:
    text = (tmp_path / mix).read_text()
    (tmp_path / mix).write_text(text.replace("Is 7 odd?", "Is 7 odd or even or both or neither?"))

    run("prepare", mix, "--out", "out", "--config", "lint.rules.TOK101.limit=10", *words)

    assert [row["codes"][0] for row in lines(Path("out/dropped.jsonl"))] == dropped


def test_what_drops_need_not_be_unique(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "two.jsonl", [ROWS[0], {"prompt": "Is water wet?", "completion": "It is."}])

    run("prepare", "two.jsonl", "--out", "out", "--drop", "SIZ,DUP")

    assert len(lines(Path("out/dropped.jsonl"))) == 1


@pytest.mark.parametrize("words", [("--select", "DUP"), ("--config", "lint.select=['DUP']")])
def test_what_the_target_cannot_hold_is_dropped_whatever_is_selected(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    write(tmp_path / "notes.jsonl", [{"text": "Water is wet."}, {"text": "Fire is hot."}])

    ran = run("prepare", "notes.jsonl", "--out", "out", "--target", "openai-chat", *words)

    assert ran.code == 1
    assert [row["codes"] for row in lines(Path("out/dropped.jsonl"))] == [["TGT301"], ["TGT301"]]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ((), ["prompt", "completion"]),
        (("--target", "openai-chat"), ["messages"]),
        (("--to", "openai-chat"), ["messages"]),
        (("--config", "prepare.target=openai-chat"), ["messages"]),
    ],
)
def test_writes_for_the_target(run: Run, words: tuple[str, ...], keys: list[str]) -> None:
    run("prepare", "good.jsonl", "--out", "out", *words)

    assert {tuple(row) for row in lines(Path("out/train.jsonl"))} == {tuple(keys)}


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (("--split", "train=0.5,test=0.5"), {"train": 10, "test": 10}),
        (("--split", "all=1"), {"all": 20}),
        (("--config", "split.shares={a=0.7, b=0.3}"), {"a": 14, "b": 6}),
        (("--config", "split.shares={a=0.7, b=0.3}", "--split", "b=1"), {"b": 20}),
    ],
)
def test_splits_as_asked(run: Run, mix: str, words: tuple[str, ...], rows: dict[str, int]) -> None:
    run("prepare", mix, "--out", "out", *words)

    assert {name: len(lines(Path(f"out/{name}.jsonl"))) for name in rows} == rows


def test_another_seed_is_another_split(run: Run, tmp_path: Path, mix: str) -> None:
    for seed in (0, 1):
        run("prepare", mix, "--out", f"out{seed}", "--seed", seed)

    left, right = ((tmp_path / f"out{seed}" / "validation.jsonl").read_text() for seed in (0, 1))
    assert left != right


def test_no_record_left_is_no_success(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "bad.jsonl", [BAD, BAD])

    ran = run("prepare", "bad.jsonl", "--out", "out")

    assert ran.code == 1
    assert names(tmp_path / "out") == FILES - {"train.jsonl", "validation.jsonl"}
    assert len(lines(Path("out/dropped.jsonl"))) == 2


def test_fails_on_the_severity_asked_for(run: Run) -> None:
    assert run("prepare", "good.jsonl", "--out", "out").code == 0
    assert run("prepare", "good.jsonl", "--out", "out", "--fail-on", "warning").code == 1


def test_quiet_says_nothing_where_nothing_fails(run: Run, tmp_path: Path) -> None:
    ran = run("prepare", "good.jsonl", "--out", "out", "-q")

    assert (ran.code, ran.out) == (0, "")
    assert names(tmp_path / "out") == FILES


def test_reads_standard_input(run: Run) -> None:
    ran = run("prepare", "-", "--out", "out", stdin=b"prompt,completion\na,b\nc,d\n")

    assert ran.code == 0
    assert len(lines(Path("out/train.jsonl"))) + len(lines(Path("out/validation.jsonl"))) == 2
    assert run("verify", "out").code == 0


def test_does_not_read_what_it_wrote(run: Run, mix: str) -> None:
    first = run("prepare", ".", "--out", "out").out
    receipt = Path("out/manifest.json").read_bytes()

    assert run("prepare", ".", "--out", "out").out == first
    assert Path("out/manifest.json").read_bytes() == receipt


def test_a_secret_in_what_is_dropped_stays_out_of_the_reports(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "mail.jsonl", [*ROWS, {"prompt": "Who?", "completion": "zoe@harbour.org"}])

    ran = run("prepare", "mail.jsonl", "--out", "out", "--drop", "PII")

    told = [(tmp_path / "out" / name).read_text() for name in FILES - {"dropped.jsonl"}]
    assert not [text for text in (ran.out, *told) if "zoe@" in text or "harbour" in text]
    assert "zoe@harbour.org" in (tmp_path / "out" / "dropped.jsonl").read_text()
