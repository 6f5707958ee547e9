"""DuckDB as an engine: tables in and out, in order, within its memory, shut in."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsprep.engine import rows_of
from dsprep.engine.duckdb import DuckDB

SCHEMA = pa.schema([("id", pa.int64()), ("label", pa.string())])
ROWS = [(3, "b"), (1, "a"), (None, "c"), (2, None), (1, "a")]


def batch(rows: Sequence[tuple[int | None, str | None]]) -> pa.RecordBatch:
    columns = [[row[at] for row in rows] for at in range(2)]
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def fetched(engine: DuckDB, query: str, order: Sequence[str] = ()) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows_of(engine.fetch(query, order))]


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as engine:
        engine.from_arrow("t", [batch(ROWS)], SCHEMA)
        yield engine


# -- tables -------------------------------------------------------------------------


def test_sql_makes_a_table(engine: DuckDB) -> None:
    engine.sql("counts", "SELECT id, COUNT(*) AS n FROM t WHERE id IS NOT NULL GROUP BY id")

    assert fetched(engine, "SELECT id, n FROM counts", ["id"]) == [(1, 2), (2, 1), (3, 1)]


def test_sql_replaces_a_table(engine: DuckDB) -> None:
    engine.sql("s", "SELECT id FROM t")
    engine.sql("s", "SELECT label FROM t WHERE id = 3")

    assert fetched(engine, "SELECT * FROM s") == [("b",)]


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        (["id"], [1, 1, 2, 3, None]),
        (["label", "id"], [1, 1, 3, None, 2]),
    ],
)
def test_fetch_sorts_nulls_last(engine: DuckDB, order: list[str], ids: list[int | None]) -> None:
    assert [row[0] for row in fetched(engine, "SELECT id, label FROM t", order)] == ids


def test_fetch_sorts_text_by_code_point(engine: DuckDB) -> None:
    words = ["é", "Z", "a", "z", "", "深", "A", "\U0001f600", "\uffff"]
    engine.from_arrow("w", [batch([(at, word) for at, word in enumerate(words)])], SCHEMA)

    assert [word for _, word in fetched(engine, "SELECT * FROM w", ["label"])] == sorted(words)


def test_fetch_says_the_columns_of_no_rows(engine: DuckDB) -> None:
    (empty,) = engine.fetch("SELECT id, label FROM t WHERE id = 99")

    assert (empty.num_rows, empty.schema.names) == (0, ["id", "label"])


def test_results_can_be_read_at_the_same_time(engine: DuckDB) -> None:
    numbers = pa.schema([("n", pa.int64())])
    many = pa.RecordBatch.from_arrays([pa.array(range(50_000))], schema=numbers)
    engine.from_arrow("many", [many], numbers)

    left = rows_of(engine.fetch("SELECT n FROM many", ["n"]))
    right = rows_of(engine.fetch("SELECT n FROM many", ["n"]))

    assert all(a == b for a, b in zip(left, right, strict=True))


def test_a_table_can_grow_while_another_is_read(engine: DuckDB) -> None:
    numbers = pa.schema([("n", pa.int64())])
    many = pa.RecordBatch.from_arrays([pa.array(range(50_000))], schema=numbers)
    engine.from_arrow("many", [many], numbers)
    reader = engine.fetch("SELECT n FROM many", ["n"])
    rows = next(reader).num_rows

    engine.from_arrow("t", [batch([(9, "z")])], SCHEMA)

    assert rows + sum(piece.num_rows for piece in reader) == 50_000


def test_from_arrow_appends(engine: DuckDB) -> None:
    engine.from_arrow("t", [batch([(7, "g")]), batch([(8, "h"), (9, "i")])], SCHEMA)
    engine.from_arrow("t", [], SCHEMA)

    assert len(fetched(engine, "SELECT id FROM t")) == 8


def test_a_table_may_start_empty(engine: DuckDB) -> None:
    engine.from_arrow("e", [], SCHEMA)
    assert fetched(engine, "SELECT * FROM e") == []

    engine.from_arrow("e", iter([batch(ROWS)]), SCHEMA)

    assert len(fetched(engine, "SELECT * FROM e")) == 5


def test_scan_reads_parquet(engine: DuckDB, tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("a.parquet", "b.parquet")]
    for path, rows in zip(paths, (ROWS[:2], ROWS[2:]), strict=True):
        pq.write_table(pa.Table.from_batches([batch(rows)]), path)

    engine.scan("s", paths)

    assert fetched(engine, "SELECT * FROM s", ["id", "label"]) == fetched(
        engine, "SELECT * FROM t", ["id", "label"]
    )


def test_map_keeps_the_order(engine: DuckDB) -> None:
    assert list(engine.map(str, range(5))) == ["0", "1", "2", "3", "4"]


# -- checkpoints --------------------------------------------------------------------


def test_a_checkpoint_is_the_sorted_table(engine: DuckDB, tmp_path: Path) -> None:
    path = str(tmp_path / "t.parquet")

    point = engine.checkpoint("t", path)

    assert (point.path, point.rows, len(point.digest)) == (path, 5, 64)
    assert [tuple(row.values()) for row in pq.read_table(path).to_pylist()] == [
        (1, "a"),
        (1, "a"),
        (2, None),
        (3, "b"),
        (None, "c"),
    ]


# The engine is closed, the file is overwritten: nothing is left from one example to the next.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.permutations(ROWS * 3), cut=st.integers(0, 15), jobs=st.sampled_from([1, 3]))
def test_a_digest_does_not_depend_on_how_rows_came(
    tmp_path: Path, rows: list[tuple[int, str]], cut: int, jobs: int
) -> None:
    path = str(tmp_path / "t.parquet")
    with DuckDB() as engine:
        engine.from_arrow("t", [batch(ROWS * 3)], SCHEMA)
        expected = engine.checkpoint("t", path)
    with DuckDB(jobs=jobs) as engine:
        engine.from_arrow("t", [batch(rows[:cut])], SCHEMA)
        engine.from_arrow("t", [batch(rows[cut:])], SCHEMA)
        found = engine.checkpoint("t", path)

    assert found == expected


@pytest.mark.parametrize(
    "other", [ROWS[1:], [*ROWS, (1, "a")], [*ROWS[1:], (3, "B")], [*ROWS[1:], (3, None)]]
)
def test_a_digest_tells_tables_apart(
    engine: DuckDB, tmp_path: Path, other: list[tuple[int | None, str | None]]
) -> None:
    engine.from_arrow("other", [batch(other)], SCHEMA)

    one = engine.checkpoint("t", str(tmp_path / "one"))
    two = engine.checkpoint("other", str(tmp_path / "two"))

    assert one.digest != two.digest


def test_a_checkpoint_of_nothing_is_one(engine: DuckDB, tmp_path: Path) -> None:
    engine.from_arrow("e", [], SCHEMA)

    point = engine.checkpoint("e", str(tmp_path / "e"))

    assert point.rows == 0
    assert pq.read_schema(point.path).names == ["id", "label"]


# -- limits -------------------------------------------------------------------------


def test_what_does_not_fit_spills(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    schema = pa.schema([(name, pa.int64()) for name in "abcd"])
    with DuckDB(memory="32MB") as engine:
        for _ in range(8):
            columns = [pa.array(rng.integers(-(2**62), 2**62, 160_000)) for _ in schema]
            engine.from_arrow("t", [pa.RecordBatch.from_arrays(columns, schema=schema)], schema)

        spilled = sum(path.stat().st_size for path in (engine.directory / "spill").iterdir())
        last, rows = -(2**63), 0
        for piece in engine.fetch("SELECT a, b FROM t", ["a"]):
            column = piece.column("a").to_numpy()
            assert last <= column[0]
            assert np.all(column[:-1] <= column[1:])
            last, rows = column[-1], rows + len(column)

    assert rows == 1_280_000
    assert spilled > 1 << 20


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM '{file}'",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY t TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/other.db'",
        "INSTALL httpfs",
        "LOAD '{file}'",
        "SET enable_external_access = true",
        "SET temp_directory = '{folder}'",
        "SELECT * FROM 'https://example.com/x.csv'",
    ],
)
def test_sql_reaches_nothing_outside(engine: DuckDB, tmp_path: Path, statement: str) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    query = statement.format(file=tmp_path / "x.csv", folder=tmp_path)

    with pytest.raises(duckdb.Error):
        engine._connection.execute(query)

    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_sql_sees_no_variable_of_python(engine: DuckDB) -> None:
    secret = pa.Table.from_pylist([{"a": 1}])

    with pytest.raises(duckdb.Error):
        engine._connection.execute("SELECT * FROM secret").fetchall()

    assert secret.num_rows == 1


@pytest.mark.parametrize("call", ["sql", "fetch"])
def test_what_is_not_portable_is_refused(engine: DuckDB, call: str) -> None:
    query = "SELECT HASH(label) AS h FROM t"

    with pytest.raises(AssertionError, match="HASH is not in the portable subset"):
        engine.sql("s", query) if call == "sql" else list(engine.fetch(query))


# -- the end ------------------------------------------------------------------------


def test_closing_leaves_nothing() -> None:
    engine = DuckDB()
    (engine.directory / "x").write_text("x")

    engine.close()

    assert not engine.directory.exists()


def test_an_engine_that_nobody_closes_leaves_nothing_either() -> None:
    engine = DuckDB()
    directory = engine.directory

    del engine
    gc.collect()

    assert not directory.exists()
