"""What a rule says about a place."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import pyarrow as pa

Severity: TypeAlias = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")

RELATED: Final = pa.list_(
    pa.struct([("file", pa.string()), ("line", pa.int64()), ("row", pa.int64())])
)
SCHEMA: Final = pa.schema(
    [
        ("code", pa.string()),
        ("name", pa.string()),
        ("severity", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),  # 1-based physical line, null without lines
        ("row", pa.int64()),  # 0-based data row, null for file and dataset findings
        ("field", pa.string()),  # such as messages[2].content
        ("start", pa.int64()),  # code points in the decoded field
        ("end", pa.int64()),
        ("row_id", pa.string()),
        ("arguments", pa.string()),  # JSON text, filled into the rule's message late
        ("related", RELATED),
        ("fix", pa.string()),
        ("excerpt", pa.string()),  # JSON text of [before, span, after], cleaned and masked
    ]
)


@dataclass(frozen=True)
class Hit:
    """What a rule says of one row of a batch; the kernel turns it into a finding."""

    index: int | None = None  # of the record in its batch, null where none came of the row
    field: str | None = None
    start: int | None = None  # code points in the decoded field
    end: int | None = None
    text: str | None = None  # the decoded field, for the excerpt
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    row: int | None = None  # where no record came of the row
    line: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What a rule says of the data set: a finding on one record, or on none."""

    ref: int | None = None
    related: Sequence[int] = ()
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
