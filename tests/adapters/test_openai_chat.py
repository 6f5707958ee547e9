"""OpenAI chat: every field of a message, tool calls as text, what is beside them kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.adapters import Sample, Unfit, openai_chat
from dsprep.errors import UsageError
from dsprep.record import Message, Record, row_id

MAPPING = {field: field for field in openai_chat.FIELDS}
CALL = {"id": "a1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
CALL_TEXT = '[{"function":{"arguments":"{\\"x\\": 1}","name":"f"},"id":"a1","type":"function"}]'
HELLO = {"role": "user", "content": "Hello"}


def message(item: Any) -> Message:
    """Return what one message of a row becomes."""
    return openai_chat.to_record({"messages": [item]}, MAPPING).messages[0]


def back_and_forth(row: dict[str, Any]) -> dict[str, Any]:
    return openai_chat.to_row(openai_chat.to_record(row, MAPPING))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"role": "user", "content": "Hello"}, Message("Hello", role="user")),
        ({"content": None, "role": "assistant"}, Message(None, role="assistant")),
        ({"role": "assistant"}, Message(None, role="assistant")),
        ({"role": "user", "content": ""}, Message("", role="user")),
        ({"role": "Narrator", "content": "x"}, Message("x", role="Narrator")),
        ({"role": "user", "content": "x", "name": "Ann"}, Message("x", "Ann", "user")),
        (
            {"role": "tool", "content": "5", "tool_call_id": "a1"},
            Message("5", role="tool", tool_call_id="a1"),
        ),
        (
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            Message(role="assistant", tool_calls=CALL_TEXT),
        ),
        (
            {"role": "assistant", "tool_calls": json.dumps([CALL], indent=1)},
            Message(role="assistant", tool_calls=CALL_TEXT),
        ),
        (
            {"role": "assistant", "function_call": CALL["function"]},
            Message(role="assistant", tool_calls=CALL_TEXT.replace('"id":"a1",', "")),
        ),
        ({"role": "assistant", "tool_calls": []}, Message(role="assistant")),
        ({"role": "assistant", "tool_calls": "[]"}, Message(role="assistant")),
        ({"role": "assistant", "tool_calls": "null"}, Message(role="assistant")),
        ({"role": "assistant", "tool_calls": ""}, Message(role="assistant")),
        ({"role": "assistant", "tool_calls": "f(x)"}, Message(role="assistant", tool_calls="f(x)")),
        ({"role": "assistant", "weight": 0}, Message(role="assistant", weight=0)),
        ({"role": "assistant", "weight": 1.0}, Message(role="assistant", weight=1)),
        ({"role": "assistant", "weight": 0.5}, Message(role="assistant", weight=0.5)),
        ({"role": "assistant", "weight": True}, Message(role="assistant", weight=1)),
        ({"role": "assistant", "refusal": "I will not."}, Message("I will not.", role="assistant")),
    ],
)  # fmt: skip
def test_reads_a_message(item: dict[str, Any], expected: Message) -> None:
    assert message(item) == expected


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
        ([{"type": "text", "value": "a"}], "a"),
        ([{"type": "refusal", "refusal": "no"}], "no"),
        ([], ""),
    ],
)
def test_joins_the_text_of_content_parts(parts: list[Any], text: str) -> None:
    assert message({"role": "user", "content": parts}).content == text


def test_tells_two_images_apart() -> None:
    """Rows that differ in an image alone are no copies of each other."""
    one, other = (
        message({"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]})
        for url in ("http://a", "http://b")
    )

    assert one.content != other.content
    assert str(one.content).startswith("<image_url ")


@pytest.mark.parametrize(
    ("row", "fault", "field"),
    [
        ({}, "missing-field", "messages"),
        ({"messages": None}, "missing-field", "messages"),
        ({"messages": "[]"}, "wrong-type", "messages"),
        ({"messages": {"role": "user"}}, "wrong-type", "messages"),
        ({"messages": [HELLO, "Hi"]}, "wrong-type", "messages[1]"),
        ({"messages": [None]}, "wrong-type", "messages[0]"),
        ({"messages": [{"content": "Hi"}]}, "missing-field", "messages[0].role"),
        ({"messages": [{"role": None}]}, "missing-field", "messages[0].role"),
        ({"messages": [{"role": 1}]}, "wrong-type", "messages[0].role"),
        ({"messages": [HELLO, {"role": "a", "content": 5}]}, "wrong-type", "messages[1].content"),
        ({"messages": [{"role": "a", "content": {}}]}, "wrong-type", "messages[0].content"),
        ({"messages": [{"role": "a", "content": ["x"]}]}, "wrong-type", "messages[0].content[0]"),
        ({"messages": [{"role": "user", "name": 5}]}, "wrong-type", "messages[0].name"),
        ({"messages": [{"role": "", "tool_call_id": 5}]}, "wrong-type", "messages[0].tool_call_id"),
        ({"messages": [{"role": "user", "weight": "1"}]}, "wrong-type", "messages[0].weight"),
        ({"messages": [{"role": "user", "weight": 2**53 + 1}]}, "wrong-type", "messages[0].weight"),
        ({"messages": [{"role": "user", "weight": 10**400}]}, "wrong-type", "messages[0].weight"),
    ],
)  # fmt: skip
def test_refuses_a_row_and_names_the_field(row: dict[str, Any], fault: str, field: str) -> None:
    with pytest.raises(Unfit) as caught:
        openai_chat.to_record(row, MAPPING)

    assert (caught.value.defect, caught.value.field) == (fault, field)


def test_names_the_field_as_the_file_does() -> None:
    with pytest.raises(Unfit) as caught:
        openai_chat.to_record({"Chat": [{}]}, {"messages": "Chat"})

    assert caught.value.field == "Chat[0].role"


def test_keeps_what_stands_beside_a_message_whatever_its_column_is_called() -> None:
    record = openai_chat.to_record({"Chat": [{**HELLO, "id": 7, "n": None}]}, {"messages": "Chat"})

    assert record.extra == {"messages[0]": {"id": 7}}
    assert openai_chat.to_row(record) == {"messages": [{**HELLO, "id": 7}]}


def test_keeps_label_group_split_tools_and_other_keys() -> None:
    row = {
        "messages": [HELLO],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "label": 3,
        "group": "g",
        "split": "train",
        "source": {"url": None},
    }

    record = openai_chat.to_record(row, MAPPING)

    assert (record.label, record.group, record.split) == ("3", "g", "train")
    assert record.tools == '[{"function":{"name":"f"},"type":"function"}]'
    assert record.extra == {"source": {"url": None}}
    assert openai_chat.to_row(record) == {**row, "label": "3"}


@pytest.mark.parametrize("name", ["messages", "Messages", "MESSAGES"])
def test_detects_lists_of_messages(name: str) -> None:
    detected = openai_chat.detect(Sample([{name: [HELLO], "tools": [], "split": "train"}]))

    assert detected is not None
    assert detected.mapping == {"messages": name, "tools": "tools", "split": "split"}


def test_nulls_that_arrow_adds_to_calls_change_no_id() -> None:
    """A column of structs has every key in every call, null where it has none."""
    bare = {"type": "function", "function": {"name": "f", "arguments": "{}"}}
    full = {"id": None, "type": "function", "function": {"name": "f", "x": None, "arguments": "{}"}}
    columns: list[Any] = [[bare], [full], json.dumps([full])]
    rows = [{"messages": [{"role": "assistant", "tool_calls": calls}]} for calls in columns]

    assert len({row_id(openai_chat.to_record(row, MAPPING)) for row in rows}) == 1


@pytest.mark.parametrize(
    "item",
    [
        HELLO,
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url", "x": 1}]},
        {"role": "assistant", "content": None, "refusal": "no"},
        {"role": "assistant", "content": None, "tool_calls": [CALL, CALL], "weight": 0},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [CALL],
            "function_call": {"name": "g"},
        },
        {"role": "tool", "content": "", "tool_call_id": "a1", "name": "f", "audio": {"id": 1}},
        {"role": "assistant", "content": None, "tool_calls": "f(x)"},
    ],
)
def test_writes_a_message_as_it_was(item: dict[str, Any]) -> None:
    row = {"messages": [HELLO, item], "id": 1}

    assert back_and_forth(row) == row


@pytest.mark.parametrize("beside", ["x", 5, None, []])
def test_a_key_that_looks_like_a_place_stays_a_key(beside: Any) -> None:
    row = {"messages": [HELLO], "messages[0]": beside}

    assert back_and_forth(row) == row


def test_refuses_to_write_two_columns_of_one_name() -> None:
    record = openai_chat.to_record({"chat": [HELLO], "messages": "x"}, {"messages": "chat"})

    with pytest.raises(UsageError, match="has a column 'messages', and so has the record"):
        openai_chat.to_row(record)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=3,
)
PARTS = st.lists(st.fixed_dictionaries({"type": TEXT}, optional={"text": TEXT, "url": VALUES}))
CALLS = st.lists(st.dictionaries(TEXT, VALUES, max_size=3), max_size=2)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]) | TEXT},
    optional={
        "content": TEXT | st.none() | PARTS,
        "name": TEXT | st.none(),
        "tool_calls": CALLS | TEXT | CALLS.map(json.dumps) | VALUES.map(json.dumps),
        "function_call": VALUES,
        "refusal": VALUES,
        "tool_call_id": TEXT,
        "weight": st.sampled_from([0, 1, 1.0, 0.5, None]),
        "x": VALUES,
    },
)
ROWS = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGES, max_size=4)},
    optional={
        "tools": CALLS | TEXT | VALUES.map(json.dumps),
        "label": VALUES,
        "group": VALUES,
        "split": TEXT,
        "id": VALUES,
    },
)


@given(ROWS)
@settings(deadline=None, database=None)
def test_a_record_written_and_read_is_the_same(row: dict[str, Any]) -> None:
    record: Record = openai_chat.to_record(row, MAPPING)

    assert openai_chat.to_record(openai_chat.to_row(record), MAPPING) == record
