"""`dsprep verify`: whether files are still what the receipt says."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="verify")
@click.argument("folder", metavar="DIR")
def command(folder: str) -> None:
    """Check the files of a folder against its manifest.json: sizes and hashes.

    \b
    dsprep verify out/
    """
    from dsprep.manifest import verify  # noqa: PLC0415 - loads Arrow

    faults = 0
    for name, good, found in verify(Path(folder)):
        faults += not good
        click.echo(f"{'ok ' if good else 'BAD'} {name}: {found}")
    if faults:
        click.echo(f"Not as the manifest says: {faults} of the files.")
        click.get_current_context().exit(1)
    click.echo("Every file is as the manifest says.")
