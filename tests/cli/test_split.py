"""`dsprep split`: rows as they are, into splits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROWS, Run, lines, write

SIDES = ("train", "validation")


@pytest.fixture
def tickets(tmp_path: Path) -> str:
    """Return a file of 40 rows: five customers, two topics, keys that no shape knows."""
    rows = [
        {"id": n, "text": f"Ticket {n}", "label": "ab"[n % 2], "customer": f"c{n % 5}", "deep": [n]}
        for n in range(40)
    ]
    write(tmp_path / "tickets.jsonl", rows)
    return "tickets.jsonl"


def sides(folder: str = "out") -> list[list[dict[str, object]]]:
    return [lines(Path(folder) / f"{name}.jsonl") for name in SIDES]


def test_rows_stay_as_they_are(run: Run, tmp_path: Path, tickets: str) -> None:
    ran = run("split", tickets, "--out", "out")

    written = sorted(json.dumps(row) for side in sides() for row in side)
    assert (ran.code, ran.err) == (0, "")
    assert written == sorted((tmp_path / tickets).read_text().splitlines())
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "dropped.jsonl",
        "manifest.json",
        "train.jsonl",
        "validation.jsonl",
    }


def test_says_the_shares_it_met(run: Run, tickets: str) -> None:
    ran = run("split", tickets, "--out", "out", "--split", "train=0.75,validation=0.25")

    assert ran.out.startswith(
        "  | split       rows  share  wanted\n"
        "  | train         30  75.0%   75.0%\n"
        "  | validation    10  25.0%   25.0%\n"
    )


def test_shares_hold_within_each_label(run: Run, tickets: str) -> None:
    run("split", tickets, "--out", "out", "--split", "train=0.5,validation=0.5")

    assert [sum(row["label"] == "a" for row in side) for side in sides()] == [10, 10]


def test_shares_hold_within_the_field_asked_for(run: Run, tickets: str) -> None:
    run("split", tickets, "--out", "out", "--split", "train=0.5,validation=0.5", "--stratify", "id")
    run(
        *("split", tickets, "--out", "by", "--split", "train=0.5,validation=0.5"),
        *("--stratify", "customer"),
    )

    for name in SIDES:
        customers = [row["customer"] for row in lines(Path("by") / f"{name}.jsonl")]
        assert {customers.count(f"c{n}") for n in range(5)} == {4}


def test_keeps_groups_together(run: Run, tickets: str) -> None:
    words = ("--split", "train=0.6,validation=0.4", "--group", "customer")

    run("split", tickets, "--out", "out", *words)

    left, right = ({row["customer"] for row in side} for side in sides())
    assert left
    assert right
    assert not left & right


def test_keeps_equal_texts_together(run: Run, tmp_path: Path) -> None:
    rows = [{"text": f"Ticket {n // 4}", "id": n} for n in range(40)]
    write(tmp_path / "copies.jsonl", rows)

    run("split", "copies.jsonl", "--out", "out", "--split", "train=0.5,validation=0.5")

    left, right = ({row["text"] for row in side} for side in sides())
    assert len(left) + len(right) == 10
    assert not left & right


def test_the_order_of_the_rows_changes_nothing(run: Run, tmp_path: Path, tickets: str) -> None:
    run("split", tickets, "--out", "out")
    before = sides()
    rows = (tmp_path / tickets).read_text().splitlines()[::-1]
    write(tmp_path / tickets, rows)

    run("split", tickets, "--out", "out")

    assert sides() == before


@pytest.mark.parametrize("seed", [1, -1, 2**70])
def test_the_seed_changes_it(run: Run, tickets: str, seed: int) -> None:
    run("split", tickets, "--out", "out")
    before = sides()

    run("split", tickets, "--out", "out", "--seed", seed)

    assert sides() != before
    assert [len(side) for side in sides()] == [len(side) for side in before]


def test_stable_never_moves_old_rows(run: Run, tmp_path: Path, tickets: str) -> None:
    run("split", tickets, "--out", "out", "--split-mode", "stable")
    before = sides()
    more = [json.dumps({"id": n, "text": f"Ticket {n}", "label": "a"}) for n in range(40, 80)]
    write(tmp_path / tickets, [*(tmp_path / tickets).read_text().splitlines(), *more])

    run("split", tickets, "--out", "out", "--split-mode", "stable")

    for old, new in zip(before, sides(), strict=True):
        assert old == [row for row in new if int(str(row["id"])) < 40]


def test_drops_only_what_cannot_be_read(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "mix.jsonl", [*ROWS, ROWS[0], '{"a', {"prompt": "Why?", "completion": " "}])

    ran = run("split", "mix.jsonl", "--out", "out")

    assert ran.code == 1
    assert sum(map(len, sides())) == 5
    assert [(row["line"], row["codes"]) for row in lines(Path("out/dropped.jsonl"))] == [
        (5, ["FMT001"])
    ]


def test_config_says_what_is_not_asked(run: Run, tmp_path: Path, tickets: str) -> None:
    (tmp_path / "dsprep.toml").write_text(
        '[split]\nshares = {train = 0.6, validation = 0.4}\ngroup = "customer"\nseed = 5\n'
    )

    run("split", tickets, "--out", "out")

    assert not {row["customer"] for row in sides()[0]} & {row["customer"] for row in sides()[1]}
    options = json.loads(Path("out/manifest.json").read_text())["options"]
    assert (options["seed"], options["group"]) == (5, "customer")


def test_writes_for_a_target_where_asked(run: Run) -> None:
    run("split", "good.jsonl", "--out", "out", "--target", "openai-chat")

    assert {key for side in sides() for row in side for key in row} == {"messages"}
