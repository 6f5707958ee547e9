from __future__ import annotations

import pytest

from dsprep.report._clean import one_line, visible, visible_pieces


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain: 深い海 é 👍🏽 ❤️", "plain: 深い海 é 👍🏽 ❤️"),
        ("two\nlines\r\n\tand more", r"two\nlines\r\n\tand more"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("pass\u200bword\ufeff\xad", r"pass\u200bword\ufeff\xad"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("hangul filler \u3164", r"hangul filler \u3164"),
        ("not UTF-8: \udcff", r"not UTF-8: \udcff"),
        ("##[stop-commands]x", r"##\x5bstop-commands]x"),
        ("a ###[error]b", r"a ###\x5berror]b"),
        ("##vso[task.complete]", r"##vso\x5btask.complete]"),
        ("# [link] ## [link] a[0]", "# [link] ## [link] a[0]"),
    ],
)
def test_shows_what_cannot_be_seen(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (("##", "[", "x"), ["##", r"\x5b", "x"]),
        (("#", "", "#vso[x"), ["#", "", r"#vso\x5bx"]),
        (("#", " ", "#["), ["#", " ", "#["]),
    ],
)
def test_breaks_up_commands_across_pieces(pieces: tuple[str, ...], shown: list[str]) -> None:
    assert visible_pieces(pieces) == shown


def test_puts_a_text_of_several_lines_on_one() -> None:
    assert one_line("first\n  second\u200b \n") == r"first second\u200b"
