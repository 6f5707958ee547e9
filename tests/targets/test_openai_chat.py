"""OpenAI chat: what was read as such is written as it was, and made ids never change."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep import targets
from dsprep.adapters import openai_chat as adapter
from dsprep.adapters import sharegpt
from dsprep.batch import Records
from dsprep.errors import UsageError
from dsprep.record import Message, Record, to_batch
from dsprep.targets import openai_chat

MAPPING = {field: field for field in adapter.FIELDS}
CALL = {"id": "a1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
USER = Message("Hello", role="user")
ANSWER = Message("Hi", role="assistant")


def there_and_back(row: dict[str, Any]) -> dict[str, Any]:
    return openai_chat.to_row(adapter.to_record(row, MAPPING), plain=False)


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}],
        [{"role": "system", "content": ""}, {"role": "user", "content": "x", "name": "Ann"}],
        [
            {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "b2"}]},
            {"role": "tool", "content": "5", "tool_call_id": "b2"},
            {"role": "tool", "content": "", "tool_call_id": "a1"},
            {"role": "assistant", "content": "Five.", "weight": 0},
        ],
        [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}],
        [{"role": "assistant", "content": "x", "weight": 0.5}],
    ],
)
def test_writes_messages_as_they_were(messages: list[Any]) -> None:
    row = {"messages": messages, "tools": [TOOL], "parallel_tool_calls": False}

    assert there_and_back(row) == row


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CALLS = st.lists(
    st.builds(
        lambda id_, name, arguments: {
            "id": id_,
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        },
        TEXT.filter(bool),
        TEXT,
        TEXT | st.just('{"x": [1, 2]}'),
    ),
    min_size=1,
    max_size=2,
)
MESSAGES = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant"]), "content": TEXT | st.none()},
        optional={"name": TEXT, "weight": st.sampled_from([0, 1])},
    ),
    st.fixed_dictionaries({"role": st.just("tool"), "content": TEXT, "tool_call_id": TEXT}),
    st.fixed_dictionaries(
        {"role": st.just("assistant"), "content": TEXT | st.none(), "tool_calls": CALLS}
    ),
)
ROWS = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGES, max_size=5)},
    optional={"tools": st.lists(st.just(TOOL), min_size=1), "parallel_tool_calls": st.booleans()},
)


@given(ROWS)
@settings(deadline=None, database=None)
def test_what_was_openai_chat_is_the_same_again(row: dict[str, Any]) -> None:
    assert there_and_back(row) == row


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ({"role": "developer", "content": "x"}, {"role": "system", "content": "x"}),
        (
            {"role": "user", "content": [{"type": "text", "text": t} for t in "ab"]},
            {"role": "user", "content": "a\nb"},
        ),
        (
            {"role": "assistant", "tool_calls": [{**CALL, "index": 0}]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
        ),
        (
            {
                "role": "assistant",
                "tool_calls": [{"id": "a1", "function": {"name": "f", "arguments": {"x": 1}}}],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{**CALL, "function": {"name": "f", "arguments": '{"x":1}'}}],
            },
        ),
        ({"role": "user", "content": "x", "id": 7}, {"role": "user", "content": "x"}),
    ],
)
def test_writes_what_openai_takes(message: dict[str, Any], written: dict[str, Any]) -> None:
    assert there_and_back({"messages": [message]}) == {"messages": [written]}


def test_declares_bare_functions_as_tools() -> None:
    row = {"messages": [], "tools": [TOOL["function"]]}

    assert there_and_back(row) == {"messages": [], "tools": [TOOL]}


def test_writes_the_functions_of_old_as_tools() -> None:
    call = {"name": "f", "arguments": "{}"}
    row = {
        "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": None, "function_call": call},
        ],
        "functions": [TOOL["function"]],
    }
    detected = adapter.detect(adapter.Sample([row]))
    assert detected is not None

    written = openai_chat.to_row(adapter.to_record(row, detected.mapping), plain=False)

    assert written["tools"] == [TOOL]
    assert written["messages"][1]["tool_calls"][0]["function"] == call


TURNS = {
    "conversations": [
        {"from": "human", "value": "f and g?"},
        {
            "from": "function_call",
            "value": '[{"name":"f","arguments":{}},{"name":"g","arguments":{}}]',
        },
        {"from": "observation", "value": "1"},
        {"from": "observation", "value": "2"},
        {"from": "function_call", "value": '{"name":"f","arguments":{}}'},
        {"from": "observation", "value": "3"},
        {"from": "observation", "value": "nobody asked"},
        {"from": "gpt", "value": "Done."},
    ]
}


def without_ids() -> dict[str, Any]:
    record = sharegpt.to_record(TURNS, {"conversations": "conversations"})
    return openai_chat.to_row(record, plain=False)


def test_binds_results_to_calls_in_their_order() -> None:
    messages = without_ids()["messages"]
    called = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    answered = [message["tool_call_id"] for message in messages if message["role"] == "tool"]

    assert answered == [*called, None]
    assert len(set(called)) == 3


def test_made_ids_are_stable_hashes() -> None:
    """Written out, so that an id never changes unseen: it would change every written file."""
    messages = without_ids()["messages"]
    called = [call["id"] for message in messages for call in message.get("tool_calls", ())]

    assert called == [
        "call_20e5f4dc42026f55",
        "call_8c46e9b35890c51b",
        "call_f7403cbe350ad0b8",
    ]


def test_made_ids_depend_on_what_was_said_before_alone() -> None:
    longer = json.loads(json.dumps(TURNS))
    longer["conversations"][-1]["value"] = "Something else."
    other = json.loads(json.dumps(TURNS))
    other["conversations"][0]["value"] = "Something else."

    def ids(row: dict[str, Any]) -> list[str]:
        record = sharegpt.to_record(row, {"conversations": "conversations"})
        messages = openai_chat.to_row(record, plain=False)["messages"]
        return [call["id"] for message in messages for call in message.get("tool_calls", ())]

    assert ids(longer) == ids(TURNS)
    assert not set(ids(other)) & set(ids(TURNS))


def test_keeps_the_ids_there_are_and_binds_the_rest() -> None:
    calls = json.dumps([CALL, {"function": {"name": "g"}}])
    messages = [
        Message(role="assistant", tool_calls=calls),
        Message("1", role="tool", tool_call_id="a1"),
        Message("2", role="tool"),
    ]

    first, one, two = openai_chat.to_row(Record(messages), plain=False)["messages"]

    assert [call["id"] for call in first["tool_calls"]] == ["a1", two["tool_call_id"]]
    assert one["tool_call_id"] == "a1"
    assert first["tool_calls"][1]["function"] == {"name": "g", "arguments": "{}"}


def test_many_calls_take_linear_time() -> None:
    call = Message(role="assistant", tool_calls='[{"function":{"name":"f"}}]')
    begin = time.process_time()

    row = openai_chat.to_row(Record([call, Message("1", role="tool")] * 10_000), plain=False)

    assert len({message.get("tool_call_id") for message in row["messages"]}) == 10_001
    assert time.process_time() - begin < 3


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Record([USER, ANSWER]), None),
        (Record([ANSWER]), None),
        (Record([USER, ANSWER, USER]), None),
        (Record([Message("Once")]), "plain text is no conversation"),
        (Record([USER]), "there is no answer to learn"),
        (Record([]), "there is no answer to learn"),
        *(
            (
                Record([USER, Message(role="assistant", tool_calls=calls)]),
                "a tool call is no JSON object with a function",
            )
            for calls in ("f(x)", '"f"', "{}", "[1]", '[{"id":"a"}]', '[{"function":"f"}]',
                          '[{"function":{"arguments":"{}"}}]', '[{"function":{"name":null}}]')
        ),
        *(
            (Record([USER, ANSWER], tools=tools), "the declared tools are no JSON list of objects")
            for tools in ("f(x)", "{}", "[1]", '["f"]')
        ),
    ],
)  # fmt: skip
def test_says_what_it_cannot_hold(record: Record, reason: str | None) -> None:
    records = Records(to_batch([Record([USER, ANSWER]), record], [0, 1], [None, None]))

    assert [*openai_chat.unfit(records)] == ([] if reason is None else [(1, reason)])


def test_what_fits_can_be_written_whatever_stands_beside_it() -> None:
    beside = {"messages[0]": {"content": ["x"]}, "messages[1]": 5, "parallel_tool_calls": "no"}

    row = openai_chat.to_row(Record([USER, ANSWER], extra=beside), plain=False)

    assert row["messages"][1] == {"role": "assistant", "content": "Hi"}


def test_finds_targets_by_their_files() -> None:
    assert {"openai-chat", "prompt-completion"} <= set(targets.names())
    assert targets.load("openai-chat") is openai_chat
    assert targets.DEFAULT in targets.names()


def test_refuses_an_unknown_target() -> None:
    with pytest.raises(UsageError, match=r"'openai_chat'\. Did you mean openai-chat\?$"):
        targets.load("openai_chat")
