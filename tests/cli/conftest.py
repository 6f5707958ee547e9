"""The command line as a user runs it: words in, exit code and both outputs out."""

from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dsprep.cli import main

ROWS = [
    {"prompt": "Is water wet?", "completion": "It is."},
    {"prompt": "Is fire hot?", "completion": "Very."},
    {"prompt": "Is ice cold?", "completion": "As a rule."},
]


@dataclass(frozen=True)
class Ran:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def write(path: Path, rows: list[Any]) -> Path:
    """Write rows as JSON Lines; a row that is text stands there as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def lines(path: Path) -> list[Any]:
    """Return the rows of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def codes(ran: Ran) -> dict[str, int]:
    """Return the totals of a run whose output format is json-lines."""
    totals: dict[str, int] = json.loads(ran.out.splitlines()[-1])["totals"]
    return totals


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run `dsprep` with some words, in a folder of its own that holds `good.jsonl`."""
    write(tmp_path / "good.jsonl", ROWS)
    monkeypatch.chdir(tmp_path)
    # main sets them for the whole process
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(*words: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["dsprep", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        return Ran(int(left.value.code or 0), out, err)

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)
