"""Prompt and completion as columns, under any of the names they are given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.adapters import Sample, Unfit, prompt_completion
from dsprep.errors import UsageError
from dsprep.record import Message, Record

MAPPING = {field: field for field in prompt_completion.FIELDS}


def test_makes_two_messages() -> None:
    record = prompt_completion.to_record({"prompt": "a", "completion": ""}, MAPPING)

    assert record == Record([Message("a", role="user"), Message("", role="assistant")])


def test_puts_the_system_prompt_first_and_keeps_the_rest() -> None:
    row = {"prompt": "a", "completion": "b", "system": "s", "split": "train", "id": None}

    record = prompt_completion.to_record(row, MAPPING)

    assert [message.role for message in record.messages] == ["system", "user", "assistant"]
    assert (record.split, record.extra) == ("train", {"id": None})


@pytest.mark.parametrize(
    ("row", "fault", "field"),
    [
        ({"completion": "b"}, "missing-field", "prompt"),
        ({"prompt": "a"}, "missing-field", "completion"),
        ({"prompt": "a", "completion": None}, "missing-field", "completion"),
        ({"prompt": "a", "completion": 5}, "wrong-type", "completion"),
        ({"prompt": ["a"], "completion": "b"}, "wrong-type", "prompt"),
        ({"prompt": "a", "completion": True}, "wrong-type", "completion"),
        ({"prompt": "a", "completion": "b", "system": 1}, "wrong-type", "system"),
    ],
)
def test_refuses_a_row_and_names_the_field(row: dict[str, Any], fault: str, field: str) -> None:
    """A missing answer is said to be missing, and never becomes the word None."""
    with pytest.raises(Unfit) as caught:
        prompt_completion.to_record(row, MAPPING)

    assert (caught.value.defect, caught.value.field) == (fault, field)


@pytest.mark.parametrize(
    ("columns", "pair"),
    [
        (("prompt", "completion"), ("prompt", "completion")),
        (("Prompt ", "COMPLETION"), ("Prompt ", "COMPLETION")),
        (("question", "answer"), ("question", "answer")),
        (("Question", "Best Answer", "Source"), ("Question", "Best Answer")),
        (("best-answer", "question"), ("question", "best-answer")),
        (("id", "input", "target"), ("input", "target")),
        (("instruction", "response"), ("instruction", "response")),
        (("answer", "prompt", "question"), ("prompt", "answer")),
        (("prompt", "text"), None),
        (("completion",), None),
    ],
)
def test_detects_a_pair_by_its_names(
    columns: tuple[str, ...], pair: tuple[str, str] | None
) -> None:
    detected = prompt_completion.detect(Sample([dict.fromkeys(columns, "text")]))

    assert (detected and (detected.mapping["prompt"], detected.mapping["completion"])) == pair


@pytest.mark.parametrize(
    ("values", "found"),
    [(["a", "b", None], True), ([1, 2, "c"], False), ([None, None, "c"], True)],
)
def test_detects_a_pair_by_its_values(values: list[Any], found: bool) -> None:
    rows = [{"prompt": "x", "completion": value} for value in values]

    assert (prompt_completion.detect(Sample(rows)) is not None) is found


def test_refuses_to_write_what_it_cannot_hold() -> None:
    turns = [Message("a", role="user"), Message("b", role="assistant")]

    with pytest.raises(UsageError, match="shape prompt_completion holds one prompt"):
        prompt_completion.to_row(Record(turns * 2))
    with pytest.raises(UsageError, match="shape prompt_completion holds one prompt"):
        prompt_completion.to_row(Record(turns, tools="[]"))
    with pytest.raises(UsageError, match="shape prompt_completion has a column 'prompt'"):
        prompt_completion.to_row(Record(turns, extra={"prompt": "x"}))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ROWS = st.fixed_dictionaries(
    {"prompt": TEXT, "completion": TEXT},
    optional={
        "system": TEXT | st.none(),
        "label": TEXT | st.integers() | st.none(),
        "group": TEXT,
        "split": TEXT,
        "id": st.integers() | st.none() | st.lists(TEXT),
    },
)


@given(ROWS)
@settings(deadline=None, database=None)
def test_a_record_written_and_read_is_the_same(row: dict[str, Any]) -> None:
    record = prompt_completion.to_record(row, MAPPING)

    assert prompt_completion.to_record(prompt_completion.to_row(record), MAPPING) == record
