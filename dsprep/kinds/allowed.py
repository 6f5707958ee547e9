"""A value outside the set of those allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dsprep.batch import Batch
from dsprep.errors import did_you_mean
from dsprep.finding import Hit
from dsprep.rule import Rule

PARAMETERS: Final = {
    "field": {"enum": ["role"]},
    "values": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "meant": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "what is meant by a value that is often written instead",
    },
}
REQUIRED: Final = ("field", "values")
ARGUMENTS: Final = ("value", "hint")


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a message whose role is not allowed."""
    messages = batch.records.messages
    spoken = set(messages.roles)
    for rule in rules:
        unknown = spoken - set(rule.parameters["values"]) - {None}
        if not unknown:
            continue
        hints = {role: _hint(rule, str(role)) for role in unknown}
        for flat, role in enumerate(messages.roles):
            if role in unknown:
                field = f"messages[{messages.position(flat)}].role"
                arguments = {"value": role, "hint": hints[role]}
                yield rule, Hit(int(messages.record[flat]), field, arguments=arguments)


def _hint(rule: Rule, role: str) -> str:
    meant = rule.parameters.get("meant", {}).get(role.casefold())
    return f" Did you mean {meant}?" if meant else did_you_mean(role, rule.parameters["values"])
