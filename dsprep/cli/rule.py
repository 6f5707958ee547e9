"""`dsprep rule CODE`: what a rule says and why."""

from __future__ import annotations

from typing import Any

import click

from dsprep.cli import _options, _output


@click.command(name="rule")
@click.argument("rule", metavar="CODE|NAME")
@click.option("--config", "configs", multiple=True, metavar="FILE|KEY=VALUE", help="As of lint.")
def command(rule: str, configs: tuple[str, ...]) -> None:
    """Explain one rule: why it is there, its parameters, its examples, what to do.

    \b
    dsprep rule DUP101
    dsprep rule over-length
    """
    from dsprep import rulebook  # noqa: PLC0415 - loads Arrow

    settings: dict[str, Any] = _options.settings(configs)
    book = rulebook.of_settings(settings)
    _output.say(rulebook.page(book.one(rule)).rstrip("\n"))
