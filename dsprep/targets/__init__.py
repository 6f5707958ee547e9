"""How records are written for a provider or trainer: one module a target, found by being here.

A target module has
    SUMMARY             one line for `dsprep targets`
    unfit(records)      records the target cannot hold, each with the reason
    to_row(record, ...) the record as a row of the target
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from dsprep.batch import Records
from dsprep.errors import UsageError, did_you_mean
from dsprep.record import Record, Row

DEFAULT = "prompt-completion"


class Target(Protocol):
    """What a module of this package offers."""

    SUMMARY: str

    def unfit(self, records: Records) -> Iterator[tuple[int, str]]:
        """Yield the index of each record the target cannot hold, and why."""

    def to_row(self, record: Record, *, plain: bool) -> Row:
        """Return a record as a row; `plain` where every record is one prompt, one answer."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of all targets, sorted."""
    modules = (m.name for m in pkgutil.iter_modules(__path__) if m.name[0] != "_")
    return tuple(sorted(name.replace("_", "-") for name in modules))


def load(name: str) -> Target:
    """Return one target by name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in names():
        hint = did_you_mean(name, names()) or f" Known are {', '.join(names())}."
        raise UsageError(f"unknown target {name!r}.{hint}")
    return cast("Target", import_module(f"{__name__}.{name.replace('-', '_')}"))
