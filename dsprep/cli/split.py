"""`dsprep split`: rows as they are, into splits."""

from __future__ import annotations

from typing import Any

import click

from dsprep.cli import _options, _show


@click.command(name="split")
@_options.reading
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    callback=_options.not_empty,
    help="Folder for everything written.",
)
@click.option("--target", metavar="TARGET", help="Format written. [default: rows as they are]")
@_options.splitting
@_options.showing
def command(paths: tuple[str, ...], **asked: Any) -> None:
    """Split data files: seeded, exact shares, every label on both sides, groups whole.

    Only rows that cannot be read are dropped; equal texts go to one side.

    \b
    dsprep split faq.csv --out out/
    dsprep split chats.jsonl --out out/ --split train=0.8,validation=0.1,test=0.1 --seed 7
    dsprep split tickets.csv --out out/ --group customer --stratify topic
    """
    _show.check(asked)
    data = _options.dataset(paths, asked)
    found = data.split(**_options.plan(asked)).write(
        asked["out"], target=asked["target"], shown=_show.shown(asked, data)
    )
    _show.show(found, asked, data)
