"""Text that should be there and is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dsprep.batch import Batch, Messages
from dsprep.finding import Hit
from dsprep.rule import Rule

# A tool may return nothing, and that is its result.
_MAY_BE_SILENT: Final = ("tool", "function")
PARAMETERS: Final = {"field": {"enum": ["content"]}}
REQUIRED: Final = ("field",)
ARGUMENTS: Final = ("role", "found")


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a message that says nothing; calling tools is saying something."""
    messages = batch.records.messages
    empty = _empty(messages)
    for rule in rules:
        for flat in empty:
            content = messages.contents[flat]
            found = "null" if content is None else "only white space" if content else "empty"
            arguments = {"role": messages.roles[flat] or "text", "found": found}
            field = f"messages[{messages.position(flat)}].content"
            span = 0, len(content or "")
            yield rule, Hit(int(messages.record[flat]), field, *span, arguments=arguments)


def _empty(messages: Messages) -> list[int]:
    columns = zip(messages.roles, messages.contents, messages.tool_calls, strict=True)
    return [
        flat
        for flat, (role, content, calls) in enumerate(columns)
        if calls is None and (not content or content.isspace()) and role not in _MAY_BE_SILENT
    ]
