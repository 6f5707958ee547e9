"""What one step of the way hands to the next: records, and what could not become one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dsprep.record import Row
from dsprep.text.normalize import normalize


@dataclass(frozen=True)
class Defect:
    """What the reader or adapter could not take as it was.

    `row` and `line` count from where its batch begins until the driver has added
    what stands before it.
    """

    name: str  # of the rule that judges it, such as unparsable-row
    row: int | None = None  # 0-based data row, null for the file as a whole
    line: int | None = None  # 1-based physical line
    field: str | None = None
    start: int | None = None  # code points in the raw line
    text: str | None = None  # the raw line, for the excerpt
    fatal: bool = True  # no record came of the row
    row_seen: Row | None = None  # the row, where it parsed
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Records that were read together, and the defects met on the way."""

    records: Records
    defects: Sequence[Defect] = ()


class Records:
    """A batch of records, and views of it that several kinds share, each made once."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def column(self, name: str) -> list[Any]:
        """Return one column of SCHEMA as Python values, shape (records,)."""
        values: list[Any] = self.batch.column(name).to_pylist()
        return values

    @cached_property
    def labels(self) -> list[str | None]:
        """The label of each record."""
        return self.column("label")

    @cached_property
    def messages(self) -> Messages:
        """All messages of all records, flat."""
        return Messages(self.batch.column("messages"))

    @cached_property
    def completions(self) -> NDArray[np.int64]:
        """Flat index of the last assistant message of each record, -1 where there is none."""
        messages = self.messages
        last = np.full(len(self), -1, dtype=np.int64)
        spoken = np.flatnonzero(messages.has_role("assistant"))
        last[messages.record[spoken]] = spoken  # ascending, so the last one stays
        return last

    @cached_property
    def text_ends(self) -> NDArray[np.int64]:
        """Flat index behind the last message that counts as record text, shape (records,).

        A completion that only repeats the label is left out, so that a label cannot
        hide a duplicate.
        """
        ends: NDArray[np.int64] = self.messages.offsets[1:].copy()
        contents = self.messages.contents
        for at, (label, completion) in enumerate(
            zip(self.labels, self.completions.tolist(), strict=True)
        ):
            last = 0 <= completion == ends[at] - 1
            if last and label is not None and contents[completion] == label:
                ends[at] = completion
        return ends

    @cached_property
    def texts(self) -> list[str]:
        """Record text: the contents of all messages in order, joined by a newline."""
        return self._joined(self.messages.texts, self.text_ends, "\n")

    @cached_property
    def normalized_texts(self) -> list[str]:
        """N1 of the record text."""
        return self._joined(self.messages.normalized, self.text_ends, " ")

    @cached_property
    def normalized_prompts(self) -> list[str]:
        """N1 of what stands before the completion, of everything where there is none."""
        ends = np.where(self.completions >= 0, self.completions, self.messages.offsets[1:])
        return self._joined(self.messages.normalized, ends, " ")

    @cached_property
    def normalized_completions(self) -> list[str]:
        """N1 of the completion, empty where there is none."""
        normalized = self.messages.normalized
        return [normalized[at] if at >= 0 else "" for at in self.completions.tolist()]

    def _joined(self, texts: list[str], ends: NDArray[np.int64], glue: str) -> list[str]:
        starts = self.messages.offsets[:-1].tolist()
        skip_empty = glue == " "  # N1 has no double space
        return [
            glue.join(filter(None, texts[start:end]) if skip_empty else texts[start:end])
            for start, end in zip(starts, ends.tolist(), strict=True)
        ]


class Messages:
    """The messages of a batch as flat columns, shape (messages,) each."""

    def __init__(self, lists: pa.ListArray) -> None:
        offsets: NDArray[np.int64] = lists.offsets.to_numpy().astype(np.int64)
        self.offsets = offsets - offsets[0]  # a slice does not begin at 0
        self._values = lists.flatten()

    def __len__(self) -> int:
        return len(self._values)

    def _field(self, name: str) -> list[Any]:
        values: list[Any] = self._values.field(name).to_pylist()
        return values

    @cached_property
    def record(self) -> NDArray[np.int64]:
        """Index of the record each message belongs to."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def roles(self) -> list[str | None]:
        """Who speaks."""
        return self._field("role")

    @cached_property
    def names(self) -> list[str | None]:
        """The name of the speaker within a role."""
        return self._field("name")

    @cached_property
    def contents(self) -> list[str | None]:
        """What is said, null where a message only calls tools."""
        return self._field("content")

    @cached_property
    def tool_calls(self) -> list[str | None]:
        """Canonical JSON text of the tool calls."""
        return self._field("tool_calls")

    @cached_property
    def weights(self) -> list[float | None]:
        """Whether the trainer is to learn a message."""
        return self._field("weight")

    @cached_property
    def texts(self) -> list[str]:
        """Content, or the tool calls where there is none, or nothing."""
        return [
            content or calls or ""
            for content, calls in zip(self.contents, self.tool_calls, strict=True)
        ]

    @cached_property
    def normalized(self) -> list[str]:
        """N1 of each text."""
        return [normalize(text) for text in self.texts]

    def has_role(self, role: str) -> NDArray[np.bool_]:
        """Return whether each message is spoken by a role."""
        return np.array([spoken == role for spoken in self.roles], dtype=np.bool_)

    def position(self, flat: int) -> int:
        """Return the index of a message within its own record."""
        return flat - int(self.offsets[self.record[flat]])
