"""N1 as the manifest of the real data defines it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dsprep.text.normalize import normalize


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("", ""),
        (" \t\n", ""),
        ("Is  Water\n\twet? ", "is water wet?"),
        ("\x1fa\x1cb\x0bc\x0cd", "a b c d"),
        ("Straße", "strasse"),
        ("ﬁne Ⅷ \uff46ull", "fine viii full"),
        ("Cafe\u0301", "caf\u00e9"),
        ("a\u00a0\u2003\u3000\u2028b\u0085c", "a b c"),
        ("zero\u200bwidth", "zero\u200bwidth"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("深い海", "深い海"),
    ],
)
def test_normalizes(text: str, normalized: str) -> None:
    assert normalize(text) == normalized


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x1c A \x85 B")
@settings(deadline=None, database=None)
def test_is_nfkc_case_folding_and_single_spaces(text: str) -> None:
    """Step by step, for all of Unicode: the short cut for ASCII must change nothing."""
    folded = unicodedata.normalize("NFKC", text).casefold()

    assert normalize(text) == re.sub(r"\s+", " ", folded).strip()


@given(st.text(st.characters(max_codepoint=127)))
@settings(deadline=None, database=None)
def test_white_space_and_case_of_ascii_have_no_meaning(text: str) -> None:
    spaced = " ".join(["", *text.upper().split(), ""]).replace(" ", " \n")

    assert normalize(spaced) == normalize(text)
