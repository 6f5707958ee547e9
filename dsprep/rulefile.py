"""One rule file: YAML to a rule, with the line and the nearest key where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, Final

import yaml

from dsprep import kinds
from dsprep.errors import RuleInvalid, did_you_mean
from dsprep.finding import SEVERITIES
from dsprep.rule import Rule

SCHEMA_VERSION: Final = 1
_CODE: Final = r"^[A-Z][A-Z0-9]{1,4}[0-9]{3}$"
_TEXT: Final = {"type": "string", "minLength": 1}
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}
# What every rule file may say, whatever its kind.
COMMON: Final[Mapping[str, Any]] = {
    "schema": {"const": SCHEMA_VERSION, "description": "version of this file format"},
    "code": {"type": "string", "pattern": _CODE, "description": "never used again"},
    "name": {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$"},
    "summary": _TEXT,
    "why": _TEXT,
    "severity": {"enum": list(SEVERITIES)},
    "status": {"enum": ["preview", "stable", "deprecated"]},
    "default": {"type": "boolean", "description": "judged without being asked for"},
    "kind": {"enum": []},
    "message": _TEXT,
    "help": _TEXT,
    "fix": {"enum": ["safe", "unsafe", "none"]},
    "mask": {"type": "boolean", "description": "hide what matched wherever text is shown"},
    "tags": _TEXTS,
    "links": _TEXTS,
    "tests": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["name", "expect"],
            "additionalProperties": False,
            "properties": {
                "name": _TEXT,
                "rows": {"type": "array"},
                "raw": {"type": "string", "description": "file as it is, instead of rows"},
                "format": {"type": "string", "description": "of raw; jsonl if not said"},
                "config": {"type": "object", "description": "parameters for this test"},
                "expect": {"type": "array", "items": {"type": "object"}},
            },
        },
    },
}
REQUIRED: Final = (
    "schema",
    "code",
    "name",
    "summary",
    "why",
    "severity",
    "kind",
    "message",
    "help",
    "tests",
)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of rule files, one branch a kind."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dsprep rule",
        "oneOf": [schema_of_kind(name) for name in kinds.names()],
    }


def schema_of_kind(name: str) -> dict[str, Any]:
    """Return the JSON Schema of the rule files of one kind."""
    kind = kinds.load(name)
    return {
        "type": "object",
        "properties": {**COMMON, "kind": {"const": name}, **kind.PARAMETERS},
        "required": [*REQUIRED, *kind.REQUIRED],
        "additionalProperties": False,
    }


def parse(text: str, origin: str, *, validate: bool = True) -> Rule:
    """Return the rule a file holds.

    Args:
        text: the file.
        origin: its path, for messages.
        validate: check it against the schema; the rules we ship are checked by a test.

    Raises:
        RuleInvalid: with file, line and nearest key.
    """
    content = _loaded(text, origin)
    if validate:
        for message in faults(content, text, origin):
            raise RuleInvalid(message)
    return _rule(content, origin)


def faults_of(path: Path) -> list[str]:
    """Return everything that is wrong with one rule file, each with its line."""
    text = path.read_text(encoding="utf-8")
    try:
        content = _loaded(text, path.as_posix())
    except RuleInvalid as error:
        return [str(error)]
    return list(faults(content, text, path.as_posix()))


def _loaded(text: str, origin: str) -> Any:
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleInvalid(f"{origin}:{line}: {error.problem}") from error


def _rule(content: Mapping[str, Any], origin: str) -> Rule:
    parameters = kinds.load(content["kind"]).PARAMETERS
    # A rule has what it says, and the defaults of the dataclass for the rest.
    said = {key: content[key] for key in COMMON if key in content and key not in ("schema",)}
    return Rule(
        **said,
        scope=content.get("scope"),
        parameters={key: content[key] for key in parameters if key in content},
        origin=origin,
    )


def faults(content: object, text: str, origin: str) -> Iterator[str]:
    """Yield what is wrong with the content of a rule file, each with its line."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import, seldom needed

    if not isinstance(content, dict):
        yield f"{origin}:1: a rule file holds keys and values"
        return
    kind = content.get("kind")
    if kind not in kinds.names():
        known = ", ".join(kinds.names())
        hint = did_you_mean(str(kind), kinds.names()) or f" Known are {known}."
        yield f"{origin}:{_line(text, 'kind')}: unknown kind {kind!r}.{hint}"
        return
    rules = schema_of_kind(kind)
    for error in Draft202012Validator(rules).iter_errors(content):
        yield _explain(error, rules, text, origin)
    yield from _unknown_arguments(content, text, origin)


def _explain(error: Any, rules: Mapping[str, Any], text: str, origin: str) -> str:
    path: Sequence[Any] = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", rules["properties"])
        extra = sorted(set(error.instance) - set(known))
        line = _line(text, *path, extra[0])
        return f"{origin}:{line}: unknown key {extra[0]!r}.{did_you_mean(extra[0], known)}"
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{origin}:{_line(text, *path)}: {where.lstrip('.') or 'rule'}: {error.message}"


def _unknown_arguments(content: Mapping[str, Any], text: str, origin: str) -> Iterator[str]:
    """Yield the names in braces that a rule's kind does not fill in."""
    known = kinds.load(content["kind"]).ARGUMENTS
    for _, name, _, _ in Formatter().parse(str(content.get("message", ""))):
        if name is not None and name not in known:
            hint = did_you_mean(name, known) or f" Known are {', '.join(known)}."
            yield f"{origin}:{_line(text, 'message')}: unknown name {{{name}}} in message.{hint}"


def _line(text: str, *path: str | int) -> int:
    """Return the 1-based line on which a value stands, that of its parent where it is absent."""
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            pairs = ((key, value) for key, value in node.value if key.value == part)
            found = next(pairs, None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found = (node.value[part], node.value[part]) if part < len(node.value) else None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def is_code(word: str) -> bool:
    """Return whether a word has the form of a rule's code."""
    return re.match(_CODE, word) is not None
