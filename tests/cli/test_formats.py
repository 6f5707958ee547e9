"""`dsprep formats`: what each file was taken for, and why."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.conftest import ROWS, Run, write


def test_says_format_shape_mapping_and_first_record(run: Run) -> None:
    ran = run("formats", "good.jsonl")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "good.jsonl: jsonl, shape prompt_completion: columns 'prompt' and 'completion' hold text\n"
        "  mapping: prompt=prompt, completion=completion\n"
        '  first record: {"messages":[{"content":"Is water wet?","role":"user"},'
        '{"content":"It is.","role":"assistant"}]}\n'
    )


def test_tells_each_file_of_a_folder(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in" / "b.jsonl", [{"instruction": "Go", "output": "On"}])
    (tmp_path / "in" / "a.csv.gz").write_bytes(gzip.compress(b"question,answer\nWhy?,So.\n"))

    ran = run("formats", "in")

    told = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert [line.split(":")[:2] for line in told] == [
        ["in/a.csv.gz", " csv, gz, shape prompt_completion"],
        ["in/b.jsonl", " jsonl, shape alpaca"],
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--map", "prompt=b", "--map", "completion=a"), "mapping: prompt=b, completion=a"),
        (("--map", "text=a"), "shape text: as mapped"),
    ],
)
def test_shows_what_a_mapping_makes_of_it(
    run: Run, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    write(tmp_path / "ab.jsonl", [{"a": "some words", "b": "other words"}])

    assert told in run("formats", "ab.jsonl", *words).out


def test_a_row_that_does_not_fit_is_told(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "in.jsonl", [{"prompt": 1, "completion": "b"}, *ROWS])

    assert "\n  first row does not fit: wrong-type prompt\n" in run("formats", "in.jsonl").out


def test_hides_private_text(run: Run, tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKc\\n"
    write(tmp_path / "in.jsonl", [f'{{"prompt": "zoe@harbour.org", "completion": "{key}"}}'])

    out = run("formats", "in.jsonl").out

    assert "first record: " in out
    assert "z**@*******.***" in out
    assert "MIIEv" not in out


def test_what_others_wrote_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    row = {"prompt": "\x1b[31m\u202e##[error]\x9b31m\u2028::error::", "completion": "b"}
    write(tmp_path / "##[error]\x1b.jsonl", [row])

    out = run("formats", ".").out

    assert "first record: " in out
    assert not set("\x1b\x9b\u202e\u2028") & set(out)
    assert "##[" not in out
