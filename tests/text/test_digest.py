"""Digests that are the same on any machine, and keys that sort as the ids they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsprep.text.digest import digest64, digests128, key_of_hex, row_id_of

# The first 16 bytes of BLAKE2b with that length, of RFC 7693's author's reference code.
EMPTY_128 = "cae66941d9efbd404e4d88758ea67670"


@pytest.mark.parametrize(
    ("data", "digest"), [(b"", 0xE4A6A0577479B2B4), (b"abc", 0xD8BB14D833D59559)]
)
def test_digest64_never_changes(data: bytes, digest: int) -> None:
    assert digest64(data) == digest


def test_digests128_are_the_halves_of_blake2b() -> None:
    first, second = digests128(["", "abc", "é", ""])

    halves = [f"{int(half) % 2**64:016x}" for half in (first[0], second[0])]
    assert "".join(halves) == EMPTY_128
    assert (first[3], second[3]) == (first[0], second[0])
    assert len({*zip(first.tolist(), second.tolist(), strict=True)}) == 3
    assert first.dtype == second.dtype == np.int64


def test_digests_of_nothing_are_empty() -> None:
    first, second = digests128([])

    assert (first.shape, second.shape, key_of_hex([]).shape) == ((0,), (0,), (0,))


IDS = st.integers(0, 2**64 - 1).map("{:016x}".format)


@given(st.lists(IDS))
@settings(deadline=None, database=None)
def test_keys_sort_as_ids_do_and_come_back(ids: list[str]) -> None:
    keys = key_of_hex(ids).tolist()

    assert [ids[at] for at in np.argsort(keys, kind="stable")] == sorted(ids)
    assert [row_id_of(key) for key in keys] == ids


@pytest.mark.parametrize(
    ("row_id", "key"),
    [("0" * 16, -(2**63)), ("7" + "f" * 15, -1), ("8" + "0" * 15, 0), ("f" * 16, 2**63 - 1)],
)
def test_keys_reach_from_the_least_integer_to_the_largest(row_id: str, key: int) -> None:
    assert key_of_hex([row_id]).tolist() == [key]
