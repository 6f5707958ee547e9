"""Splits: shares exact, labels on both sides, components whole, order without meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsprep.errors import UsageError
from dsprep.split import Plan, assign, components, order_hashes, plan, quotas

SHARES = st.sampled_from(
    [
        {"train": 0.9, "validation": 0.1},
        {"train": 0.8, "validation": 0.1, "test": 0.1},
        {"validation": 0.5, "train": 0.5},
        {"train": 1.0},
    ]
)


def ints(values: list[int]) -> Any:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("links", "count", "expected"),
    [
        ([], 3, [0, 1, 2]),
        ([(2, 1)], 3, [0, 1, 1]),
        ([(0, 1), (1, 2), (2, 3), (3, 4)], 5, [0, 0, 0, 0, 0]),
        ([(4, 0), (3, 1)], 5, [0, 1, 2, 1, 0]),
        ([(1, 1)], 2, [0, 1]),
    ],
)
def test_components(links: list[tuple[int, int]], count: int, expected: list[int]) -> None:
    left, right = ints([a for a, _ in links]), ints([b for _, b in links])

    assert components(left, right, count).tolist() == expected


@given(st.integers(2, 400), st.randoms(use_true_random=False))
def test_components_of_a_shuffled_path_are_one(length: int, random: Any) -> None:
    nodes = list(range(length))
    random.shuffle(nodes)

    assert set(components(ints(nodes[:-1]), ints(nodes[1:]), length).tolist()) == {0}


@pytest.mark.parametrize(
    ("totals", "shares", "expected"),
    [
        ([100], [0.9, 0.1], [[90, 10]]),
        ([10, 10], [0.9, 0.1], [[9, 1], [9, 1]]),
        ([1], [0.9, 0.1], [[1, 0]]),  # a class of one record goes to the largest split
        ([2], [0.9, 0.1], [[1, 1]]),
        ([3], [0.8, 0.1, 0.1], [[1, 1, 1]]),
        ([95, 5], [0.9, 0.1], [[86, 9], [4, 1]]),
        ([0], [0.9, 0.1], [[0, 0]]),
    ],
)
def test_quotas(totals: list[int], shares: list[float], expected: list[list[int]]) -> None:
    assert quotas(ints(totals), np.array(shares)).tolist() == expected


@given(st.lists(st.integers(10, 5_000), min_size=1, max_size=80))
def test_quotas_are_shares_rounded_down_or_up(totals: list[int]) -> None:
    found = quotas(ints(totals), np.array([0.9, 0.1]))[:, 1]
    exact = np.array(totals) * 0.1

    assert np.all(found >= np.floor(exact))
    assert np.all(found <= np.ceil(exact + 1e-9))
    assert abs(int(found.sum()) - sum(totals) * 0.1) <= 0.5


RECORDS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 60)), min_size=1, max_size=200)


def assigned(records: list[tuple[int, int]], chosen: Plan) -> dict[int, int]:
    """Return the split of each group, given (label, group) of each record."""
    groups = sorted({group for _, group in records})
    component = ints([groups.index(group) for _, group in records])
    hashes = order_hashes(chosen.seed, [f"group {group}" for group in groups])
    split = assign(chosen, component, hashes, ints([label for label, _ in records]))
    found: dict[int, int] = {}
    for (_, group), one in zip(records, split.tolist(), strict=True):
        assert found.setdefault(group, one) == one, "a component is in two splits"
    return found


@given(RECORDS, SHARES, st.integers(0, 3))
def test_order_of_records_has_no_meaning(
    records: list[tuple[int, int]], shares: dict[str, float], seed: int
) -> None:
    chosen = plan(shares, seed, None)

    assert assigned(records, chosen) == assigned(records[::-1], chosen)


@given(RECORDS, RECORDS, st.integers(0, 3))
def test_stable_mode_never_moves_an_old_record(
    old: list[tuple[int, int]], new: list[tuple[int, int]], seed: int
) -> None:
    chosen = plan(None, seed, "stable")
    before, after = assigned(old, chosen), assigned(old + new, chosen)

    assert {group: after[group] for group in before} == before


@given(st.lists(st.integers(0, 4), min_size=1, max_size=300), SHARES)
def test_single_records_meet_the_shares_exactly(
    labels: list[int], shares: dict[str, float]
) -> None:
    chosen = plan(shares, 0, None)
    hashes = order_hashes(0, [str(at) for at in range(len(labels))])
    split = assign(chosen, np.arange(len(labels)), hashes, ints(labels))
    found = np.stack(
        [np.bincount(split[ints(labels) == label], minlength=len(shares)) for label in range(5)]
    )

    wanted = quotas(np.bincount(labels, minlength=5), chosen.fractions)
    assert found.tolist() == wanted.tolist()


def test_groups_meet_the_shares_within_one_group() -> None:
    sizes = np.tile([1, 2, 3, 4], 100)
    component = np.repeat(np.arange(len(sizes)), sizes)
    hashes = order_hashes(0, [str(at) for at in range(len(sizes))])
    split = assign(Plan(), component, hashes, np.zeros(len(component), dtype=np.int64))

    assert abs(int((split == 1).sum()) - 100) <= 4


def test_seed_decides() -> None:
    def of(seed: int) -> list[int]:
        hashes = order_hashes(seed, [str(at) for at in range(100)])
        zeros = np.zeros(100, dtype=np.int64)
        return assign(Plan(seed=seed), np.arange(100), hashes, zeros).tolist()  # type: ignore[no-any-return]

    assert of(1) == of(1)
    assert of(1) != of(2)


@pytest.mark.parametrize(
    ("shares", "mode", "reason"),
    [
        ({"train": 0.9, "validation": 0.2}, None, "add up to 1.1"),
        ({"train": 1.0, "validation": 0.0}, None, "above 0"),
        ({"train": 1.5, "validation": -0.5}, None, "at most 1"),
        ({"../x": 1.0}, None, "a name is letters"),
        ({"dropped": 1.0}, None, "a name is letters"),
        ({"train": 1.0}, "exakt", "Did you mean exact"),
    ],
)
def test_bad_plans_say_why(shares: dict[str, float], mode: str | None, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        plan(shares, None, mode)
