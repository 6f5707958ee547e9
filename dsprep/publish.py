"""Files appear under their final names whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dsprep.errors import UsageError

_PREFIX: Final = ".dsprep-"


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder inside the output folder, gone when the block ends.

    It lies on the same disk as the final names, so that a rename is enough. What an
    earlier run left behind when it was killed is cleared away.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_PREFIX}*"):
            if not _is_running(left):
                shutil.rmtree(left, ignore_errors=True)
        path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}.") from error
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _is_running(path: Path) -> bool:
    """Return whether the process that made a workspace is still there, or it is none of ours."""
    pid = path.name.removeprefix(_PREFIX).split("-")[0]
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OverflowError, OSError):
        return True
    return True


def publish(workspace: Path, folder: Path, names: Sequence[str], stale: Iterable[str] = ()) -> None:
    """Move finished files to their final names, in the order given.

    Args:
        workspace: where they are.
        folder: where they go.
        names: of the files; the last one is what vouches for the others.
        stale: names an earlier run wrote; those not written again are removed.
    """
    for path in (folder / Path(name).name for name in stale if name not in names):
        if path.is_file():
            path.unlink()
    for name in names:
        with (workspace / name).open("rb") as file:
            os.fsync(file.fileno())
        (workspace / name).replace(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
