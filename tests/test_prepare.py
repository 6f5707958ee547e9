"""The main job: nothing is lost, nothing depends on chance, nothing is half written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import dsprep

FILES = {
    "train.jsonl",
    "validation.jsonl",
    "dropped.jsonl",
    "findings.jsonl",
    "report.html",
    "report.md",
    "report.json",
    "manifest.json",
}


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def chat(number: int, **more: Any) -> dict[str, Any]:
    user = {"role": "user", "content": f"Question {number}?"}
    return {"messages": [user, {"role": "assistant", "content": f"Answer {number}."}], **more}


def write(path: Path, rows: list[Any]) -> Path:
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def test_every_row_is_written_or_in_the_sidecar(tmp_path: Path) -> None:
    bad = ['{"messages": [', '{"messages": 7}', "[1]", "", '{"other": 1}']
    source = write(tmp_path / "in.jsonl", [*map(chat, range(50)), *bad, chat(3), chat(60)])
    report = dsprep.read(source).prepare(tmp_path / "out")
    written = lines(tmp_path / "out/train.jsonl") + lines(tmp_path / "out/validation.jsonl")
    dropped = lines(tmp_path / "out/dropped.jsonl")

    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert report.report.rows == 56  # the blank line is no row
    assert len(written) + len(dropped) == 56
    assert [(entry["row"], entry["line"], entry["codes"]) for entry in dropped] == [
        (50, 51, ["FMT001"]),
        (51, 52, ["SCH002"]),
        (52, 53, ["SCH002"]),
        (53, 55, ["SCH001"]),
        (54, 56, ["DUP101"]),
    ]
    assert dropped[0]["raw"] == '{"messages": ['
    assert dropped[3]["record"] == {"other": 1}


def test_ignored_rules_still_leave_a_reason(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [chat(1), "{"])
    dsprep.read(source).prepare(tmp_path / "out", ignore=["FMT"])

    assert [entry["codes"] for entry in lines(tmp_path / "out/dropped.jsonl")] == [["FMT001"]]


def test_outputs_are_the_same_bytes_whatever_the_order_and_the_workers(tmp_path: Path) -> None:
    rows = [chat(number % 40, label=f"l{number % 3}", note=number % 40) for number in range(90)]
    straight = write(tmp_path / "a.jsonl", rows)
    first = write(tmp_path / "b1.jsonl", rows[::-2])
    second = write(tmp_path / "b2.jsonl", rows[-2::-2])

    dsprep.read(straight, jobs=1).prepare(tmp_path / "one")
    dsprep.read(second, first, jobs=3).prepare(tmp_path / "other")

    for name in ("train.jsonl", "validation.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [*map(chat, range(30)), "{"])
    dsprep.read(source).prepare(tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    dsprep.read(source).prepare(tmp_path / "out")

    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_groups_stay_together(tmp_path: Path) -> None:
    rows = [chat(number, conversation_id=f"c{number // 5}") for number in range(200)]
    source = write(tmp_path / "in.jsonl", rows)
    dsprep.read(source).prepare(tmp_path / "out", target="openai-chat")
    sides = [
        {int(row["messages"][0]["content"].split()[1][:-1]) // 5 for row in lines(path)}
        for path in (tmp_path / "out/train.jsonl", tmp_path / "out/validation.jsonl")
    ]

    assert sides[0] & sides[1] == set()
    assert len(sides[1]) == 4


def test_any_field_can_stratify(tmp_path: Path) -> None:
    rows = [chat(number, topic="ab"[number % 10 == 0]) for number in range(200)]
    source = write(tmp_path / "in.jsonl", rows)
    report = dsprep.read(source).prepare(tmp_path / "out", stratify="topic")

    assert [dict(split.labels) for split in report.report.splits] == [
        {"a": 162, "b": 18},
        {"a": 18, "b": 2},
    ]


def test_conversations_are_written_as_lists_for_the_whole_file(tmp_path: Path) -> None:
    longer = chat(1)
    longer["messages"] = [*longer["messages"], *chat(2)["messages"]]
    source = write(tmp_path / "in.jsonl", [chat(0), longer])
    dsprep.read(source).prepare(tmp_path / "out", shares={"train": 1.0})

    assert {type(row["prompt"]) for row in lines(tmp_path / "out/train.jsonl")} == {list}


def test_nothing_to_write_writes_no_split(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", ["{", '{"messages": 1}'])
    report = dsprep.read(source).prepare(tmp_path / "out")

    assert not report.ok
    assert not (tmp_path / "out/train.jsonl").exists()
    assert len(lines(tmp_path / "out/dropped.jsonl")) == 2


@pytest.mark.parametrize("after_s", [0.8, 1.4])
def test_killed_at_any_moment_leaves_no_partial_file(tmp_path: Path, after_s: float) -> None:
    many = [chat(number) for number in range(40_000)]
    source = write(tmp_path / "in.jsonl", many)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dsprep", "prepare", str(source), "--out", str(out)]
    with subprocess.Popen(
        [*command, "--jobs", "2"], stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
    _wait_for_workers(process.pid)
    names = {path.name for path in out.glob("*") if not path.name.startswith(".dsprep-")}

    # Whole files appear at the end, the receipt last: with it everything is as it says.
    if "manifest.json" in names:
        subprocess.run([sys.executable, "-m", "dsprep", "verify", out], check=True)
    for name in names & {"train.jsonl", "validation.jsonl", "dropped.jsonl"}:
        assert (out / name).read_bytes().endswith(b"\n") or not (out / name).stat().st_size
    dsprep.read(source).prepare(out)
    assert {path.name for path in out.iterdir()} == FILES


def _wait_for_workers(group: int) -> None:
    """Wait until the workers of a killed process have noticed and ended."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("workers outlive their parent")


def test_interrupt_writes_nothing_and_exits_130(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [chat(number) for number in range(60_000)])
    out = tmp_path / "out"
    command = [sys.executable, "-m", "dsprep", "prepare", str(source), "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while not list(out.glob(".dsprep-*")) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)

    assert process.returncode == 130
    assert told.decode().strip() == "dsprep: interrupted: nothing was written."
    assert list(out.iterdir()) == []
