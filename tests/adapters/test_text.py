"""Plain text in one column: one message that nobody speaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep import adapters
from dsprep.adapters import Sample, Unfit, text
from dsprep.errors import UsageError
from dsprep.record import Message, Record

MAPPING = {field: field for field in text.FIELDS}


def test_makes_one_message_that_nobody_speaks() -> None:
    record = text.to_record({"text": "Once upon a time", "url": None}, MAPPING)

    assert record == Record([Message("Once upon a time")], extra={"url": None})


@pytest.mark.parametrize(
    ("row", "fault"),
    [({}, "missing-field"), ({"text": None}, "missing-field"), ({"text": 5}, "wrong-type")],
)
def test_refuses_a_row_without_text(row: dict[str, Any], fault: str) -> None:
    with pytest.raises(Unfit) as caught:
        text.to_record(row, MAPPING)

    assert (caught.value.defect, caught.value.field) == (fault, "text")


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        (("text",), "text"),
        (("id", "Content"), "Content"),
        (("text", "content"), None),
        (("text", "label"), None),
        (("body",), None),
    ],
)
def test_detects_the_only_text(columns: tuple[str, ...], column: str | None) -> None:
    detected = text.detect(Sample([dict.fromkeys(columns, "x")]))

    assert (detected and detected.mapping["text"]) == column


@pytest.mark.parametrize(
    "messages",
    [[], [Message("a", role="user")], [Message("a"), Message("b")], [Message("a", "Ann")]],
)
def test_refuses_to_write_what_it_cannot_hold(messages: list[Message]) -> None:
    with pytest.raises(UsageError, match="shape text holds one text that nobody speaks"):
        text.to_row(Record(messages))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ROWS = st.fixed_dictionaries(
    {"text": TEXT},
    optional={"label": TEXT, "group": TEXT, "split": TEXT, "id": st.integers() | st.none()},
)


@given(ROWS)
@settings(deadline=None, database=None)
def test_a_record_written_and_read_is_the_same(row: dict[str, Any]) -> None:
    record = text.to_record(row, MAPPING)

    assert text.to_record(text.to_row(record), MAPPING) == record


@pytest.mark.parametrize("name", adapters.names())
def test_every_shape_says_what_it_needs(name: str) -> None:
    adapter = adapters.load(name)

    assert adapter.SUMMARY
    assert 0 < len(adapter.REQUIRED) == len(set(adapter.REQUIRED) & set(adapter.FIELDS))
    assert {"label", "group", "split"} <= set(adapter.FIELDS)
    assert adapter.detect(Sample([])) is None
