"""`dsprep prepare`: ingest, lint, split, write, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dsprep.cli import _options, _show


@click.command(name="prepare")
@_options.reading
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    callback=_options.not_empty,
    help="Folder for everything written.",
)
@click.option(
    "--target", "--to", metavar="TARGET", help="Format written. [default: prompt-completion]"
)
@_options.splitting
@_options.of_rules("--drop", "Findings of these rules drop the row as well.")
@_options.of_rules("--keep", "Findings of these rules do not drop the row.")
@_options.judging
@_options.showing
def command(paths: tuple[str, ...], **asked: Any) -> None:
    """Lint, split and write data files or folders: the whole road.

    Writes train.jsonl, validation.jsonl, dropped.jsonl, findings.jsonl, report.html,
    report.md, report.json and manifest.json. Rows that cannot be written or trained on
    (errors of FMT, SCH, CHT, TGT) and exact copies (DUP101) go to dropped.jsonl.

    \b
    dsprep prepare data/ --out out/
    dsprep prepare chats.jsonl --out out/ --target openai-chat --group conversation_id
    dsprep prepare faq.csv --out out/ --split train=0.8,validation=0.1,test=0.1
    """
    _show.check(asked)
    data = _options.dataset(paths, asked)
    found = data.prepare(
        asked["out"],
        target=asked["target"],
        drop=asked["drop"],
        keep=asked["keep"],
        shown=_show.shown(asked, data),
        **_options.plan(asked),
        **_options.rules(asked),
    )
    page = (Path(asked["out"]) / "report.html").as_posix()
    _show.show(found, asked, data, last=f"Report: {page}")
