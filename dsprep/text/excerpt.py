"""A window on a text around a span, with what is private hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

Spans: TypeAlias = Callable[[str], Iterable[tuple[int, int]]]
"""Half-open spans of a text that must not be shown, in code points."""

_AROUND: Final = 40  # code points shown on either side
_INSIDE: Final = 60  # of the span itself
_MARGIN: Final = 160  # looked at beyond what is shown, so that nothing is cut in two


def mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with the letters and digits of some spans hidden but their first."""
    pieces, behind = [], 0
    for start, end in sorted(spans):
        pieces += [text[behind : max(start, behind)], _hidden(text[max(start, behind) : end])]
        behind = max(end, behind)
    return "".join([*pieces, text[behind:]])


def _hidden(text: str) -> str:
    """Return j***.d**@e******.o** for john.doe@example.org: the form stays, the value goes."""
    shown = []
    for at, character in enumerate(text):
        first = at == 0 or not text[at - 1].isalnum()
        shown.append(character if first or not character.isalnum() else "*")
    return "".join(shown)


def excerpt(text: str, start: int, end: int, private: Spans) -> tuple[str, str, str]:
    """Return what stands before a span, in it and behind it, private spans masked."""
    end = min(end, start + _INSIDE)
    left, right = max(start - _MARGIN, 0), end + _MARGIN
    window = text[left:right]
    window = mask(window, private(window))
    start, end = start - left, end - left
    before = ("…" if left or start > _AROUND else "") + window[max(start - _AROUND, 0) : start]
    behind = window[end : end + _AROUND]
    more = "…" if right < len(text) or len(window) > end + _AROUND else ""
    return before, window[start:end], behind + more
