"""Alpaca: instruction, optional input, output."""

from __future__ import annotations

from collections.abc import Mapping

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

SUMMARY = "Alpaca: instruction, input, output"
FIELDS = ("instruction", "input", "output", "system", "label", "group", "split")
REQUIRED = ("instruction", "output")


def detect(sample: Sample) -> Detection | None:
    """Return the three columns of Alpaca; the input may be called context."""
    instruction = sample.named(["instruction"])
    output = sample.named(["output", "response"])
    given = sample.named(["input", "context"])
    if not (instruction and output and (given or output[0].lower() == "output")):
        return None
    mapping = {"instruction": instruction[0], "output": output[0]}
    if given:
        mapping["input"] = given[0]
    if system := sample.named(["system", "system_prompt"]):
        mapping["system"] = system[0]
    mapping |= detect_common(sample)
    return Detection("alpaca", mapping, f"columns {sorted(mapping.values())}", strength=60)


def to_record(row: Row, mapping: Mapping[str, str]) -> Record:
    """Return the record whose prompt is the instruction and, on its own line, the input."""
    prompt = required_text(row, mapping, "instruction")
    if "input" in mapping and row.get(mapping["input"]):
        prompt = f"{prompt}\n{required_text(row, mapping, 'input')}"
    messages = [
        Message(role="user", content=prompt),
        Message(role="assistant", content=required_text(row, mapping, "output")),
    ]
    if "system" in mapping and row.get(mapping["system"]):
        messages.insert(0, Message(role="system", content=required_text(row, mapping, "system")))
    return Record(messages, extra=rest(row, mapping), **common(row, mapping))


def to_row(record: Record) -> Row:
    """Return the prompt as instruction with an empty input."""
    system, prompt, completion = exchange("alpaca", record)
    row: Row = {"instruction": prompt, "input": "", "output": completion}
    return written("alpaca", {**row, "system": system} if system else row, record)
