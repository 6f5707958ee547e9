"""Text decoded with the wrong code page, as ftfy judges it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import ftfy
import re2
from ftfy.badness import BADNESS_RE

from dsprep.batch import Batch
from dsprep.finding import Hit
from dsprep.kinds._scope import SCOPES, in_scope
from dsprep.rule import Rule

PARAMETERS: Final = {"scope": {"enum": SCOPES}}
REQUIRED: Final = ("scope",)
ARGUMENTS: Final = ("match", "repaired")

# What a verbose pattern has beside its meaning; escapes and classes are kept whole.
_VERBOSE: Final = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\s+|#[^\n]*", re.DOTALL)


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a text that ftfy repairs, its span the first sequence repaired."""
    for rule in rules:
        texts = in_scope(batch.records, str(rule.scope))
        for at, text in enumerate(texts.values):
            if text.isascii() or not _screen().search(text):
                continue
            repaired = ftfy.fix_encoding(text)
            if repaired != text:
                start, end = _span(text, repaired)
                shown = {
                    "match": text[start:end],
                    "repaired": repaired[start : _end(repaired, start)],
                }
                yield rule, Hit(texts.records[at], texts.fields[at], start, end, text, shown)


@cache
def _screen() -> Any:
    """Return ftfy's badness pattern for RE2, which is 40 times as fast and never blows up.

    White space is Unicode's, as in the original, and everything beyond ASCII counts as a
    letter, so that the screen misses nothing.
    """
    pattern = _VERBOSE.sub(lambda match: match[1] or "", BADNESS_RE.pattern)
    pattern = pattern.replace(r"\s", r"[\s\x1c-\x1f\x{85}\p{Z}]")
    return re2.compile(pattern.replace(r"\w", r"[\w\x{80}-\x{10ffff}]"))


def _span(text: str, repaired: str) -> tuple[int, int]:
    """Return where the text begins to differ from its repair, up to the next ASCII."""
    pairs = enumerate(zip(text, repaired, strict=False))
    start = next((at for at, (is_, was) in pairs if is_ != was), len(repaired))
    return start, _end(text, start)


def _end(text: str, start: int) -> int:
    """Return the place of the next ASCII character behind a start."""
    end = start + 1
    while end < len(text) and not text[end].isascii():
        end += 1
    return end
