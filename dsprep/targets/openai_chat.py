"""OpenAI chat: messages with roles, tool calls and the tools they call."""

from __future__ import annotations

from collections.abc import Iterator

from dsprep.batch import Records
from dsprep.record import Record, Row
from dsprep.targets._chat import broken_calls, broken_tools, message_rows, tool_rows

SUMMARY = "OpenAI chat fine-tuning: messages, tools, weights"


def unfit(records: Records) -> Iterator[tuple[int, str]]:
    """Yield records that are no conversation with an answer, or whose calls are broken."""
    messages = records.messages
    spoken = [True] * len(records)
    broken = [False] * len(records)
    owners = messages.record.tolist()
    for at, (role, calls) in enumerate(zip(messages.roles, messages.tool_calls, strict=True)):
        spoken[owners[at]] &= role is not None
        broken[owners[at]] |= broken_calls(calls)
    for at, (completion, tools) in enumerate(
        zip(records.completions.tolist(), records.column("tools"), strict=True)
    ):
        if not spoken[at]:
            yield at, "plain text is no conversation"
        elif completion < 0:
            yield at, "there is no answer to learn"
        elif broken[at]:
            yield at, "a tool call is no JSON object with a function"
        elif broken_tools(tools):
            yield at, "the declared tools are no JSON list of objects"


def to_row(record: Record, *, plain: bool) -> Row:
    """Return messages, and tools where they are declared."""
    del plain
    row: Row = {"messages": message_rows(record)}
    if (tools := tool_rows(record)) is not None:
        row["tools"] = tools
    if isinstance(parallel := (record.extra or {}).get("parallel_tool_calls"), bool):
        row["parallel_tool_calls"] = parallel
    return row
