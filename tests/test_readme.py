"""What README.md shows works: each command, each Python block, each line of output."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dsprep import adapters, formats, report, rulebook, targets
from dsprep.sources import COMPRESSIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SKIPPED = ("pip", "make")  # they install, or run this test
FENCE = re.compile(r"```(\w*) ?(\S*)")
EXIT = re.compile(r"# exit (\d+)")


@dataclass
class Block:
    """A fenced block: its language, the file it is to be written to, its lines."""

    language: str
    file: str
    at: int  # line of README.md, 1-based
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """A command or program, its exit code and the output shown, where it is shown."""

    at: int
    words: list[str]
    code: int = 0
    shown: list[str] | None = None


def sections(text: str) -> dict[str, list[Block]]:
    """Return the blocks by the heading they stand below."""
    found: dict[str, list[Block]] = {"top": []}
    heading, block = "top", None
    for at, line in enumerate(text.splitlines(), 1):
        if block is not None:
            if line == "```":
                block = None
            else:
                block.lines.append(line)
        elif match := FENCE.fullmatch(line):
            block = Block(match[1], match[2], at)
            found[heading].append(block)
        elif line.startswith("## "):
            heading = line.removeprefix("## ")
            found[heading] = []
    assert block is None, f"the block at line {block and block.at} is never closed"
    return {name: blocks for name, blocks in found.items() if blocks}


def steps(blocks: list[Block], place: Path) -> Iterator[Step]:
    """Yield what blocks ask for, in their order; write the files they show."""
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block.file:
            path = place / block.file
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        elif block.language == "bash":
            yield from commands(block.lines, block.at)
        elif block.language == "console":
            yield from session(block)
        elif block.language == "python":
            shown = after.lines if after and after.language == "text" else None
            yield Step(block.at, [sys.executable, "-c", "\n".join(block.lines)], shown=shown)
        else:
            assert block.language == "text", f"line {block.at}: what is {block.language!r}?"


def session(block: Block) -> Iterator[Step]:
    """Yield the commands of a console block, each with what stands below it."""
    starts = [at for at, line in enumerate(block.lines) if line.startswith("$ ")]
    assert starts[:1] == [0], f"line {block.at}: a console block begins with a command"
    for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        given, *shown = block.lines[start:end]
        for step in commands([given.removeprefix("$ ")], block.at + start + 1):
            yield Step(step.at, step.words, step.code, shown)


def commands(lines: list[str], at: int) -> Iterator[Step]:
    """Yield the commands of lines; `# exit N` beside one is the code it ends with."""
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and words[0] not in SKIPPED:
            assert words[0] == "dsprep", f"line {at}: no test knows {words[0]!r}"
            code = EXIT.search(line)
            program = [sys.executable, "-m", "dsprep", *words[1:]]
            yield Step(at, program, int(code[1]) if code else 0)


def run(step: Step, place: Path) -> None:
    """Run a step; it must end with its code and print what is shown."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    done = subprocess.run(
        step.words,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    told = f"README.md:{step.at}: {shlex.join(step.words)}\n{done.stdout}"
    assert done.returncode == step.code, told
    if step.shown is not None:
        assert printed_as_shown(step.shown, done.stdout), "\n".join([*step.shown, "", told])


def run_all(text: str, section: str, place: Path) -> None:
    for step in steps(sections(text)[section], place):
        run(step, place)


def printed_as_shown(shown: list[str], printed: str) -> bool:
    """Return whether output is as shown: a line `...` is any lines, `...` in one any text."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in shown
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


@pytest.mark.parametrize("section", sections(README))
def test_what_is_shown_works(section: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")

    run_all(README, section, tmp_path)


def test_rows_add_up() -> None:
    written = [int(rows) for rows in re.findall(r"^Wrote (\d+) rows to \w+\.jsonl", README, re.M)]
    sums = re.search(r"(\d+) \+ (\d+) \+ (\d+) = (\d+)", README)

    assert sums is not None
    assert [int(part) for part in sums.groups()] == [*written[:3], sum(written[:3])]
    assert f"Checked {sums[4]} rows" in README


@pytest.mark.parametrize(
    ("shown", "printed", "outcome"),
    [
        (["a", "b"], "a\nb\n", True),
        (["a"], "a\nb\n", False),
        (["a", "..."], "a\nb\nc\n", True),
        (["...", "c"], "a\nb\nc\n", True),
        (["...", "b"], "a\nb\nc\n", False),
        (["a", "...", "c"], "a\nc\n", True),
        (["x: ..."], "x: 1\n", True),
        (["x: ..."], "y: 1\n", False),
        ([], "", False),
    ],
)
def test_output_is_compared(shown: list[str], printed: str, outcome: bool) -> None:
    assert printed_as_shown(shown, printed) is outcome


@pytest.mark.parametrize(
    "block",
    [
        "```bash\ndsprep rule DUP101  # exit 1\n```",
        "```console\n$ dsprep --version\ndsprep 0.0\n```",
        "```bash\nls\n```",
        "```python\nimport nothing_of_this_name\n```",
        "```python\nprint(1)\n```\n\n```text\n2\n```",
        "```ruby\nputs 1\n```",
        "```bash\ndsprep --version",
    ],
)
def test_what_does_not_work_is_noticed(block: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_all(block, "top", tmp_path)


def test_skips_no_more_than_it_says() -> None:
    lines = [line for blocks in sections(README).values() for b in blocks for line in b.lines]
    skipped = [line.split("  ")[0] for line in lines if line.startswith(SKIPPED)]

    assert skipped == ["pip install .", "make bench", "make demo", "make test"]


# -- facts --------------------------------------------------------------------------


def rows_of(head: str) -> list[list[str]]:
    """Return the cells of the table whose first heading is this."""
    lines = README.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {head} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def test_names_every_family_and_rules_that_exist() -> None:
    rules = {rule.code: rule.name for rule in rulebook.load()}
    named = dict(re.findall(r"\b([A-Z]{3}\d{3}) ([a-z][a-z0-9-]+)", str(rows_of("family"))))

    assert {row[0] for row in rows_of("family")} == {code[:3] for code in rules}
    assert named.items() <= rules.items()
    assert set(re.findall(r"\b[A-Z]{3}\d{3}\b", README)) - {"XLB001"} <= set(rules)


def test_names_every_shape() -> None:
    assert {row[0].strip("`") for row in rows_of("shape")} == set(adapters.names())


def test_names_every_ending() -> None:
    endings = {f"`.{end}`" for name in formats.names() for end in formats.load(name).SUFFIXES}
    section = README.split("## What it reads")[1].split("## ")[0]

    assert set(re.findall(r"`\.[a-z]+`", section)) == endings
    assert len(COMPRESSIONS) == len(("gzip", "zstd", "bzip2", "xz"))


def test_names_every_target_and_output_format() -> None:
    told = " ".join(README.split())
    named_targets = re.search(r"Targets, for `--target`: (.+?\))", told)
    named_formats = re.search(r"`--output-format` is (.+?), and", told)

    assert named_targets is not None
    assert set(re.findall(r"`([a-z-]+)`", named_targets[1])) == set(targets.names())
    assert named_formats is not None
    assert set(re.findall(r"`([a-z-]+)`", named_formats[1])) == set(report.formats())


def test_names_every_file_written(tmp_path: Path) -> None:
    first_row = ["dsprep", "prepare", str(ROOT / "sample_data/faq.csv"), "--out", "out"]
    for step in commands([shlex.join(first_row)], 0):
        run(step, tmp_path)

    named = re.findall(r"`([a-z]+\.[a-z]+)`", str([row[0] for row in rows_of("file in `--out`")]))
    assert set(named) == {path.name for path in (tmp_path / "out").iterdir()}
