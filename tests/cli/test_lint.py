"""`dsprep lint`: what is read, judged and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsprep import report
from tests.cli.conftest import ROWS, Run, codes, lines, write

ESC = "\x1b["


@pytest.fixture
def bad(tmp_path: Path) -> str:
    """Return a file with seven rows that cannot be read, between good ones."""
    write(tmp_path / "bad.jsonl", [ROWS[0], *['{"prompt": '] * 7, *ROWS[1:]])
    return "bad.jsonl"


def test_says_what_is_wrong_and_where(run: Run, bad: str) -> None:
    ran = run("lint", bad, "--select", "FMT001", "--max-shown", 2)

    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        "FMT001 unparsable-row: A row cannot be read at all (7 errors, 70.00 per 100 rows)\n"
        "  --> bad.jsonl:2  Cannot be read: it ends too early\n"
        '      | {"prompt": \n'
        "      |            ^\n"
        "  --> bad.jsonl:3  Cannot be read: it ends too early\n"
        '      | {"prompt": \n'
        "      |            ^\n"
        "  --> ... 5 more (--max-shown 0)\n"
        "  help: Mend the row in the source, or export it again. `dsprep prepare` leaves it out"
        " and keeps its text in dropped.jsonl.\n"
        "\n"
        "Checked 10 rows in 1 file.\n"
        "Found 7 problems: 7 errors (1 rule).\n"
        "7 rows could not be read.\n"
    )


def test_says_so_where_nothing_is_wrong(run: Run) -> None:
    ran = run("lint", "good.jsonl", "--ignore", "SIZ101")

    assert (ran.code, ran.out) == (0, "All checks passed. 3 rows, 1 file.\n")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), 5),
        (("--max-shown", 1), 1),
        (("--max-shown", 0), 7),
        (("--config", "lint.max-shown=3"), 3),
        (("--config", "lint.max-shown=3", "--max-shown", 2), 2),
    ],
)
def test_shows_as_many_places_as_asked(
    run: Run, bad: str, words: tuple[object, ...], shown: int
) -> None:
    ran = run("lint", bad, "--select", "FMT001", *words)

    assert ran.out.count(f"--> {bad}:") == shown


def test_machines_get_every_finding(run: Run, bad: str) -> None:
    ran = run("lint", bad, "--max-shown", 1, "--output-format", "json-lines")

    header, *findings, summary = map(json.loads, ran.out.splitlines())
    assert (header["type"], summary["type"], summary["rows"]) == ("header", "summary", 10)
    assert [(f["line"], f["row"]) for f in findings if f["code"] == "FMT001"] == [
        (row + 1, row) for row in range(1, 8)
    ]


# -- what is read -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        (b'{"prompt": "a", "completion": "b"}\n{"prompt": "c", "completion": "d"}\n', 2),
        (b'[{"prompt": "a", "completion": "b"}]', 1),
        (b"prompt,completion\na,b\nc,d\ne,f\n", 3),
    ],
)
def test_reads_standard_input(run: Run, given: bytes, rows: int) -> None:
    ran = run("lint", "-", "--ignore", "SIZ101", stdin=given)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"All checks passed. {rows} row")


def test_names_standard_input(run: Run) -> None:
    ran = run("lint", "-", "--select", "FMT001", stdin=b'{"text": "b"}\n{"text": \n')

    assert "  --> -:2  " in ran.out


def test_nothing_on_standard_input_is_no_success(run: Run) -> None:
    ran = run("lint", "-")

    assert (ran.code, ran.err) == (2, "dsprep: standard input is empty.\n")


def test_reads_folders_and_files_together(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "more" / "deep" / "b.jsonl", ROWS)
    (tmp_path / "more" / "notes.txt").write_text("hello")

    ran = run("lint", "more", "good.jsonl", "--select", "DUP101", "--output-format", "json-lines")

    summary = json.loads(ran.out.splitlines()[-1])
    assert (summary["rows"], summary["files"], summary["totals"]) == (6, 2, {"DUP101": 3})
    assert summary["skipped"] == [{"file": "more/notes.txt", "reason": "no data format"}]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("frage,antwort", ("--map", "prompt=frage", "--map", "completion=antwort")),
        ("frage,antwort", ("--map", "prompt=1", "--map", "completion=2")),
        ("frage,antwort", ("--config", "ingest.map={prompt='frage', completion='antwort'}")),
        ("prompt,label", ("--map", "prompt=prompt", "--map", "completion=label")),
    ],
)
def test_columns_can_be_mapped(run: Run, tmp_path: Path, head: str, words: tuple[str, ...]) -> None:
    rows = "".join(f"Ist Nummer {n} nass?,Ja {n}.\n" for n in range(9))
    (tmp_path / "de.csv").write_text(f"{head}\n{rows}")

    ran = run("lint", "de.csv", "--select", "SCH,DUP", *words)

    assert (ran.code, ran.out) == (0, "All checks passed. 9 rows, 1 file.\n")


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        ((), "openai_chat"),
        (("--shape", "alpaca"), "alpaca"),
        (("--config", "ingest.shape=alpaca"), "alpaca"),
        (("--config", "ingest.shape=alpaca", "--shape", "openai_chat"), "openai_chat"),
    ],
)
def test_a_shape_can_be_named(run: Run, tmp_path: Path, words: tuple[str, ...], shape: str) -> None:
    messages = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    write(tmp_path / "both.jsonl", [{"instruction": "Go", "output": "On", "messages": messages}])

    ran = run("lint", "both.jsonl", "--output-format", "json", *words)

    assert [file["shape"] for file in json.loads(ran.out)["files"]] == [shape]


# -- what is judged -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), {"CHT102", "DUP101", "SIZ101"}),
        (("--select", "DUP"), {"DUP101"}),
        (("--select", "DUP101, empty-turn"), {"DUP101", "CHT102"}),
        (("--select", "DUP101", "--select", "empty-turn"), {"DUP101", "CHT102"}),
        (("--ignore", "DUP", "--ignore", "SIZ,"), {"CHT102"}),
        (("--select", "duplicate"), {"DUP101"}),
        (("--select", "ALL", "--ignore", "DUP,SIZ"), {"CHT102"}),
        (("--select", "DUP", "--extend-select", "size"), {"DUP101", "SIZ101"}),
        (("--ignore", "exact-duplicate"), {"CHT102", "SIZ101"}),
        (("--config", "lint.select=['SIZ101']"), {"SIZ101"}),
        (("--config", "lint.select=['SIZ101']", "--select", "DUP"), {"DUP101"}),
        (("--config", "lint.ignore=['SIZ101']"), {"CHT102", "DUP101"}),
        (("--config", "lint.rules.SIZ101.at-least=3"), {"CHT102", "DUP101"}),
    ],
)
def test_rules_are_selected(
    run: Run, tmp_path: Path, words: tuple[str, ...], found: set[str]
) -> None:
    write(tmp_path / "mix.jsonl", [ROWS[0], ROWS[0], {"prompt": "Why?", "completion": " "}])

    assert set(codes(run("lint", "mix.jsonl", "--output-format", "json-lines", *words))) == found


def test_a_rule_judges_the_scope_it_is_given(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "mail.jsonl", [{"prompt": "Is zoe@harbour.org it?", "completion": "Yes."}])
    words = ("lint", "mail.jsonl", "--select", "PII101", "--output-format", "json-lines")

    assert codes(run(*words)) == {"PII101": 1}
    assert codes(run(*words, "--config", "lint.rules.PII101.scope=completion")) == {}


def test_records_are_judged_for_a_target(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "notes.jsonl", [{"text": "Water is wet."}, {"text": "Fire is hot."}])

    assert run("lint", "notes.jsonl").code == 0
    ran = run("lint", "notes.jsonl", "--target", "openai-chat", "--output-format", "json-lines")
    assert (ran.code, codes(ran)["TGT301"]) == (1, 2)


def test_settings_come_from_the_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "dsprep.toml").write_text(
        '[lint]\nselect = ["TOK"]\nfail-on = "warning"\n[lint.rules.over-length]\nlimit = 4\n'
    )

    ran = run("lint", "good.jsonl", "--output-format", "json-lines")

    assert (ran.code, codes(ran)) == (1, {"TOK101": 3})


def test_workers_change_nothing(run: Run, bad: str) -> None:
    assert run("lint", bad, "--jobs", 1) == run("lint", bad, "--jobs", 2)


# -- how it is shown ----------------------------------------------------------------


@pytest.mark.parametrize("output_format", report.formats())
def test_a_file_gets_what_the_terminal_would(run: Run, bad: str, output_format: str) -> None:
    words = ("lint", bad, "--output-format", output_format, "--color", "never")
    shown = run(*words)

    written = run(*words, "-o", "report.out")

    assert (written.code, written.out) == (shown.code, "")
    assert Path("report.out").read_text(encoding="utf-8") == shown.out


def test_a_file_is_replaced_whole(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.out").write_text("old\n" * 999)

    run("lint", "good.jsonl", "-o", "report.out", "--ignore", "SIZ101")

    assert (tmp_path / "report.out").read_text() == "All checks passed. 3 rows, 1 file.\n"
    assert {path.name for path in tmp_path.iterdir()} == {"good.jsonl", "report.out"}


def test_quiet_says_nothing_where_nothing_fails(run: Run) -> None:
    assert run("lint", "good.jsonl", "-q").out == ""


def test_quiet_says_what_fails(run: Run, bad: str) -> None:
    assert run("lint", bad, "--quiet").out == run("lint", bad).out


def test_quiet_still_writes_the_file_asked_for(run: Run) -> None:
    ran = run("lint", "good.jsonl", "-q", "--output-format", "json-lines", "-o", "found.jsonl")

    assert (ran.code, ran.out) == (0, "")
    assert lines(Path("found.jsonl"))[-1]["totals"] == {"SIZ101": 1}


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        ((), {}, False),  # this is no terminal
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always", "--output-format", "markdown"), {}, False),
    ],
)
def test_color(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    environment: dict[str, str],
    colored: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert (ESC in run("lint", "good.jsonl", *words).out) is colored


@pytest.mark.parametrize("output_format", report.formats())
@pytest.mark.parametrize("select", ["PII", "TXT101,CHT106,FMT,SCH"])
def test_private_text_is_never_shown(
    run: Run, tmp_path: Path, output_format: str, select: str
) -> None:
    """Whether its own rule is asked or others quote the text around it."""
    address = "zoe.quick@harbour.org"
    write(
        tmp_path / "mail.jsonl",
        [
            {"prompt": "Whom?", "completion": f"Ask {address}, cafÃ© owner."},
            f'{{"prompt": "{address}", ',
            f'{{"prompt": "a", "prompt": "{address}"}}',
            f'{{"prompt": NaN, "completion": "{address}"}}',
            {"messages": [{"role": address, "content": "b"}]},
        ],
    )

    ran = run(
        "lint", "mail.jsonl", "--select", select, "--output-format", output_format, "--max-shown", 0
    )

    assert "mail.jsonl" in ran.out
    assert not [part for part in ("zoe", "oe.", "quick", "harbour") if part in ran.out]


def test_what_others_wrote_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "evil.jsonl", [f'{{"prompt": "{ESC}31m\u202e##[error]::error::"'])

    ran = run("lint", "evil.jsonl", "--select", "FMT001", "--color", "never")

    assert ran.code == 1
    assert ESC not in ran.out
    assert "\u202e" not in ran.out
    assert "##[" not in ran.out
    assert not any(line.startswith("::") for line in ran.out.splitlines())
