"""Views of a batch: flat messages, completions, record texts and N1, whole and sliced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.batch import Batch, Defect, Records
from dsprep.record import Message, Record, to_batch
from dsprep.text.normalize import normalize

SYSTEM = Message("Be brief.", role="system")
USER = Message("Is water wet?", role="user")
ANSWER = Message("It is.", role="assistant")
CALL = Message(role="assistant", tool_calls="[1]")
TOOL = Message("5", role="tool", tool_call_id="a1")
VIEWS = (
    "labels",
    "completions",
    "text_ends",
    "texts",
    "normalized_texts",
    "normalized_prompts",
    "normalized_completions",
)
FLAT_VIEWS = ("record", "roles", "contents", "tool_calls", "weights", "texts", "normalized")


def records_of(*records: Record) -> Records:
    return Records(to_batch(records, range(len(records)), [None] * len(records)))


def view(owner: Any, name: str) -> list[Any]:
    """Return a view as Python values."""
    values = getattr(owner, name)
    return list(values.tolist() if hasattr(values, "tolist") else values)


@pytest.mark.parametrize(
    ("messages", "completion", "prompt", "answer"),
    [
        ([USER, ANSWER], 1, "is water wet?", "it is."),
        ([SYSTEM, USER, ANSWER], 2, "be brief. is water wet?", "it is."),
        ([USER, ANSWER, USER], 1, "is water wet?", "it is."),
        ([USER, ANSWER, USER, CALL, TOOL, ANSWER], 5, None, "it is."),
        ([USER, CALL], 1, "is water wet?", "[1]"),
        ([ANSWER], 0, "", "it is."),
        ([USER], -1, "is water wet?", ""),
        ([Message("Once Upon")], -1, "once upon", ""),
        ([], -1, "", ""),
    ],
)
def test_the_completion_is_the_last_answer_and_the_prompt_all_before(
    messages: list[Message], completion: int, prompt: str | None, answer: str
) -> None:
    records = records_of(Record([USER]), Record(messages))

    place = int(records.completions[1])
    assert place - (place >= 0) == completion
    assert prompt is None or records.normalized_prompts[1] == prompt
    assert records.normalized_completions[1] == answer


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Record([SYSTEM, USER, ANSWER]), "Be brief.\nIs water wet?\nIt is."),
        (Record([USER, CALL, TOOL]), "Is water wet?\n[1]\n5"),
        (Record([Message("", role="user"), ANSWER]), "\nIt is."),
        (Record([Message(None, role="user"), ANSWER]), "\nIt is."),
        (Record([USER, ANSWER], label="wet"), "Is water wet?\nIt is."),
        (Record([USER, ANSWER], label="It is."), "Is water wet?"),
        (Record([USER, ANSWER, USER], label="It is."), "Is water wet?\nIt is.\nIs water wet?"),
        (Record([Message("card")], label="card"), "card"),
        (Record([]), ""),
        (Record([], label="x"), ""),
    ],
)
def test_record_text_leaves_out_an_answer_that_is_the_label(record: Record, text: str) -> None:
    assert records_of(record).texts == [text]


def test_messages_know_their_record_and_their_place_in_it() -> None:
    messages = records_of(Record([USER, ANSWER]), Record([]), Record([SYSTEM, USER])).messages

    assert len(messages) == 4
    assert messages.record.tolist() == [0, 0, 2, 2]
    assert messages.offsets.tolist() == [0, 2, 2, 4]
    assert [messages.position(flat) for flat in range(4)] == [0, 1, 0, 1]
    assert messages.has_role("user").tolist() == [True, False, False, True]


def test_an_empty_batch_has_empty_views() -> None:
    records = records_of()

    assert len(records) == 0
    assert all(view(records, name) == [] for name in VIEWS)
    assert all(view(records.messages, name) == [] for name in FLAT_VIEWS)


def test_a_batch_has_no_defects_unless_given() -> None:
    assert Batch(records_of()).defects == ()
    assert Defect("unparsable-row").fatal


TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n\u0301ﬁİ\u00a0"))
MESSAGES = st.builds(
    Message,
    content=TEXT | st.none(),
    role=st.sampled_from(["user", "assistant", "system", None]),
    tool_calls=st.none() | st.just("[1]"),
    weight=st.none() | st.integers(0, 1),
)
RECORDS = st.builds(
    Record, st.lists(MESSAGES, max_size=4), label=st.none() | st.sampled_from(["a", ""]) | TEXT
)


@given(st.lists(RECORDS, max_size=5), st.integers(0, 5), st.integers(0, 5))
@settings(deadline=None, database=None)
def test_a_slice_has_the_views_of_its_records_alone(
    records: list[Record], start: int, length: int
) -> None:
    sliced = Records(records_of(*records).batch.slice(min(start, len(records)), length))
    alone = records_of(*records[start : start + length])

    assert [view(sliced, name) for name in VIEWS] == [view(alone, name) for name in VIEWS]
    assert [view(sliced.messages, n) for n in FLAT_VIEWS] == [
        view(alone.messages, n) for n in FLAT_VIEWS
    ]


@given(st.lists(RECORDS, max_size=4))
@settings(deadline=None, database=None)
def test_normalized_text_is_n1_of_the_text(records: list[Record]) -> None:
    """N1 is made a message at a time: joined, it is that of the whole."""
    made = records_of(*records)

    assert made.normalized_texts == [normalize(text) for text in made.texts]
