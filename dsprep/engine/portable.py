"""The SQL that means the same on DuckDB and on Spark."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Hash, string, float, cast and percentile functions differ between engines; what
# needs one is computed in the kernel.
WORDS: Final = frozenset(
    [
        "SELECT",
        "DISTINCT",
        "FROM",
        "AS",
        "JOIN",
        "LEFT",
        "ON",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IS",
        "NULL",
        "GROUP",
        "BY",
        "HAVING",
        "UNION",
        "ALL",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "COALESCE",
        "MIN",
        "MAX",
        "COUNT",
        "SUM",
        "ROW_NUMBER",
        "OVER",
        "PARTITION",
        "ORDER",
    ]
)
_TOKEN: Final = re.compile(
    r"\s+|[A-Za-z_][A-Za-z_0-9]*|\d+|<>|<=|[=<%*(),.]|(?P<other>.)", re.DOTALL
)
_CALL: Final = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)\s*\(")
_CALLABLE: Final = frozenset(
    [
        "AND",
        "OR",
        "NOT",
        "ON",
        "WHERE",
        "FROM",
        "JOIN",
        "AS",
        "BY",
        "OVER",
        "COALESCE",
        "MIN",
        "MAX",
        "COUNT",
        "SUM",
        "ROW_NUMBER",
        "DISTINCT",
        "UNION",
        "ALL",
        "WHEN",
        "THEN",
        "ELSE",
        "SELECT",
        "HAVING",
    ]
)


@lru_cache(maxsize=1024)
def fault(query: str) -> str | None:
    """Return what in a query is not portable, or None."""
    for match in _TOKEN.finditer(query):
        if match["other"]:
            return f"{match[0]!r} is not in the portable subset"
        if match[0].isupper() and match[0] not in WORDS:
            return f"{match[0]} is not in the portable subset"
    for call in _CALL.finditer(query):
        if call[1] not in _CALLABLE:
            return f"{call[1]}() is not in the portable subset"
    return None
