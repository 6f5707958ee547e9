"""Digests of texts that several kinds of dataset scope compare."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from dsprep.batch import Records
from dsprep.text.digest import digests128

KEYS: Final = ("text", "prompt", "completion")


def key_columns(records: Records, key: str) -> dict[str, pa.Array]:
    """Return the digest of one part of each record as two columns.

    Null where the record has no such part: a completion nobody gave, a prompt with
    nothing in it, or a label that stands in for the completion.
    """
    first, second = digests128(_texts(records, key))
    missing = _missing(records, key)
    return {f"{key}1": pa.array(first, mask=missing), f"{key}2": pa.array(second, mask=missing)}


def _texts(records: Records, key: str) -> list[str]:
    if key == "text":
        return records.normalized_texts
    return records.normalized_prompts if key == "prompt" else records.normalized_completions


def _missing(records: Records, key: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if key == "text":
        return np.zeros(len(records), dtype=np.bool_)
    unspoken = records.completions < 0
    if key == "prompt":
        return unspoken | np.array(
            [not text for text in records.normalized_prompts], dtype=np.bool_
        )
    by_label: np.ndarray[tuple[int], np.dtype[np.bool_]]
    by_label = records.text_ends < records.messages.offsets[1:]
    return unspoken | by_label
