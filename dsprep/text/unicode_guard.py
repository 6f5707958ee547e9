"""The code points that toktok and tiktoken do not class alike, as letter, digit or sign.

toktok's Unicode tables are newer than tiktoken's, so a text that holds one of
these may be cut, and counted, differently. A test recomputes the ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

import re2

Ranges = tuple[tuple[int, int], ...]
Count = Callable[[Sequence[str]], Sequence[int]]

# First and last code point, for toktok-rs 0.3 against tiktoken 0.14 (Unicode 17 against 16).
# Those of o200k_base; those of cl100k_base are among them.
DIFFERING: Final[Ranges] = (
    (0x088F, 0x088F), (0x0C5C, 0x0C5C), (0x0CDC, 0x0CDC), (0x1ACF, 0x1ADD), (0x1AE0, 0x1AEB),
    (0xA7CE, 0xA7CF), (0xA7D2, 0xA7D2), (0xA7D4, 0xA7D4), (0xA7F1, 0xA7F1), (0x10940, 0x10959),
    (0x10EC5, 0x10EC7), (0x10EFA, 0x10EFB), (0x11B60, 0x11B67), (0x11DB0, 0x11DDB),
    (0x11DE0, 0x11DE9), (0x16EA0, 0x16EB8), (0x16EBB, 0x16ED3), (0x16FF2, 0x16FF6),
    (0x187F8, 0x187FF), (0x18D09, 0x18D1E), (0x18D80, 0x18DF2), (0x1E6C0, 0x1E6DE),
    (0x1E6E0, 0x1E6F5), (0x1E6FE, 0x1E6FF), (0x2B73A, 0x2B73F), (0x2CEA2, 0x2CEAD),
    (0x323B0, 0x33479),
)  # fmt: skip

# What follows a code point shows how it is classed: a letter leaves "'s" whole, a
# digit takes two of the three ones with it, a sign takes the slash or the line feed.
# The rest, in one text to save time: after a letter, after a digit, ...
CONTEXTS: Final = ("{}", "{}'s", "{}111", "{}/a", "{}\n \n", "a{}\n1{}\n {} \n{}a")

# Surrogates and the private use area lie between the first two.
_SCANNED: Final = (range(0xD800), range(0xF900, 0x40000), range(0xE0000, 0xE1000))


def is_guarded(text: str) -> bool:
    """Return whether a text holds a code point that toktok and tiktoken class differently."""
    return not text.isascii() and _differing().search(text) is not None


def differing_ranges(left: Count, right: Count) -> Ranges:
    """Return the ranges of code points for which two counters give unequal counts.

    Looks at every code point of planes 0 to 3 and of the tags in plane 14, save
    surrogates and private use, in each of `CONTEXTS`. Takes some seconds.
    """
    points = [point for block in _SCANNED for point in block]
    differing: set[int] = set()
    for context in CONTEXTS:
        texts = [context.replace("{}", chr(point)) for point in points]
        counts = zip(points, left(texts), right(texts), strict=True)
        differing.update(point for point, ours, theirs in counts if ours != theirs)
    return tuple(_ranges(sorted(differing)))


def _ranges(points: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return first and last of each run of consecutive integers, which come sorted."""
    run: list[int] = []
    for point in points:
        if run and point != run[-1] + 1:
            yield run[0], run[-1]
            run = []
        run.append(point)
    if run:
        yield run[0], run[-1]


@cache
def _differing() -> Any:
    """Return the RE2 pattern of one such code point: `re` is ten times slower on this class."""
    inside = "".join(f"{chr(first)}-{chr(last)}" for first, last in DIFFERING)
    return re2.compile(f"[{inside}]")
