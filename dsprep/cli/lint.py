"""`dsprep lint`: what is wrong with the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dsprep.cli import _options, _show


@click.command(name="lint")
@_options.reading
@_options.judging
@click.option("--target", metavar="TARGET", help="Judge the records as they are for this target.")
@_options.showing
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    callback=_options.not_empty,
    help="Write the report here.",
)
def command(paths: tuple[str, ...], **asked: Any) -> None:
    """Say what is wrong with data files or folders; "-" reads standard input.

    \b
    dsprep lint data/
    dsprep lint train.csv --map prompt=question --map label=topic
    dsprep lint train.jsonl --select DUP,over-length --config lint.rules.over-length.limit=2048
    dsprep lint train.jsonl --output-format json-lines -o findings.jsonl
    """
    _show.check(asked)
    data = _options.dataset(paths, asked)
    if asked["output"]:
        data.protect([Path(asked["output"])])
    found = data.lint(
        **_options.rules(asked), target=asked["target"], shown=_show.shown(asked, data)
    )
    _show.show(found, asked, data)
