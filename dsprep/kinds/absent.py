"""Text that should be there and is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from dsprep.batch import Batch, Messages
from dsprep.finding import Hit
from dsprep.rule import Rule

# Keys of a message that speak where its content does not; `content` holds its parts.
_SAYING: Final = ("content", "refusal", "function_call", "audio")
PARAMETERS: Final = {"field": {"enum": ["content"]}}
REQUIRED: Final = ("field",)
ARGUMENTS: Final = ("role", "found")


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a message that says nothing; calling tools is saying something."""
    messages = batch.records.messages
    extras = batch.records.column("extra")
    empty = [flat for flat in _empty(messages) if not _says_otherwise(messages, flat, extras)]
    for rule in rules:
        for flat in empty:
            content = messages.contents[flat]
            found = "null" if content is None else "only white space" if content else "empty"
            arguments = {"role": messages.roles[flat] or "text", "found": found}
            field = f"messages[{messages.position(flat)}].content"
            span = 0, len(content or "")
            yield rule, Hit(int(messages.record[flat]), field, *span, arguments=arguments)


def _empty(messages: Messages) -> list[int]:
    pairs = zip(messages.contents, messages.tool_calls, strict=True)
    return [
        flat
        for flat, (content, calls) in enumerate(pairs)
        if calls is None and (not content or content.isspace())
    ]


def _says_otherwise(messages: Messages, flat: int, extras: Sequence[str | None]) -> bool:
    """Return whether a message says something beside its text: an image, a refusal, a call."""
    extra = extras[int(messages.record[flat])]
    if extra is None:
        return False
    beside = msgspec.json.decode(extra).get(f"messages[{messages.position(flat)}]")
    return isinstance(beside, dict) and any(beside.get(key) for key in _SAYING)
