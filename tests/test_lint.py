"""Findings of a data set: the same whoever works on it, and in whatever order it comes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dsprep
from dsprep import dataset
from dsprep.batch import Batch
from dsprep.errors import InputError
from dsprep.finding import Hit
from dsprep.formats import csv, jsonl
from dsprep.kinds import absent
from dsprep.report import Place
from dsprep.rule import Rule

BAD = '{"prompt": "cut'
GOOD = json.dumps({"prompt": "Is water wet?", "completion": "It is."})
EMPTY = json.dumps({"prompt": "Why?", "completion": " "})
OTHER = json.dumps({"prompt": "Is water wet?", "completion": "Who knows?"})
MAIL = json.dumps({"prompt": "Whom do I ask?", "completion": "Ask zoe@harbour.org."})
MAPPING = {"prompt": "prompt", "completion": "completion"}  # first rows may be anything
LINES = [GOOD, "", BAD, MAIL, EMPTY, OTHER, GOOD, "  ", "[1]", MAIL, '{"prompt": 1}', GOOD]


def write(path: Path, lines: Sequence[str]) -> str:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return str(path)


def found(*paths: str, jobs: int = 1, **options: Any) -> list[tuple[Any, ...]]:
    """Return what stands in the findings of some files, but for the folder they are in."""
    report = dsprep.read(*paths, mapping=MAPPING, jobs=jobs).lint(**options).report
    return [
        (
            *(one.code, place(one.place), one.field, one.start, one.end, one.row_id),
            *(one.message, tuple(map(place, one.related)), one.excerpt),
        )
        for one in report.findings()
    ]


def place(one: Place) -> tuple[str | None, int | None, int | None]:
    return Path(one.file).name if one.file else None, one.line, one.row


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Return three files with the same kinds of faults in other places."""
    return [
        write(tmp_path / "a.jsonl", LINES),
        write(tmp_path / "b.jsonl", LINES[::-1]),
        write(tmp_path / "c.jsonl", LINES[3:] * 3),
    ]


# -- places -------------------------------------------------------------------------


def test_rows_and_lines_count_from_the_start_of_the_file(tmp_path: Path) -> None:
    places = [(one[0], one[1]) for one in found(write(tmp_path / "a.jsonl", LINES))]

    assert places == [
        ("DUP102", ("a.jsonl", 1, 0)),
        ("FMT001", ("a.jsonl", 3, 1)),
        ("PII101", ("a.jsonl", 4, 2)),
        ("CHT102", ("a.jsonl", 5, 3)),
        ("DUP101", ("a.jsonl", 7, 5)),
        ("SCH002", ("a.jsonl", 9, 6)),
        ("DUP101", ("a.jsonl", 10, 7)),
        ("PII101", ("a.jsonl", 10, 7)),
        ("SCH002", ("a.jsonl", 11, 8)),
        ("DUP101", ("a.jsonl", 12, 9)),
        ("SIZ101", (None, None, None)),
    ]


def test_copies_name_the_row_that_is_kept(tmp_path: Path) -> None:
    related = {one[1]: one[7] for one in found(write(tmp_path / "a.jsonl", LINES), select=["DUP"])}

    assert related == {
        ("a.jsonl", 1, 0): (("a.jsonl", 6, 4), ("a.jsonl", 7, 5), ("a.jsonl", 12, 9)),
        ("a.jsonl", 7, 5): (("a.jsonl", 1, 0),),
        ("a.jsonl", 10, 7): (("a.jsonl", 4, 2),),
        ("a.jsonl", 12, 9): (("a.jsonl", 1, 0),),
    }


def test_findings_stand_by_file_then_row_then_code(files: list[str]) -> None:
    keys = [
        (one[1][0] or "~", -1 if one[1][2] is None else one[1][2], one[0]) for one in found(*files)
    ]

    assert keys == sorted(keys)


# -- who works on it ----------------------------------------------------------------


def test_small_shards_change_nothing(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = found(*files)

    for size in (1, 137):
        monkeypatch.setattr(jsonl, "SHARD_BYTES", size)
        assert found(*files) == expected


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.sampled_from([*LINES, "é" * 70]), max_size=25), size=st.integers(1, 400))
def test_no_cut_changes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], size: int
) -> None:
    path = write(tmp_path / "a.jsonl", [GOOD, *lines])
    expected = found(path)

    with monkeypatch.context() as patch:
        patch.setattr(jsonl, "SHARD_BYTES", size)
        assert found(path) == expected


def test_workers_change_nothing(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = found(*files)
    monkeypatch.setattr(jsonl, "SHARD_BYTES", 300)
    monkeypatch.setattr(dataset, "_ONE_PROCESS_BYTES", 0)

    assert found(*files, jobs=2) == expected


def test_small_batches_change_nothing(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = found(*files)
    monkeypatch.setattr(jsonl, "BATCH_ROWS", 2)
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 100)

    assert found(*files) == expected


def test_small_batches_of_a_table_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f'"Is {n % 5} odd, or?","Yes,{"x" * n}\n{n % 3}."' for n in range(20)]
    path = write(tmp_path / "a.csv", ["prompt,completion", *rows[:9], "short", *rows[9:]])
    expected = found(path)
    assert {one[0] for one in expected} >= {"DUP102", "FMT008"}

    monkeypatch.setattr(csv, "BATCH_ROWS", 3)
    monkeypatch.setattr(csv, "BATCH_BYTES", 64)

    assert found(path) == expected


def test_the_order_of_paths_changes_nothing(files: list[str], tmp_path: Path) -> None:
    expected = found(*files)

    assert found(*files[::-1]) == expected
    assert found(files[1], *files) == expected
    assert found(str(tmp_path)) == expected


def test_the_order_of_rows_changes_places_only(tmp_path: Path) -> None:
    """The same texts are found to be copies of the same text, wherever they stand."""
    straight = found(write(tmp_path / "a.jsonl", LINES))
    turned = found(write(tmp_path / "a.jsonl", LINES[::-1]))

    assert sorted((one[0], str(one[2:7])) for one in straight) == sorted(
        (one[0], str(one[2:7])) for one in turned
    )


# -- files that change --------------------------------------------------------------


@pytest.mark.parametrize("change", ["append", "replace", "touch"])
def test_a_file_that_changes_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = Path(write(tmp_path / "a.jsonl", LINES))

    def find(_batch: Batch, _rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
        if change == "append":
            path.write_text(path.read_text() + GOOD)
        elif change == "replace":
            write(tmp_path / "b.jsonl", LINES)
            (tmp_path / "b.jsonl").replace(path)
        os.utime(path, ns=(1, 1))
        yield from ()

    monkeypatch.setattr(absent, "find", find)

    with pytest.raises(InputError, match=r"a\.jsonl: changed while it was read\. Run again"):
        dsprep.read(path).lint()


def test_nothing_is_written_of_a_file_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(write(tmp_path / "a.jsonl", LINES))

    def find(_batch: Batch, _rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
        os.utime(path, ns=(1, 1))
        yield from ()

    monkeypatch.setattr(absent, "find", find)

    with pytest.raises(InputError, match="changed while it was read"):
        dsprep.read(path).prepare(tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []
