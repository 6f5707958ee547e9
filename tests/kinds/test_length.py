"""Lengths: the figures of the OpenAI cookbook, and a screen that misses nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.adapters import openai_chat
from dsprep.record import Message, Record
from dsprep.text.tokens import tiktoken_encoding

DATA = Path(__file__).parents[2].parent / "shared" / "data"
TOY = DATA / "chat" / "toy_chat_fine_tuning.jsonl"


def cookbook(record: Record, encoding: tiktoken.Encoding) -> int:
    """Return what `num_tokens_from_messages` of Chat_finetuning_data_prep returns."""
    count = 3
    for message in record.messages:
        count += 3
        for key in ("role", "content", "name"):
            count += len(encoding.encode_ordinary(getattr(message, key) or ""))
        count += message.name is not None
    return count


def tokens(find: Any, rule: Any, record: Record) -> int | None:
    """Return the tokens that a hit on a record names, None where there is no hit."""
    return next((hit.arguments["tokens"] for _, hit in find([record], rule)), None)


def toy_records() -> list[Record]:
    rows = [json.loads(line) for line in TOY.read_text(encoding="utf-8").splitlines()]
    return [openai_chat.to_record(row, {"messages": "messages"}) for row in rows]


@pytest.mark.skipif(not TOY.exists(), reason="the shared data set of the cookbook is not here")
def test_chat_overhead_gives_the_figures_of_the_cookbook(make_rule: Any, find: Any) -> None:
    files = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))["files"]
    (truth,) = (file["truth"] for file in files if file["file"].endswith(TOY.name))
    figures = truth["cookbook_formula_cl100k"]["total_per_example"]
    assert figures == [45, 111, 26, 28, 8032]

    rule = make_rule("length", limit=1, encoding="cl100k_base", overhead="chat")

    assert [tokens(find, rule, record) for record in toy_records()] == figures


@pytest.mark.skipif(not TOY.exists(), reason="the shared data set of the cookbook is not here")
def test_a_record_of_just_the_limit_passes(make_rule: Any, find: Any) -> None:
    limits = {"encoding": "cl100k_base", "overhead": "chat"}
    for record, figure in zip(toy_records(), [45, 111, 26, 28, 8032], strict=True):
        assert tokens(find, make_rule("length", limit=figure, **limits), record) is None
        assert tokens(find, make_rule("length", limit=figure - 1, **limits), record) == figure


TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("ab é深🙂 \n"), max_size=30
)
CONVERSATIONS = st.lists(
    st.builds(Message, content=TEXT, role=st.sampled_from(["system", "user", "assistant"])),
    min_size=1,
    max_size=4,
)


@given(messages=CONVERSATIONS, limit=st.integers(1, 60))
@settings(deadline=None, database=None)
def test_is_the_formula_of_the_cookbook_on_any_conversation(
    make_rule: Any, find: Any, messages: list[Message], limit: int
) -> None:
    record = Record(messages)
    expected = cookbook(record, tiktoken_encoding("o200k_base"))
    rule = make_rule("length", limit=limit, encoding="o200k_base", overhead="chat")

    assert tokens(find, rule, record) == (expected if expected > limit else None)


@given(messages=CONVERSATIONS, limit=st.integers(1, 60))
@settings(deadline=None, database=None)
def test_without_overhead_it_is_the_text_alone(
    make_rule: Any, find: Any, messages: list[Message], limit: int
) -> None:
    text = "\n".join(str(message.content) for message in messages)
    expected = len(tiktoken_encoding("cl100k_base").encode_ordinary(text))
    rule = make_rule("length", limit=limit, encoding="cl100k_base", overhead="none")

    assert tokens(find, rule, Record(messages)) == (expected if expected > limit else None)


def test_counts_names_as_the_cookbook_does(make_rule: Any, find: Any) -> None:
    record = Record([Message("Hello", "Ann", "user"), Message("Hi", role="assistant")])
    rule = make_rule("length", limit=1, encoding="cl100k_base", overhead="chat")

    assert tokens(find, rule, record) == cookbook(record, tiktoken_encoding("cl100k_base"))


def test_the_screen_misses_no_answer_that_is_the_label(make_rule: Any, find: Any) -> None:
    label = " ".join("0123456789")
    record = Record([Message("x", role="user"), Message(label, role="assistant")], label=label)
    expected = cookbook(record, tiktoken_encoding("cl100k_base"))
    rule = make_rule("length", limit=expected - 1, encoding="cl100k_base", overhead="chat")

    assert tokens(find, rule, record) == expected


def test_judges_rules_of_several_encodings(make_rule: Any, find: Any) -> None:
    record = Record([Message("お誕生日おめでとう")])
    rules = [
        make_rule("length", code=f"X0000{limit}", limit=limit, encoding=encoding, overhead="none")
        for limit, encoding in ((8, "cl100k_base"), (9, "cl100k_base"), (7, "o200k_base"))
    ]

    found = [(code, hit.arguments["tokens"]) for code, hit in find([record], *rules)]

    assert found == [("X00008", 9), ("X00007", 8)]
