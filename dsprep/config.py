"""Settings from a file and the command line: found, checked, merged."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dsprep.errors import UsageError, did_you_mean

FILES: Final = (".dsprep.toml", "dsprep.toml", "pyproject.toml")

# What a value may be, in words.
_TEXT: Final = "a string"
_TEXTS: Final = "a list of strings"
_WHOLE: Final = "a whole number"
_COUNT: Final = "a whole number, 0 or more"
_NUMBER: Final = "a number"
_ANYTHING: Final = "anything"
# Every key there is and what it may be; a table within a table is a mapping,
# and ANY stands for keys that the user names.
ANY: Final = "*"
KEYS: Final[Mapping[str, Any]] = {
    "rules-dirs": _TEXTS,
    "ingest": {"shape": _TEXT, "map": {ANY: _TEXT}},
    "lint": {
        "select": _TEXTS,
        "extend-select": _TEXTS,
        "ignore": _TEXTS,
        "fail-on": _TEXT,
        "max-shown": _COUNT,
        "rules": {ANY: {ANY: _ANYTHING}},
    },
    "split": {
        "shares": {ANY: _NUMBER},
        "seed": _WHOLE,
        "stratify": _TEXT,
        "group": _TEXT,
        "mode": _TEXT,
    },
    "prepare": {"target": _TEXT, "drop": _TEXTS, "keep": _TEXTS},
}


def load(folder: Path, given: Sequence[str] = ()) -> dict[str, Any]:
    """Return the settings of a folder with those of the command line over them.

    Args:
        folder: where to look, and then upwards; the closest file wins whole.
        given: paths of config files, which replace the search, and KEY=VALUE.

    Raises:
        UsageError: a file is missing or broken, or a key is unknown or of a wrong type.
    """
    files = [word for word in given if "=" not in word]
    settings: dict[str, Any] = {}
    if files:
        for file in files:
            if not Path(file).exists():
                raise UsageError(f"--config {file}: no such file. Give a file or KEY=VALUE.")
            settings = merged(settings, read(Path(file)))
    elif found := discover(folder):
        settings = read(found)
    for word in given:
        if "=" in word:
            settings = merged(settings, _one(word))
    return settings


def discover(folder: Path) -> Path | None:
    """Return the closest config file of a folder or the folders above it."""
    for place in (folder, *folder.parents):
        for name in FILES:
            path = place / name
            if path.is_file() and (name != "pyproject.toml" or _of_pyproject(path) is not None):
                return path
    return None


def _of_pyproject(path: Path) -> Any:
    """Return what stands at `tool.dsprep`, None where nothing does."""
    tools = _parsed(path).get("tool")
    return tools.get("dsprep") if isinstance(tools, dict) else None


def read(path: Path) -> dict[str, Any]:
    """Return the checked settings of one file; paths in it count from its folder."""
    content: Any = _parsed(path)
    if path.name == "pyproject.toml":
        content = _of_pyproject(path) or {}
    if not isinstance(content, dict):
        raise UsageError(f"{path}: 'tool.dsprep' is a table, found {content!r}.")
    check(content, str(path))
    if "rules-dirs" in content:
        content["rules-dirs"] = [str(path.parent / folder) for folder in content["rules-dirs"]]
    return content


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}.") from error


def check(content: Mapping[str, Any], origin: str) -> None:
    """Raise where a key is unknown or a value of a wrong type."""
    _check(content, KEYS, origin, ())


def _check(
    content: Mapping[str, Any], known: Mapping[str, Any], origin: str, path: tuple[str, ...]
) -> None:
    for key, value in content.items():
        expected = known.get(key, known.get(ANY))
        name = ".".join((*path, key))
        if expected is None:
            hint = did_you_mean(key, known) or f" Known are {', '.join(sorted(known))}."
            raise UsageError(f"{origin}: unknown key {name!r}.{hint}")
        if isinstance(expected, Mapping):
            if not isinstance(value, Mapping):
                raise UsageError(f"{origin}: {name!r} is a table, found {value!r}.")
            _check(value, expected, origin, (*path, key))
        elif not _is(value, expected):
            raise UsageError(f"{origin}: {name!r} is {expected}, found {value!r}.")


def _is(value: object, expected: str) -> bool:
    """Return whether a value is what a key may be; true and false are no numbers."""
    if expected == _TEXTS:
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if expected in (_WHOLE, _COUNT):
        return type(value) is int and (expected == _WHOLE or value >= 0)
    if expected == _NUMBER:
        return type(value) in (int, float)
    return expected == _ANYTHING or isinstance(value, str)


def _one(word: str) -> dict[str, Any]:
    """Return the settings that one KEY=VALUE speaks of."""
    key, _, text = word.partition("=")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is a string, as on any command line
    content: Any = value
    for part in reversed(key.split(".")):
        content = {part: content}
    check(content, f"--config {word}")
    result: dict[str, Any] = content
    return result


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return two settings as one; tables merge, everything else is replaced."""
    result = dict(under)
    for key, value in over.items():
        if isinstance(old := result.get(key), Mapping) and isinstance(value, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = value
    return result
