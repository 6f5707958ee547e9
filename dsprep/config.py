"""Settings from a file and the command line: found, checked, merged."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dsprep.errors import UsageError, did_you_mean

FILES: Final = (".dsprep.toml", "dsprep.toml", "pyproject.toml")

_TEXT: Final = (str,)
_TEXTS: Final = (list,)
# Every key there is and the types it may have; a table within a table is a mapping,
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
        "max-shown": (int,),
        "rules": {ANY: {ANY: (object,)}},
    },
    "split": {
        "shares": {ANY: (int, float)},
        "seed": (int,),
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


def _of_pyproject(path: Path) -> dict[str, Any] | None:
    tools: dict[str, Any] = _parsed(path).get("tool", {})
    found: dict[str, Any] | None = tools.get("dsprep")
    return found


def read(path: Path) -> dict[str, Any]:
    """Return the checked settings of one file; paths in it count from its folder."""
    content = _of_pyproject(path) or {} if path.name == "pyproject.toml" else _parsed(path)
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
        elif not _is_of(value, expected):
            names = " or ".join(kind.__name__ for kind in expected)
            raise UsageError(f"{origin}: {name!r} is {names}, found {value!r}.")


def _is_of(value: object, kinds: tuple[type, ...]) -> bool:
    """Return whether a value is of some types; true and false are no numbers."""
    if isinstance(value, bool) and object not in kinds:
        return bool in kinds
    return isinstance(value, kinds)


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
