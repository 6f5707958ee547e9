"""`dsprep rules`: the rule book and its tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dsprep.cli import _options, _output
from dsprep.errors import RuleInvalid

_CONFIG = click.option(
    "--config", "configs", multiple=True, metavar="FILE|KEY=VALUE", help="As of lint."
)


@click.group(name="rules")
def command() -> None:
    """List rules, run their tests, check rule files."""


@command.command(name="list")
@_options.of_rules("--select", "Only these: codes, names, prefixes, tags.")
@_CONFIG
def list_(select: list[str] | None, configs: tuple[str, ...]) -> None:
    """List rules: code, name, severity, what they find."""
    for rule in _book(configs, select):
        off = "" if rule.default and rule.status != "preview" else " (on request)"
        _output.say(f"{rule.code}  {rule.severity:<7}  {rule.name:<24}  {rule.summary}{off}")


@command.command(name="test")
@_options.of_rules("--select", "Only these: codes, names, prefixes, tags.")
@_CONFIG
def test(select: list[str] | None, configs: tuple[str, ...]) -> None:
    """Run the tests inside the rule files."""
    from dsprep import ruletests  # noqa: PLC0415 - loads DuckDB

    results = list(ruletests.run(_book(configs, select)))
    failed = [result for result in results if result.fault]
    for result in failed:
        _output.say(f"{result.rule.origin}: {result.name}: {result.fault}")
    rules = len({result.rule.code for result in results})
    _output.say(f"{len(results) - len(failed)} of {len(results)} tests of {rules} rules passed.")
    if failed or not results:
        click.get_current_context().exit(1)


@command.command(name="validate")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER...")
def validate(paths: tuple[str, ...]) -> None:
    """Check rule files against the schema: every fault with its line."""
    from dsprep import rulefile  # noqa: PLC0415 - loads Arrow

    files = [file for path in paths for file in _files(Path(path))]
    faults = [fault for file in files for fault in rulefile.faults_of(file)]
    for fault in faults:
        _output.say(fault)
    _output.say(f"{len(files)} rule files, {len(faults)} faults.")
    if faults or not files:
        click.get_current_context().exit(1)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise RuleInvalid(f"{path}: no such file or folder.")
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def _book(configs: tuple[str, ...], select: list[str] | None) -> Any:
    from dsprep import rulebook  # noqa: PLC0415 - loads Arrow

    book = rulebook.of_settings(_options.settings(configs))
    return book.select(select or ["ALL"])
