"""Prompt and completion: strings where all records allow, else TRL's lists of messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dsprep.batch import Records
from dsprep.record import Record, Row
from dsprep.targets._chat import broken_calls, broken_tools, message_rows, tool_rows

_PLAIN: Final = frozenset((("user", "assistant"), (None,)))
SUMMARY = "TRL prompt-completion: strings, or lists of messages for conversations"


def unfit(records: Records) -> Iterator[tuple[int, str]]:
    """Yield records without an answer at their end: what follows it would be lost."""
    messages = records.messages
    ends = messages.offsets[1:].tolist()
    broken = {
        int(messages.record[at]) for at, c in enumerate(messages.tool_calls) if broken_calls(c)
    }
    rows = zip(ends, records.completions.tolist(), records.column("tools"), strict=True)
    for at, (end, completion, tools) in enumerate(rows):
        if completion >= 0 and completion != end - 1:
            yield at, "messages follow the last answer, and would be lost"
        elif completion < 0 and not _is_text(records, at):
            yield at, "there is no answer to learn"
        elif at in broken:
            yield at, "a tool call is no JSON object with a function"
        elif broken_tools(tools):
            yield at, "the declared tools are no JSON list of objects"


def _is_text(records: Records, at: int) -> bool:
    start, end = records.messages.offsets[at : at + 2].tolist()
    return bool(end - start == 1 and records.messages.roles[start] is None)


def plain(records: Records) -> list[bool]:
    """Return whether each record is one prompt and one answer, both text and nothing else."""
    messages = records.messages
    starts = messages.offsets.tolist()
    beside = zip(records.column("tools"), records.column("extra"), strict=True)
    bare = [
        calls is None and weight is None and name is None
        for calls, weight, name in zip(
            messages.tool_calls, messages.weights, messages.names, strict=True
        )
    ]
    return [
        tuple(messages.roles[start:end]) in _PLAIN
        and all(bare[start:end])
        and tools is None
        and (extra is None or '"messages[' not in extra)
        for start, end, (tools, extra) in zip(starts, starts[1:], beside, strict=False)
    ]


def to_row(record: Record, *, plain: bool) -> Row:
    """Return prompt and completion; a text that nobody speaks is all completion."""
    if plain:
        *before, last = record.messages
        prompt = before[0].content if before else ""
        return {"prompt": prompt, "completion": last.content}
    rows = message_rows(record)
    if rows[-1]["role"] is None:
        rows[-1]["role"] = "assistant"
    row: Row = {"prompt": rows[:-1], "completion": rows[-1:]}
    if (tools := tool_rows(record)) is not None:
        row["tools"] = tools
    return row
