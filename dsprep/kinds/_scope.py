"""The part of a record that a rule looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dsprep.batch import Records

SCOPES: Final = (
    "messages",
    "messages[role=system]",
    "messages[role=user]",
    "messages[role=assistant]",
    "messages[role=tool]",
    "completion",
    "label",
    "record",
)


@dataclass(frozen=True)
class Texts:
    """Texts of a batch with the record and the field each stands in."""

    values: Sequence[str]
    records: Sequence[int]
    fields: Sequence[str | None]


# Several kinds look at one scope of one batch, one after the other.
@lru_cache(maxsize=2)
def in_scope(records: Records, scope: str) -> Texts:
    """Return the texts of a scope, nulls left out."""
    if scope == "record":
        every = range(len(records))
        return Texts(records.texts, every, [None] * len(records))
    if scope == "label":
        given = [(at, label) for at, label in enumerate(records.labels) if label is not None]
        return Texts([text for _, text in given], [at for at, _ in given], ["label"] * len(given))
    return _of_messages(records, scope)


def _of_messages(records: Records, scope: str) -> Texts:
    messages = records.messages
    contents = messages.contents
    if scope == "completion":
        chosen = [at for at in records.completions.tolist() if at >= 0]
    elif scope == "messages":
        chosen = list(range(len(messages)))
    else:
        role = scope.removeprefix("messages[role=").removesuffix("]")
        chosen = messages.has_role(role).nonzero()[0].tolist()
    calls = messages.tool_calls
    said = [(at, "content", text) for at in chosen if (text := contents[at]) is not None]
    said += [(at, "tool_calls", text) for at in chosen if (text := calls[at]) is not None]
    owner = messages.record.tolist()
    starts = messages.offsets.tolist()
    return Texts(
        [text for _, _, text in said],
        [owner[at] for at, _, _ in said],
        [f"messages[{at - starts[owner[at]]}].{field}" for at, field, _ in said],
    )
