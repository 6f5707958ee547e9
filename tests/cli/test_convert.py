"""`dsprep convert`: one file for one target, in the order the rows came in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import ROWS, Run, lines, write

ASK = {"role": "user", "content": "Is water wet?"}
SAY = {"role": "assistant", "content": "It is."}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("given", "words", "expected"),
    [
        (ROWS[0], (), ROWS[0]),
        (ROWS[0], ("--target", "openai-chat"), {"messages": [ASK, SAY]}),
        (ROWS[0], ("--to", "openai-chat"), {"messages": [ASK, SAY]}),
        (ROWS[0], ("--config", "prepare.target=openai-chat"), {"messages": [ASK, SAY]}),
        ({"messages": [ASK, SAY]}, (), ROWS[0]),
        ({"messages": [ASK, SAY, ASK, SAY]}, (), {"prompt": [ASK, SAY, ASK], "completion": [SAY]}),
        ({"text": "Water is wet."}, (), {"prompt": "", "completion": "Water is wet."}),
    ],
)
def test_writes_for_the_target(
    run: Run, tmp_path: Path, given: object, words: tuple[str, ...], expected: object
) -> None:
    write(tmp_path / "in.jsonl", [given])

    ran = run("convert", "in.jsonl", "-o", "out.jsonl", *words)

    assert (ran.code, ran.err) == (0, "")
    assert lines(Path("out.jsonl")) == [expected]


def test_keeps_the_order(run: Run, tmp_path: Path) -> None:
    rows = [{"prompt": f"Is {n} odd?", "completion": "Who knows?"} for n in range(500, 0, -1)]
    write(tmp_path / "a.jsonl", rows[:200])
    write(tmp_path / "b.jsonl", rows[200:])

    run("convert", "b.jsonl", "a.jsonl", "-o", "out.jsonl", "--jobs", 2)

    assert lines(Path("out.jsonl")) == rows  # files stand in the order of their names


def test_keeps_copies(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", [ROWS[0], ROWS[0]])

    ran = run("convert", "in.jsonl", "-o", "out.jsonl")

    assert (ran.code, lines(Path("out.jsonl"))) == (0, [ROWS[0], ROWS[0]])


def test_what_cannot_be_written_stands_beside_it(run: Run, tmp_path: Path) -> None:
    tail = {"messages": [ASK, SAY, ASK]}
    write(tmp_path / "in.jsonl", [{"messages": [ASK, SAY]}, '{"messages', tail, {"other": 1}])

    ran = run("convert", "in.jsonl", "-o", "deep/out.jsonl")

    assert ran.code == 1
    assert lines(Path("deep/out.jsonl")) == [ROWS[0]]
    assert lines(Path("deep/out.dropped.jsonl")) == [
        {"file": "in.jsonl", "line": 2, "row": 1, "codes": ["FMT001"], "raw": '{"messages'},
        {"file": "in.jsonl", "line": 3, "row": 2, "codes": ["TGT301"], "record": tail},
        {"file": "in.jsonl", "line": 4, "row": 3, "codes": ["SCH001"], "record": {"other": 1}},
    ]
    assert names(tmp_path / "deep") == {"out.jsonl", "out.dropped.jsonl"}


def test_says_what_it_did(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", [*ROWS, "{"])

    ran = run("convert", "in.jsonl", "-o", "out.jsonl")

    assert "Dropped 1 of 4 rows:\n  | FMT001 unparsable-row  1\n" in ran.out
    assert "Wrote 3 rows to out.jsonl.\nWrote 1 row to out.dropped.jsonl.\n" in ran.out


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (["{", "{"], "FMT001"),
        ([{"text": "Water is wet."}], "TGT301"),
        ([{"messages": [ASK]}], "TGT301"),
    ],
)
def test_no_file_where_nothing_could_be_written(
    run: Run, tmp_path: Path, rows: list[object], code: str
) -> None:
    write(tmp_path / "in.jsonl", rows)

    ran = run("convert", "in.jsonl", "-o", "out.jsonl", "--target", "openai-chat")

    assert ran.code == 1
    assert names(tmp_path) == {"good.jsonl", "in.jsonl", "out.dropped.jsonl"}
    assert [row["codes"] for row in lines(Path("out.dropped.jsonl"))] == [[code]] * len(rows)


def test_nothing_written_is_no_success_whatever_the_severity(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", [{"text": "Water is wet."}])
    mild = ("--config", "lint.rules.TGT301.severity=info")

    ran = run("convert", "in.jsonl", "-o", "out.jsonl", "--target", "openai-chat", *mild)

    assert ran.code == 1
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize("key", ["lint.ignore=['TGT','FMT']", "lint.select=['DUP']"])
def test_what_lint_is_told_changes_nothing(run: Run, tmp_path: Path, key: str) -> None:
    write(tmp_path / "in.jsonl", [{"messages": [ASK, SAY, ASK]}, "{", ROWS[0]])

    ran = run("convert", "in.jsonl", "-o", "out.jsonl", "--config", key)

    assert ran.code == 1
    assert lines(Path("out.jsonl")) == [ROWS[0]]
    assert [row["line"] for row in lines(Path("out.dropped.jsonl"))] == [1, 2]


def test_quiet_says_nothing_where_nothing_fails(run: Run) -> None:
    ran = run("convert", "good.jsonl", "-o", "out.jsonl", "-q")

    assert (ran.code, ran.out) == (0, "")
    assert lines(Path("out.jsonl")) == ROWS


def test_reads_standard_input(run: Run) -> None:
    run("convert", "-", "-o", "out.jsonl", stdin=b"question,answer\nIs water wet?,It is.\n")

    assert lines(Path("out.jsonl")) == ROWS[:1]
