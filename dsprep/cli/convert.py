"""`dsprep convert`: one file for one target."""

from __future__ import annotations

from typing import Any

import click

from dsprep.cli import _options, _show


@click.command(name="convert")
@_options.reading
@click.option(
    "--target", "--to", metavar="TARGET", help="Format written. [default: prompt-completion]"
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    callback=_options.not_empty,
    help="File to write.",
)
@_options.showing
def command(paths: tuple[str, ...], **asked: Any) -> None:
    """Write data files as one file for a target, in the order they came in.

    What the target cannot hold goes to {stem}.dropped.jsonl beside it, with the reason.

    \b
    dsprep convert sharegpt.json --target openai-chat -o train.jsonl
    dsprep convert faq.csv -o faq.jsonl
    """
    _show.check(asked)
    data = _options.dataset(paths, asked)
    found = data.write(asked["output"], target=asked["target"], shown=_show.shown(asked, data))
    _show.show(found, {**asked, "output": None}, data)
