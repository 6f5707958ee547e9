"""Exact token counts without a network, for the public encodings of OpenAI.

tiktoken is the reference. toktok gives the same counts many times faster for the
encodings it bundles, except where `unicode_guard` says so; where it is not
installed, every text is counted with tiktoken.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from dsprep.errors import InputError
from dsprep.text.unicode_guard import is_guarded

if TYPE_CHECKING:
    import tiktoken

Counter = Callable[[Sequence[str], str, int], list[int]]

# This and the next two: tiktoken_ext/openai_public.py of tiktoken 0.14.
_RANKS_SHA256: Final[Mapping[str, str]] = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "p50k_base": "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
    "r50k_base": "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
}
_R50K_PATTERN: Final = (
    r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
)
_PATTERNS: Final[Mapping[str, str]] = {
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+|"
    r" ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "p50k_base": _R50K_PATTERN,
    "r50k_base": _R50K_PATTERN,
}
_FILL_IN: Final = {"<|fim_prefix|>": 100258, "<|fim_middle|>": 100259, "<|fim_suffix|>": 100260}
_SPECIAL_TOKENS: Final[Mapping[str, Mapping[str, int]]] = {
    "cl100k_base": {"<|endoftext|>": 100257, "<|endofprompt|>": 100276, **_FILL_IN},
    "o200k_base": {"<|endoftext|>": 199999, "<|endofprompt|>": 200018},
    "p50k_base": {"<|endoftext|>": 50256},
    "r50k_base": {"<|endoftext|>": 50256},
}

ENCODINGS: Final[tuple[str, ...]] = tuple(_RANKS_SHA256)
_IN_TOKTOK: Final = frozenset({"cl100k_base", "o200k_base"})

# Python's \s holds four separators, \x1c to \x1f, that tiktoken's does not.
_BLANK: Final = r"[^\S\x1c-\x1f]"
# tiktoken's regex engine panics on a million blanks in a row, and a panic is no Exception.
_LONG_RUN: Final = re.compile(rf"(?<!{_BLANK}){_BLANK}{{900000,}}")
# A power of two, as the tokens of blanks are: a cut after so many alike adds no token.
_CUT: Final = 1 << 19


def count_tokens(texts: Sequence[str], encoding: str) -> list[int]:
    """Return the number of tokens of each text, special tokens read as plain text.

    Equals `tiktoken.Encoding.encode_ordinary`. Uses the calling thread only.

    Raises:
        ValueError: the encoding is not one of `ENCODINGS`.
    """
    count = _toktok() if encoding in _IN_TOKTOK else None
    if count is None:
        return _reference_counts(texts, encoding)
    counts = count(texts, encoding, 1)
    for place, text in enumerate(texts):
        if is_guarded(text):
            counts[place] = _reference_counts([text], encoding)[0]
    return counts


@cache
def tiktoken_encoding(encoding: str) -> tiktoken.Encoding:
    """Return tiktoken's encoding, built from the ranks in this package.

    Unlike `tiktoken.get_encoding`, uses no network, cache folder or environment variable.

    Raises:
        ValueError: the encoding is not one of `ENCODINGS`.
        InputError: a file of ranks is not the published one.
    """
    import tiktoken  # noqa: PLC0415 - slow to import, and toktok does without

    if encoding not in ENCODINGS:
        raise ValueError(f'encoding is "{encoding}"; known are {", ".join(ENCODINGS)}.')
    lines = (line.split() for line in _rank_file(encoding).splitlines())
    return tiktoken.Encoding(
        name=encoding,
        pat_str=_PATTERNS[encoding],
        mergeable_ranks={base64.b64decode(token): int(rank) for token, rank in lines},
        special_tokens=dict(_SPECIAL_TOKENS[encoding]),
    )


@cache
def _toktok() -> Counter | None:
    """Return toktok's counter of texts, encoding and threads; None where it is not installed."""
    try:
        counter: Counter = import_module("toktok").batch_count
    except ImportError:
        return None
    return counter


def _reference_counts(texts: Sequence[str], encoding: str) -> list[int]:
    """Return the counts of tiktoken.

    Where it would panic, a cut in unlike blanks, or in those after a sign, may add a token or two.
    """
    encode = tiktoken_encoding(encoding).encode_ordinary
    return [sum(len(encode(part)) for part in _parts(text)) for text in texts]


def _parts(text: str) -> Iterator[str]:
    """Return a text cut inside its long runs of blanks, never at the end of one."""
    start = 0
    for run in _LONG_RUN.finditer(text):
        for cut in range(run.start() + _CUT, run.end(), _CUT):
            yield text[start:cut]
            start = cut
    yield text[start:]


def _rank_file(encoding: str) -> bytes:
    """Return the published file of ranks, one line a token: base64, space, rank."""
    import lzma  # noqa: PLC0415 - some builds of Python lack it, and toktok does without

    derived = encoding == "p50k_base"
    name = f"{'r50k_base' if derived else encoding}.tiktoken.xz"
    lines = lzma.decompress(files("dsprep.text").joinpath("ranks", name).read_bytes())
    if derived:  # the runs of 2 to 25 spaces on top
        runs = enumerate((base64.b64encode(b" " * length) for length in range(2, 26)), 50257)
        lines += b"".join(b"%s %d\n" % (run, rank) for rank, run in runs)
    if sha256(lines).hexdigest() != _RANKS_SHA256[encoding]:
        raise InputError(f"{name}: not the published ranks of {encoding}; install dsprep again.")
    return lines
