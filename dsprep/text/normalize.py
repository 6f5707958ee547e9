"""N1, the form in which texts are compared."""

from __future__ import annotations

from unicodedata import normalize as unicode_normalize


def normalize(text: str) -> str:
    """Return N1 of a text: NFKC, case folded, white space runs to one space, stripped."""
    if text.isascii():  # NFKC changes no ASCII, and folds as lower() does
        return " ".join(text.lower().split())
    return " ".join(unicode_normalize("NFKC", text).casefold().split())
