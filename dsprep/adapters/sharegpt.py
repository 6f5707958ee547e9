"""ShareGPT: conversations of from and value, function calls included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from dsprep.adapters import Detection, Sample, Unfit, common, detect_common, rest, type_name
from dsprep.record import Message, Record, Row, canonical_json, json_text, json_value

SUMMARY = "ShareGPT: conversations of from and value"
FIELDS = ("conversations", "system", "tools", "label", "group", "split")

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
    found = [c for c in sample.named(["conversations", "conversation"]) if _holds_turns(sample, c)]
    if not found:
        return None
    mapping = {"conversations": found[0], **detect_common(sample)}
    for field in ("system", "tools"):
        if field in sample.columns:
            mapping[field] = field
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
    extra = rest(row, mapping)
    messages: list[Message] = []
    for at, item in enumerate(given):
        place = f"{column}[{at}]"
        _add(messages, _message(item, place))
        if more := {key: item[key] for key in item if key not in ("from", "value")}:
            extra = {**(extra or {}), place: more}
    if "system" in mapping and (system := row.get(mapping["system"])):
        messages.insert(0, Message(role="system", content=str(system)))
    tools = row.get(mapping["tools"]) if "tools" in mapping else None
    return Record(messages, tools=json_text(tools), extra=extra, **common(row, mapping))


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
    try:
        value = msgspec.json.decode(said)
    except msgspec.DecodeError:
        value = said
    calls = value if isinstance(value, list) else [value]
    return canonical_json([{"type": "function", "function": _function(call)} for call in calls])


def _function(call: Any) -> Row:
    if not isinstance(call, dict) or "arguments" not in call:
        return {"arguments": call if isinstance(call, str) else canonical_json(call)}
    arguments = call["arguments"]
    if not isinstance(arguments, str):
        arguments = msgspec.json.encode(arguments).decode()
    return {**call, "arguments": arguments}


def to_row(record: Record) -> Row:
    """Return the record as turns, tool calls as function_call."""
    turns = [turn for message in record.messages for turn in _turns(message)]
    row: Row = {"conversations": turns}
    if record.tools:
        row["tools"] = record.tools
    kept = {"label": record.label, "group": record.group, "split": record.split}
    return {**row, **{k: v for k, v in kept.items() if v}, **(record.extra or {})}


def _turns(message: Message) -> list[Row]:
    role = message.role or "human"
    turns = []
    if message.content is not None or not message.tool_calls:
        turns.append({"from": _NAMES.get(role, role), "value": message.content})
    if message.tool_calls:
        calls = [_plain_call(call) for call in json_value(message.tool_calls)]
        value = msgspec.json.encode(calls[0] if len(calls) == 1 else calls).decode()
        turns.append({"from": _CALL, "value": value})
    return turns


def _plain_call(call: Row) -> Row:
    function = call.get("function", {})
    return {"name": function.get("name"), "arguments": json_value(function.get("arguments", ""))}
