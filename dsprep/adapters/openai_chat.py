"""OpenAI chat: a list of messages, tool calls included."""

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
    rest,
    type_name,
    written,
)
from dsprep.record import Message, Record, Row, canonical_json, json_text, json_value
from dsprep.text.digest import digest64

SUMMARY = "OpenAI chat: messages of role and content, tool calls, weights"
FIELDS = ("messages", "tools", "label", "group", "split")
REQUIRED = ("messages",)

_KEYS: Final = frozenset(("role", "content", "name", "tool_calls", "tool_call_id", "weight"))
# Keys of a content part that hold its text.
_SAYING: Final = ("text", "value", "refusal")
_TOOLS: Final = ("tools", "functions")  # the second until 2023
_PLAIN: Final = frozenset(("role", "content"))
_LARGEST_WEIGHT: Final = 1e6  # far above any use, and the same number in every format


def detect(sample: Sample) -> Detection | None:
    """Return the column `messages` where it holds lists of objects with a role."""
    found = sample.named(["messages"])
    if not found:
        return None
    mapping = {"messages": found[0], **detect_common(sample)}
    if tools := [column for column in _TOOLS if column in sample.columns]:
        mapping["tools"] = tools[0]
    if not _holds_messages(sample, found[0]):
        why = f"column {found[0]!r} is named so, but holds no messages"
        return Detection("openai_chat", mapping, why, strength=5)
    why = f"column {found[0]!r} holds lists of messages with a role"
    return Detection("openai_chat", mapping, why, strength=90)


def _holds_messages(sample: Sample, column: str) -> bool:
    return any(
        isinstance(value, list) and any(isinstance(item, dict) and "role" in item for item in value)
        for value in sample.values(column)
    )


def to_record(row: Row, mapping: Mapping[str, str]) -> Record:
    """Return the record of the messages; what a message has beside its fields is kept."""
    column = mapping["messages"]
    given = row.get(column)
    if given is None:
        raise Unfit("missing-field", column)
    if not isinstance(given, list):
        raise Unfit("wrong-type", column, found=type_name(given), expected="an array")
    extra = rest(row, mapping) or {}
    messages = []
    for at, item in enumerate(given):
        message, more = _message(item, f"{column}[{at}]")
        messages.append(message)
        if more:
            extra[f"messages[{at}]"] = more
    tools = row.get(mapping["tools"]) if "tools" in mapping else None
    return Record(messages, tools=json_text(tools), extra=extra or None, **common(row, mapping))


def _message(item: Any, place: str) -> tuple[Message, Row | None]:
    if not isinstance(item, dict):
        raise Unfit("wrong-type", place, found=type_name(item), expected="an object")
    role, content = item.get("role"), item.get("content")
    if role is None:
        raise Unfit("missing-field", f"{place}.role")
    if not isinstance(role, str):
        raise Unfit("wrong-type", f"{place}.role", found=type_name(role), expected="a string")
    if item.keys() <= _PLAIN and (content is None or isinstance(content, str)):
        return Message(role=role, content=content), None
    return _full_message(item, place, role)


def _full_message(item: Row, place: str, role: str) -> tuple[Message, Row | None]:
    more = {key: item[key] for key in item.keys() - _KEYS if item[key] is not None}
    content, calls = item.get("content"), item.get("tool_calls")
    if isinstance(content, list):
        more["content"] = content  # the parts come back from here
        content = _text_of_parts(content, f"{place}.content")
    elif content is None and isinstance(item.get("refusal"), str):
        more["content"], content = None, item["refusal"]
    elif content is not None and not isinstance(content, str):
        raise Unfit("wrong-type", f"{place}.content", found=type_name(content), expected="a string")
    message = Message(
        role=role,
        content=content,
        name=_optional(item, "name", str, place),
        tool_calls=_calls_text(calls) or _legacy_call(item.get("function_call")),
        tool_call_id=_optional(item, "tool_call_id", str, place),
        weight=_weight(_optional(item, "weight", (int, float), place), place),
    )
    return message, dict(sorted(more.items())) or None


def _optional(item: Row, key: str, kind: type | tuple[type, ...], place: str) -> Any:
    value = item.get(key)
    if value is not None and not isinstance(value, kind):
        expected = "a string" if kind is str else "a number"
        raise Unfit("wrong-type", f"{place}.{key}", found=type_name(value), expected=expected)
    return value


def _weight(value: float | None, place: str) -> float | None:
    """Return 1 for 1.0: a column of doubles must not give a record another id."""
    if value is None:
        return None
    if not abs(value) <= _LARGEST_WEIGHT:
        raise Unfit("wrong-type", f"{place}.weight", found=str(value)[:20], expected="a weight")
    return int(value) if float(value).is_integer() else value


def _text_of_parts(parts: list[Any], place: str) -> str:
    """Return the text of content parts; one that is no text stands as its type and digest."""
    texts = []
    for at, part in enumerate(parts):
        if not isinstance(part, dict):
            found = type_name(part)
            raise Unfit("wrong-type", f"{place}[{at}]", found=found, expected="an object")
        said = next((part[key] for key in _SAYING if isinstance(part.get(key), str)), None)
        if said is None:
            said = f"<{part.get('type')} {digest64(canonical_json(part).encode()):016x}>"
        texts.append(said)
    return "\n".join(texts)


def _calls_text(calls: Any) -> str | None:
    """Return tool calls as text, less the null members that Arrow structs add to a call."""
    if isinstance(calls, str) and isinstance(read := json_value(calls), list):
        calls = read
    if isinstance(calls, list):
        calls = [_less_nulls(call) for call in calls]
    return json_text(calls)


def _legacy_call(call: Any) -> str | None:
    """Return the one call of a `function_call`, as which calls were written until 2023."""
    if not isinstance(call, dict):
        return None
    return _calls_text([{"type": "function", "function": call}])


def _less_nulls(call: Any) -> Any:
    if not isinstance(call, dict):
        return call
    kept = {key: item for key, item in call.items() if item is not None}
    if isinstance(function := kept.get("function"), dict):
        kept["function"] = {key: item for key, item in function.items() if item is not None}
    return kept


def to_row(record: Record) -> Row:
    """Return the record as `messages`, with tools and what was beside them."""
    beside = dict(record.extra or {})
    messages = []
    for at, message in enumerate(record.messages):
        known = isinstance(beside.get(f"messages[{at}]"), dict)
        messages.append(_message_row(message, beside.pop(f"messages[{at}]") if known else {}))
    row: Row = {"messages": messages}
    if record.tools:
        row["tools"] = _value(record.tools)
    return written("openai_chat", row, msgspec.structs.replace(record, extra=beside))


def _message_row(message: Message, beside: Row) -> Row:
    row: Row = {"role": message.role, "content": message.content}
    if message.name is not None:
        row["name"] = message.name
    calls = message.tool_calls
    if calls is not None and calls != _legacy_call(beside.get("function_call")):
        row["tool_calls"] = _value(calls)
    if message.tool_call_id is not None:
        row["tool_call_id"] = message.tool_call_id
    if message.weight is not None:
        row["weight"] = message.weight
    return {**row, **beside}


def _value(text: str) -> Any:
    """Return what a JSON text holds; text that is no JSON, or a string in JSON, stays as it is."""
    value = json_value(text)
    return text if isinstance(value, str) else value
