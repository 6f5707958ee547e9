"""ShareGPT: conversations of from and value, function calls included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from dsprep.adapters import (
    Detection,
    Sample,
    Unfit,
    common,
    detect_common,
    required_text,
    rest,
    type_name,
    written,
)
from dsprep.errors import UsageError
from dsprep.record import Message, Record, Row, canonical_json, json_text, json_value

SUMMARY = "ShareGPT: conversations of from and value"
FIELDS = ("conversations", "system", "tools", "label", "group", "split")
REQUIRED = ("conversations",)

_ROLES: Final = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "model": "assistant",
    "system": "system",
    "observation": "tool",
    "function_response": "tool",
    "tool": "tool",
}
_CALL: Final = "function_call"
_NAMES: Final = {"user": "human", "assistant": "gpt", "tool": "observation"}


def detect(sample: Sample) -> Detection | None:
    """Return the column that holds lists of objects with `from` and `value`."""
    found = sample.named(["conversations", "conversation"])
    if not found:
        return None
    mapping = {"conversations": found[0], **detect_common(sample)}
    for field in ("system", "tools"):
        if field in sample.columns:
            mapping[field] = field
    if not _holds_turns(sample, found[0]):
        why = f"column {found[0]!r} is named so, but holds no turns"
        return Detection("sharegpt", mapping, why, strength=5)
    why = f"column {found[0]!r} holds lists of objects with 'from' and 'value'"
    return Detection("sharegpt", mapping, why, strength=90)


def _holds_turns(sample: Sample, column: str) -> bool:
    return any(
        isinstance(value, list) and any(isinstance(item, dict) and "from" in item for item in value)
        for value in sample.values(column)
    )


def to_record(row: Row, mapping: Mapping[str, str]) -> Record:
    """Return the record of the turns, function calls as tool calls."""
    column = mapping["conversations"]
    given = row.get(column)
    if given is None:
        raise Unfit("missing-field", column)
    if not isinstance(given, list):
        raise Unfit("wrong-type", column, found=type_name(given), expected="an array")
    extra = rest(row, mapping) or {}
    messages: list[Message] = []
    if "system" in mapping and row.get(mapping["system"]):
        messages.append(Message(role="system", content=required_text(row, mapping, "system")))
    turns_before = len(messages)
    for at, item in enumerate(given):
        _add(messages, _message(item, f"{column}[{at}]"))
        if more := {key: item[key] for key in item if key not in ("from", "value")}:
            extra[f"conversations[{at + turns_before}]"] = more
    tools = row.get(mapping["tools"]) if "tools" in mapping else None
    return Record(messages, tools=json_text(tools), extra=extra or None, **common(row, mapping))


def _add(messages: list[Message], message: Message) -> None:
    """Add a message; a call that follows what the assistant said belongs to that."""
    last = messages[-1] if messages else Message()
    if message.tool_calls and last.role == "assistant" and last.content and not last.tool_calls:
        messages[-1] = Message(role=last.role, content=last.content, tool_calls=message.tool_calls)
    else:
        messages.append(message)


def _message(item: Any, place: str) -> Message:
    if not isinstance(item, dict):
        raise Unfit("wrong-type", place, found=type_name(item), expected="an object")
    speaker, said = item.get("from"), item.get("value")
    if speaker is None:
        raise Unfit("missing-field", f"{place}.from")
    if not isinstance(speaker, str):
        raise Unfit("wrong-type", f"{place}.from", found=type_name(speaker), expected="a string")
    if said is not None and not isinstance(said, str):
        raise Unfit("wrong-type", f"{place}.value", found=type_name(said), expected="a string")
    if speaker == _CALL:
        return Message(role="assistant", tool_calls=_calls(said or ""))
    return Message(role=_ROLES.get(speaker.lower(), speaker), content=said)


def _calls(said: str) -> str:
    """Return the calls a function_call turn holds; what is no JSON stays as its arguments."""
    value = json_value(said)
    calls = value if isinstance(value, list) else [value]
    return canonical_json([_call(call) for call in calls])


def _call(call: Any) -> Row:
    if not isinstance(call, dict) or "arguments" not in call:
        text = call if isinstance(call, str) else canonical_json(call)
        return {"type": "function", "function": {"arguments": text}}
    function = dict(call)
    known = {"id": function.pop("id")} if isinstance(call.get("id"), str) else {}
    if not isinstance(call["arguments"], str):
        function["arguments"] = msgspec.json.encode(call["arguments"]).decode()
    return {**known, "type": "function", "function": function}


def to_row(record: Record) -> Row:
    """Return the record as turns, tool calls as function_call."""
    beside = dict(record.extra or {})
    turns = [turn for message in record.messages for turn in _turns(message)]
    for at, turn in enumerate(turns):
        if isinstance(beside.get(f"conversations[{at}]"), dict):
            turn.update(beside.pop(f"conversations[{at}]"))
    row: Row = {"conversations": turns}
    if record.tools:
        row["tools"] = record.tools
    return written("sharegpt", row, msgspec.structs.replace(record, extra=beside))


def _turns(message: Message) -> list[Row]:
    if message.role is None:
        raise UsageError("shape sharegpt holds conversations, and plain text is none.")
    turns: list[Row] = []
    if message.content is not None or not message.tool_calls:
        speaker = _NAMES.get(message.role, message.role)
        turns.append({"from": speaker, "value": message.content})
    if message.tool_calls:
        turns.append({"from": _CALL, "value": _said(message.tool_calls)})
    for key in ("name", "tool_call_id", "weight"):
        if (value := getattr(message, key)) is not None:
            turns[0][key] = value
    return turns


def _said(text: str) -> str:
    """Return tool calls as a function_call turn says them: one alone, several as a list."""
    calls = json_value(text)
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        return text
    plain = [_plain_call(call) for call in calls]
    return msgspec.json.encode(plain[0] if len(plain) == 1 else plain).decode()


def _plain_call(call: Row) -> Row:
    known = {"id": call["id"]} if "id" in call else {}
    function = call.get("function")
    return {**known, **_plain_function(function if isinstance(function, dict) else {})}


def _plain_function(function: Row) -> Row:
    """Return name and arguments, these as a value where their text can be had back from it."""
    arguments = function.get("arguments", "")
    if isinstance(arguments, str):
        value = json_value(arguments)
        if not isinstance(value, str) and msgspec.json.encode(value).decode() == arguments:
            arguments = value
    return {**function, "arguments": arguments}
