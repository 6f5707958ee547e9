"""The part of a field around what was found, cut to a width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from dsprep.report import Finding
from dsprep.report._clean import visible, visible_pieces

CUT: Final = "…"


@dataclass(frozen=True)
class Excerpt:
    """One line of a field: what is marked, and what stands around it."""

    before: str
    span: str
    after: str
    marked: bool  # also where the span is empty: a place between two characters

    @property
    def line(self) -> str:
        """The excerpt as one line."""
        return self.before + self.span + self.after

    @property
    def underline(self) -> str:
        """Carets below the span, as wide as a terminal draws it; nothing if unmarked."""
        if not self.marked:
            return ""
        return " " * cell_len(self.before) + "^" * max(1, cell_len(self.span))


def window(finding: Finding, cells: int) -> Excerpt | None:
    """Return the excerpt of a finding, or None where there is nothing to see.

    Args:
        finding: with or without an excerpt.
        cells: columns of a terminal the text may take, before `…` marks what was cut.
            The span has half of them at most; what it leaves goes to both sides.
    """
    if finding.excerpt is None or not any(finding.excerpt):
        return None
    span = clip(finding.excerpt[1], cells // 2)
    left = cells - cell_len(visible(span))
    before = _tail(finding.excerpt[0], left // 2)
    after = clip(finding.excerpt[2], left - cell_len(visible(before)))
    marked = bool(span) or finding.start is not None
    before, span, after = visible_pieces((before, span, after))
    return Excerpt(before, span, after, marked)


def clip(text: str, cells: int) -> str:
    """Return the text, cut to so many columns of a terminal; what it holds is not yet visible."""
    used = 0
    for index, char in enumerate(text):
        # At least 1, or a megabyte of combining accents would take no room at all.
        used += max(1, cell_len(visible(char)))
        if used > cells:
            return text[:index] + CUT
    return text


def _tail(text: str, cells: int) -> str:
    return clip(text[: -cells - 2 : -1], cells)[::-1]
