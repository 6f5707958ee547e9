"""The receipt of a run: enough to check it and do it again, nothing about where and when."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import dsprep
from dsprep import manifest, rulebook
from dsprep.errors import InputError

ROWS = [{"prompt": f"Is {n} odd?", "completion": f"{n % 2 == 1}"} for n in range(9)]


def write(path: Path, rows: Sequence[Any] = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, below a folder that is outside of it."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def receipt(source: object, out: Path, **options: Any) -> dict[str, Any]:
    dsprep.read(str(source)).prepare(out, **options)
    loaded: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return loaded


# -- what it says -------------------------------------------------------------------


def test_names_what_was_read_and_written(project: Path) -> None:
    source = write(project / "data" / "in.jsonl")

    told = receipt("data/in.jsonl", project / "out", seed=5)

    assert told["inputs"] == [
        {
            "name": "data/in.jsonl",
            "in_project": True,
            "format": "jsonl",
            "shape": "prompt_completion",
            "mapping": {"prompt": "prompt", "completion": "completion"},
            "rows": 9,
            "records": 9,
            "bytes": source.stat().st_size,
            "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        }
    ]
    for file in told["outputs"]:
        content = (project / "out" / file["name"]).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert {file["name"] for file in told["outputs"]} | {"manifest.json"} == {
        path.name for path in (project / "out").iterdir()
    }


def test_says_what_would_do_it_again(project: Path) -> None:
    write(project / "in.jsonl")

    told = receipt("in.jsonl", project / "out", seed=5, shares={"a": 0.5, "b": 0.5}, drop=["PII"])

    assert (told["manifest_version"], told["dsprep"]) == (1, dsprep.__version__)
    options = told["options"]
    assert (options["command"], options["target"]) == ("prepare", "prompt-completion")
    assert (options["split"], options["seed"]) == ({"a": 0.5, "b": 0.5}, 5)
    assert "PII101" in options["dropping"]
    assert set(told["rules"]) == {rule.code for rule in rulebook.load().select()}
    assert told["rules"]["TOK101"]["parameters"]["limit"] == 4096


@pytest.mark.parametrize("where", ["inside", "outside"])
def test_says_nothing_of_the_place_and_the_time(project: Path, where: str) -> None:
    folder = project if where == "inside" else project.parent
    write(folder / "in.jsonl")

    dsprep.read(str(folder / "in.jsonl")).prepare(project / "out")

    text = (project / "out" / "manifest.json").read_text()
    assert str(project.parent) not in text
    assert not re.search(r"\b20\d\d-\d\d|\d\d:\d\d", text)
    assert "/" not in json.loads(text)["inputs"][0]["name"]


def test_says_the_same_elsewhere_and_later(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project / "in.jsonl")
    first = (receipt("in.jsonl", project / "out"), (project / "out/manifest.json").read_bytes())
    other = project.parent / "other"
    shutil.copytree(project, other)
    monkeypatch.chdir(other)
    monkeypatch.setattr(time, "time", lambda: 0.0)

    second = (receipt("in.jsonl", other / "new"), (other / "new/manifest.json").read_bytes())

    assert first == second


def test_a_rule_that_changed_has_another_version(project: Path) -> None:
    write(project / "in.jsonl")
    settings = {"lint": {"rules": {"TOK101": {"limit": 9}}}}

    told = receipt("in.jsonl", project / "out")["rules"]
    dsprep.read("in.jsonl", settings=settings).prepare("out")
    other = json.loads((project / "out/manifest.json").read_text())["rules"]

    assert {code for code in told if told[code] != other[code]} == {"TOK101"}
    assert told["TOK101"]["version"] != other["TOK101"]["version"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("in.jsonl", "in.jsonl"),
        ("./in.jsonl", "in.jsonl"),
        ("data/in.jsonl", "data/in.jsonl"),
        ("data/../in.jsonl", "in.jsonl"),
        ("data//deep/./in.jsonl", "data/deep/in.jsonl"),
        ("../in.jsonl", "in.jsonl"),
        ("../project/in.jsonl", "in.jsonl"),
        ("../project/data/in.jsonl", "data/in.jsonl"),
        ("../../x/in.jsonl", "in.jsonl"),
        ("/home/someone/in.jsonl", "in.jsonl"),
        ("{here}/in.jsonl", "in.jsonl"),
        ("{here}/data/in.jsonl", "data/in.jsonl"),
        ("{here}/../in.jsonl", "in.jsonl"),
        ("{here}2/in.jsonl", "in.jsonl"),
        ("-", "-"),
        ("<frame>", "<frame>"),
        ("with space/é.jsonl", "with space/é.jsonl"),
    ],
)
def test_a_name_counts_from_the_working_folder(project: Path, name: str, told: str) -> None:
    assert manifest.project_name(name.replace("{here}", str(project))) == told


# -- checking it --------------------------------------------------------------------


def test_verify_tells_each_file(project: Path) -> None:
    write(project / "in.jsonl")
    told = receipt("in.jsonl", project / "out")
    (project / "out" / "report.md").unlink()

    checks = list(manifest.verify(project / "out"))

    assert [name for name, _, _ in checks] == [
        *(file["name"] for file in told["outputs"]),
        "in.jsonl",
    ]
    assert [(name, found) for name, good, found in checks if not good] == [("report.md", "missing")]


@pytest.mark.parametrize(
    ("source", "good"), [("in.jsonl", True), ("../far.jsonl", None), ("gone.jsonl", None)]
)
def test_verify_checks_inputs_that_are_here(project: Path, source: str, good: bool | None) -> None:
    write(project / source)
    receipt(source, project / "out")
    if source == "gone.jsonl":
        (project / source).unlink()

    *_, (_, found, _) = manifest.verify(project / "out")

    assert found is good


def test_a_frame_is_no_file(project: Path) -> None:
    import pandas as pd

    dsprep.read(pd.DataFrame(ROWS)).prepare(project / "out")

    *_, last = manifest.verify(project / "out")
    assert last == ("<frame>", None, "input not found from here, not checked")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no dsprep manifest"),
        ("null", "is no dsprep manifest"),
        ('{"manifest_version": 1, "inputs": [], "outputs": [{"name": 5}]}', "is no dsprep"),
        ('{"manifest_version": 1, "inputs": {}, "outputs": []}', "is no dsprep manifest"),
        ('{"manifest_version": 2}', "version 2 is not known to dsprep"),
        ('{"manifest_version": "1"}', "version 1 is not known to dsprep"),
    ],
)
def test_a_receipt_that_is_none_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(InputError, match=told):
        manifest.load(tmp_path)
    assert manifest.written_before(tmp_path) == []


def test_what_was_written_before_is_what_nobody_changed_since(project: Path) -> None:
    write(project / "in.jsonl")
    told = receipt("in.jsonl", project / "out")
    (project / "out" / "report.md").write_text("mine")
    (project / "out" / "dropped.jsonl").unlink()

    before = manifest.written_before(project / "out", ["train.jsonl"])

    names = {file["name"] for file in told["outputs"]}
    assert set(before) == names - {"report.md", "dropped.jsonl", "train.jsonl"}


def test_a_folder_without_a_receipt_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Name a folder that dsprep wrote"):
        list(manifest.verify(tmp_path))
    assert manifest.written_before(tmp_path) == []
