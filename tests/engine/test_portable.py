"""The SQL that means the same on DuckDB and on Spark."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from string import Formatter

import pytest

import dsprep
from dsprep.engine.duckdb import DuckDB
from dsprep.engine.portable import fault


@pytest.mark.parametrize(
    "query",
    [
        "SELECT a FROM t",
        "SELECT DISTINCT a, b FROM t WHERE a = 1 AND NOT b <> 2 OR a IS NOT NULL",
        "SELECT a, COUNT(*) AS n, MIN(b) AS b, MAX(b) AS c, SUM(b) AS d FROM t GROUP BY a",
        "SELECT a FROM t GROUP BY a HAVING 1 < COUNT(*)",
        "SELECT COUNT(DISTINCT a) AS n FROM t",
        "SELECT t.a AS a FROM t JOIN s ON t.a = s.a LEFT JOIN r ON r.b <= s.b",
        "SELECT a FROM t UNION ALL SELECT a FROM s UNION SELECT b FROM s",
        "SELECT CASE WHEN a = 1 THEN 2 ELSE b END AS c FROM t",
        "SELECT COALESCE(a, 0) AS a FROM t WHERE a % 4 = 1",
        "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b, c) AS n FROM t",
        "SELECT a FROM (SELECT a FROM t WHERE (a = 1)) s",
        "SELECT a,\n\tb\nFROM t",
    ],
)
def test_allows(query: str) -> None:
    assert fault(query) is None


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT HASH(a) AS h FROM t", "HASH"),
        ("SELECT md5(a) AS h FROM t", "md5()"),
        ("SELECT Md5 (a) AS h FROM t", "Md5()"),
        ("SELECT CAST(a AS INT) AS b FROM t", "CAST"),
        ("SELECT a::int FROM t", "':'"),
        ("SELECT lower(a) AS b FROM t", "lower()"),
        ("SELECT AVG(a) AS b FROM t", "AVG"),
        ("SELECT a FROM t WHERE a LIKE b", "LIKE"),
        ("SELECT a FROM t WHERE a > 1", "'>'"),
        ("SELECT a FROM t WHERE a >= 1", "'>'"),
        ("SELECT a FROM t WHERE a != 1", "'!'"),
        ("SELECT a + 1 AS b FROM t", "'+'"),
        ("SELECT a - 1 AS b FROM t", "'-'"),
        ("SELECT a / 2 AS b FROM t", "'/'"),
        ("SELECT 'x' AS b FROM t", '"\'"'),
        ('SELECT "a" FROM t', "'\"'"),
        ("SELECT a FROM t LIMIT 1", "LIMIT"),
        ("SELECT a FROM t FULL JOIN s ON t.a = s.a", "FULL"),
        ("SELECT a FROM t CROSS JOIN s", "CROSS"),
        ("SELECT a FROM t WHERE a IN (1, 2)", "IN"),
        ("SELECT a FROM t WHERE EXISTS (SELECT b FROM s)", "EXISTS"),
        ("SELECT a FROM t; DROP TABLE t", "';'"),
        ("SELECT a FROM t -- more", "'-'"),
        ("SELECT a FROM t /* more */", "'/'"),
        ("DROP TABLE t", "DROP"),
        ("INSERT INTO t SELECT a FROM s", "INSERT"),
        ("WITH s AS (SELECT a FROM t) SELECT a FROM s", "WITH"),
        ("SELECT RANDOM() AS r FROM t", "RANDOM"),
        ("SELECT é FROM t", "'é'"),
    ],
)
def test_refuses(query: str, told: str) -> None:
    assert fault(query) == f"{told} is not in the portable subset"


@pytest.mark.parametrize("query", ["select a from t", "SELECT a frOm t", "SELECT a as b FROM t"])
def test_keywords_in_small_letters_are_names(query: str) -> None:
    """Which is why queries write keywords in capitals; the engine still refuses nonsense."""
    assert fault(query) is None


# -- our own queries ----------------------------------------------------------------


class _Names(Formatter):
    """Fills every gap of a query with a plain name, or a number where one is due."""

    def get_value(self, key: object, args: object, kwargs: object) -> str:
        return "5" if key == "shown" else f"{key}_"


def queries() -> Iterator[tuple[str, str]]:
    """Yield place and text of every query that is a constant of a module."""
    for found in pkgutil.walk_packages(dsprep.__path__, "dsprep."):
        if found.name == "dsprep.__main__" or found.name.startswith("dsprep.rules"):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            if isinstance(value, str) and value.strip().startswith("SELECT"):
                yield f"{found.name}.{name}", value


QUERIES = dict(queries())


def test_our_queries_are_found() -> None:
    modules = {place.rpartition(".")[0] for place in QUERIES}

    assert modules >= {
        "dsprep.decide",
        "dsprep.kinds.balance",
        "dsprep.kinds.conflict",
        "dsprep.kinds.count",
        "dsprep.kinds.duplicate",
        "dsprep.lint",
        "dsprep.reporting",
    }
    assert len(QUERIES) >= 15


@pytest.mark.parametrize("place", QUERIES)
def test_our_queries_are_portable(place: str) -> None:
    assert fault(_Names().format(QUERIES[place])) is None


@pytest.mark.parametrize("place", QUERIES)
def test_our_queries_can_be_parsed(place: str) -> None:
    query = _Names().format(QUERIES[place])

    with DuckDB() as engine:
        statements = engine._connection.extract_statements(query)

    assert len(statements) == 1
