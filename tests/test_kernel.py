"""The function a worker runs: crashes are told, private text stays private."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

import dsprep
from dsprep import rulebook
from dsprep.batch import Batch
from dsprep.errors import RuleCrashed
from dsprep.finding import Hit
from dsprep.formats import Shard, jsonl
from dsprep.kernel import Kernel, Task
from dsprep.kinds import absent, duplicate, match
from dsprep.rule import Rule
from tests.test_rulefile import GOOD

BOOK = rulebook.load()
ADDRESS = "zoe.quick@harbour.org"
KEY = (
    "-----BEGIN PRIVATE KEY-----\n"
    "OLTmUuRNp/I3DZ4mDicTZVCko6bQf1wMMy+LEiQIP9IrkC+JEegYGPjJnV1dmDGV\n"
    "-----END PRIVATE KEY-----"
)
HIDDEN = "z**.*****@*******.***"


def write(path: Path, rows: Sequence[Any]) -> Path:
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def pair(prompt: str, completion: str = "Yes.") -> dict[str, str]:
    return {"prompt": prompt, "completion": completion}


# -- crashes ------------------------------------------------------------------------


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kind `absent` raise where a message says boom."""
    judge = absent.find

    def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
        if "boom" in batch.records.messages.contents:
            raise ValueError("it went off")
        yield from judge(batch, rules)

    monkeypatch.setattr(absent, "find", find)


@pytest.mark.usefixtures("crashing")
def test_a_kind_that_raises_is_a_crash_with_its_place(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", [pair("a"), "{", pair("b"), pair("boom"), pair("c")])

    with pytest.raises(RuleCrashed) as raised:
        dsprep.read(file).lint()

    assert str(raised.value) == (
        f"rule CHT102 raised ValueError at {file} row 3: it went off. "
        "This is a fault in the rule, not in the data."
    )
    assert isinstance(raised.value.__cause__, ValueError)


@pytest.mark.usefixtures("crashing")
def test_a_kind_that_raises_is_no_finding_of_prepare(tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", [pair("a"), pair("boom")])

    with pytest.raises(RuleCrashed, match="rule CHT102 raised ValueError"):
        dsprep.read(file).prepare(tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_a_crash_names_the_rule_at_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spans = match.spans

    def broken(rule: Rule, text: str) -> list[tuple[int, int]]:
        if rule.code == "SEC101" and "dash" in text:
            raise RuntimeError("oops")
        return spans(rule, text)

    monkeypatch.setattr(match, "spans", broken)
    file = write(tmp_path / "in.jsonl", [pair(ADDRESS), pair(f"dash {KEY}")])

    with pytest.raises(RuleCrashed, match=r"rule SEC101 raised RuntimeError at .* row 1: oops"):
        dsprep.read(file).lint(select=["PII", "SEC", "SCH006"])


def test_a_crash_of_all_rows_together_names_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(batch: Batch, _rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
        if len(batch.records) > 1:
            raise ValueError("too many")
        yield from ()

    monkeypatch.setattr(absent, "find", find)
    file = write(tmp_path / "in.jsonl", [pair("a"), pair("b")])

    with pytest.raises(RuleCrashed, match=r"rule CHT102 raised ValueError at .* row \?: too many"):
        dsprep.read(file).lint()


@pytest.mark.usefixtures("crashing")
def test_the_row_of_a_crash_counts_from_the_start_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "SHARD_BYTES", 100)
    file = write(tmp_path / "in.jsonl", [*(pair(str(n)) for n in range(20)), pair("boom")])

    with pytest.raises(RuleCrashed, match="row 20: it went off"):
        dsprep.read(file, jobs=1).lint()


@pytest.mark.parametrize("name", ["measure", "conclude"])
def test_a_kind_that_judges_the_data_set_can_crash_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(duplicate, name, crash)
    file = write(tmp_path / "in.jsonl", [pair("a")])

    with pytest.raises(RuleCrashed, match="rule DUP101 raised ZeroDivisionError"):
        dsprep.read(file).lint()


# -- what is private ----------------------------------------------------------------


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(BOOK.rules, BOOK.private)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("plain", "plain"),
        (f"Ask {ADDRESS}!", f"Ask {HIDDEN}!"),
        (f"{ADDRESS} {ADDRESS}", f"{HIDDEN} {HIDDEN}"),
        (KEY, KEY[:1] + "".join("*" if mark.isalnum() else mark for mark in KEY[1:])),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        (5, 5),
        (1.5, 1.5),
        (None, None),
        ([1, 2], [1, 2]),
    ],
)
def test_arguments_are_shown_short_and_without_what_is_private(
    kernel: Kernel, value: object, told: object
) -> None:
    assert msgspec.json.decode(kernel.told({"value": value})) == {"value": told}


@pytest.mark.parametrize("before", range(170, 205))
def test_no_part_of_what_is_private_is_left_by_the_cut(kernel: Kernel, before: int) -> None:
    told = kernel.told({"value": "x" * (before - 1) + " " + ADDRESS})

    assert not [part for part in ("zo", "quick", "harbour") if part in told]


@pytest.mark.parametrize("select", [["ALL"], ["TXT101"], ["FMT", "SCH", "CHT"], ["LBL", "DUP"]])
def test_private_text_is_in_no_finding(tmp_path: Path, select: list[str]) -> None:
    mixed = f"{ADDRESS} cafÃ© {KEY} cafÃ©"
    rows = [
        pair(mixed, f"cafÃ©{ADDRESS}"),
        {"messages": [{"role": ADDRESS, "content": "a"}, {"role": "user", "content": 5}]},
        f'{{"prompt": "{ADDRESS}',
        f'{{"{ADDRESS}": 1, "{ADDRESS}": 2}}',
        f'{{"prompt": "{ADDRESS}", "completion": NaN}}',
        f'{{"prompt": "{ADDRESS}", "completion": "\\ud800"}}',
        pair(ADDRESS, " "),
        {"text": "a", "label": ADDRESS},
    ]
    file = write(tmp_path / "in.jsonl", rows)
    file.write_bytes(file.read_bytes() + f'{{"prompt": "caf\xe9 {ADDRESS}"}}'.encode("latin-1"))

    found = list(dsprep.read(file).lint(select=select).report.findings())

    shown = [text for one in found for text in (one.message, *(one.excerpt or ()))]
    assert not [
        text for text in shown for part in ("zoe", "quick", "harbour", "OLTm") if part in text
    ]


def test_labels_are_shown_without_what_is_private(tmp_path: Path) -> None:
    rows = [{"text": f"Ticket {n}", "label": f"{n % 2}{ADDRESS}"} for n in range(9)]
    file = write(tmp_path / "in.jsonl", rows)

    frame = dsprep.read(file).lint(select=["LBL202"]).findings

    assert len(frame) == 2
    assert not frame["message"].str.contains("harbour").any()


def test_a_part_of_what_is_private_is_private(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    rule = GOOD.replace("LS-\\d{4}", "@\\w+")
    (tmp_path / "mine" / "rule.yaml").write_text(rule)
    file = write(tmp_path / "in.jsonl", [pair(f"Ask {ADDRESS}")])
    settings = {"rules-dirs": [str(tmp_path / "mine")]}

    (finding,) = dsprep.read(file, settings=settings).lint(select="XAB001").report.findings()

    assert finding.excerpt == ("Ask z**.*****", "@*******", ".***")
    assert finding.message == "Booking number @*******"


def test_the_labels_of_a_report_are_without_what_is_private(tmp_path: Path) -> None:
    rows = [{"text": f"Ticket {n}", "label": f"{n % 2}{ADDRESS}"} for n in range(9)]
    file = write(tmp_path / "in.jsonl", rows)

    report = dsprep.read(file).prepare(tmp_path / "out").report

    assert "harbour" not in str([report.labels, *(split.labels for split in report.splits)])


# -- tables -------------------------------------------------------------------------


@pytest.mark.parametrize("select", [["ALL"], [], ["TOK101"], ["DUP"], ["LBL", "DUP102"]])
def test_every_batch_has_the_measures_foreseen(tmp_path: Path, select: list[str]) -> None:
    kernel = Kernel(BOOK.select(select).rules, BOOK.private)
    (reading,) = dsprep.read(write(tmp_path / "in.jsonl", [pair("a"), pair("b")])).readings
    shard = Shard(0, reading.source.size)

    judged = kernel(Task(reading, shard, str(tmp_path / "stem")))

    with pa.OSFile(judged.measures) as file:
        table = pa.ipc.open_stream(file).read_all()
    assert table.schema.equals(kernel.measures_schema())
    assert (table.num_rows, judged.rows, judged.records, judged.lines) == (2, 2, 2, 2)
