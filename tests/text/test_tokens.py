"""Counts equal tiktoken's, with toktok and without, and what ships is what OpenAI published."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

import pytest
import tiktoken_ext.openai_public as published
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.errors import InputError
from dsprep.text import tokens, unicode_guard
from dsprep.text.tokens import ENCODINGS, count_tokens, tiktoken_encoding

DATA = Path(__file__).parents[2].parent / "shared" / "data"
IN_TOKTOK = sorted(tokens._IN_TOKTOK)

TEXTS = [
    "",
    "Plain ASCII: x = y[0] + 42; // 1234567890",
    "It's we'RE I'LL don'T they'Ve '\u017f 'sss \u2019s",
    "  leading, trailing  \n\n\t \r\n x \u00a0\u3000\u2028\x85\x1c\x1f\u180e\u200b\ufeff",
    "!\n\n/ //\n ?/\r\n",
    "深い海の底で、彼は笑った。中文 한국어 조선글",
    "Привет, мир! Ελληνικά հայերեն עברית العربية हिन्दी தமிழ் ไทย አማርኛ ქართული",
    "ǅungla İstanbul \u0131I ß \u212a Å e\u0301 ﬁ Ⅷ ² ٣٤ ১২৩ \U0001d49c\U0001d7db",
    "👩‍👩‍👧 🇧🇷 🏴\U000e0067\U000e0062 ☕\ufe0f 😀😀😀",
    "<|endoftext|><|fim_prefix|> <|endofprompt|> <|im_start|>",
    "\x00\x01 \ufffd \uffff \ue000 \U0010ffff",
]


def reference(texts: Sequence[str], encoding: str) -> list[int]:
    encode = tiktoken_encoding(encoding).encode_ordinary
    return [len(encode(text)) for text in texts]


@pytest.fixture
def without_toktok(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "toktok", None)
    tokens._toktok.cache_clear()
    yield
    tokens._toktok.cache_clear()


@pytest.fixture
def fresh_encodings() -> Iterator[None]:
    tiktoken_encoding.cache_clear()
    yield
    tiktoken_encoding.cache_clear()


# Figures of the OpenAI cookbook, "How to count tokens with tiktoken".
@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("antidisestablishmentarianism", (6, 6, 5, 5)),
        ("2 + 2 = 4", (7, 7, 5, 5)),
        ("お誕生日おめでとう", (9, 8, 14, 14)),
        ("", (0, 0, 0, 0)),
    ],
)
def test_counts_published_figures(text: str, counts: tuple[int, ...]) -> None:
    assert tuple(count_tokens([text], encoding)[0] for encoding in ENCODINGS) == counts


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_equals_tiktoken(encoding: str) -> None:
    assert count_tokens(TEXTS, encoding) == reference(TEXTS, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_equals_tiktoken_where_the_unicode_tables_differ(encoding: str) -> None:
    points = [end for span in unicode_guard.DIFFERING for end in span]
    texts = [context.replace("{}", chr(p)) for p in points for context in unicode_guard.CONTEXTS]

    assert count_tokens(texts, encoding) == reference(texts, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_falls_back_without_toktok(encoding: str, without_toktok: None) -> None:
    assert tokens._toktok() is None
    assert count_tokens(TEXTS, encoding) == reference(TEXTS, encoding)


PIECES = st.one_of(
    st.text(),
    st.sampled_from([*TEXTS, "'s", "'LL", "\r\n", "   ", "\u088f", "\U0001e6e3", "\U00033000"]),
    st.builds(str.__mul__, st.characters(exclude_categories=["Cs"]), st.integers(2, 99)),
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(texts=st.lists(st.lists(PIECES, max_size=8).map("".join), max_size=4))
@settings(deadline=None, database=None)
def test_any_text_equals_tiktoken(encoding: str, texts: list[str]) -> None:
    assert count_tokens(texts, encoding) == reference(texts, encoding)


@pytest.mark.parametrize("encoding", IN_TOKTOK)
def test_random_vocabulary_equals_tiktoken(encoding: str) -> None:
    chance = random.Random(0)
    words = tiktoken_encoding(encoding).token_byte_values()
    joined = (b"".join(chance.choices(words, k=20)) for _ in range(2_000))
    texts = [text.decode(errors="ignore") for text in joined]

    assert count_tokens(texts, encoding) == reference(texts, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_long_runs_take_no_quadratic_time(encoding: str) -> None:
    begin = time.process_time()

    assert count_tokens(["a" * 200_000], encoding)[0] in {25_000, 50_000}
    assert time.process_time() - begin < 10


@pytest.mark.parametrize("encoding", IN_TOKTOK)
@pytest.mark.parametrize("blank", [" ", "\n", "\t"])
def test_cuts_a_million_blanks_without_a_trace(encoding: str, blank: str) -> None:
    toktok = pytest.importorskip("toktok")
    texts = [f"x{blank * length}y" for length in (2 * tokens._CUT, 2 * tokens._CUT + 77)]

    assert tokens._reference_counts(texts, encoding) == toktok.batch_count(texts, encoding)


@pytest.mark.parametrize("encoding", IN_TOKTOK)
def test_cuts_a_million_unlike_blanks_nearly_so(encoding: str) -> None:
    toktok = pytest.importorskip("toktok")
    text = "x!" + "\n \t\r\n   " * 150_000 + "y"

    (whole,) = toktok.batch_count([text], encoding)

    assert whole <= tokens._reference_counts([text], encoding)[0] <= whole + 4


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_survives_a_million_blanks(encoding: str, without_toktok: None) -> None:
    assert count_tokens([" " * 1_200_000 + "x"], encoding)[0] > 9_000


def test_names_the_known_encodings() -> None:
    with pytest.raises(ValueError, match="cl100k_base, o200k_base, p50k_base, r50k_base"):
        count_tokens(["x"], "cl100k")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding_is_the_published_one(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash, pattern and special tokens are those of the tiktoken that is installed."""
    monkeypatch.setattr(published, "load_tiktoken_bpe", lambda url, expected_hash: expected_hash)
    arguments = published.ENCODING_CONSTRUCTORS[encoding]()

    assert tokens._RANKS_SHA256[encoding] == arguments["mergeable_ranks"]
    assert tiktoken_encoding(encoding)._pat_str == arguments["pat_str"]
    assert tiktoken_encoding(encoding)._special_tokens == arguments["special_tokens"]


def test_loads_without_network_or_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh_encodings: None
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.delattr(socket, "socket")

    assert tiktoken_encoding("r50k_base").n_vocab == 50257
    assert not [*tmp_path.iterdir()]


def test_refuses_other_ranks(monkeypatch: pytest.MonkeyPatch, fresh_encodings: None) -> None:
    monkeypatch.setattr(tokens, "_RANKS_SHA256", dict.fromkeys(ENCODINGS, "0" * 64))

    with pytest.raises(InputError, match=r"r50k_base\.tiktoken\.xz: not the published ranks"):
        tiktoken_encoding("p50k_base")


def test_readme_of_the_ranks_states_each_hash() -> None:
    readme = resources.files("dsprep.text").joinpath("ranks", "README.md").read_text("utf-8")

    assert [name for name, digest in tokens._RANKS_SHA256.items() if digest not in readme] == []


def test_import_is_light() -> None:
    probe = "import sys, dsprep.text.tokens; print({'tiktoken', 'toktok'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", probe], text=True) == "set()\n"


def contents(line: str) -> str:
    """Return the text of a row as the shared manifest counts it."""
    row = json.loads(line)
    if "text" in row:
        return str(row["text"])
    return "\n".join(message.get("content") or "" for message in row["messages"])


@pytest.mark.parametrize(
    ("file", "encoding", "total", "most", "over_2048"),
    [
        ("chat/toy_chat_fine_tuning.jsonl", "cl100k_base", 8_151, 8_017, 1),
        ("instruct/c4_demo.jsonl", "cl100k_base", 156_971, 8_528, 11),
        ("instruct/c4_demo.jsonl", "o200k_base", 154_886, None, None),
    ],
)
def test_counts_known_files(
    file: str, encoding: str, total: int, most: int | None, over_2048: int | None
) -> None:
    path = DATA / file
    if not path.exists():
        pytest.skip(f"the shared data set {file} is not here")
    with path.open(encoding="utf-8") as lines:
        counts = count_tokens([contents(line) for line in lines], encoding)

    assert sum(counts) == total
    assert most in (None, max(counts))
    assert over_2048 in (None, sum(count > 2_048 for count in counts))


@pytest.mark.slow
def test_guarded_code_points_are_fresh() -> None:
    """Looks at all of Unicode; a new tiktoken or toktok may need the ranges printed here."""
    toktok = pytest.importorskip("toktok")

    def newer(texts: Sequence[str]) -> list[int]:
        counts: list[int] = toktok.batch_count(texts, encoding)
        return counts

    def older(texts: Sequence[str]) -> list[int]:
        return reference(texts, encoding)

    found = {}
    for encoding in IN_TOKTOK:
        found[encoding] = unicode_guard.differing_ranges(newer, older)

    assert found["o200k_base"] == unicode_guard.DIFFERING
    assert points_of(found["cl100k_base"]) < points_of(unicode_guard.DIFFERING)


def points_of(ranges: unicode_guard.Ranges) -> set[int]:
    return {point for first, last in ranges for point in range(first, last + 1)}


@pytest.mark.parametrize(
    ("text", "guarded"),
    [("", False), ("ascii", False), ("é 中 😀", False), ("a\u088f", True), ("\0\U00033479", True)],
)
def test_guards_texts_with_such_a_code_point(text: str, guarded: bool) -> None:
    assert unicode_guard.is_guarded(text) is guarded
