"""What becomes of each row: which split it goes to, or why it is dropped."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dsprep.engine import Engine, rows_of
from dsprep.kernel import REF_BITS
from dsprep.rulebook import Rulebook
from dsprep.split import Ints, Plan, assign, components, order_hashes
from dsprep.text.digest import row_id_of

DROPPED: Final = -1
# Families whose errors cannot be written or trained on, and exact copies.
_UNUSABLE: Final = ("FMT", "SCH", "CHT", "TGT")
_COPIES: Final = "DUP101"

_RECORDS: Final = "SELECT ref, row_key, beside, stratum, grouping, plain FROM measures"
_DROPS: Final = "SELECT DISTINCT file, row, code FROM findings WHERE row IS NOT NULL"
_GROUP_LINKS: Final = """
SELECT m.ref AS ref, g.first AS first FROM measures m JOIN
(SELECT grouping, MIN(ref) AS first FROM measures WHERE grouping IS NOT NULL GROUP BY grouping) g
ON m.grouping = g.grouping WHERE m.ref <> g.first
"""
_COPY_LINKS: Final = """
SELECT m.ref AS ref, g.first AS first FROM measures m JOIN
(SELECT text1, text2, MIN(ref) AS first FROM measures GROUP BY text1, text2) g
ON m.text1 = g.text1 AND m.text2 = g.text2 WHERE m.ref <> g.first
"""


@dataclass(frozen=True)
class Drops:
    """The rows that are dropped, bad ones included, and why: shape (dropped rows,)."""

    refs: Ints  # ascending
    reason: Ints  # index into reasons
    reasons: Sequence[tuple[str, ...]]  # the codes that drop a row, sorted

    def between(self, start: int, stop: int) -> dict[int, tuple[str, ...]]:
        """Return the codes of the dropped rows whose ref is in a half-open range."""
        part = slice(*np.searchsorted(self.refs, [start, stop]))
        pairs = zip(self.refs[part].tolist(), self.reason[part].tolist(), strict=True)
        return {ref: self.reasons[reason] for ref, reason in pairs}

    def by_first(self) -> dict[str, int]:
        """Return dropped rows by the first of their codes."""
        counts: dict[str, int] = {}
        for reason, count in enumerate(np.bincount(self.reason, minlength=len(self.reasons))):
            first = self.reasons[reason][0]
            counts[first] = counts.get(first, 0) + int(count)
        return counts


@dataclass(frozen=True)
class Decisions:
    """The fate of every record, shape (records,) each, in the order of refs."""

    refs: Ints  # ascending
    split: Ints  # index of the split, DROPPED where it is dropped
    rank: Ints  # place of the record in its split, from 0
    strata: Sequence[str | None]  # names
    stratum: Ints  # index into strata
    plain: bool  # every record kept is one prompt and one answer
    drops: Drops
    components_cut: int  # components in more than one split: 0, or it is a fault


def dropping(rulebook: Rulebook, drop: Iterable[str], keep: Iterable[str]) -> frozenset[str]:
    """Return the codes whose findings drop a row.

    Args:
        rulebook: all rules.
        drop: words for rules that drop beside the usual ones.
        keep: words for rules that do not drop, which win.
    """
    usual = {r.code for r in rulebook if r.family in _UNUSABLE and r.severity == "error"}
    added = {rule.code for word in drop for rule in rulebook.named(word)}
    kept = {rule.code for word in keep for rule in rulebook.named(word)}
    return frozenset((usual | {_COPIES} | added) - kept)


def decide(
    engine: Engine, plan: Plan, dropping_codes: frozenset[str], *, shuffle: bool = True
) -> Decisions:
    """Return what becomes of each record.

    Args:
        engine: holds the tables of `lint`.
        plan: the splits wanted.
        dropping_codes: codes whose findings drop a row.
        shuffle: order each split by hash, so that it does not depend on the order of
            the input; otherwise records keep the order they came in.
    """
    table = pa.Table.from_batches(engine.fetch(_RECORDS, order=["ref"]))
    refs = _ints(table, "ref")
    drops = _drops(engine, dropping_codes)
    kept = ~np.isin(refs, drops.refs)
    component = _components(engine, refs)
    strata, stratum = _coded(table.column("stratum"))
    split = np.full(len(refs), DROPPED, dtype=np.int64)
    split[kept] = _assign(plan, table, component, stratum, kept)
    ids = (row_id_of(key) for key in _ints(table, "row_key").tolist())
    order = (order_hashes(plan.seed, ids), _ints(table, "beside")) if shuffle else ()
    return Decisions(
        refs=refs,
        split=split,
        rank=_ranks(split, order),
        strata=strata,
        stratum=stratum,
        plain=bool(np.all(_ints(table, "plain")[kept])),
        drops=drops,
        components_cut=_cut(component[kept], split[kept]),
    )


def _ints(table: pa.Table, name: str) -> Ints:
    values: Ints = table.column(name).to_numpy()
    return values


def _drops(engine: Engine, dropping_codes: frozenset[str]) -> Drops:
    refs, reason = array("q"), array("q")
    reasons: dict[tuple[str, ...], int] = {}
    found = rows_of(engine.fetch(_DROPS, order=["file", "row", "code"]))
    for (file, row), group in groupby(found, key=itemgetter("file", "row")):
        codes = tuple(one["code"] for one in group if one["code"] in dropping_codes)
        if codes:
            refs.append((file << REF_BITS) + row)
            reason.append(reasons.setdefault(codes, len(reasons)))
    return Drops(np.array(refs), np.array(reason), list(reasons))


def _components(engine: Engine, refs: Ints) -> Ints:
    """Return the component of each record: what groups and equal texts link."""
    ends: list[tuple[Ints, Ints]] = []
    for query in (_GROUP_LINKS, _COPY_LINKS):
        for batch in engine.fetch(query):
            pair = (batch.column("ref").to_numpy(), batch.column("first").to_numpy())
            ends.append((np.searchsorted(refs, pair[0]), np.searchsorted(refs, pair[1])))
    none = np.zeros(0, dtype=np.int64)
    left = np.concatenate([none, *(pair[0] for pair in ends)])
    right = np.concatenate([none, *(pair[1] for pair in ends)])
    return components(left, right, len(refs))


def _coded(column: pa.ChunkedArray) -> tuple[list[str | None], Ints]:
    """Return the distinct values of a column, sorted, and the index of each value."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    values = coded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda at: (values[at] is None, values[at] or ""))
    position = np.empty(len(values), dtype=np.int64)
    position[order] = np.arange(len(values))
    indices: Ints = coded.indices.to_numpy()
    return [values[at] for at in order], position[indices]


def _assign(
    plan: Plan,
    table: pa.Table,
    component: Ints,
    stratum: Ints,
    kept: NDArray[np.bool_],
) -> Ints:
    roots, inverse = np.unique(component[kept], return_inverse=True)
    hashes = order_hashes(plan.seed, _keys(table, component, roots))
    return assign(plan, inverse, hashes, stratum[kept])


def _keys(table: pa.Table, component: Ints, roots: Ints) -> Iterator[str]:
    """Yield what names each component: its first group, else its smallest row_id."""
    _, inverse = np.unique(component, return_inverse=True)
    smallest = np.full(int(inverse.max(initial=-1)) + 1, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(smallest, inverse, _ints(table, "row_key"))
    named: dict[int, str] = {}
    groups = table.column("grouping")
    if groups.null_count < len(groups):
        for at, group in zip(inverse.tolist(), groups.to_pylist(), strict=True):
            if group is not None:
                named[at] = min(group, named.get(at, group))
    present = np.searchsorted(np.unique(component), roots).tolist()
    return (named.get(at) or row_id_of(int(smallest[at])) for at in present)


def _ranks(split: Ints, order: Sequence[NDArray[Any]]) -> Ints:
    """Return the place of each record in its split: by some keys, then as it came."""
    by_place = np.lexsort((*reversed(order), split))
    starts = np.searchsorted(split[by_place], split[by_place], side="left")
    rank = np.empty(len(split), dtype=np.int64)
    rank[by_place] = np.arange(len(split)) - starts
    return rank


def _cut(component: Ints, split: Ints) -> int:
    pairs = np.unique(np.stack([component, split]), axis=1)
    return int(pairs.shape[1] - len(np.unique(component)))
