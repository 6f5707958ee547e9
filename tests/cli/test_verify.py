"""`dsprep verify`: what has changed since the receipt was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROWS, Run, write


@pytest.fixture
def out(run: Run, tmp_path: Path) -> Path:
    """Return a folder that `prepare` wrote."""
    run("prepare", "good.jsonl", "--out", "out", "-q")
    return tmp_path / "out"


def test_all_is_as_it_was(run: Run, out: Path) -> None:
    ran = run("verify", "out")

    assert (ran.code, ran.err) == (0, "")
    assert "ok  train.jsonl: 2 rows\n" in ran.out
    assert "ok  report.html: as written\n" in ran.out
    assert "ok  good.jsonl: 3 rows\n" in ran.out
    assert ran.out.endswith("\nEvery file is as the manifest says.\n")
    assert ran.out.count("ok  ") == len(list(out.iterdir()))  # without itself, with its input


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("train.jsonl", lambda path: path.unlink(), "missing"),
        ("train.jsonl", lambda path: path.write_bytes(path.read_bytes() + b"\n"), "bytes, not"),
        (
            "train.jsonl",
            lambda path: path.write_bytes(path.read_bytes().swapcase()),
            "other content than was written",
        ),
        ("dropped.jsonl", lambda path: path.write_text("{}\n"), "3 bytes, not 0"),
        ("report.html", lambda path: path.unlink(), "missing"),
        ("../good.jsonl", lambda path: path.write_text("x"), "1 bytes, not"),
    ],
)
def test_a_change_is_noticed(run: Run, out: Path, name: str, change: object, told: str) -> None:
    assert callable(change)
    change(out / name)

    ran = run("verify", "out")

    (line,) = [line for line in ran.out.splitlines() if line.startswith("BAD ")]
    assert ran.code == 1
    assert line.startswith(f"BAD {Path(name).name}: ")
    assert told in line
    assert ran.out.endswith("\nNot as the manifest says: 1 of 8 files.\n")


def test_every_change_is_counted(run: Run, out: Path) -> None:
    (out / "train.jsonl").unlink()
    (out / "validation.jsonl").unlink()

    assert run("verify", "out").out.endswith("\nNot as the manifest says: 2 of 8 files.\n")


def test_an_input_that_is_not_here_is_no_fault(run: Run, out: Path) -> None:
    (out.parent / "good.jsonl").unlink()

    ran = run("verify", "out")

    assert ran.code == 0
    assert "--  good.jsonl: input not found from here, not checked\n" in ran.out
    assert ran.out.endswith("\nEvery file that was found is as the manifest says.\n")


def test_a_namesake_of_an_input_from_elsewhere_is_no_fault(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "inner" / "good.jsonl", ROWS[:1])
    monkeypatch.chdir(tmp_path / "inner")
    run("prepare", "../good.jsonl", "--out", "out", "-q")

    ran = run("verify", "out")

    assert ran.code == 0
    assert "--  good.jsonl: input not found from here, not checked\n" in ran.out


@pytest.mark.parametrize(
    ("receipt", "told"),
    [
        ("", "is no dsprep manifest"),
        ("{", "is no dsprep manifest"),
        ("[]", "is no dsprep manifest"),
        ('{"manifest_version": 1}', "is no dsprep manifest"),
        ('{"manifest_version": 1, "inputs": [], "outputs": [{}]}', "is no dsprep manifest"),
        ('{"manifest_version": 1, "inputs": [], "outputs": 5}', "is no dsprep manifest"),
        pytest.param("[" * 100_000, "is no dsprep manifest", id="deep"),
        ('{"manifest_version": 9}', "version 9 is not known"),
        ("caf\xe9", "is no dsprep manifest"),
    ],
)
def test_a_receipt_of_others_is_told_in_one_line(
    run: Run, tmp_path: Path, receipt: str, told: str
) -> None:
    (tmp_path / "manifest.json").write_bytes(receipt.encode("latin-1"))

    ran = run("verify", ".")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("dsprep: manifest.json: ")
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_names_in_a_receipt_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    file = {"name": "\x1b[31m##[error]\u202e", "bytes": 1, "sha256": "", "rows": None}
    receipt = {"manifest_version": 1, "inputs": [], "outputs": [file]}
    (tmp_path / "manifest.json").write_text(json.dumps(receipt))

    ran = run("verify", ".")

    assert ran.out.startswith("BAD \\x1b[31m##\\x5berror]\\u202e: missing\n")
