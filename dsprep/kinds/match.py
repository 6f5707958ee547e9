"""A pattern that stands in a text: one RE2 set screens for every pattern of every rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import re2

from dsprep.batch import Batch
from dsprep.finding import Hit
from dsprep.kinds._scope import SCOPES, in_scope
from dsprep.rule import Rule
from dsprep.text.excerpt import mask

PARAMETERS: Final = {
    "scope": {"enum": SCOPES},
    "patterns": {
        "type": "array",
        "items": {"type": "string", "format": "re2"},
        "minItems": 1,
        "description": "RE2 patterns; any of them is a hit",
    },
    "except": {
        "type": "array",
        "items": {"type": "string", "format": "re2"},
        "description": "RE2 patterns; a hit that stands inside one of them is none",
    },
}
REQUIRED: Final = ("scope", "patterns")
ARGUMENTS: Final = ("match",)


def is_pattern(text: object) -> bool:
    """Return true for an RE2 pattern, and for what is no text at all.

    Raises:
        ValueError: RE2 refuses it, or it matches the empty text, which stands everywhere.
    """
    if not isinstance(text, str):
        return True
    options = re2.Options()
    options.log_errors = False
    try:
        empty = re2.compile(text, options).search("")
    except re2.error as error:
        raise ValueError(error.args[0].decode()) from error
    if empty:
        raise ValueError("it matches the empty text, which stands everywhere")
    return True


def find(batch: Batch, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Hit]]:
    """Yield one hit a match, with its span."""
    by_scope: dict[str, list[Rule]] = {}
    for rule in rules:
        by_scope.setdefault(str(rule.scope), []).append(rule)
    for scope, ruled in by_scope.items():
        screen, owners = _screen(tuple(ruled))
        texts = in_scope(batch.records, scope)
        for at, text in enumerate(texts.values):
            for rule in dict.fromkeys(
                owners[number] for number in sorted(screen.Match(text) or ())
            ):
                for start, end in spans(rule, text):
                    place = texts.records[at], texts.fields[at]
                    yield rule, Hit(*place, start, end, text, {"match": text[start:end]})


@cache
def _screen(rules: tuple[Rule, ...]) -> tuple[Any, list[Rule]]:
    """Return one automaton for all patterns, and the rule of each of them."""
    screen = re2.Set.SearchSet()
    owners = []
    for rule in rules:
        for pattern in rule.parameters["patterns"]:
            screen.Add(pattern)
            owners.append(rule)
    screen.Compile()
    return screen, owners


@cache
def _compiled(rule: Rule, key: str) -> tuple[Any, ...]:
    return tuple(re2.compile(pattern) for pattern in rule.parameters.get(key, ()))


def spans(rule: Rule, text: str) -> list[tuple[int, int]]:
    """Return the half-open spans a rule hits, in code points, overlapping ones once."""
    excepted = [m.span() for p in _compiled(rule, "except") for m in p.finditer(text)]
    found = [m.span() for p in _compiled(rule, "patterns") for m in p.finditer(text)]
    found.sort(key=lambda span: (span[0], -span[1]))  # of those that begin together the longest
    kept: list[tuple[int, int]] = []
    for start, end in found:
        inside = any(first <= start and end <= last for first, last in excepted)
        if not inside and (not kept or start >= kept[-1][1]):
            kept.append((start, end))
    return kept


def masked(text: str, private: Sequence[Rule]) -> str:
    """Return a text as it may be shown: what some rules match is hidden."""
    return mask(text, [span for rule in private for span in spans(rule, text)])
