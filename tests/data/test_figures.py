"""The figures of real data sets, as their manifest has them, come out of dsprep."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import dsprep

TREC = {"prompt": "question", "label": "fine"}


def totals(path: Path, **options: Any) -> dict[str, int]:
    return dict(dsprep.lint(path, **options).totals)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_banking77_has_4_copies_and_no_imbalance(shared_data: Path) -> None:
    report = dsprep.lint(shared_data / "classify/banking77_train.csv")
    labels = list(report.report.labels.values())

    assert report.report.rows == 10_003
    assert dict(report.totals) == {"DUP101": 4}
    assert len(labels) == 77
    assert labels[0] / labels[-1] == pytest.approx(5.343, abs=0.001)


def test_banking77_from_parquet_is_the_same(shared_data: Path) -> None:
    from_csv = dsprep.lint(shared_data / "classify/banking77_train.csv").findings
    from_parquet = dsprep.lint(shared_data / "parquet/text/banking77_train.parquet").findings

    assert from_parquet["row_id"].tolist() == from_csv["row_id"].tolist()
    assert from_parquet["row"].tolist() == from_csv["row"].tolist()


def test_banking77_keeps_every_label_on_both_sides(shared_data: Path, tmp_path: Path) -> None:
    dsprep.read(shared_data / "classify/banking77_train.csv").prepare(tmp_path)
    train = Counter(row["completion"] for row in rows_of(tmp_path / "train.jsonl"))
    validation = Counter(row["completion"] for row in rows_of(tmp_path / "validation.jsonl"))

    assert (sum(train.values()), sum(validation.values())) == (8_999, 1_000)
    assert len(train) == len(validation) == 77
    for label in train:
        share = (train[label] + validation[label]) / 10
        assert int(share) <= validation[label] <= int(share) + 1


def test_banking77_shuffled_gives_the_same_bytes(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "classify/banking77_train.csv"
    with source.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    random.Random(7).shuffle(rows)
    shuffled = tmp_path / "banking77_train.csv"
    with shuffled.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])

    dsprep.read(source).prepare(tmp_path / "straight")
    dsprep.read(shuffled, jobs=2).prepare(tmp_path / "shuffled")

    for name in ("train.jsonl", "validation.jsonl"):
        straight = (tmp_path / "straight" / name).read_bytes()
        assert straight == (tmp_path / "shuffled" / name).read_bytes()


def test_truthfulqa_is_imbalanced_25_to_1(shared_data: Path) -> None:
    report = dsprep.lint(shared_data / "classify/TruthfulQA.csv")
    found = report.findings

    assert report.report.rows == 817
    assert len(report.report.labels) == 38
    assert dict(report.totals) == {"LBL201": 1, "LBL202": 8}
    assert "25.0 to 1" in found.loc[found["code"] == "LBL201", "message"].item()


def test_alpaca_has_14_copies(shared_data: Path) -> None:
    assert totals(shared_data / "instruct/alpaca_en_demo.json", select=["DUP101"]) == {"DUP101": 14}


def test_glaive_has_38_copies_and_no_fault_in_its_tool_calls(shared_data: Path) -> None:
    found = totals(shared_data / "chat/glaive_toolcall_en_demo.json")

    assert found["DUP101"] == 38
    assert not [code for code in found if code.startswith(("CHT", "SCH", "FMT"))]


def test_glaive_from_parquet_has_the_same_ids(shared_data: Path) -> None:
    from_json = dsprep.read(shared_data / "chat/glaive_toolcall_en_demo.json").to_pandas()
    from_parquet = dsprep.read(shared_data / "parquet/text/glaive_toolcall_en.parquet").to_pandas()

    assert from_json["row_id"].tolist() == from_parquet["row_id"].tolist()


def test_trec_has_72_copies_and_one_conflict(shared_data: Path) -> None:
    report = dsprep.lint(shared_data / "classify/trec_train.jsonl", mapping=TREC)
    conflict = report.findings[report.findings["code"] == "LBL101"]
    named = [*conflict["row"], *conflict["related"].item()]
    texts = rows_of(shared_data / "classify/trec_train.jsonl")

    assert report.totals["DUP101"] == 72
    assert report.totals["LBL101"] == 1
    assert {texts[row]["fine"] for row in named} == {"NUM:count", "NUM:other"}


def test_trec_by_coarse_labels_has_no_conflict(shared_data: Path) -> None:
    mapping = {"prompt": "question", "label": "coarse"}
    found = totals(shared_data / "classify/trec_train.jsonl", mapping=mapping)

    assert found["DUP101"] == 72
    assert "LBL101" not in found


def test_toy_chat_has_one_row_without_user_and_one_of_8017_tokens(shared_data: Path) -> None:
    found = dsprep.lint(shared_data / "chat/toy_chat_fine_tuning.jsonl").findings
    by_code = {row.code: row for row in found.itertuples()}

    assert by_code["CHT101"].row == 3
    assert "assistant speaks before any user" in by_code["CHT101"].message
    assert by_code["TOK101"].row == 4
    assert "8017" in by_code["TOK101"].message.replace(",", "")


@pytest.mark.parametrize(
    ("limit", "encoding", "rows"),
    [
        (512, "cl100k_base", 75),
        (1024, "cl100k_base", 37),
        (2048, "cl100k_base", 11),
        (4096, "cl100k_base", 4),
        (512, "o200k_base", 74),
        (2048, "o200k_base", 11),
    ],
)
def test_c4_texts_over_a_limit(shared_data: Path, limit: int, encoding: str, rows: int) -> None:
    rules = {"over-length": {"limit": limit, "encoding": encoding}}
    settings = {"lint": {"rules": rules}}
    found = totals(shared_data / "instruct/c4_demo.jsonl", settings=settings, select=["TOK101"])

    assert found == {"TOK101": rows}


def test_dummy_conversation_is_clean(shared_data: Path) -> None:
    report = dsprep.lint(shared_data / "chat/dummy_conversation.json")

    assert report.report.records == 500
    assert set(report.totals) <= {"DUP102"}
