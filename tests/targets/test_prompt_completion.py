"""Prompt and completion: strings where that is all there is, else lists of messages."""

from __future__ import annotations

from typing import Any

import pytest

from dsprep.adapters import openai_chat as adapter
from dsprep.batch import Records
from dsprep.record import Message, Record, to_batch
from dsprep.targets import prompt_completion

SYSTEM = Message("Be brief.", role="system")
USER = Message("Hello", role="user")
ANSWER = Message("Hi", role="assistant")
CALL = Message(role="assistant", tool_calls='[{"function":{"name":"f","arguments":"{}"}}]')
TOOL = Message("5", role="tool")


def records_of(*records: Record) -> Records:
    return Records(to_batch(records, range(len(records)), [None] * len(records)))


@pytest.mark.parametrize(
    ("record", "plain"),
    [
        (Record([USER, ANSWER]), True),
        (Record([Message("Once")]), True),
        (Record([USER, ANSWER], label="x", group="g", extra={"id": 7}), True),
        (Record([SYSTEM, USER, ANSWER]), False),
        (Record([USER, ANSWER, USER, ANSWER]), False),
        (Record([ANSWER]), False),
        (Record([USER]), False),
        (Record([USER, CALL]), False),
        (Record([USER, ANSWER], tools="[]"), False),
        (Record([USER, Message("Hi", role="assistant", weight=0)]), False),
        (Record([USER, ANSWER], extra={"messages[0]": {"content": []}}), False),
        (Record([]), False),
    ],
)
def test_a_record_is_plain_where_two_strings_say_it_all(record: Record, plain: bool) -> None:
    assert prompt_completion.plain(records_of(Record([USER, ANSWER]), record)) == [True, plain]


@pytest.mark.parametrize(
    ("record", "row"),
    [
        (Record([USER, ANSWER]), {"prompt": "Hello", "completion": "Hi"}),
        (Record([Message("Once")]), {"prompt": "", "completion": "Once"}),
        (Record([Message("", role="user"), ANSWER]), {"prompt": "", "completion": "Hi"}),
    ],
)
def test_writes_strings(record: Record, row: dict[str, Any]) -> None:
    assert prompt_completion.to_row(record, plain=True) == row


@pytest.mark.parametrize(
    ("record", "prompt", "completion"),
    [
        (Record([USER, ANSWER]), ["user"], "assistant"),
        (Record([SYSTEM, USER, ANSWER]), ["system", "user"], "assistant"),
        (Record([USER, ANSWER, USER, ANSWER]), ["user", "assistant", "user"], "assistant"),
        (Record([USER, CALL, TOOL, ANSWER]), ["user", "assistant", "tool"], "assistant"),
        (Record([Message("Once")]), [], "assistant"),
        (Record([Message("x", role="developer"), ANSWER]), ["system"], "assistant"),
    ],
)
def test_writes_lists_of_messages(record: Record, prompt: list[str], completion: str) -> None:
    row = prompt_completion.to_row(record, plain=False)

    assert [message["role"] for message in row["prompt"]] == prompt
    assert [message["role"] for message in row["completion"]] == [completion]
    assert row["completion"][0]["content"] == record.messages[-1].content


def test_binds_tool_results_and_declares_tools() -> None:
    record = Record([USER, CALL, TOOL, ANSWER], tools='[{"name":"f"}]')

    row = prompt_completion.to_row(record, plain=False)

    (call,) = row["prompt"][1]["tool_calls"]
    assert call["id"] == row["prompt"][2]["tool_call_id"]
    assert row["tools"] == [{"type": "function", "function": {"name": "f"}}]


def test_prompt_and_completion_together_are_the_conversation() -> None:
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]},
        {"role": "assistant", "content": "x", "weight": 0},
        {"role": "user", "content": "y", "name": "Ann"},
        {"role": "assistant", "content": "z"},
    ]
    record = adapter.to_record({"messages": messages}, {"messages": "messages"})

    row = prompt_completion.to_row(record, plain=False)

    assert row["prompt"] + row["completion"] == messages


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Record([USER, ANSWER]), None),
        (Record([Message("Once")]), None),
        (Record([SYSTEM, USER, CALL, TOOL, ANSWER]), None),
        (Record([USER, ANSWER, USER]), "messages follow the last answer, and would be lost"),
        (Record([USER, CALL, TOOL]), "messages follow the last answer, and would be lost"),
        (Record([USER]), "there is no answer to learn"),
        (Record([Message("a"), Message("b")]), "there is no answer to learn"),
        (Record([]), "there is no answer to learn"),
        (
            Record([USER, Message(role="assistant", tool_calls="f(x)"), ANSWER]),
            "a tool call is no JSON object with a function",
        ),
        (Record([USER, ANSWER], tools="[1]"), "the declared tools are no JSON list of objects"),
        (Record([USER], tools="[1]"), "there is no answer to learn"),
    ],
)
def test_says_once_what_it_cannot_hold(record: Record, reason: str | None) -> None:
    records = records_of(Record([USER, ANSWER]), record, Record([USER, ANSWER]))

    assert [*prompt_completion.unfit(records)] == ([] if reason is None else [(1, reason)])
