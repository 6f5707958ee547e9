"""What dsprep finds in sample_data: the shape of each file, its findings, the fate of its rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import dsprep
from dsprep import rulebook
from dsprep.text.normalize import normalize

FOLDER = Path(__file__).parent.parent / "sample_data"
TARGET = "openai-chat"

# Format, shape, rows, and findings by code where the file is judged alone.
FILES: dict[str, tuple[str, str, int, dict[str, int]]] = {
    "assistant_sharegpt.json": ("json", "sharegpt", 15, {"SIZ101": 1}),
    "broken.csv": ("csv", "prompt_completion", 5, {"CHT102": 1, "FMT008": 2, "SIZ101": 1}),
    "broken.jsonl": (
        "jsonl",
        "openai_chat",
        22,
        {
            "CHT101": 1,
            "CHT102": 1,
            "CHT103": 1,
            "CHT104": 1,
            "CHT106": 1,
            "FMT001": 2,
            "FMT002": 1,
            "FMT003": 1,
            "FMT005": 1,
            "FMT006": 1,
            "FMT009": 1,
            "PII101": 1,
            "SCH001": 1,
            "SCH002": 3,
            "SCH004": 1,
            "SCH006": 1,
            "SEC101": 1,
            "SIZ101": 1,
            "TGT301": 2,
            "TXT101": 1,
        },
    ),
    "code_questions.arrow": ("arrow", "prompt_completion", 12, {"SIZ101": 1}),
    "duplicates.jsonl": (
        "jsonl",
        "prompt_completion",
        15,
        {"DUP101": 4, "DUP102": 1, "SIZ101": 1},
    ),
    "faq.csv": ("csv", "prompt_completion", 40, {"SIZ101": 1}),
    "intents.csv": (
        "csv",
        "text_label",
        120,
        {"DUP101": 1, "LBL101": 1, "LBL201": 1, "LBL202": 1},
    ),
    "notes.jsonl.gz": ("jsonl", "text", 10, {"SIZ101": 1, "TGT301": 10}),
    "recipes_alpaca.json": ("json", "alpaca", 20, {"SIZ101": 1}),
    "support_chat.jsonl": ("jsonl", "openai_chat", 40, {"SIZ101": 1}),
    "tickets.parquet": ("parquet", "prompt_completion", 20, {"SIZ101": 1}),
}
# What is wrong with each line; line 1 is a good row behind a byte order mark.
BROKEN_LINES = {
    1: ["FMT003"],
    2: ["FMT002"],
    3: ["FMT005"],
    4: ["FMT006"],
    5: ["FMT009"],
    6: ["FMT001"],
    7: ["SCH002"],
    8: ["SCH001"],
    9: ["SCH002"],
    10: ["SCH002"],
    11: ["CHT106"],
    12: ["CHT102"],
    13: ["CHT103", "TGT301"],
    14: ["CHT104"],
    15: ["SCH006"],
    16: ["TXT101"],
    17: ["PII101"],
    18: ["SEC101"],
    19: ["CHT101"],
    20: ["SCH004"],
    21: ["TGT301"],
    22: ["FMT001"],
}
# Rules that find nothing here, and why.
SILENT = {
    "SCH005": "it speaks where there are no rows at all",
    "TOK101": "4,096 tokens are too long for a sample; see test_long_records",
}


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def prepared(out: Path, *paths: Path, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each split, and those dropped."""
    dsprep.read(*(paths or [FOLDER])).prepare(out, target=TARGET, **options)
    return {path.stem: lines_of(path) for path in out.glob("*.jsonl") if path.stem != "findings"}


def texts(messages: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str | None], ...]:
    return tuple((message["role"], message["content"]) for message in messages)


def test_every_file_is_in_the_tables() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*FILES, "README.md"}


@pytest.mark.parametrize("name", FILES)
def test_is_described(name: str) -> None:
    described = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    row = next(line for line in described if line.startswith(f"| `{name}`"))

    assert row.split("|")[3].strip() == str(FILES[name][2])


@pytest.mark.parametrize("name", FILES)
def test_is_detected(name: str) -> None:
    format_, shape, _, _ = FILES[name]

    (reading,) = dsprep.read(FOLDER / name).readings

    assert (reading.source.format, reading.shape) == (format_, shape)


@pytest.mark.parametrize("name", FILES)
def test_findings(name: str) -> None:
    _, _, rows, totals = FILES[name]

    found = dsprep.read(FOLDER / name).lint(target=TARGET)

    assert found.totals == totals
    assert found.report.rows == rows


def test_broken_lines() -> None:
    frame = dsprep.read(FOLDER / "broken.jsonl").lint(target=TARGET).findings
    placed = frame[frame["line"].notna()]

    by_line = {int(line): sorted(group["code"]) for line, group in placed.groupby("line")}
    assert by_line == BROKEN_LINES


def test_copies_in_the_whole_folder() -> None:
    frame = dsprep.read(FOLDER).lint(select=["DUP101"]).findings
    found = {
        (Path(file).name, int(line))
        for file, line in zip(frame["file"], frame["line"], strict=True)
    }

    alone = {("duplicates.jsonl", line) for line in (3, 5, 6, 8)} | {("intents.csv", 6)}
    assert found == alone | {("faq.csv", 3)}


def test_every_rule_finds_something() -> None:
    whole = dsprep.read(FOLDER).lint(target=TARGET).totals
    fired = {code for _, _, _, totals in FILES.values() for code in totals} | set(whole)

    assert fired == {rule.code for rule in rulebook.load()} - SILENT.keys()


def test_long_records() -> None:
    settings = {"lint": {"rules": {"over-length": {"limit": 200}}}}

    found = dsprep.read(FOLDER, settings=settings).lint(select=["TOK101"])

    assert found.totals == {"TOK101": 1}


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_written_or_dropped(name: str, tmp_path: Path) -> None:
    data = dsprep.read(FOLDER / name)

    got = prepared(tmp_path / "out", FOLDER / name)

    dropped = [row["row"] for row in got["dropped"]]
    kept = [
        texts(record["messages"])
        for batch in data.records()
        for record in batch.to_pylist()
        if record["row"] not in dropped
    ]
    written = [texts(row["messages"]) for stem in got.keys() - {"dropped"} for row in got[stem]]
    assert len(set(dropped)) == len(dropped)
    assert len(written) + len(dropped) == FILES[name][2]
    assert Counter(written) == Counter(kept)


def test_dropped_rows_say_why(tmp_path: Path) -> None:
    got = prepared(tmp_path / "out")

    assert all(row["codes"] for row in got["dropped"])
    assert all(("raw" in row) != ("record" in row) for row in got["dropped"])
    assert len(got["train"]) + len(got["validation"]) + len(got["dropped"]) == sum(
        rows for _, _, rows, _ in FILES.values()
    )


def test_no_secret_is_written_where_asked(tmp_path: Path) -> None:
    prepared(tmp_path / "out", drop=["SEC", "PII"])

    for name in ("train.jsonl", "validation.jsonl", "report.html", "report.md", "findings.jsonl"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert "THIS+IS+NOT+A+KEY" not in text
        assert "lost.property@" not in text


def test_same_bytes_in_any_order(tmp_path: Path) -> None:
    lines = (FOLDER / "support_chat.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    for name, order in (("as_is", lines), ("reversed", lines[::-1])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "chat.jsonl").write_text("".join(order), encoding="utf-8")
        prepared(tmp_path / name / "out", tmp_path / name / "chat.jsonl")

    for file in ("train.jsonl", "validation.jsonl"):
        left, right = ((tmp_path / name / "out" / file) for name in ("as_is", "reversed"))
        assert left.read_bytes() == right.read_bytes()


def test_no_group_stands_in_two_splits(tmp_path: Path) -> None:
    shares = {"train": 0.6, "validation": 0.2, "test": 0.2}
    data = dsprep.read(FOLDER / "support_chat.jsonl")

    data.split(shares=shares, group="customer").write(tmp_path / "out")

    groups = [
        {row["customer"] for row in lines_of(tmp_path / "out" / f"{name}.jsonl")} for name in shares
    ]
    assert all(groups)
    assert sum(map(len, groups)) == len(set.union(*groups))


def test_no_text_stands_in_two_splits(tmp_path: Path) -> None:
    got = prepared(tmp_path / "out", keep=["DUP101"], shares={"train": 0.5, "validation": 0.5})

    sides = [
        {
            normalize("\n".join(text or "" for _, text in texts(row["messages"])))
            for row in got[name]
        }
        for name in ("train", "validation")
    ]
    assert all(sides)
    assert not sides[0] & sides[1]


def test_every_label_is_in_every_split(tmp_path: Path) -> None:
    got = prepared(tmp_path / "out", FOLDER / "intents.csv")

    counts = {
        name: Counter(row["messages"][-1]["content"] for row in got[name])
        for name in ("train", "validation")
    }
    labels = set(counts["train"])
    assert len(labels) == 6
    assert labels == set(counts["validation"])
