"""A text longer than a limit, in exact tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dsprep.batch import Batch, Records
from dsprep.finding import Hit
from dsprep.rule import Rule
from dsprep.text.tokens import ENCODINGS, count_tokens

PARAMETERS: Final = {
    "limit": {"type": "integer", "minimum": 1, "description": "most tokens a record may have"},
    "encoding": {"enum": ENCODINGS},
    "overhead": {
        "enum": ["none", "chat"],
        "description": "none: the text alone; chat: 3 tokens a message, its role and name, 3 more",
    },
}
REQUIRED: Final = ("limit", "encoding", "overhead")
ARGUMENTS: Final = ("tokens", "limit", "encoding")

# The chat formula of the OpenAI cookbook, notebook Chat_finetuning_data_prep.
_PER_MESSAGE: Final = 3
_PER_RECORD: Final = 3


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a record over the limit; only texts that can be are tokenized."""
    records = batch.records
    for rule in rules:
        limit, encoding = rule.parameters["limit"], rule.parameters["encoding"]
        measure = _Chat(records) if rule.parameters["overhead"] == "chat" else _Text(records)
        for at in range(len(records)):
            # A token has at least one byte: short texts cannot be over the limit.
            parts, fixed = measure.parts(at), measure.fixed(at)
            if fixed + sum(map(_bytes, parts)) <= limit:
                continue
            tokens = fixed + sum(count_tokens(parts, encoding))
            if tokens > limit:
                arguments = {"tokens": tokens, "limit": limit, "encoding": encoding}
                yield rule, Hit(at, arguments=arguments)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


class _Text:
    """The record text alone."""

    def __init__(self, records: Records) -> None:
        self._texts = records.texts

    def parts(self, at: int) -> list[str]:
        """Return the texts of a record that are tokenized one by one."""
        return [self._texts[at]]

    def fixed(self, at: int) -> int:
        """Return the tokens a record has beside its texts."""
        del at
        return 0


class _Chat:
    """Every message with its role and name, as a chat template writes them out."""

    def __init__(self, records: Records) -> None:
        messages = records.messages
        self._starts = messages.offsets.tolist()
        self._columns = (messages.texts, messages.roles, messages.names)

    def parts(self, at: int) -> list[str]:
        """Return the texts of a record that are tokenized one by one."""
        here = slice(self._starts[at], self._starts[at + 1])
        return [part for column in self._columns for part in column[here] if part]

    def fixed(self, at: int) -> int:
        """Return the tokens a record has beside its texts."""
        here = slice(self._starts[at], self._starts[at + 1])
        names = self._columns[2][here]
        return _PER_MESSAGE * len(names) + sum(map(bool, names)) + _PER_RECORD
