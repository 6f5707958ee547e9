"""ShareGPT: speakers under any of their names, function calls as tool calls, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.adapters import Sample, Unfit, openai_chat, sharegpt
from dsprep.errors import UsageError
from dsprep.record import Message, Record

MAPPING = {field: field for field in sharegpt.FIELDS}
HUMAN, GPT = {"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hi"}


def messages(*turns: Any) -> list[Message]:
    return sharegpt.to_record({"conversations": [*turns]}, MAPPING).messages


@pytest.mark.parametrize(
    ("speaker", "role"),
    [
        *(("human", "user"), ("user", "user"), ("Human", "user")),
        *((name, "assistant") for name in ("gpt", "GPT", "chatgpt", "assistant", "bing", "bard")),
        *(("model", "assistant"), ("system", "system"), ("System", "system")),
        *((name, "tool") for name in ("observation", "tool", "function_response")),
        *(("narrator", "narrator"), ("Narrator", "Narrator"), ("", "")),
    ],
)
def test_knows_a_speaker_by_any_name(speaker: str, role: str) -> None:
    assert messages({"from": speaker, "value": "x"}) == [Message("x", role=role)]


def calls_of(value: str | None) -> Any:
    (message,) = messages({"from": "function_call", "value": value})
    assert (message.role, message.content) == ("assistant", None)
    return [
        {**call, "function": tuple(sorted(call["function"].items()))}
        for call in json.loads(str(message.tool_calls))
    ]


@pytest.mark.parametrize(
    ("value", "functions"),
    [
        (
            '{"name": "f", "arguments": {"x": 1}}',
            [(("arguments", '{"x":1}'), ("name", "f"))],
        ),
        (
            '{"name": "f", "arguments": "{\\"x\\": 1}"}',
            [(("arguments", '{"x": 1}'), ("name", "f"))],
        ),
        (
            '[{"name": "f", "arguments": {}}, {"name": "g", "arguments": {}}]',
            [(("arguments", "{}"), ("name", "f")), (("arguments", "{}"), ("name", "g"))],
        ),
        ("call f please", [(("arguments", "call f please"),)]),
        ("", [(("arguments", ""),)]),
        (None, [(("arguments", ""),)]),
        ("5", [(("arguments", "5"),)]),
        ('{"name": "f"}', [(("arguments", '{"name":"f"}'),)]),
        ("[" * 5_000, [(("arguments", "[" * 5_000),)]),
        ("[" * 500 + "]" * 500, [(("arguments", "[" * 500 + "]" * 500),)]),
    ],
)
def test_reads_a_function_call(value: str | None, functions: list[Any]) -> None:
    assert calls_of(value) == [{"type": "function", "function": f} for f in functions]


def test_keeps_the_id_of_a_call() -> None:
    (call,) = calls_of('{"id": "a1", "name": "f", "arguments": {}}')

    assert call["id"] == "a1"


def test_a_call_that_follows_speech_belongs_to_it() -> None:
    call = {"from": "function_call", "value": '{"name": "f", "arguments": {}}'}
    said = messages(HUMAN, GPT, call, {"from": "observation", "value": "5"}, call)

    assert [(m.role, m.content, m.tool_calls is not None) for m in said] == [
        ("user", "Hello", False),
        ("assistant", "Hi", True),
        ("tool", "5", False),
        ("assistant", None, True),
    ]


@pytest.mark.parametrize(
    ("row", "fault", "field"),
    [
        ({}, "missing-field", "conversations"),
        ({"conversations": None}, "missing-field", "conversations"),
        ({"conversations": "[]"}, "wrong-type", "conversations"),
        ({"conversations": [HUMAN, "Hi"]}, "wrong-type", "conversations[1]"),
        ({"conversations": [{"value": "Hi"}]}, "missing-field", "conversations[0].from"),
        ({"conversations": [{"from": 1, "value": "Hi"}]}, "wrong-type", "conversations[0].from"),
        ({"conversations": [{"from": "gpt", "value": 1}]}, "wrong-type", "conversations[0].value"),
        ({"conversations": [HUMAN], "system": {"a": 1}}, "wrong-type", "system"),
        ({"conversations": [HUMAN], "system": 5}, "wrong-type", "system"),
    ],
)
def test_refuses_a_row_and_names_the_field(row: dict[str, Any], fault: str, field: str) -> None:
    with pytest.raises(Unfit) as caught:
        sharegpt.to_record(row, MAPPING)

    assert (caught.value.defect, caught.value.field) == (fault, field)


@pytest.mark.parametrize("system", [None, ""])
def test_takes_no_system_prompt_from_an_empty_column(system: Any) -> None:
    record = sharegpt.to_record({"conversations": [HUMAN], "system": system}, MAPPING)

    assert [message.role for message in record.messages] == ["user"]


def test_keeps_what_stands_beside_a_turn() -> None:
    row = {
        "conversations": [HUMAN, {**GPT, "weight": 0, "markdown": None}],
        "tools": '[{"name":"f"}]',
        "id": 7,
    }
    record = sharegpt.to_record(row, MAPPING)

    assert record.extra == {"id": 7, "conversations[1]": {"weight": 0, "markdown": None}}
    assert sharegpt.to_row(record) == row


def test_keeps_what_stands_beside_a_turn_behind_a_system_prompt() -> None:
    row = {"conversations": [HUMAN, {**GPT, "id": 7}], "system": "Be brief."}

    assert sharegpt.to_row(sharegpt.to_record(row, MAPPING)) == {
        "conversations": [{"from": "system", "value": "Be brief."}, HUMAN, {**GPT, "id": 7}]
    }


@pytest.mark.parametrize("name", ["conversations", "conversation", "Conversations"])
def test_detects_lists_of_turns(name: str) -> None:
    detected = sharegpt.detect(Sample([{name: [HUMAN], "system": "x", "tools": "[]"}]))

    assert detected is not None
    assert detected.mapping == {"conversations": name, "system": "system", "tools": "tools"}


def test_holds_the_tool_calls_of_openai() -> None:
    arguments = '{"x":[1,"ä"]}'
    call = {"id": "a1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    row = {
        "messages": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Wait.", "tool_calls": [call, {**call, "id": "b2"}]},
            {"role": "tool", "content": "5"},
            {"role": "assistant", "content": "Five."},
        ]
    }
    record = openai_chat.to_record(row, {"messages": "messages"})

    assert sharegpt.to_record(sharegpt.to_row(record), MAPPING) == record


@pytest.mark.parametrize("calls", ["f(x)", '"f"', "[1]", "{}", '[{"function": 5}]', '[{"id": 5}]'])
def test_writes_broken_tool_calls_all_the_same(calls: str) -> None:
    row = sharegpt.to_row(Record([Message(role="assistant", tool_calls=calls)]))

    assert row["conversations"][0]["from"] == "function_call"


def test_refuses_to_write_a_text_that_nobody_speaks() -> None:
    with pytest.raises(UsageError, match="shape sharegpt holds conversations"):
        sharegpt.to_row(Record([Message("Once upon a time")]))


def test_refuses_to_write_two_columns_of_one_name() -> None:
    row = {"talk": [HUMAN], "conversations": 5}
    record = sharegpt.to_record(row, {"conversations": "talk"})

    with pytest.raises(UsageError, match="has a column 'conversations', and so has the record"):
        sharegpt.to_row(record)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=3,
)
CALL = st.fixed_dictionaries({}, optional={"name": TEXT, "arguments": VALUES, "id": VALUES})
CALLED = (CALL | VALUES | st.lists(CALL | VALUES, max_size=3)).map(json.dumps) | TEXT | st.none()
SPEAKERS = st.sampled_from([*sharegpt._ROLES, "Human", "narrator"]) | TEXT
TURNS = st.one_of(
    st.fixed_dictionaries({"from": SPEAKERS, "value": TEXT | st.none()}, optional={"x": VALUES}),
    st.fixed_dictionaries({"from": st.just("gpt"), "value": TEXT}, optional={"weight": VALUES}),
    st.fixed_dictionaries({"from": st.just("function_call"), "value": CALLED}),
    st.fixed_dictionaries({"from": st.just("function_call"), "value": CALLED, "x": VALUES}),
)
ROWS = st.fixed_dictionaries(
    {"conversations": st.lists(TURNS, max_size=6)},
    optional={
        "system": TEXT | st.none(),
        "tools": TEXT | VALUES.map(json.dumps) | st.lists(VALUES),
        "label": VALUES,
        "group": VALUES,
        "id": VALUES,
    },
)


@given(ROWS)
@settings(deadline=None, database=None)
def test_a_record_written_and_read_is_the_same(row: dict[str, Any]) -> None:
    record = sharegpt.to_record(row, MAPPING)

    assert sharegpt.to_record(sharegpt.to_row(record), MAPPING) == record
