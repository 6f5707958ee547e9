"""A report on its way to the terminal or a file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from dsprep import report
from dsprep.cli import _output
from dsprep.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from dsprep.dataset import Dataset, LintReport


def check(asked: Mapping[str, Any]) -> None:
    """Raise where there is no such output format, before any work is done."""
    name, known = asked["output_format"], report.formats()
    if name not in known:
        hint = did_you_mean(name, known) or f" Known are {', '.join(known)}."
        raise UsageError(f"unknown output format {name!r}.{hint}")


def shown(asked: Mapping[str, Any], data: Dataset) -> int:
    """Return how many places to show a rule and file: as asked, else as configured."""
    if asked["max_shown"] is not None:
        return int(asked["max_shown"])
    return int(data.settings.get("lint", {}).get("max-shown", 5))


def show(
    found: LintReport, asked: Mapping[str, Any], data: Dataset, *, last: str | None = None
) -> None:
    """Write a report as asked, and exit with 1 where something fails.

    Args:
        found: the report.
        asked: the options of `showing`.
        data: what was read; its settings say what was not asked.
        last: a line to close the text with.
    """
    options = {"max_shown": shown(asked, data)}
    if asked.get("output"):
        _to_file(found, asked["output_format"], Path(asked["output"]), options)
    elif not (asked["quiet"] and found.ok):
        try:
            _to_stdout(found, asked["output_format"], asked["color"], options)
            if last and asked["output_format"] == "text":
                _output.say(last)
        except BrokenPipeError:  # the reader has seen enough, and the exit code still counts
            _output.let_go()
    if not found.ok:
        click.get_current_context().exit(1)


def _to_file(found: LintReport, output_format: str, path: Path, options: Mapping[str, Any]) -> None:
    # Such as /dev/stdout: written to, never replaced.
    special = path.is_symlink() or (path.exists() and not path.is_file())
    partial = path if special else path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as out:
            report.load(output_format).render(found.report, out, **options)
        if not special:
            partial.replace(path)
    except OSError as error:
        if not special:
            partial.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from error


def _to_stdout(
    found: LintReport, output_format: str, color: str, options: Mapping[str, Any]
) -> None:
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(encoding="utf-8")
    if output_format == "text":
        options = {**options, "color": _in_color(color, out)}
    report.load(output_format).render(found.report, out, **options)
    out.flush()


def _in_color(choice: str, out: TextIO) -> bool:
    """Return whether to color: as chosen, else as the environment and the terminal say."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or out.isatty()
