"""Options that several commands share, and what they make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dsprep import config
from dsprep.errors import UsageError

if TYPE_CHECKING:
    from dsprep.dataset import Dataset

Function = TypeVar("Function", bound=Callable[..., Any])


def of_rules(name: str, told: str) -> Callable[[Function], Function]:
    """Return an option that names rules, separated by commas or given again; None if not given."""
    return click.option(name, metavar="RULES", multiple=True, callback=_words, help=told)


def _words(ctx: click.Context, param: click.Parameter, given: Sequence[str]) -> list[str] | None:
    words = [word.strip() for text in given for word in text.split(",") if word.strip()]
    if given and not words:  # a variable that is not set must not mean all rules
        raise click.BadParameter("it names no rule.", ctx, param)
    return words or None


def not_empty(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    """Refuse an empty path: pathlib would take it for the working folder."""
    if given == "":
        raise click.BadParameter("it is empty.", ctx, param)
    return given


def reading(function: Function) -> Function:
    """Add what every command needs that reads data."""
    for option in reversed(
        (
            click.argument("paths", nargs=-1, required=True),
            click.option("--shape", metavar="NAME", help="How rows are laid out, if not detected."),
            click.option(
                "--map",
                "mapping",
                metavar="FIELD=COLUMN",
                multiple=True,
                help="Column of a field: prompt, completion, label, ... (repeatable).",
            ),
            click.option(
                "--config",
                "configs",
                metavar="FILE|KEY=VALUE",
                multiple=True,
                help="Config file, or one setting such as lint.rules.over-length.limit=2048.",
            ),
            click.option("--jobs", metavar="N", type=click.IntRange(1), help="Worker processes."),
        )
    ):
        function = option(function)
    return function


def judging(function: Function) -> Function:
    """Add what every command needs that judges by rules."""
    for option in reversed(
        (
            of_rules("--select", "Only these rules: codes, names, tags (repeatable)."),
            of_rules("--extend-select", "These rules beside the usual."),
            of_rules("--ignore", "Not these rules."),
            click.option(
                "--fail-on",
                type=click.Choice(["error", "warning", "info"]),
                help="Lowest severity that exits with 1. [default: error]",
            ),
        )
    ):
        function = option(function)
    return function


def splitting(function: Function) -> Function:
    """Add what every command needs that splits."""
    for option in reversed(
        (
            click.option(
                "--split",
                "shares",
                metavar="NAME=SHARE,...",
                help="[default: train=0.9,validation=0.1]",
            ),
            click.option(
                "--stratify", metavar="FIELD", help="Shares hold within each value of it."
            ),
            click.option(
                "--group", metavar="FIELD", help="Rows with one value of it stay together."
            ),
            click.option(
                "--split-mode",
                "mode",
                type=click.Choice(["exact", "stable"]),
                help="stable: rows added later never move old ones. [default: exact]",
            ),
            click.option("--seed", type=int, metavar="N", help="Fixes every choice. [default: 0]"),
        )
    ):
        function = option(function)
    return function


def showing(function: Function) -> Function:
    """Add how a report is shown."""
    for option in reversed(
        (
            click.option(
                "--output-format",
                default="text",
                metavar="FORMAT",
                help="text, json-lines, json, markdown or html. [default: text]",
            ),
            click.option(
                "--max-shown",
                type=click.IntRange(0),
                metavar="N",
                help="Places shown a rule and file, 0 for all. [default: 5]",
            ),
            click.option(
                "--color",
                type=click.Choice(["auto", "always", "never"]),
                default="auto",
                help="[default: auto]",
            ),
            click.option("-q", "--quiet", is_flag=True, help="Say nothing but findings."),
        )
    ):
        function = option(function)
    return function


def pairs(values: Sequence[str]) -> dict[str, str]:
    """Return FIELD=COLUMN options as a mapping."""
    mapping: dict[str, str] = {}
    for value in values:
        field, equals, column = value.partition("=")
        if not (field and equals and column):
            raise UsageError(f"--map {value}: write --map FIELD=COLUMN.")
        mapping[field] = column
    return mapping


def shares(value: str | None) -> dict[str, float] | None:
    """Return the shares of --split."""
    if value is None:
        return None
    found: dict[str, float] = {}
    for part in value.split(","):
        name, _, share = part.partition("=")
        try:
            found[name.strip()] = float(share)
        except ValueError:
            raise UsageError(f"--split {value}: write NAME=SHARE,NAME=SHARE.") from None
    return found


def settings(configs: Sequence[str]) -> dict[str, Any]:
    """Return the settings that hold here: of the closest config file and of --config."""
    return config.load(Path.cwd(), configs)


def dataset(paths: Sequence[str], asked: Mapping[str, Any]) -> Dataset:
    """Return the data set that the options of `reading` speak of."""
    from dsprep.dataset import Dataset  # noqa: PLC0415 - options are checked before it is loaded

    return Dataset(
        paths,
        shape=asked["shape"],
        mapping=pairs(asked["mapping"]),
        settings=settings(asked["configs"]),
        jobs=asked["jobs"],
    )


def rules(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `judging` as the API takes them."""
    return {name: asked[name] for name in ("select", "extend_select", "ignore", "fail_on")}


def plan(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `splitting` as the API takes them."""
    same = {name: asked[name] for name in ("seed", "mode", "stratify", "group")}
    return {"shares": shares(asked["shares"]), **same}
