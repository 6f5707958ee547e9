"""Excerpts: the right window, and of what is private never more than a first letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.text.excerpt import excerpt, mask

Spans = list[tuple[int, int]]


@pytest.mark.parametrize(
    ("text", "spans", "masked"),
    [
        ("Write to john.doe@example.org!", [(9, 29)], "Write to j***.***@*******.***!"),
        ("key 0123 4567", [(4, 13)], "key 0*** ****"),
        ("a b", [(0, 1), (2, 3)], "a b"),
        ("abcdef", [(0, 4), (2, 6)], "a*****"),
        ("abcdef", [(0, 6), (1, 3)], "a*****"),
        ("abcdef", [(3, 6), (0, 3)], "a**d**"),
        ("abcdef", [(0, 3), (0, 3)], "a**def"),
        ("ключ 深い海", [(0, 4), (5, 8)], "к*** 深**"),
        ("a\nb\tc", [(0, 5)], "a\n*\t*"),
        ("abc", [], "abc"),
        ("", [], ""),
    ],
)
def test_masks_letters_and_digits_but_the_first(text: str, spans: Spans, masked: str) -> None:
    assert mask(text, spans) == masked


def spans_of(length: int) -> st.SearchStrategy[Spans]:
    place = st.integers(0, length)
    pairs = st.tuples(place, place).map(lambda ends: (min(ends), max(ends)))
    return st.lists(pairs.filter(lambda span: span[0] < span[1]), max_size=5)


TEXTS = st.text(st.sampled_from("abz09.@- é深\n"), max_size=60)
MARKED = TEXTS.flatmap(lambda text: st.tuples(st.just(text), spans_of(len(text))))


@given(MARKED)
@settings(deadline=None, database=None)
def test_a_mask_shows_no_more_than_the_first_of_a_span(marked: tuple[str, Spans]) -> None:
    text, spans = marked

    masked = mask(text, spans)

    starts = {start for start, _ in spans}
    inside = {at for start, end in spans for at in range(start, end)}
    assert len(masked) == len(text)
    for at, (shown, letter) in enumerate(zip(masked, text, strict=True)):
        hidden = at in inside and at not in starts and letter.isalnum()
        assert shown == ("*" if hidden else letter) or (at in starts and shown == "*")


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("one two three", 4, 7, ("one ", "two", " three")),
        ("one", 0, 3, ("", "one", "")),
        ("one", 3, 3, ("one", "", "")),
        ("", 0, 0, ("", "", "")),
        ("x" * 40 + "y" + "z" * 40, 40, 41, ("x" * 40, "y", "z" * 40)),
        ("x" * 41 + "y" + "z" * 41, 41, 42, ("…" + "x" * 40, "y", "z" * 40 + "…")),
        ("x" * 61, 0, 61, ("", "x" * 60, "x")),
        ("x" * 200, 10, 190, ("x" * 10, "x" * 60, "x" * 40 + "…")),
        ("🙂é" * 50, 50, 51, ("…" + "🙂é" * 20, "🙂", ("é🙂" * 20) + "…")),
    ],
)
def test_shows_a_span_and_what_stands_around_it(
    text: str, start: int, end: int, expected: tuple[str, str, str]
) -> None:
    assert excerpt(text, start, end, []) == expected


@pytest.mark.parametrize(
    ("private", "expected"),
    [
        ([(4, 7)], ("one ", "t**", " three")),
        ([(0, 3)], ("o**", " two", " three")),
        ([(0, 13)], ("o** ", "***", " *****")),
        ([(5, 9)], ("one ", "tw*", " *hree")),
    ],
)
def test_masks_what_is_private_in_and_around_a_span(
    private: Spans, expected: tuple[str, str, str]
) -> None:
    start = len(expected[0])

    assert excerpt("one two three", start, start + len(expected[1]), private) == expected


@pytest.mark.parametrize("start", [0, 30, 100, 5_000, 9_990, 10_000])
def test_masks_a_secret_far_longer_than_the_window(start: int) -> None:
    text = "K" * 10_000 + " end"

    shown = "".join(excerpt(text, start, start + 5, [(0, 10_000)]))

    assert shown.count("K") == (start <= 40)


@given(MARKED, st.data())
@settings(deadline=None, database=None)
def test_an_excerpt_is_a_window_on_the_masked_text(
    marked: tuple[str, Spans], data: st.DataObject
) -> None:
    text, private = marked
    text, private = f"{'x. ' * 20}{text}{' y.' * 20}", [(a + 60, b + 60) for a, b in private]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    before, inside, behind = excerpt(text, start, end, private)

    masked, stop = mask(text, private), min(end, start + 60)
    assert inside == masked[start:stop]
    assert before == "…" * (start > 40) + masked[max(start - 40, 0) : start]
    assert behind == masked[stop : stop + 40] + "…" * (stop + 40 < len(text))
