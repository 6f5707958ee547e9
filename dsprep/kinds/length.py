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
        chat = rule.parameters["overhead"] == "chat"
        lengths = [_most_tokens(records, at, chat=chat) for at in range(len(records))]
        long = [at for at, length in enumerate(lengths) if length > limit]
        for at, tokens in zip(long, _count(records, long, encoding, chat=chat), strict=True):
            if tokens > limit:
                arguments = {"tokens": tokens, "limit": limit, "encoding": encoding}
                yield rule, Hit(at, arguments=arguments)


def _most_tokens(records: Records, at: int, *, chat: bool) -> int:
    """Return a bound that is cheap: a token has at least one byte."""
    text = records.texts[at]
    length = len(text) if text.isascii() else len(text.encode())
    return length + _overhead_bound(records, at) if chat else length


def _overhead_bound(records: Records, at: int) -> int:
    return sum(map(_length, _envelope(records, at))) + _fixed(records, at)


def _length(text: str) -> int:
    return len(text.encode())


def _count(records: Records, chosen: Sequence[int], encoding: str, *, chat: bool) -> list[int]:
    counts = count_tokens([records.texts[at] for at in chosen], encoding)
    if not chat:
        return counts
    return [_chat_count(records, at, encoding) for at in chosen]


def _chat_count(records: Records, at: int, encoding: str) -> int:
    start, end = records.messages.offsets[at : at + 2].tolist()
    parts = [*records.messages.texts[start:end], *_envelope(records, at)]
    return sum(count_tokens(parts, encoding)) + _fixed(records, at)


def _envelope(records: Records, at: int) -> list[str]:
    """Return the roles of a record, which a chat template writes out."""
    start, end = records.messages.offsets[at : at + 2].tolist()
    return [role or "" for role in records.messages.roles[start:end]]


def _fixed(records: Records, at: int) -> int:
    start, end = records.messages.offsets[at : at + 2].tolist()
    return int(_PER_MESSAGE * (end - start) + _PER_RECORD)
