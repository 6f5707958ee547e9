"""Alpaca: instruction and input make one prompt."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.adapters import Sample, Unfit, alpaca
from dsprep.errors import UsageError
from dsprep.record import Message, Record

MAPPING = {field: field for field in alpaca.FIELDS}


@pytest.mark.parametrize(
    ("row", "prompt"),
    [
        ({"instruction": "Add.", "input": "2 and 2", "output": "4"}, "Add.\n2 and 2"),
        ({"instruction": "Say hi.", "input": "", "output": "4"}, "Say hi."),
        ({"instruction": "Say hi.", "input": None, "output": "4"}, "Say hi."),
        ({"instruction": "Say hi.", "output": "4"}, "Say hi."),
        ({"instruction": "Say hi.", "input": " ", "output": "4"}, "Say hi.\n "),
    ],
)
def test_joins_instruction_and_input(row: dict[str, Any], prompt: str) -> None:
    record = alpaca.to_record(row, MAPPING)

    assert record.messages == [Message(prompt, role="user"), Message("4", role="assistant")]


def test_puts_the_system_prompt_first_and_keeps_the_rest() -> None:
    row = {"instruction": "a", "output": "b", "system": "s", "label": "l", "text": "x", "n": None}

    record = alpaca.to_record(row, MAPPING)

    assert record.messages[0] == Message("s", role="system")
    assert (record.label, record.extra) == ("l", {"text": "x", "n": None})


@pytest.mark.parametrize(
    ("row", "fault", "field"),
    [
        ({"output": "b"}, "missing-field", "instruction"),
        ({"instruction": None, "output": "b"}, "missing-field", "instruction"),
        ({"instruction": "a", "output": None}, "missing-field", "output"),
        ({"instruction": "a", "output": 5}, "wrong-type", "output"),
        ({"instruction": "a", "input": 5, "output": "b"}, "wrong-type", "input"),
        ({"instruction": "a", "output": "b", "system": ["s"]}, "wrong-type", "system"),
    ],
)
def test_refuses_a_row_and_names_the_field(row: dict[str, Any], fault: str, field: str) -> None:
    with pytest.raises(Unfit) as caught:
        alpaca.to_record(row, MAPPING)

    assert (caught.value.defect, caught.value.field) == (fault, field)


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (("instruction", "input", "output"), {"input": "input", "output": "output"}),
        (("instruction", "output"), {"output": "output"}),
        (("instruction", "context", "response"), {"input": "context", "output": "response"}),
        (
            ("instruction", "output", "system_prompt"),
            {"output": "output", "system": "system_prompt"},
        ),
        (("instruction", "response"), None),
        (("input", "output"), None),
        (("instruction",), None),
    ],
)
def test_detects_its_columns(columns: tuple[str, ...], mapping: dict[str, str] | None) -> None:
    detected = alpaca.detect(Sample([dict.fromkeys(columns, "text")]))

    assert (detected and detected.mapping) == (
        mapping and {"instruction": "instruction", **mapping}
    )


@pytest.mark.parametrize(
    "messages",
    [
        [Message("a", role="user")],
        [Message("a")],
        [],
        [Message("b", role="assistant"), Message("a", role="user")],
        [Message(role="user"), Message("b", role="assistant")],
        [Message("a", role="user"), Message(role="assistant")],
        [Message("", role="system"), Message("a", role="user"), Message("b", role="assistant")],
        [Message("a", role="user"), Message("b", role="assistant", weight=0)],
        [Message("a", role="user", name="Ann"), Message("b", role="assistant")],
        [Message("a", role="user"), Message("b", role="assistant")] * 2,
    ],
)
def test_refuses_to_write_what_it_cannot_hold(messages: list[Message]) -> None:
    with pytest.raises(UsageError, match="shape alpaca holds one prompt and one completion"):
        alpaca.to_row(Record(messages))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ROWS = st.fixed_dictionaries(
    {"instruction": TEXT, "output": TEXT},
    optional={
        "input": TEXT | st.none(),
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
    record = alpaca.to_record(row, MAPPING)

    assert alpaca.to_record(alpaca.to_row(record), MAPPING) == record
