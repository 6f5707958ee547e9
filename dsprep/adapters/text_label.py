"""A text and its label, which is what the model learns to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dsprep.adapters import (
    LABELS,
    Detection,
    Sample,
    Unfit,
    common,
    detect_common,
    exchange,
    required_text,
    rest,
    written,
)
from dsprep.errors import UsageError
from dsprep.record import Message, Record, Row

SUMMARY = "text/label, utterance/intent, sentence/category"
FIELDS = ("prompt", "label", "system", "group", "split")
REQUIRED = ("prompt", "label")

_TEXTS: Final = ("text", "utterance", "sentence", "question", "query", "prompt", "input", "content")


def detect(sample: Sample) -> Detection | None:
    """Return the one text column and the one label column, where there is one of each."""
    texts = [c for c in sample.named(_TEXTS) if sample.share(c, str) > 0.5]
    labels = [c for c in sample.named(LABELS) if c not in texts and sample.is_label(c)]
    if len(texts) != 1 or len(labels) != 1:
        return None
    mapping = {"prompt": texts[0], **detect_common(sample), "label": labels[0]}
    why = f"column {texts[0]!r} holds text, and the values of {labels[0]!r} repeat"
    return Detection("text_label", mapping, why, strength=40)


def to_record(row: Row, mapping: Mapping[str, str]) -> Record:
    """Return the record in which the assistant answers with the label."""
    content = required_text(row, mapping, "prompt")
    fields = common(row, mapping)
    if fields["label"] is None:
        raise Unfit("missing-field", mapping["label"])
    messages = [
        Message(role="user", content=content),
        Message(role="assistant", content=fields["label"]),
    ]
    if "system" in mapping and row.get(mapping["system"]):
        messages.insert(0, Message(role="system", content=required_text(row, mapping, "system")))
    return Record(messages, extra=rest(row, mapping), **fields)


def to_row(record: Record) -> Row:
    """Return text and label as two columns."""
    system, prompt, completion = exchange("text_label", record)
    if completion != record.label:
        raise UsageError("shape text_label holds answers that are the label, and no others.")
    row: Row = {"text": prompt, "label": record.label}
    return written("text_label", {"system": system, **row} if system else row, record)
