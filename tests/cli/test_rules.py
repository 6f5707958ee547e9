"""`dsprep rules`: list, test, validate."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsprep import rulebook
from tests.cli.conftest import Run
from tests.cli.test_rule import MINE

SHIPPED = Path(__file__).parents[2] / "rules"


def put(folder: Path, text: str, name: str = "booking.yaml") -> str:
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / name).write_text(text)
    return "rules-dirs=['mine']"


# -- list ---------------------------------------------------------------------------


def test_lists_every_rule(run: Run) -> None:
    ran = run("rules", "list")

    assert (ran.code, ran.err) == (0, "")
    listed = [line.split()[:3] for line in ran.out.splitlines()]
    assert listed == [[rule.code, rule.severity, rule.name] for rule in rulebook.load()]


@pytest.mark.parametrize(
    ("select", "codes"), [("DUP", {"DUP101", "DUP102"}), ("tokens,LBL201", {"TOK101", "LBL201"})]
)
def test_lists_what_is_selected(run: Run, select: str, codes: set[str]) -> None:
    ran = run("rules", "list", "--select", select)

    assert {line.split()[0] for line in ran.out.splitlines()} == codes


@pytest.mark.parametrize("line", ["default: false", "status: preview"])
def test_says_which_run_on_request_only(run: Run, tmp_path: Path, line: str) -> None:
    config = put(tmp_path, f"{MINE}{line}\n")

    ran = run("rules", "list", "--select", "XAB", "--config", config)

    assert ran.out == (
        "XAB001  info     booking-number            A text holds a booking number (on request)\n"
    )


# -- test ---------------------------------------------------------------------------


def test_runs_the_tests_of_what_is_selected(run: Run) -> None:
    ran = run("rules", "test", "--select", "SIZ101,CHT104")

    assert ran.code == 0
    assert ran.out.endswith(" tests of 2 rules passed.\n")
    assert ran.out.count("\n") == 1


def test_a_test_that_fails_is_told(run: Run, tmp_path: Path) -> None:
    config = put(tmp_path, MINE.replace("expect: [{row: 0}]", "expect: []"))

    ran = run("rules", "test", "--select", "XAB001", "--config", config)

    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        "mine/booking.yaml: a number: 0 findings expected, found 1: "
        "row 0 'Booking number LS-2041'\n"
        "0 of 1 tests of 1 rules passed.\n"
    )


# -- validate -----------------------------------------------------------------------


def test_the_rules_we_ship_are_valid(run: Run) -> None:
    ran = run("rules", "validate", SHIPPED)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{len(list(SHIPPED.rglob('*.yaml')))} rule files, 0 faults.\n"


def test_every_fault_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    put(tmp_path, MINE.replace("why:", "wy:").replace("{match}", "{mach}"), "a.yaml")
    put(tmp_path, MINE.replace("kind: match", "kind: mach"), "b.yaml")

    ran = run("rules", "validate", "mine")

    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        "mine/a.yaml:6: unknown key 'wy'. Did you mean why?\n"
        "mine/a.yaml:1: rule: 'why' is a required property\n"
        "mine/a.yaml:11: unknown name {mach} in message. Did you mean match?\n"
        "mine/b.yaml:8: unknown kind 'mach'. Did you mean match?\n"
        "2 rule files, 4 faults.\n"
    )


def test_one_file_may_be_named(run: Run, tmp_path: Path) -> None:
    put(tmp_path, MINE)

    ran = run("rules", "validate", "mine/booking.yaml")

    assert (ran.code, ran.out) == (0, "1 rule files, 0 faults.\n")


def test_a_folder_without_rules_is_no_success(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()

    ran = run("rules", "validate", "bare")

    assert (ran.code, ran.out) == (1, "0 rule files, 0 faults.\n")
