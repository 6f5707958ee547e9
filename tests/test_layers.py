"""Imports point down only, units never import one another, effects stay at the edge."""

from __future__ import annotations

import ast
from pathlib import Path

import dsprep

ROOT = Path(dsprep.__file__).parent
# From the bottom up; a module may import from its own line and those below it.
LAYERS = (
    ("errors",),
    ("text",),
    ("record", "finding", "rule"),
    ("batch",),
    ("formats", "adapters", "targets", "engine"),
    ("sources", "ingest", "kinds"),
    ("rulefile",),
    ("rulebook", "kernel", "split"),
    ("lint",),
    ("decide", "report"),
    ("reporting", "write", "publish"),
    ("manifest",),
    ("prepare", "config"),
    ("ruletests", "dataset"),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
UNITS = ("adapters", "formats", "kinds", "report", "targets")
ONLY = {
    "click": {"cli"},
    "pandas": {"dataset", "accessor"},
    "pyspark": {"engine"},
    "duckdb": {"engine"},
}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py"))


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def part(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0].removesuffix(".py")


def test_imports_point_down() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if part(path) != "__init__"
        for name in imports(path)
        if name.startswith("dsprep.") and name.split(".")[1] in LEVEL
        if LEVEL[name.split(".")[1]] > LEVEL[part(path)]
    ]

    assert wrong == []


def test_every_module_has_a_layer() -> None:
    assert {part(path) for path in modules()} - {"__init__"} == set(LEVEL)


def test_units_do_not_import_one_another() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if part(path) in UNITS and path.stem != "__init__"
        for name in imports(path)
        if name.startswith(f"dsprep.{part(path)}.")
        and (unit := name.split(".")[2])[0] != "_"
        and (ROOT / part(path) / f"{unit}.py").exists()
    ]

    assert wrong == []


def test_effects_stay_at_the_edge() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        for name in imports(path)
        if part(path) not in ONLY.get(name.split(".")[0], {part(path)})
    ]

    assert wrong == []
