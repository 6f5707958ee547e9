"""One rule file: YAML to a rule, with the line and the nearest key where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from typing import Any, Final, TypeAlias

import yaml

from dsprep import kinds
from dsprep.errors import RuleInvalid, did_you_mean
from dsprep.finding import SEVERITIES
from dsprep.kinds import match
from dsprep.rule import Rule

FieldPath: TypeAlias = list[Any]
"""Keys and positions that lead to a value."""

SCHEMA_VERSION: Final = 1
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CODE: Final = r"^[A-Z][A-Z0-9]{1,4}[0-9]{3}$"
_FORMAT: Final = r"^(csv|json|jsonl)(\+latin-1)?$"
# What a test may ask of a finding.
ASKED: Final = ("row", "line", "field", "start", "end", "message", "related", "match", "severity")
_MAX_DEPTH: Final = 64  # levels of YAML; the C loader has no bound of its own
_LONGEST: Final = 200  # code points of what the schema says of a value
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
            "oneOf": [{"required": ["rows"]}, {"required": ["raw"]}],
            "additionalProperties": False,
            "properties": {
                "name": _TEXT,
                "rows": {"type": "array"},
                "raw": {"type": "string", "description": "file as it is, instead of rows"},
                "format": {"type": "string", "pattern": _FORMAT},
                "config": {"type": "object", "description": "parameters for this test"},
                "expect": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {key: {} for key in ASKED},
                    },
                },
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


def read(path: Path) -> Rule:
    """Return the rule of one file; raises RuleInvalid as `parse` does."""
    return parse(_text(path), path.as_posix())


def parse(text: str, origin: str, *, validate: bool = True) -> Rule:
    """Return the rule a file holds.

    Args:
        text: the file.
        origin: its path, for messages.
        validate: check it against the schema; the rules we ship are checked by a test.

    Raises:
        RuleInvalid: with file, line and nearest key.
    """
    if validate:
        _check_nesting(text, origin)
    content = _loaded(text, origin)
    if validate:
        for message in faults(content, text, origin):
            raise RuleInvalid(message)
    return _rule(content, origin)


def faults_of(path: Path) -> list[str]:
    """Return everything that is wrong with one rule file, each with its line."""
    origin = path.as_posix()
    try:
        text = _text(path)
        _check_nesting(text, origin)
        content = _loaded(text, origin)
    except RuleInvalid as error:
        return [str(error)]
    return list(faults(content, text, origin))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RuleInvalid(f"{path.as_posix()}:{line}: is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise RuleInvalid(f"{path.as_posix()}: {error.strerror}") from error


def _check_nesting(text: str, origin: str) -> None:
    """Raise where a file is nested without end or grows when it is read: it may be hostile."""
    depth = 0
    with _located(origin):
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise RuleInvalid(f"{origin}:{line}: *{event.anchor}: write the value out")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise RuleInvalid(f"{origin}:{line}: nested more than {_MAX_DEPTH} levels deep")


def _loaded(text: str, origin: str) -> Any:
    with _located(origin):
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader


@contextmanager
def _located(origin: str) -> Iterator[None]:
    """Turn what YAML complains of into a fault of the file, with its line."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleInvalid(f"{origin}:{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:  # a control character, a date of month 13
        reason = str(error).partition("\n")[0]
        raise RuleInvalid(f"{origin}: {reason}") from error


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
    if not isinstance(content, dict):
        yield f"{origin}:1: a rule file holds keys and values"
        return
    root = yaml.compose(text, Loader=_LOADER)
    for line, key in _repeated(root):
        yield f"{origin}:{line}: key {key!r} stands here twice"
    kind = content.get("kind")
    if kind not in kinds.names():
        known = ", ".join(kinds.names())
        hint = did_you_mean(str(kind), kinds.names()) or f" Known are {known}."
        what = f"unknown kind {kind!r}" if "kind" in content else "the key 'kind' is missing"
        yield f"{origin}:{_line(root, 'kind')}: {what}.{hint}"
        return
    rules = schema_of_kind(kind)
    # A key written wrong before the one that is missing for it.
    errors = validator(rules).iter_errors(content)
    for error in sorted(errors, key=lambda error: error.validator != "additionalProperties"):
        for path, fault in _explained(error):
            yield f"{origin}:{_line(root, *path)}: {fault}"
    for fault in _unfilled(content):
        yield f"{origin}:{_line(root, 'message')}: {fault}"


def validator(schema: Mapping[str, Any]) -> Any:
    """Return what checks values by a schema, RE2 patterns included."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - slow to import

    formats = FormatChecker(())
    formats.checks("re2", raises=ValueError)(match.is_pattern)
    return Draft202012Validator(schema, format_checker=formats)


def told(error: Any) -> str:
    """Return in words why a schema refuses a value."""
    message = f"{error.instance!r}: {error.cause}" if error.cause else error.message
    return str(message)[:_LONGEST]


def _explained(error: Any) -> Iterator[tuple[FieldPath, str]]:
    """Yield the path of each value that the schema refuses, and why."""
    path: FieldPath = list(error.absolute_path)
    known = error.schema.get("properties", ())
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    where = where.lstrip(".") or "rule"
    if error.validator == "additionalProperties":
        for extra in sorted(set(error.instance) - set(known), key=str):
            yield [*path, extra], f"unknown key {extra!r}.{did_you_mean(str(extra), known)}"
    elif error.validator == "oneOf":
        yield path, f"{where}: either 'rows' or 'raw' is required"
    else:
        yield path, f"{where}: {told(error)}"


def _unfilled(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is in braces in a rule's message and is not a name its kind fills in."""
    known = kinds.load(content["kind"]).ARGUMENTS
    try:
        fields = list(Formatter().parse(str(content.get("message", ""))))
    except ValueError as error:
        yield f"message: {error}; write {{{{ and }}}} for braces"
        return
    for _, name, spec, conversion in fields:
        if name is not None and name not in known:
            hint = did_you_mean(name, known) or f" Known are {', '.join(known)}."
            yield f"unknown name {{{name}}} in message.{hint}"
        elif spec or conversion:
            yield f"{{{name}}} in message: the name stands alone, without ':' or '!'"


def _repeated(node: Any) -> Iterator[tuple[int, str]]:
    """Yield line and name of each key that one mapping has twice."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _line(node: Any, *path: object) -> int:
    """Return the 1-based line on which a value stands, that of its parent where it is absent."""
    line = 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            pairs = ((key, value) for key, value in node.value if key.value == str(part))
            found = next(pairs, None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found = (node.value[part], node.value[part]) if part < len(node.value) else None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
