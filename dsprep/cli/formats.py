"""`dsprep formats`: what each file was taken for, and why."""

from __future__ import annotations

from typing import Any

import click

from dsprep.cli import _options, _output


@click.command(name="formats")
@_options.reading
def command(paths: tuple[str, ...], **asked: Any) -> None:
    """Say for each file its format, shape, mapping and first record, and why.

    \b
    dsprep formats data/
    """
    data = _options.dataset(paths, asked)
    for told in data.formats():
        _output.say(told)
