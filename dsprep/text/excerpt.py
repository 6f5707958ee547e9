"""A window on a text around a span, with what is private hidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

Spans: TypeAlias = Sequence[tuple[int, int]]
"""Half-open spans of a text, in code points."""

_AROUND: Final = 40  # code points shown on either side
_INSIDE: Final = 60  # of the span itself


def mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with the letters and digits of some spans hidden, but for their first.

    j***.***@*******.*** stands for john.doe@example.org: the form stays, the value goes.
    """
    pieces, behind = [], 0
    for begin, end in sorted(spans):
        start = max(begin, behind)
        shown = text[start : start + 1] if start == begin else ""
        hidden = "".join("*" if mark.isalnum() else mark for mark in text[start + len(shown) : end])
        pieces += [text[behind:start], shown, hidden]
        behind = max(end, behind)
    return "".join([*pieces, text[behind:]])


def excerpt(text: str, start: int, end: int, private: Spans) -> tuple[str, str, str]:
    """Return what stands before a span, in it and behind it, private spans masked.

    Args:
        text: the decoded field.
        start: of the span, in code points.
        end: behind the span.
        private: spans of the text that must not be shown.
    """
    end = min(end, start + _INSIDE)
    left, right = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    near = [span for span in private if span[0] < right and left < span[1]]
    # Masked from where the first of them begins, so that none is cut in two.
    first = min([left, *(span[0] for span in near)])
    window = mask(text[first:right], [(a - first, b - first) for a, b in near])
    before = ("…" if left else "") + window[left - first : start - first]
    behind = window[end - first :] + ("…" if right < len(text) else "")
    return before, window[start - first : end - first], behind
