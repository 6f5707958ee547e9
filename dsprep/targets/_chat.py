"""Messages as OpenAI writes them, which the chat targets share."""

from __future__ import annotations

from typing import Any

import msgspec

from dsprep.record import Message, Record, Row, json_value
from dsprep.text.digest import digest64


def message_rows(record: Record) -> list[Row]:
    """Return the messages of a record as rows, tool calls and results bound by an id.

    An id that the source lacks is made from the record, so that the same record has
    the same ids on any day.
    """
    rows: list[Row] = []
    unanswered: list[str] = []
    for at, message in enumerate(record.messages):
        row: Row = {"role": _role(message), "content": _content(record, at, message)}
        if message.name is not None:
            row["name"] = message.name
        if message.tool_calls is not None:
            row["tool_calls"] = _calls(record, at, message.tool_calls)
            unanswered += [call["id"] for call in row["tool_calls"]]
        if message.role == "tool":
            row["tool_call_id"] = _answered(message, unanswered)
        if message.weight is not None:
            row["weight"] = message.weight
        rows.append(row)
    return rows


def _role(message: Message) -> str | None:
    return "system" if message.role == "developer" else message.role


def _content(record: Record, at: int, message: Message) -> Any:
    """Return the text, or the content parts it was taken from."""
    beside = (record.extra or {}).get(f"messages[{at}]") or {}
    parts = beside.get("content") if isinstance(beside, dict) else None
    if isinstance(parts, list) and not all(map(_is_text, parts)):
        return parts
    return message.content


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text"


def _calls(record: Record, at: int, text: str) -> list[Row]:
    return [
        {
            "id": call.get("id") or _made_id(record, at, number),
            "type": call.get("type", "function"),
            "function": _function(call.get("function") or {}),
        }
        for number, call in enumerate(json_value(text))
    ]


def _function(function: Row) -> Row:
    arguments = function.get("arguments", "{}")
    if not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    return {"name": function.get("name", ""), "arguments": arguments}


def _made_id(record: Record, at: int, number: int) -> str:
    seen = msgspec.json.encode([record.messages[: at + 1], number])
    return f"call_{digest64(seen):016x}"


def _answered(message: Message, unanswered: list[str]) -> str | None:
    """Return the id of the call that a tool message answers, the oldest open one if unsaid."""
    if message.tool_call_id is not None:
        if message.tool_call_id in unanswered:
            unanswered.remove(message.tool_call_id)
        return message.tool_call_id
    return unanswered.pop(0) if unanswered else None


def tool_rows(record: Record) -> Any:
    """Return the declared tools as OpenAI writes them, None where there are none."""
    if record.tools is None:
        return None
    tools = json_value(record.tools)
    if not isinstance(tools, list):
        return None
    return [
        tool if "function" in tool else {"type": "function", "function": tool} for tool in tools
    ]


def broken_calls(text: str | None) -> bool:
    """Return whether tool calls are anything but a list of calls with a function."""
    if text is None:
        return False
    calls = json_value(text)
    if not isinstance(calls, list):
        return True
    return not all(isinstance(c, dict) and isinstance(c.get("function"), dict) for c in calls)


def broken_tools(text: str | None) -> bool:
    """Return whether declared tools are anything but a list of objects."""
    if text is None:
        return False
    tools = json_value(text)
    return not (isinstance(tools, list) and all(isinstance(tool, dict) for tool in tools))
