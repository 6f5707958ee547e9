"""Settings: where they are found, what they may be, which of them win."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dsprep import config
from dsprep.errors import UsageError

PYPROJECT = '[tool.dsprep.prepare]\ntarget = "pyproject"\n'
OTHERS = '[project]\nname = "other"\n[tool.ruff]\nline-length = 100\n'


def target(name: str) -> str:
    return f'[prepare]\ntarget = "{name}"\n'


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


# -- where --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, None),
        ({"dsprep.toml": ""}, "dsprep.toml"),
        ({"pyproject.toml": PYPROJECT}, "pyproject.toml"),
        ({"pyproject.toml": OTHERS}, None),
        ({"pyproject.toml": "tool = 1\n"}, None),
        ({".dsprep.toml": "", "dsprep.toml": "", "pyproject.toml": PYPROJECT}, ".dsprep.toml"),
        ({"dsprep.toml": "", "pyproject.toml": PYPROJECT}, "dsprep.toml"),
        ({"../.dsprep.toml": "", "pyproject.toml": PYPROJECT}, "pyproject.toml"),
        ({"../dsprep.toml": "", "pyproject.toml": OTHERS}, "../dsprep.toml"),
        ({"../../dsprep.toml": ""}, "../../dsprep.toml"),
        ({"../../dsprep.toml": "", "../pyproject.toml": PYPROJECT}, "../pyproject.toml"),
        ({"below/dsprep.toml": ""}, None),
        ({"dsprep.toml/x": ""}, None),  # a folder of that name
    ],
)
def test_the_closest_file_is_found(
    tmp_path: Path, files: dict[str, str], found: str | None
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    put(folder, files)

    path = config.discover(folder)

    assert path == (None if found is None else (folder / found).resolve())


def test_the_closest_file_wins_whole(tmp_path: Path) -> None:
    put(tmp_path, {"dsprep.toml": target("far") + "[split]\nseed = 1\n"})
    put(tmp_path, {"near/dsprep.toml": target("near")})

    assert config.load(tmp_path / "near") == {"prepare": {"target": "near"}}


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    assert config.load(tmp_path) == {}


@pytest.mark.parametrize("text", ["[tool.dsprep]\n", "[tool]\ndsprep = {}\n"])
def test_an_empty_table_is_found(tmp_path: Path, text: str) -> None:
    put(tmp_path, {"pyproject.toml": text})

    assert config.discover(tmp_path) == tmp_path / "pyproject.toml"
    assert config.load(tmp_path) == {}


def test_rule_folders_count_from_the_file(tmp_path: Path) -> None:
    put(tmp_path, {"dsprep.toml": 'rules-dirs = ["mine", "/abs"]\n', "below/x": ""})

    assert config.load(tmp_path / "below")["rules-dirs"] == [str(tmp_path / "mine"), "/abs"]


# -- the command line ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (["prepare.target=x"], {"prepare": {"target": "x"}}),
        (["prepare.target='x y'"], {"prepare": {"target": "x y"}}),
        (["prepare.target=a=b"], {"prepare": {"target": "a=b"}}),
        (["prepare.target="], {"prepare": {"target": ""}}),
        (["lint.max-shown=3"], {"lint": {"max-shown": 3}}),
        (["split.seed=-3"], {"split": {"seed": -3}}),
        (["lint.select=['DUP', 'TOK']"], {"lint": {"select": ["DUP", "TOK"]}}),
        (["split.shares={a=0.5, b=0.5}"], {"split": {"shares": {"a": 0.5, "b": 0.5}}}),
        (["split.shares.a=1"], {"split": {"shares": {"a": 1}}}),
        (["lint.rules.TOK.limit=3"], {"lint": {"rules": {"TOK": {"limit": 3}}}}),
        (["lint.rules.TOK.x=true"], {"lint": {"rules": {"TOK": {"x": True}}}}),
        (
            ["lint.rules.TOK.limit=3", "lint.rules.TOK.encoding=x", "split.seed=1"],
            {"lint": {"rules": {"TOK": {"limit": 3, "encoding": "x"}}}, "split": {"seed": 1}},
        ),
        (["split.seed=1", "split.seed=2"], {"split": {"seed": 2}}),
    ],
)
def test_settings_can_be_given(
    tmp_path: Path, given: Sequence[str], settings: dict[str, Any]
) -> None:
    assert config.load(tmp_path, given) == settings


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ([], {"prepare": {"target": "found"}, "split": {"seed": 1}}),
        (["split.seed=2"], {"prepare": {"target": "found"}, "split": {"seed": 2}}),
        (["a.toml"], {"prepare": {"target": "a", "drop": ["A"]}}),
        (["a.toml", "b.toml"], {"prepare": {"target": "b", "drop": ["A"]}}),
        (["b.toml", "a.toml"], {"prepare": {"target": "a", "drop": ["A"]}}),
        (["prepare.target=x", "b.toml"], {"prepare": {"target": "x"}}),
    ],
)
def test_what_is_given_wins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: Sequence[str],
    settings: dict[str, Any],
) -> None:
    put(tmp_path, {"dsprep.toml": target("found") + "[split]\nseed = 1\n"})
    put(tmp_path, {"a.toml": target("a") + 'drop = ["A"]\n', "b.toml": target("b")})
    monkeypatch.chdir(tmp_path)

    assert config.load(tmp_path, given) == settings


def test_merging_changes_neither(tmp_path: Path) -> None:
    under: dict[str, Any] = {"a": {"b": 1, "c": [1]}, "d": 1}
    over: dict[str, Any] = {"a": {"b": 2}, "d": {"e": 1}}

    assert config.merged(under, over) == {"a": {"b": 2, "c": [1]}, "d": {"e": 1}}
    assert under == {"a": {"b": 1, "c": [1]}, "d": 1}
    assert over == {"a": {"b": 2}, "d": {"e": 1}}


# -- what is wrong ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"lnt": {}}, "unknown key 'lnt'. Did you mean lint?"),
        ({"qqq": {}}, "unknown key 'qqq'. Known are ingest, lint, prepare, rules-dirs, split."),
        ({"lint": {"selct": []}}, "unknown key 'lint.selct'. Did you mean select?"),
        ({"split": {"share": {}}}, "unknown key 'split.share'. Did you mean shares?"),
        ({"lint": []}, "'lint' is a table, found []."),
        ({"lint": {"rules": {"TOK": 1}}}, "'lint.rules.TOK' is a table, found 1."),
        ({"lint": {"select": "DUP"}}, "'lint.select' is a list of strings, found 'DUP'."),
        ({"lint": {"select": ["DUP", 1]}}, "'lint.select' is a list of strings, found "),
        ({"lint": {"fail-on": 1}}, "'lint.fail-on' is a string, found 1."),
        ({"lint": {"max-shown": "5"}}, "'lint.max-shown' is a whole number, 0 or more, found '5'."),
        ({"lint": {"max-shown": -1}}, "'lint.max-shown' is a whole number, 0 or more, found -1."),
        ({"lint": {"max-shown": True}}, "'lint.max-shown' is a whole number, 0 or more, found T"),
        ({"split": {"seed": 1.0}}, "'split.seed' is a whole number, found 1.0."),
        ({"split": {"shares": {"a": "1"}}}, "'split.shares.a' is a number, found '1'."),
        ({"split": {"shares": {"a": True}}}, "'split.shares.a' is a number, found True."),
        ({"ingest": {"map": {"prompt": 1}}}, "'ingest.map.prompt' is a string, found 1."),
    ],
)
def test_what_cannot_be_is_told(content: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        config.check(content, "here.toml")

    assert str(raised.value).startswith("here.toml: ")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        {"split": {"shares": {"a": 1, "b": 0.5}, "seed": -(2**70)}},
        {"lint": {"max-shown": 0, "select": []}},
        {"lint": {"select": ("DUP",)}},  # from Python
        {"lint": {"rules": {"any": {"thing": [{}], "severity": "info"}}}},
        {"ingest": {"map": {"any": "column"}}},
    ],
)
def test_what_can_be_is_taken(content: dict[str, Any]) -> None:
    config.check(content, "here.toml")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("dsprep.toml", b"[lint\n", "(at line 1, column 6)"),
        ("dsprep.toml", b"[lint]\nselct = []\n", "unknown key 'lint.selct'"),
        ("dsprep.toml", b"# caf\xe9\n", "'utf-8' codec can't decode"),
        ("pyproject.toml", b"[tool.dsprep]\nlnt = 1\n", "unknown key 'lnt'. Did you mean lint?"),
        ("pyproject.toml", b"[tool]\ndsprep = 1\n", "'tool.dsprep' is a table, found 1."),
        ("pyproject.toml", b"[tool\n", "(at line 1, column 6)"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, name: str, text: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(text)

    with pytest.raises(UsageError) as raised:
        config.load(tmp_path)

    assert str(raised.value).startswith(f"{tmp_path / name}: ")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("gone.toml", "--config gone.toml: no such file. Give a file or KEY=VALUE."),
        ("gone", "--config gone: no such file. Give a file or KEY=VALUE."),
        ("lint.selct=1", "--config lint.selct=1: unknown key 'lint.selct'. Did you mean select?"),
        ("lint=1", "--config lint=1: 'lint' is a table, found 1."),
        ("=1", "--config =1: unknown key ''."),
        ("lint..x=1", "unknown key 'lint.'."),
        ("lint.select=DUP", "'lint.select' is a list of strings, found 'DUP'."),
    ],
)
def test_what_is_given_wrong_is_told(tmp_path: Path, given: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        config.load(tmp_path, [given])

    assert told in str(raised.value)
