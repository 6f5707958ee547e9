"""How records lie in rows: one module a shape, found by being here.

An adapter module has
    SUMMARY                    one line for `dsprep formats`
    FIELDS                     what `--map FIELD=COLUMN` may name for it
    REQUIRED                   those of them that every record needs
    detect(sample)             whether and why rows have this shape, and its mapping
    to_record(row, mapping)    a row as a record; raises Unfit where it is not one
    to_row(record)             the record as a row of this shape; UsageError where it is lossy
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import Any, Final, Protocol, TypedDict, cast

from dsprep.errors import UsageError
from dsprep.record import Message, Record, Row, canonical_json


class Unfit(Exception):
    """A row that is not of the shape, with the defect that says why."""

    def __init__(self, defect: str, field: str, **arguments: Any) -> None:
        super().__init__(defect, field)
        self.defect = defect  # name of the rule: missing-field or wrong-type
        self.field = field
        self.arguments: dict[str, Any] = {"field": field, **arguments}


@dataclass(frozen=True)
class Sample:
    """The first rows of a file, as detection looks at them."""

    rows: Sequence[Row]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every key of any row, in the order first seen."""
        return tuple(dict.fromkeys(key for row in self.rows for key in row))

    def share(self, column: str, kind: type | tuple[type, ...]) -> float:
        """Return the share of rows, 0 to 1, that hold a column with values of a type."""
        fitting = sum(isinstance(row.get(column), kind) for row in self.rows)
        return fitting / len(self.rows) if self.rows else 0.0

    def values(self, column: str) -> list[Any]:
        """Return the values of a column that are not null."""
        return [row[column] for row in self.rows if row.get(column) is not None]

    def named(self, aliases: Iterable[str]) -> list[str]:
        """Return the columns that bear one of some names, in the order of the names."""
        by_name: dict[str, list[str]] = {}
        for column in self.columns:
            by_name.setdefault(fold(column), []).append(column)
        return [column for alias in aliases for column in by_name.get(alias, ())]

    def is_label(self, column: str) -> bool:
        """Return whether the values look like labels: short, and some of them repeat.

        A sample of 200 rows with 77 labels has about 70 of them, and texts hardly ever
        repeat, so the line is far from both whatever the order of the rows.
        """
        values = [str(value) for value in self.values(column)]
        if not values or any(len(value) > 80 or "\n" in value for value in values):
            return False
        return len(values) < 8 or len(set(values)) <= 0.9 * len(values)


@dataclass(frozen=True)
class Detection:
    """What an adapter says of a sample."""

    shape: str
    mapping: Mapping[str, str]
    why: str
    strength: int  # the strongest wins; equals cannot be decided


class Adapter(Protocol):
    """What a module of this package offers."""

    SUMMARY: str
    FIELDS: Sequence[str]
    REQUIRED: Sequence[str]

    def detect(self, sample: Sample) -> Detection | None:
        """Return the mapping that fits the sample, or None."""

    def to_record(self, row: Row, mapping: Mapping[str, str]) -> Record:
        """Return a row as a record; raises Unfit."""

    def to_row(self, record: Record) -> Row:
        """Return a record as a row of this shape; raises UsageError where that would lose."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all shapes, sorted."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_"))


@cache
def load(name: str) -> Adapter:
    """Return one adapter by the name of its shape."""
    return cast("Adapter", import_module(f"{__name__}.{name}"))


def fold(name: str) -> str:
    """Return a column name as aliases are compared: lower case, words joined by "_"."""
    return "_".join(name.strip().lower().replace("-", " ").split())


_EXACT: Final = 2**53  # beyond it a double does not hold every integer
LABELS = ("label", "intent", "category", "class", "sentiment", "topic")
GROUPS = ("group", "group_id", "conversation_id", "session_id", "thread_id", "dialogue_id")


def detect_common(sample: Sample, *, label: bool = True) -> dict[str, str]:
    """Return the mapping of what any shape may carry: label, group and split."""
    mapping: dict[str, str] = {}
    labels = [column for column in sample.named(LABELS) if sample.is_label(column)]
    if label and len(labels) == 1:
        mapping["label"] = labels[0]
    for field, aliases in (("group", GROUPS), ("split", ("split",))):
        if found := sample.named(aliases):
            mapping[field] = found[0]
    return mapping


class Common(TypedDict):
    """What a record of any shape may carry."""

    label: str | None
    group: str | None
    split: str | None


def common(row: Row, mapping: Mapping[str, str]) -> Common:
    """Return label, group and split of a row as text, null where empty."""
    return {
        "label": scalar_text(row.get(mapping["label"])) if "label" in mapping else None,
        "group": scalar_text(row.get(mapping["group"])) if "group" in mapping else None,
        "split": scalar_text(row.get(mapping["split"])) if "split" in mapping else None,
    }


def scalar_text(value: Any) -> str | None:
    """Return a label or key as text: strings as they are, the rest as JSON.

    1.0 is 1: a column of integers that lacks one is a column of doubles.
    """
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return value if isinstance(value, str) else canonical_json(value)


def required_text(row: Row, mapping: Mapping[str, str], field: str) -> str:
    """Return a text a row must have; raises Unfit where it is missing or no text."""
    column = mapping[field]
    value = row.get(column)
    if value is None:
        raise Unfit("missing-field", column)
    if not isinstance(value, str):
        raise Unfit("wrong-type", column, found=type_name(value), expected="a string")
    return value


def rest(row: Row, mapping: Mapping[str, str]) -> Row | None:
    """Return the keys of a row that the mapping does not use, or None."""
    used = mapping.values()
    left = {key: value for key, value in row.items() if key not in used}
    return left or None


def written(shape: str, own: Row, record: Record) -> Row:
    """Return the columns of a shape and what a record has beside them.

    Raises:
        UsageError: two of them have one name.
    """
    kept = {"label": record.label, "group": record.group, "split": record.split}
    row = {**own, **{key: value for key, value in kept.items() if value}}
    extra = record.extra or {}
    if taken := sorted(row.keys() & extra.keys()):
        raise UsageError(f"shape {shape} has a column {taken[0]!r}, and so has the record.")
    return {**row, **extra}


def exchange(shape: str, record: Record) -> tuple[str | None, str, str]:
    """Return system prompt, prompt and completion of a record that is nothing but these.

    Raises:
        UsageError: it is more, which columns of text cannot hold.
    """
    said = {message.role: message.content for message in record.messages}
    roles = [message.role for message in record.messages]
    bare = all(m == Message(role=m.role, content=m.content) for m in record.messages)
    held = bare and record.tools is None and record.rejected is None
    if roles[-2:] == ["user", "assistant"] and roles[:-2] in ([], ["system"]) and held:
        system, prompt, completion = map(said.get, ("system", "user", "assistant"))
        if prompt is not None and completion is not None and (system or len(roles) == 2):
            return system, prompt, completion
    raise UsageError(f"shape {shape} holds one prompt and one completion, and nothing else.")


def type_name(value: object) -> str:
    """Return what JSON calls the type of a value."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    names_of_types = {str: "a string", list: "an array", dict: "an object", type(None): "null"}
    return names_of_types.get(type(value), type(value).__name__)
