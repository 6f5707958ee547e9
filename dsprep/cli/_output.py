"""Standard output: text of others made safe, and what to do where nobody takes it."""

from __future__ import annotations

import os
import sys

import click


def say(text: str) -> None:
    """Print lines that may hold text of others, with what cannot be seen as escapes."""
    from dsprep.report._clean import visible  # noqa: PLC0415 - keeps Arrow out of start-up

    click.echo("\n".join(map(visible, text.split("\n"))))


def let_go() -> None:
    """Write what is held back, or drop it: what fails here would fail again at the very end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
