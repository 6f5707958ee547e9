"""Which record goes into which split: seeded, stratified, components whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsprep.errors import UsageError, did_you_mean
from dsprep.text.digest import digest64

Ints: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]
Mode: TypeAlias = Literal["exact", "stable"]

MODES: Final = ("exact", "stable")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
DEFAULT_SHARES: Final[Mapping[str, float]] = {"train": 0.9, "validation": 0.1}


@dataclass(frozen=True)
class Plan:
    """What splits are wanted."""

    shares: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_SHARES))
    seed: int = 0
    mode: Mode = "exact"

    @property
    def names(self) -> list[str]:
        """Names of the splits, in the order given."""
        return list(self.shares)

    @property
    def fractions(self) -> NDArray[np.float64]:
        """Shares of the splits, shape (splits,)."""
        return np.array(list(self.shares.values()))


def plan(shares: Mapping[str, float] | None, seed: int | None, mode: str | None) -> Plan:
    """Return a plan of what is given, the usual for what is not.

    Raises:
        UsageError: shares that are no shares, or a mode that does not exist.
    """
    shares = dict(shares or DEFAULT_SHARES)
    for name, share in shares.items():
        if not _NAME.fullmatch(name) or name == "dropped":
            raise UsageError(f"split {name!r}: a name is letters, digits, '-' and '_'.")
        if not 0 < share <= 1:
            raise UsageError(f"split {name}={share}: a share is above 0 and at most 1.")
    if abs(sum(shares.values()) - 1) > 1e-9:
        told = ", ".join(f"{name}={share}" for name, share in shares.items())
        raise UsageError(f"split {told}: the shares add up to {sum(shares.values()):g}, not 1.")
    if mode not in (None, "exact", "stable"):
        raise UsageError(f"unknown split mode {mode!r}.{did_you_mean(str(mode), MODES)}")
    return Plan(shares, seed or 0, "stable" if mode == "stable" else "exact")


def components(left: Ints, right: Ints, count: int) -> Ints:
    """Return the connected component of each record, named by its smallest index.

    Args:
        left: one end of each link, shape (links,), indices of records.
        right: the other end.
        count: number of records.

    Each round hooks the larger of two linked roots under the smaller and then
    flattens the trees, so the number of rounds grows with the logarithm.
    """
    root: Ints = np.arange(count, dtype=np.int64)
    while True:
        low, high = np.minimum(root[left], root[right]), np.maximum(root[left], root[right])
        open_ = low != high
        if not open_.any():
            return root
        np.minimum.at(root, high[open_], low[open_])
        while not np.array_equal(root, flat := root[root]):
            root = flat


def order_hashes(seed: int, keys: Iterable[str]) -> Hashes:
    """Return BLAKE2b-64 of seed and key, which orders everything that is split."""
    prefix = f"{seed}\x00".encode()
    return np.fromiter((digest64(prefix + key.encode()) for key in keys), dtype=np.uint64)


def assign(plan: Plan, component: Ints, hashes: Hashes, stratum: Ints) -> Ints:
    """Return the split of each record, as an index into the plan's splits.

    Args:
        plan: the splits wanted.
        component: of each record, 0 to components - 1, shape (records,).
        hashes: order of each component, shape (components,).
        stratum: of each record, 0 to strata - 1, shape (records,).
    """
    if plan.mode == "stable":
        return _stable(plan, hashes)[component]
    return _Exact(plan, component, hashes, stratum).assign()[component]


def _stable(plan: Plan, hashes: Hashes) -> Ints:
    """Return the split of each component by its hash alone: others never move it."""
    edges = np.cumsum(plan.fractions / plan.fractions.sum())[:-1]
    positions = hashes.astype(np.float64) / 2.0**64
    return np.searchsorted(edges, positions, side="right").astype(np.int64)


class _Exact:
    """Meets the shares within each stratum, the largest components first."""

    def __init__(self, plan: Plan, component: Ints, hashes: Hashes, stratum: Ints) -> None:
        self.fractions = plan.fractions / plan.fractions.sum()
        self.hashes = hashes
        self.component = component
        self.stratum = stratum
        self.sizes = np.bincount(component, minlength=len(hashes))
        totals = np.bincount(stratum) if len(stratum) else np.zeros(1, dtype=np.int64)
        self.left = quotas(totals, self.fractions)  # shape (strata, splits)
        self.split: Ints = np.full(len(hashes), -1, dtype=np.int64)

    def assign(self) -> Ints:
        """Return the split of each component."""
        self._place_lumps()
        self._place_singles()
        return self.split

    def _place_lumps(self) -> None:
        """Place components of several records one by one, where they overshoot least."""
        lumps = np.flatnonzero(self.sizes > 1)
        if not len(lumps):
            return
        lumps = lumps[np.lexsort((self.hashes[lumps], -self.sizes[lumps]))]
        members = np.argsort(self.component, kind="stable")
        starts = np.concatenate(([0], np.cumsum(self.sizes)))
        for lump in lumps:
            strata, counts = np.unique(
                self.stratum[members[starts[lump] : starts[lump + 1]]], return_counts=True
            )
            room = self.left[strata]
            overshoot = np.maximum(counts[:, None] - room, 0).sum(axis=0)
            # Of equals, the split that still wants the largest part of its share.
            wanting = self.left.sum(axis=0) / np.maximum(self.fractions, 1e-12)
            best = int(np.lexsort((-wanting, overshoot))[0])
            self.split[lump] = best
            self.left[strata, best] -= counts

    def _place_singles(self) -> None:
        single = np.flatnonzero(self.sizes[self.component] == 1)
        order = single[np.lexsort((self.hashes[self.component[single]], self.stratum[single]))]
        strata, starts, counts = np.unique(
            self.stratum[order], return_index=True, return_counts=True
        )
        for stratum, start, count in zip(strata, starts, counts, strict=True):
            wanted = _fit(self.left[stratum], int(count))
            chosen = np.repeat(np.arange(len(wanted)), wanted)
            self.split[self.component[order[start : start + count]]] = chosen


def _fit(room: Ints, count: int) -> Ints:
    """Return whole numbers that add up to a count and are near the room there is."""
    wanted = np.maximum(room, 0)
    while (excess := int(wanted.sum()) - count) > 0:
        largest = int(np.argmax(wanted))
        wanted[largest] -= min(excess, max(int(wanted[largest]) - int(np.sort(wanted)[-2]), 1))
    return wanted


def quotas(totals: Ints, fractions: NDArray[np.float64]) -> Ints:
    """Return how many records of each stratum go into each split, shape (strata, splits).

    The columns meet the shares of all records, and each entry is its own share
    rounded down or up, but: a stratum with enough records has one in each split, and
    one with too few goes whole to the largest split.
    """
    splits = len(fractions)
    largest = int(np.argmax(fractions))
    result = np.zeros((len(totals), splits), dtype=np.int64)
    spread = totals >= splits
    for split in range(splits):
        if split == largest:
            continue
        exact = totals * fractions[split]
        lower = np.where(
            spread, np.maximum(np.floor(exact).astype(np.int64), fractions[split] > 0), 0
        )
        wanted = round(float(totals.sum() * fractions[split])) - int(lower.sum())
        result[:, split] = lower + _largest_remainders(exact - lower, spread, wanted)
    result[:, largest] = totals - result.sum(axis=1)
    return result


def _largest_remainders(
    rest: NDArray[np.float64], eligible: NDArray[np.bool_], wanted: int
) -> Ints:
    """Return 1 for the strata whose share was rounded down most, as many as are wanted."""
    more = np.zeros(len(rest), dtype=np.int64)
    candidates = np.flatnonzero(eligible & (rest > 0))
    order = candidates[np.argsort(-rest[candidates], kind="stable")]
    more[order[: max(wanted, 0)]] = 1
    return more
