"""`dsprep rule`: one rule, explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

MINE = """
schema: 1
code: XAB001
name: booking-number
summary: A text holds a booking number
why: "A booking number leads to a customer. \\e[31m"
severity: info
kind: match
scope: messages
patterns: ['LS-\\d{4}']
message: Booking number {match}
help: Write LS-0000 instead.
tests:
  - name: a number
    rows: [{prompt: Where is LS-2041?, completion: There.}]
    expect: [{row: 0}]
"""


@pytest.mark.parametrize("word", ["TOK101", "tok101", "over-length", "TOK"])
def test_a_rule_has_several_names(run: Run, word: str) -> None:
    ran = run("rule", word)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("TOK101 over-length (warning)\n\n")


def test_says_all_there_is_to_say(run: Run) -> None:
    out = run("rule", "over-length").out

    assert "A record has more tokens than the limit" in out
    assert "What to do: " in out
    assert "Parameters (--config lint.rules.over-length.KEY=VALUE):\n" in out
    assert '  encoding = "cl100k_base"\n  limit = 4096\n' in out
    assert "Examples:\n" in out
    assert "  1 finding: six tokens where five are allowed\n" in out
    assert "  no finding: exactly the limit is allowed\n" in out
    assert "See:\n  https://" in out


def test_says_what_settings_make_of_it(run: Run) -> None:
    settings = ("--config", "lint.rules.TOK.limit=7", "--config", "lint.rules.TOK.severity=error")

    out = run("rule", "TOK101", *settings).out

    assert out.startswith("TOK101 over-length (error)\n")
    assert "  limit = 7\n" in out


def test_explains_rules_of_the_user(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "booking.yaml").write_text(MINE)
    (tmp_path / "dsprep.toml").write_text('rules-dirs = ["mine"]\n')

    out = run("rule", "booking-number").out

    assert out.startswith("XAB001 booking-number (info)\n\nA text holds a booking number\n\n")
    assert "leads to a customer. \\x1b[31m\n" in out
