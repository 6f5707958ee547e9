"""`dsprep verify`: whether files are still what the receipt says."""

from __future__ import annotations

from pathlib import Path

import click

from dsprep.cli import _output

_MARKS = {True: "ok ", False: "BAD", None: "-- "}


@click.command(name="verify")
@click.argument("folder", metavar="DIR")
def command(folder: str) -> None:
    """Check the files of a folder against its manifest.json: sizes and hashes.

    \b
    dsprep verify out/
    """
    from dsprep.manifest import verify  # noqa: PLC0415 - loads Arrow

    checks = list(verify(Path(folder)))
    for name, good, found in checks:
        _output.say(f"{_MARKS[good]} {name}: {found}")
    if faults := [name for name, good, _ in checks if good is False]:
        _output.say(f"Not as the manifest says: {len(faults)} of {len(checks)} files.")
        click.get_current_context().exit(1)
    found_all = all(good is not None for _, good, _ in checks)
    _output.say(f"Every file {'' if found_all else 'that was found '}is as the manifest says.")
