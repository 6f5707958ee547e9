"""Files appear under their final names whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dsprep.errors import UsageError
from dsprep.publish import publish, workspace


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def dead_pid() -> int:
    """Return the number of a process that was."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


# -- the workspace ------------------------------------------------------------------


def test_it_lies_in_the_folder_and_goes(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"

    with workspace(folder) as space:
        assert space.parent == folder
        assert space.name.startswith(f".dsprep-{os.getpid()}-")
        (space / "x").write_text("x")

    assert names(folder) == set()


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    with workspace(tmp_path) as one, workspace(tmp_path) as two:
        assert one != two
        assert names(tmp_path) == {one.name, two.name}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_is_left_when_the_block_raises(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "train.jsonl").write_text("old")

    def run() -> None:
        with workspace(tmp_path) as space:
            (space / "train.jsonl").write_text("half")
            raise error

    with pytest.raises(error):
        run()

    assert names(tmp_path) == {"train.jsonl"}
    assert (tmp_path / "train.jsonl").read_text() == "old"


def test_what_a_dead_process_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / f".dsprep-{dead_pid()}-abc"
    left.mkdir()
    (left / "half").write_text("half")

    with workspace(tmp_path):
        pass

    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(f".dsprep-{os.getppid()}-abc", id="of a process that lives"),
        ".dsprep-1-abc",  # of one that is not ours
        ".dsprep-notes",
        ".dsprep-",
        ".dsprep-99999999999999999999-abc",
        ".dsprep_cache",
        ".dsprep.toml",
        "dsprep-1-abc",
    ],
)
def test_what_others_have_there_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "x").write_text("x")

    with workspace(tmp_path):
        pass

    assert (tmp_path / name / "x").read_text() == "x"


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f".dsprep-{dead_pid()}-abc").symlink_to(tmp_path / "mine")

    with workspace(tmp_path / "out"):
        pass

    assert (tmp_path / "mine" / "x").read_text() == "x"


@pytest.mark.parametrize("below", ["", "/out"])
def test_a_file_in_the_way_is_told(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("x")

    with (
        pytest.raises(UsageError, match=r"file.*: cannot be written: "),
        workspace(Path(f"{tmp_path}/file{below}")),
    ):
        pass

    assert (tmp_path / "file").read_text() == "x"


# -- publishing ---------------------------------------------------------------------


def test_files_move_to_their_names(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with workspace(tmp_path) as space:
        for name in ("a", "b", "rest"):
            (space / name).write_text("new")
        publish(space, tmp_path, ["a", "b"])

    assert names(tmp_path) == {"a", "b"}
    assert (tmp_path / "a").read_text() == "new"


def test_what_an_earlier_run_wrote_goes(tmp_path: Path) -> None:
    for name in ("a", "b", "mine"):
        (tmp_path / name).write_text("old")
    with workspace(tmp_path) as space:
        (space / "a").write_text("new")
        publish(space, tmp_path, ["a"], stale=["a", "b", "gone"])

    assert names(tmp_path) == {"a", "mine"}


def test_nothing_outside_the_folder_goes(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with workspace(tmp_path / "out") as space:
        (space / "a").write_text("new")
        stale = ["../mine", str(tmp_path / "mine"), "..", ".", "", "../out"]
        publish(space, tmp_path / "out", ["a"], stale=stale)

    assert names(tmp_path) == {"mine", "out"}


def test_a_file_that_is_not_there_stops_it(tmp_path: Path) -> None:
    with workspace(tmp_path) as space:
        (space / "b").write_text("new")
        with pytest.raises(FileNotFoundError):
            publish(space, tmp_path, ["a", "b"])

    assert names(tmp_path) == set()
