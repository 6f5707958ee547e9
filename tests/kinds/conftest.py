"""Rules and records by hand, for what a test inside a rule file cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from dsprep import kinds
from dsprep.batch import Batch, Records
from dsprep.engine.duckdb import DuckDB
from dsprep.finding import Hit
from dsprep.record import Record, to_batch
from dsprep.rule import Rule


@pytest.fixture(scope="session")
def make_rule() -> Callable[..., Rule]:
    """Return a function that makes a rule of a kind."""

    def call(kind: str, scope: str | None = None, code: str = "X00001", **parameters: Any) -> Rule:
        named = {key.replace("_", "-"): value for key, value in parameters.items()}
        texts = {"name": "a-rule", "summary": "s", "why": "w", "message": "m", "help": "h"}
        return Rule(code, severity="error", kind=kind, parameters=named, scope=scope, **texts)

    return call


@pytest.fixture(scope="session")
def find() -> Callable[..., list[tuple[str, Hit]]]:
    """Return a function that lets rules of one kind judge records: code and hit of each."""

    def call(records: Sequence[Record], *rules: Rule) -> list[tuple[str, Hit]]:
        batch = Records(to_batch(records, range(len(records)), [None] * len(records)))
        kind = kinds.record_kind(rules[0].kind)
        assert kind is not None
        return [(rule.code, hit) for rule, hit in kind.find(Batch(batch), rules)]

    return call


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    """Return an engine without tables."""
    with DuckDB() as engine:
        yield engine
