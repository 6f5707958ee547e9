"""What can be checked: one module a kind, found by being here.

A kind is the algorithm that judges all rules of one sort in one pass. Its module has
    PARAMETERS                   JSON Schema of the keys a rule of the kind may have
    REQUIRED                     those it must have
    ARGUMENTS                    names a rule's message may use in braces
and, if it judges records one by one,
    find(batch, rules)           hits, as they are seen
or, if it judges the data set,
    measure(batch, rules)        columns that the verdict needs, one value a record
    conclude(engine, rules)      verdicts, by SQL over the table `measures`
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, TypeAlias, cast

import pyarrow as pa

from dsprep.batch import Batch
from dsprep.engine import Engine
from dsprep.finding import Hit, Verdict
from dsprep.rule import Rule

Schema: TypeAlias = Mapping[str, Any]
"""JSON Schema of one key of a rule file."""


class Kind(Protocol):
    """What every module of this package offers."""

    PARAMETERS: Mapping[str, Schema]
    REQUIRED: Sequence[str]
    ARGUMENTS: Sequence[str]


class RecordKind(Kind, Protocol):
    """A kind that judges records one by one."""

    def find(self, batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
        """Yield what each rule says of the records of a batch."""


class DatasetKind(Kind, Protocol):
    """A kind that judges the data set by small columns of all its records."""

    def measure(self, batch: Batch, rules: Sequence[Rule]) -> Mapping[str, pa.Array]:
        """Return columns of one value a record; a name means the same in every kind."""

    def conclude(self, engine: Engine, rules: Sequence[Rule]) -> Iterable[tuple[Rule, Verdict]]:
        """Yield what each rule says of the data set."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all kinds as rule files write them, sorted."""
    modules = (m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_")
    return tuple(sorted(name.replace("_", "-") for name in modules))


@cache
def load(name: str) -> Kind:
    """Return one kind by name."""
    return cast("Kind", import_module(f"{__name__}.{name.replace('-', '_')}"))


def record_kind(name: str) -> RecordKind | None:
    """Return a kind if it judges records one by one."""
    kind = load(name)
    return cast("RecordKind", kind) if hasattr(kind, "find") else None


def dataset_kind(name: str) -> DatasetKind | None:
    """Return a kind if it judges the data set."""
    kind = load(name)
    return cast("DatasetKind", kind) if hasattr(kind, "conclude") else None


def of_kind(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Return rules by the name of their kind, in the order of the names."""
    groups: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.kind, rule.code)):
        groups.setdefault(rule.kind, []).append(rule)
    return groups
