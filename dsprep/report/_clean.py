"""Text of others, made safe to print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# Controls, line separators, lone surrogates, and what Unicode calls default-ignorable:
# zero-width, bidi, tags, fillers. U+FE0E and U+FE0F stay, they choose how an emoji looks.
_HIDDEN: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    r"\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# GitHub reads ##[command], Azure ##vso[...], TeamCity ##teamcity[...], anywhere in a line.
_COMMAND: Final = re.compile(r"(#\x00*#[\w\x00]*)\[")

# How texts of rules set off what is to be typed.
CODE_SPAN: Final = re.compile("`([^`]+)`")


def visible(text: str) -> str:
    r"""Return the text in one line, with what cannot be seen as escapes such as `\u202e`.

    The bracket of a CI command (`##[`) becomes `\x5b`. Applied twice, it changes nothing more.
    """
    return visible_pieces((text,))[0]


def visible_pieces(pieces: Sequence[str]) -> list[str]:
    """Return pieces that will stand side by side; a command across their borders is broken too."""
    # No cleaned piece holds a NUL, so it can mark the borders.
    line = "\x00".join(_HIDDEN.sub(_escape, piece) for piece in pieces)
    return _COMMAND.sub(r"\1\\x5b", line).split("\x00")


def one_line(text: str) -> str:
    """Return a text of several lines as one, runs of white space as single spaces."""
    return visible(" ".join(text.split()))


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
