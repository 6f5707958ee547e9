"""Messages as OpenAI writes them, which the chat targets share."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from dsprep.record import Message, Record, Row, json_value


def message_rows(record: Record) -> list[Row]:
    """Return the messages of a record as rows, tool calls and results bound by an id.

    An id that the source lacks is made from the record, so that the same record has
    the same ids on any day.
    """
    rows: list[Row] = []
    unanswered: list[str] = []
    seen, unseen = blake2b(digest_size=8), 0
    for at, message in enumerate(record.messages):
        row: Row = {"role": _role(message), "content": _content(record, at, message)}
        if message.name is not None:
            row["name"] = message.name
        if message.tool_calls is not None:
            seen.update(msgspec.json.encode(record.messages[unseen : at + 1]))
            unseen = at + 1
            row["tool_calls"] = _calls(message.tool_calls, seen)
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


def _calls(text: str, seen: blake2b) -> list[Row]:
    return [
        {
            "id": call.get("id") or _made_id(seen, number),
            "type": call.get("type", "function"),
            "function": _function(call["function"]),
        }
        for number, call in enumerate(json_value(text))
    ]


def _function(function: Row) -> Row:
    arguments = function.get("arguments", "{}")
    if not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    return {"name": function["name"], "arguments": arguments}


def _made_id(seen: blake2b, number: int) -> str:
    """Return an id made of the conversation up to a call and the number of the call."""
    digest = seen.copy()
    digest.update(f"#{number}".encode())
    return f"call_{digest.hexdigest()}"


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
    """Return whether tool calls are anything but a list of calls of functions by name."""
    if text is None:
        return False
    calls = json_value(text)
    return not (isinstance(calls, list) and all(map(_is_call, calls)))


def _is_call(call: Any) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and isinstance(function.get("name"), str)


def broken_tools(text: str | None) -> bool:
    """Return whether declared tools are anything but a list of objects."""
    if text is None:
        return False
    tools = json_value(text)
    return not (isinstance(tools, list) and all(isinstance(tool, dict) for tool in tools))
