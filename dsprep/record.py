"""The canonical record: what every adapter makes, every kind judges, every target writes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec
import pyarrow as pa

Row: TypeAlias = dict[str, Any]
"""One raw item as the file has it."""

# Levels of JSON that are read. Some decoder or encoder runs out of stack at about 900,
# how soon depends on who calls it.
MAX_DEPTH: Final = 256
_NESTS: Final = frozenset((dict, list))


# Fields in the order of their names and nulls left out: encoded as it stands,
# a message is its own canonical JSON.
class Message(msgspec.Struct, gc=False, omit_defaults=True):
    """One role and its content."""

    content: str | None = None
    name: str | None = None
    role: str | None = None  # null: plain text that nobody speaks
    tool_call_id: str | None = None
    tool_calls: str | None = None  # canonical JSON text
    weight: int | float | None = None


class Record(msgspec.Struct, gc=False, omit_defaults=True):
    """One item in canonical form."""

    messages: list[Message]
    rejected: list[Message] | None = None
    label: str | None = None
    group: str | None = None
    split: str | None = None
    tools: str | None = None  # canonical JSON text
    extra: Row | None = None  # every key that no field above holds


class Identity(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """The part of a record that its id speaks of, fields in the order of their names."""

    label: str | None = None
    messages: list[Message]
    rejected: list[Message] | None = None
    tools: str | None = None


def row_id(record: Record) -> str:
    """Return 16 hex digits that are equal for the same record in any file or format.

    BLAKE2b-64 of the canonical JSON (sorted keys, no spaces, UTF-8, nulls left out)
    of messages, rejected, label and tools.
    """
    identity = Identity(
        label=record.label,
        messages=record.messages,
        rejected=record.rejected,
        tools=record.tools,
    )
    return blake2b(msgspec.json.encode(identity), digest_size=8).hexdigest()


def canonical_json(value: object) -> str:
    """Return JSON text with sorted keys and no spaces."""
    return msgspec.json.encode(value, order="sorted").decode()


def json_text(value: Any) -> str | None:
    """Return tools or tool calls as canonical JSON text, null where there are none.

    Some files hold them as JSON text already; other text is kept as it is.
    """
    if isinstance(value, str) and value:
        try:
            value = _decoded(value)
        except msgspec.DecodeError:
            return str(value)
    return None if value is None or value in ("", []) else canonical_json(value)


def json_value(text: str) -> Any:
    """Return what a JSON text holds, the text itself where it is no JSON."""
    try:
        return _decoded(text)
    except msgspec.DecodeError:
        return text


def _decoded(text: str) -> Any:
    """Return what a JSON text holds, which is refused where it is nested too deeply."""
    try:
        value = msgspec.json.decode(text)
    except RecursionError as error:
        raise msgspec.DecodeError("nested too deeply") from error
    # Each level takes a bracket, so that most texts need not be walked through.
    if text.count("[") + text.count("{") > MAX_DEPTH and keys_and_depth(value)[1] > MAX_DEPTH:
        raise msgspec.DecodeError("nested too deeply")
    return value


def keys_and_depth(value: object) -> tuple[int, int]:
    """Return how many keys a JSON value has at any depth, and how many levels."""
    keys = depth = 0
    level: list[Any] = [value] if value.__class__ in _NESTS else []
    while level:
        depth += 1
        below: list[Any] = []
        for nest in level:
            items = nest
            if nest.__class__ is dict:
                keys += len(nest)
                items = nest.values()
            below += [item for item in items if item.__class__ in _NESTS]
        level = below
    return keys, depth


def text_of(message: Message) -> str:
    """Return what a message says: its content, or its tool calls where it has none."""
    return message.content or message.tool_calls or ""


MESSAGE: Final = pa.struct(
    [
        ("role", pa.string()),
        ("content", pa.string()),
        ("name", pa.string()),
        ("tool_calls", pa.string()),
        ("tool_call_id", pa.string()),
        ("weight", pa.float64()),
    ]
)
SCHEMA: Final = pa.schema(
    [
        ("row", pa.int64()),
        ("line", pa.int64()),
        ("row_id", pa.string()),
        ("messages", pa.list_(MESSAGE)),
        ("rejected", pa.list_(MESSAGE)),
        ("label", pa.string()),
        ("group", pa.string()),
        ("split", pa.string()),
        ("tools", pa.string()),
        ("extra", pa.string()),
    ]
)


def to_batch(
    records: Sequence[Record], rows: Sequence[int], lines: Sequence[int | None]
) -> pa.RecordBatch:
    """Return records as one Arrow batch of SCHEMA, in the order given.

    Args:
        records: what an adapter made.
        rows: 0-based data row of each.
        lines: 1-based physical start line of each, or None where there are no lines.
    """
    columns = {
        "row": rows,
        "line": lines,
        "row_id": [row_id(record) for record in records],
        "messages": _message_lists([record.messages for record in records]),
        "rejected": _message_lists([record.rejected for record in records]),
        "label": [record.label for record in records],
        "group": [record.group for record in records],
        "split": [record.split for record in records],
        "tools": [record.tools for record in records],
        "extra": [
            None if record.extra is None else msgspec.json.encode(record.extra).decode()
            for record in records
        ],
    }
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, SCHEMA.field(name).type)
        for name, column in columns.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _message_lists(lists: Sequence[list[Message] | None]) -> pa.ListArray:
    flat = [message for messages in lists if messages for message in messages]
    values = pa.StructArray.from_arrays(
        [pa.array(list(map(attrgetter(field.name), flat)), field.type) for field in MESSAGE],
        fields=list(MESSAGE),
    )
    ends = accumulate((len(messages or ()) for messages in lists), initial=0)
    return pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()),
        values,
        type=pa.list_(MESSAGE),
        mask=pa.array([messages is None for messages in lists], pa.bool_()),
    )
