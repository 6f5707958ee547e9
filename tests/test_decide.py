"""What becomes of each row: it is dropped for a reason, or it is in one split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsprep import rulebook
from dsprep.decide import DROPPED, Decisions, decide, dropping
from dsprep.engine.duckdb import DuckDB
from dsprep.errors import UsageError
from dsprep.kernel import REF_BITS, Kernel
from dsprep.lint import FINDINGS
from dsprep.split import Plan

BOOK = rulebook.load()
USUAL = {rule.code for rule in BOOK if rule.family in ("FMT", "SCH", "CHT", "TGT")} & {
    rule.code for rule in BOOK if rule.severity == "error"
} | {"DUP101"}
HALVES = Plan({"a": 0.5, "b": 0.5})


@dataclass(frozen=True)
class Given:
    """A record as far as decisions look at it; `text` stands for N1 of its text."""

    text: int
    group: str | None = None
    stratum: str | None = None
    plain: int = 1
    file: int = 0


def measures(records: Sequence[Given]) -> pa.RecordBatch:
    schema = Kernel((), ()).measures_schema()
    columns = {name: [0] * len(records) for name in schema.names}
    columns |= {
        "ref": [(one.file << REF_BITS) + at for at, one in enumerate(records)],
        "row_key": [(one.text * 7919 + at * (at % 2)) % 65_521 for at, one in enumerate(records)],
        "text1": [one.text for one in records],
    }
    values: dict[str, Sequence[object]] = {
        **columns,
        "label": [None] * len(records),
        "split": [None] * len(records),
        "stratum": [one.stratum for one in records],
        "grouping": [one.group for one in records],
        "plain": [one.plain for one in records],
    }
    arrays = [pa.array(values[field.name], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def findings(found: Sequence[tuple[int | None, str]]) -> pa.RecordBatch:
    rows = [{"file": 0, "row": row, "code": code} for row, code in found]
    return pa.RecordBatch.from_pylist(rows, schema=FINDINGS)


def decided(
    records: Sequence[Given],
    found: Sequence[tuple[int | None, str]] = (),
    plan: Plan = HALVES,
    **options: bool,
) -> Decisions:
    with DuckDB() as engine:
        batch = measures(records)
        engine.from_arrow("measures", [batch], batch.schema)
        engine.from_arrow("findings", [findings(found)], FINDINGS)
        return decide(engine, plan, frozenset(USUAL), **options)


# -- what drops a row ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("drop", "keep", "codes"),
    [
        ((), (), USUAL),
        (("PII",), (), USUAL | {"PII101"}),
        (("over-length", "secrets"), (), USUAL | {"TOK101", "SEC101"}),
        ((), ("DUP101",), USUAL - {"DUP101"}),
        ((), ("CHT",), {code for code in USUAL if code[:3] != "CHT"}),
        (("DUP102",), ("DUP",), USUAL - {"DUP101"}),  # keep wins
        ((), ("ALL",), set()),
    ],
)
def test_words_say_what_drops(drop: Sequence[str], keep: Sequence[str], codes: set[str]) -> None:
    assert dropping(BOOK, drop, keep) == codes


def test_a_warning_drops_nothing_unless_asked() -> None:
    book = BOOK.configure({"CHT102": {"severity": "warning"}, "CHT101": {"severity": "error"}})

    assert {"CHT101", "CHT102"} & dropping(book, (), ()) == {"CHT101"}


@pytest.mark.parametrize(("drop", "keep"), [(["DUPE"], []), ([], ["DUPE"])])
def test_an_unknown_word_is_told(drop: list[str], keep: list[str]) -> None:
    with pytest.raises(UsageError, match="unknown rule 'DUPE'"):
        dropping(BOOK, drop, keep)


def test_a_row_is_dropped_for_all_its_reasons() -> None:
    found = [(1, "SCH001"), (1, "DUP101"), (1, "PII101"), (2, "PII101"), (3, "FMT001"), (None, "X")]

    fate = decided([Given(at) for at in range(3)], found)

    assert [split == DROPPED for split in fate.split.tolist()] == [False, True, False]
    assert fate.drops.between(0, 99) == {1: ("DUP101", "SCH001"), 3: ("FMT001",)}
    assert fate.drops.between(2, 3) == {}
    assert fate.drops.by_first() == {"DUP101": 1, "FMT001": 1}


def test_rows_of_several_files_are_told_apart() -> None:
    records = [Given(0), Given(1, file=1), Given(2, file=1)]

    fate = decided(records, [(0, "FMT001")])

    assert fate.refs.tolist() == [0, (1 << REF_BITS) + 1, (1 << REF_BITS) + 2]
    assert [split == DROPPED for split in fate.split.tolist()] == [True, False, False]


# -- which split --------------------------------------------------------------------


def test_no_records_are_no_fault() -> None:
    fate = decided([])

    assert len(fate.split) == len(fate.rank) == fate.components_cut == 0
    assert fate.plain


def test_nothing_kept_is_no_fault() -> None:
    fate = decided([Given(0), Given(1)], [(0, "FMT001"), (1, "FMT001")])

    assert fate.split.tolist() == [DROPPED, DROPPED]


def test_plain_is_said_of_what_is_kept() -> None:
    records = [Given(0), Given(1, plain=0)]

    assert not decided(records).plain
    assert decided(records, [(1, "FMT001")]).plain


def test_strata_are_sorted_with_none_last() -> None:
    fate = decided([Given(0, stratum="b"), Given(1), Given(2, stratum="a")])

    assert list(fate.strata) == ["a", "b", None]
    assert fate.stratum.tolist() == [1, 2, 0]


def test_links_through_a_dropped_row_still_bind() -> None:
    """Two texts of one group stay together, also where the row that linked them goes."""
    records = [Given(1), Given(1, group="g"), Given(2, group="g")]
    for seed in range(8):
        fate = decided(records, [(1, "FMT001")], Plan({"a": 0.5, "b": 0.5}, seed))
        assert fate.split[0] == fate.split[2]


def test_unshuffled_records_keep_their_order() -> None:
    fate = decided([Given(at) for at in range(50)], plan=Plan({"all": 1.0}), shuffle=False)

    assert fate.rank.tolist() == list(range(50))


RECORDS = st.lists(
    st.builds(
        Given,
        text=st.integers(0, 30),
        group=st.sampled_from([None, None, None, "g", "h", "i", "é"]),
        stratum=st.sampled_from([None, "x", "y"]),
    ),
    max_size=40,
)
PLANS = st.builds(
    Plan,
    st.sampled_from([{"a": 1.0}, {"a": 0.5, "b": 0.5}, {"a": 0.8, "b": 0.1, "c": 0.1}]),
    st.integers(0, 3),
    st.sampled_from(["exact", "stable"]),
)


@pytest.mark.slow
@given(RECORDS, PLANS, st.sets(st.integers(0, 39)))
def test_groups_and_equal_texts_never_stand_in_two_splits(
    records: list[Given], plan: Plan, bad: set[int]
) -> None:
    fate = decided(records, [(row, "FMT001") for row in sorted(bad)], plan)

    for part in ("text", "group"):
        sides: dict[object, set[int]] = {}
        for one, split in zip(records, fate.split.tolist(), strict=True):
            if split != DROPPED and getattr(one, part) is not None:
                sides.setdefault(getattr(one, part), set()).add(split)
        assert all(len(splits) == 1 for splits in sides.values())
    assert fate.components_cut == 0


@pytest.mark.slow
@given(RECORDS, PLANS, st.sets(st.integers(0, 39)))
def test_every_record_has_one_fate(records: list[Given], plan: Plan, bad: set[int]) -> None:
    fate = decided(records, [(row, "FMT001") for row in sorted(bad)], plan)

    assert [split == DROPPED for split in fate.split.tolist()] == [
        at in bad for at in range(len(records))
    ]
    for split in range(len(plan.names)):
        ranks = fate.rank[fate.split == split]
        assert sorted(ranks.tolist()) == list(range(len(ranks)))


def by_text(records: Sequence[Given], fate: Decisions) -> Iterator[tuple[Given, int]]:
    return zip(records, fate.split.tolist(), strict=True)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 99), st.sampled_from([None, "g", "h"])), unique=True),
    PLANS,
    st.randoms(use_true_random=False),
)
def test_the_order_of_records_changes_no_split(
    parts: list[tuple[int, str | None]], plan: Plan, random: object
) -> None:
    def keyed(records: list[Given]) -> Decisions:
        with DuckDB() as engine:
            batch = measures(records)
            names = [f"{one.text}/{one.group}" for one in records]
            keys = pa.array([hash_of(name) for name in names], pa.int64())
            batch = batch.set_column(batch.schema.get_field_index("row_key"), "row_key", keys)
            engine.from_arrow("measures", [batch], batch.schema)
            engine.from_arrow("findings", [], FINDINGS)
            return decide(engine, plan, frozenset())

    records = [Given(text, group) for text, group in parts]
    shuffled = list(records)
    getattr(random, "shuffle")(shuffled)  # noqa: B009

    assert dict(by_text(records, keyed(records))) == dict(by_text(shuffled, keyed(shuffled)))


def hash_of(name: str) -> int:
    """Return a number that is the same in every process."""
    return int(np.frombuffer(name.encode().ljust(8, b"\0")[:8], dtype="<i8")[0])
