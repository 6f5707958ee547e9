"""Plain text in one column, for language modeling."""

from __future__ import annotations

from collections.abc import Mapping

from dsprep.adapters import (
    LABELS,
    Detection,
    Sample,
    common,
    detect_common,
    required_text,
    rest,
    written,
)
from dsprep.errors import UsageError
from dsprep.record import Message, Record, Row

SUMMARY = "plain text in one column"
FIELDS = ("text", "label", "group", "split")
REQUIRED = ("text",)


def detect(sample: Sample) -> Detection | None:
    """Return the column `text` where nothing else says more."""
    found = sample.named(["text", "content"])
    if len(found) != 1 or sample.share(found[0], str) <= 0.5:
        return None
    if sample.named(LABELS):  # a label column makes it more than plain text
        return None
    mapping = {"text": found[0], **detect_common(sample, label=False)}
    return Detection("text", mapping, f"only column {found[0]!r} holds text", strength=10)


def to_record(row: Row, mapping: Mapping[str, str]) -> Record:
    """Return the record of one message that nobody speaks."""
    message = Message(content=required_text(row, mapping, "text"))
    return Record([message], extra=rest(row, mapping), **common(row, mapping))


def to_row(record: Record) -> Row:
    """Return the text as one column."""
    said = [message.content for message in record.messages]
    if record.messages != [Message(content=said[0])] if said else True:
        raise UsageError("shape text holds one text that nobody speaks, and nothing else.")
    return written("text", {"text": said[0]}, record)
