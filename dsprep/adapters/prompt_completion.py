"""A prompt and its completion as two columns, under any of their usual names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dsprep.adapters import (
    Detection,
    Sample,
    common,
    detect_common,
    exchange,
    required_text,
    rest,
    written,
)
from dsprep.record import Message, Record, Row

SUMMARY = "prompt/completion, question/answer, instruction/response, input/output"
FIELDS = ("prompt", "completion", "system", "label", "group", "split")
REQUIRED = ("prompt", "completion")

# Pairs that belong together, the surest first.
_PAIRS: Final = (
    ("prompt", "completion"),
    ("prompt", "response"),
    ("prompt", "answer"),
    ("prompt", "output"),
    ("question", "answer"),
    ("question", "best_answer"),
    ("question", "response"),
    ("query", "response"),
    ("query", "answer"),
    ("instruction", "response"),
    ("instruction", "completion"),
    ("instruction", "answer"),
    ("input", "output"),
    ("input", "target"),
    ("source", "target"),
    ("problem", "solution"),
    ("user", "assistant"),
    ("human", "assistant"),
)
_SYSTEM: Final = ("system", "system_prompt")


def detect(sample: Sample) -> Detection | None:
    """Return the first known pair of columns that both hold text."""
    for names in _PAIRS:
        found = [sample.named([name]) for name in names]
        if not all(found):
            continue
        columns = [columns[0] for columns in found]
        if all(sample.share(column, (str, type(None))) > 0.5 for column in columns):
            mapping = dict(zip(("prompt", "completion"), columns, strict=True))
            if system := sample.named(_SYSTEM):
                mapping["system"] = system[0]
            mapping |= detect_common(sample)
            why = f"columns {columns[0]!r} and {columns[1]!r} hold text"
            return Detection("prompt_completion", mapping, why, strength=50)
    return None


def to_record(row: Row, mapping: Mapping[str, str]) -> Record:
    """Return the record of user prompt and assistant completion."""
    messages = [
        Message(role="user", content=required_text(row, mapping, "prompt")),
        Message(role="assistant", content=required_text(row, mapping, "completion")),
    ]
    if "system" in mapping and row.get(mapping["system"]):
        messages.insert(0, Message(role="system", content=required_text(row, mapping, "system")))
    return Record(messages, extra=rest(row, mapping), **common(row, mapping))


def to_row(record: Record) -> Row:
    """Return prompt and completion as two columns, what else there is beside them."""
    system, prompt, completion = exchange("prompt_completion", record)
    row: Row = {"prompt": prompt, "completion": completion}
    return written("prompt_completion", {"system": system, **row} if system else row, record)
