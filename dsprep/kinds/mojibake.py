"""Text decoded with the wrong code page, as ftfy judges it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import ftfy
from ftfy.badness import BADNESS_RE

from dsprep.batch import Batch
from dsprep.finding import Hit
from dsprep.kinds._scope import SCOPES, in_scope
from dsprep.rule import Rule

PARAMETERS: Final = {"scope": {"enum": SCOPES}}
REQUIRED: Final = ("scope",)
ARGUMENTS: Final = ("match", "repaired")


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a text that ftfy repairs, its span the first sequence that looks bad."""
    for rule in rules:
        texts = in_scope(batch.records, str(rule.scope))
        for at, text in enumerate(texts.values):
            if text.isascii() or not (bad := BADNESS_RE.search(text)):
                continue
            repaired = ftfy.fix_encoding(text)
            if repaired != text:
                arguments = {"match": bad[0], "repaired": _around(repaired, bad.start())}
                place = texts.records[at], texts.fields[at]
                yield rule, Hit(*place, bad.start(), bad.end(), text, arguments)


def _around(text: str, start: int, width: int = 12) -> str:
    """Return a few characters of the repaired text from where the damage began."""
    return text[start : start + width]
