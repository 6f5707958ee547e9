"""Text and label: the label is what the model learns to answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.adapters import Sample, Unfit, text_label
from dsprep.errors import UsageError
from dsprep.record import Message, Record

MAPPING = {**{field: field for field in text_label.FIELDS}, "prompt": "text"}


@pytest.mark.parametrize(
    ("given_", "label"),
    [
        ("card", "card"),
        (3, "3"),
        (True, "true"),
        (0, "0"),
        (2.0, "2"),
        (1.5, "1.5"),
        (["a"], '["a"]'),
    ],
)
def test_answers_with_the_label(given_: Any, label: str) -> None:
    record = text_label.to_record({"text": "x", "label": given_}, MAPPING)

    assert record.messages == [Message("x", role="user"), Message(label, role="assistant")]
    assert record.label == label


@pytest.mark.parametrize(
    ("row", "fault", "field"),
    [
        ({"label": "a"}, "missing-field", "text"),
        ({"text": 5, "label": "a"}, "wrong-type", "text"),
        ({"text": "x"}, "missing-field", "label"),
        ({"text": "x", "label": None}, "missing-field", "label"),
        ({"text": "x", "label": ""}, "missing-field", "label"),
        ({"text": "x", "label": "a", "system": 5}, "wrong-type", "system"),
    ],
)
def test_refuses_a_row_and_names_the_field(row: dict[str, Any], fault: str, field: str) -> None:
    """A missing label is no label, and never one called None."""
    with pytest.raises(Unfit) as caught:
        text_label.to_record(row, MAPPING)

    assert (caught.value.defect, caught.value.field) == (fault, field)


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (("text", "label"), {"prompt": "text", "label": "label"}),
        (("Utterance", "Intent"), {"prompt": "Utterance", "label": "Intent"}),
        (("id", "sentence", "category"), {"prompt": "sentence", "label": "category"}),
        (("text", "label", "category"), None),
        (("text", "question", "label"), None),
        (("text",), None),
    ],
)
def test_detects_one_text_and_one_label(
    columns: tuple[str, ...], mapping: dict[str, str] | None
) -> None:
    detected = text_label.detect(Sample([dict.fromkeys(columns, "x")] * 9))

    assert (detected and detected.mapping) == mapping


def test_detects_labels_by_their_values() -> None:
    texts = [{"text": f"text {n}", "label": f"a sentence of its own, {n}"} for n in range(20)]
    labels = [{"text": f"text {n}", "label": f"class {n % 5}"} for n in range(20)]

    assert text_label.detect(Sample(texts)) is None
    assert text_label.detect(Sample(labels)) is not None


def test_refuses_to_write_what_it_cannot_hold() -> None:
    turns = [Message("a", role="user"), Message("b", role="assistant")]

    with pytest.raises(UsageError, match="holds answers that are the label"):
        text_label.to_row(Record(turns, label="c"))
    with pytest.raises(UsageError, match="holds answers that are the label"):
        text_label.to_row(Record(turns))
    with pytest.raises(UsageError, match="shape text_label holds one prompt"):
        text_label.to_row(Record(turns[:1], label="b"))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ROWS = st.fixed_dictionaries(
    {"text": TEXT, "label": TEXT.filter(bool) | st.integers() | st.lists(TEXT)},
    optional={"system": TEXT, "group": TEXT, "split": TEXT, "id": st.integers() | st.none()},
)


@given(ROWS)
@settings(deadline=None, database=None)
def test_a_record_written_and_read_is_the_same(row: dict[str, Any]) -> None:
    record = text_label.to_record(row, MAPPING)

    assert text_label.to_record(text_label.to_row(record), MAPPING) == record
